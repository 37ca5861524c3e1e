// SPDX-License-Identifier: GPL-2.0
/* Victims counted by their labels, for metrics: what ran out, and where. */
#include <stdlib.h>
#include <string.h>

#include "kill.h"
#include "metrics.h"
#include "tool.h"

/* A path begins with a slash: no cgroup is called so. */
#define OTHERS "memcg=\"(others)\""

/* Entries of one place. */
struct group {
	struct entry *first;
	size_t nr;
	__u64 recorded, all;
};

void put_metric_head(FILE *to, const char *name, const char *type, const char *help)
{
	fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* --- labels -------------------------------------------------------------------------------- */

/* The text is escaped as in all commands: it is printable ASCII without a newline. */
static const char *words_label(const char *name, const char *text)
{
	char *value = allocate(2 * strlen(text) + 1), *to = value;
	const char *c;

	for (c = text; *c; c++) {
		if (*c == '\\' || *c == '"')
			*to++ = '\\';
		*to++ = *c;
	}
	return format_words("%s=\"%s\"", name, words_keep(value));
}

static const char *label_name(const char *name)
{
	return strcmp(name, "-") ? name : "unknown";
}

const char *words_full_cause_label(const struct episode *episode)
{
	return words_label("full_cause",
			   label_name(episode->oom ? words_cause_name(episode) : "-"));
}

static const char *words_cause_labels(const struct episode *episode)
{
	const struct oomwatch_oom *oom = episode->oom ? &episode->oom->oom : NULL;
	__u32 kind = oom ? oom->kind : OOMWATCH_KIND_UNKNOWN;
	__u32 cause = oom ? oom->cause : OOMWATCH_CAUSE_UNKNOWN;

	return format_words("%s,%s,%s", words_label("kind", label_name(kind_name(kind))),
			    words_label("cause", label_name(cause_name(cause))),
			    words_full_cause_label(episode));
}

/* A label without a value is none. */
static const char *with_label(const char *labels, const char *name, const char *text)
{
	return *text ? format_words("%s,%s", labels, words_label(name, text)) : labels;
}

static const char *words_place_labels(struct bytes memcg)
{
	struct container container = container_of_path(memcg);
	struct pod_names names = names_of(&container);
	const char *labels = words_label("memcg", memcg.at ? words_printable(memcg) : "unknown");

	labels = with_label(labels, "unit", container.unit);
	labels = with_label(labels, "pod_uid", container.pod);
	labels = with_label(labels, "namespace", names.namespace);
	labels = with_label(labels, "pod", names.pod);
	return with_label(labels, "container", names.container);
}

/* --- entries ------------------------------------------------------------------------------ */

void tally_add(struct tally *to, const struct entry *entry)
{
	to->all = grow(to->all, to->nr, sizeof(*to->all));
	to->all[to->nr++] = *entry;
}

void tally_episode(struct tally *to, const struct episode *episode)
{
	const char *cause = words_cause_labels(episode);
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, VICTIM, at) {
		const struct oomwatch_process *process = &rec->victim.process;
		bool dying = has_flag(process, OOMWATCH_TASK_DYING);

		/* A log that ends with the choice does not have a kill. */
		if (rec->unfinished)
			continue;
		tally_add(to, &(struct entry) {
			.cause = cause,
			.place = words_place_labels(ref_bytes(rec, process->memcg)),
			.killed = !dying, .marked = dying,
		});
	}
}

static int by_labels(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->place, y->place) ?: strcmp(x->cause, y->cause);
}

/* Makes one entry of those with the same labels. */
static void unite(struct tally *tally)
{
	size_t i, to = 0;

	if (!tally->nr)
		return;
	qsort(tally->all, tally->nr, sizeof(*tally->all), by_labels);
	for (i = 1; i < tally->nr; i++) {
		struct entry *last = &tally->all[to], *next = &tally->all[i];

		if (by_labels(last, next)) {
			tally->all[++to] = *next;
			continue;
		}
		last->killed += next->killed;
		last->marked += next->marked;
	}
	tally->nr = to + 1;
}

/* --- bounds ------------------------------------------------------------------------------- */

/* The largest first; groups of the same size keep their order. */
static int by_size(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->recorded != y->recorded)
		return x->recorded > y->recorded ? -1 : 1;
	if (x->all != y->all)
		return x->all > y->all ? -1 : 1;
	return x->first < y->first ? -1 : 1;
}

static struct group *groups_of(const struct tally *tally, size_t *nr)
{
	struct group *groups = NULL, *group;
	size_t i;

	*nr = 0;
	for (i = 0; i < tally->nr; i++) {
		struct entry *entry = &tally->all[i];

		if (!strcmp(entry->place, OTHERS))
			continue;
		if (!*nr || strcmp(groups[*nr - 1].first->place, entry->place)) {
			groups = grow(groups, *nr, sizeof(*groups));
			groups[(*nr)++] = (struct group) { .first = entry };
		}
		group = &groups[*nr - 1];
		group->nr++;
		group->recorded = entry->recorded;
		group->all += entry->killed + entry->marked;
	}
	return groups;
}

/*
 * Each place makes time series, and a user may be allowed to make any number of cgroups. So only
 * those with the most victims keep their names: by what is recorded, which changes with what
 * happens, and then by all.
 */
void tally_bound(struct tally *tally, size_t most)
{
	struct group *groups;
	size_t i, nr;

	unite(tally);
	groups = groups_of(tally, &nr);
	if (nr > most)
		qsort(groups, nr, sizeof(*groups), by_size);
	for (i = most; i < nr; i++)
		while (groups[i].nr)
			groups[i].first[--groups[i].nr].place = OTHERS;
	free(groups);
	unite(tally);
}

void tally_put(FILE *to, const char *name, const struct tally *tally, bool marked)
{
	const struct entry *entry;
	__u64 n;

	for (entry = tally->all; entry < tally->all + tally->nr; entry++) {
		n = marked ? entry->marked : entry->killed;
		if (n)
			fprintf(to, "%s{%s,%s} %llu\n", name, entry->cause, entry->place, n);
	}
}
