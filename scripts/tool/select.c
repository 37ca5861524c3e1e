// SPDX-License-Identifier: GPL-2.0
/* Selects kills by a command's options. */
#include <fnmatch.h>
#include <string.h>

#include "command.h"
#include "kill.h"
#include "module.h"
#include "tool.h"

/* Whether place is what a column WHERE shows: words_place(), perhaps cut to its end. */
bool is_shown(const char *place, const char *shown)
{
	size_t len = strlen(place), shown_len;

	if (strncmp(shown, "..", 2))
		return !strcmp(place, shown);
	shown += 2;
	shown_len = strlen(shown);
	return shown_len && len > shown_len && !strcmp(place + len - shown_len, shown);
}

/* A pattern of the shell. A backslash in it is one: systemd has them in names of cgroups. */
static bool is_like(const char *text, const char *pattern)
{
	return !fnmatch(pattern, text, FNM_NOESCAPE | FNM_LEADING_DIR);
}

/* Whether --memcg means the cgroup with this path: by its path, or as WHERE shows it. */
static bool memcg_matches(struct bytes path, const char *memcg)
{
	const char *shown, *place;

	words_scope();
	if (!path.at)
		return false;
	shown = words_escaped(path);
	place = words_place(path);
	return is_below(path, comm_bytes(memcg)) ||
		is_below(comm_bytes(shown), comm_bytes(memcg)) ||
		is_shown(place, memcg) || is_like(shown, memcg) || is_like(place, memcg) ||
		is_like(format_words("%.*s", (int)path.len, (const char *)path.at), memcg);
}

/* A name without a dot is that of a service. */
static bool is_unit(const char *name, const char *unit)
{
	return is_unit_name(name) &&
		(!fnmatch(unit, name, FNM_NOESCAPE) ||
		 !fnmatch(format_words("%s.service", unit), name, FNM_NOESCAPE));
}

/* A service of a user is in user@1000.service as well. */
static bool unit_matches(struct bytes path, const char *unit)
{
	const __u8 *at = path.at, *end = at ? at + path.len : at, *slash;

	words_scope();
	for (; at < end; at = slash + 1) {
		slash = memchr(at, '/', end - at) ?: end;
		if (is_unit(format_words("%.*s", (int)(slash - at), (const char *)at), unit))
			return true;
	}
	return false;
}

/* By its name, or by its uid: the first digits are enough, WHERE has no more. */
static bool pod_matches(struct bytes path, const char *pod)
{
	struct container container = container_of_path(path);
	struct pod_names names = names_of(&container);

	words_scope();
	if (names.pod[0] && (!fnmatch(pod, names.pod, 0) ||
			     !fnmatch(pod, format_words("%s/%s", names.namespace, names.pod), 0)))
		return true;
	return container.pod[0] && !fnmatch(format_words("%s*", pod), container.pod, 0);
}

/* Whether the cgroup is one that the options choose. */
static bool place_matches(struct bytes path, const struct options *options)
{
	return (!options->memcg || memcg_matches(path, options->memcg)) &&
		(!options->unit || unit_matches(path, options->unit)) &&
		(!options->pod || pod_matches(path, options->pod));
}

/* A cause as CAUSE shows it, or one of its two parts: the limit, or what filled it. */
static bool cause_is_like(const char *cause, const char *pattern)
{
	const char *filled = strchr(cause, '/');

	return is_like(cause, pattern) || (filled && !fnmatch(pattern, filled + 1, 0));
}

static bool cause_matches(const struct episode *episode, const char *pattern)
{
	words_scope();
	return episode->oom && cause_is_like(words_cause_name(episode), pattern);
}

static bool victim_matches(const struct record *victim, const struct options *options)
{
	const struct oomwatch_process *process = &victim->victim.process;

	if (options->comm &&
	    (!comm_known(process->comm) || fnmatch(options->comm, process->comm, 0)))
		return false;
	return !options->pid || (process->pid >= 0 && options->pid == (__u32)process->pid) ||
		(process->tgid >= 0 && options->pid == (__u32)process->tgid);
}

/* The second given is in the time up to it: the list shows no parts of a second. */
static bool time_matches(__u64 ns, const struct options *options)
{
	__u64 until = options->until_ns;

	if (ns == OOMWATCH_UNKNOWN_U64)
		return !options->since_ns && until == OOMWATCH_UNKNOWN_U64;
	return ns >= options->since_ns && (ns <= until || ns - until < 1000000000);
}

/* Whether a victim matches. A cgroup also matches all victims of a kill at its limit. */
bool episode_matches(const struct episode *episode, const struct options *options)
{
	const struct record *victim;
	bool limit_matches;
	size_t at;

	if ((!main_victim(episode) && !is_nobody(episode)) ||
	    !time_matches(episode_ns(episode), options))
		return false;
	if (options->host && (!episode->stream->host ||
			      fnmatch(options->host, episode->stream->host, 0)))
		return false;
	if (options->kind && (!episode->oom || fnmatch(options->kind,
						       kind_name(episode->oom->oom.kind), 0)))
		return false;
	if (options->cause && !cause_matches(episode, options->cause))
		return false;
	limit_matches = episode->oom && place_matches(ref_bytes(episode->oom,
								episode->oom->oom.memcg), options);
	if (is_nobody(episode))
		return limit_matches && !options->comm && !options->pid;
	for_each_of(victim, episode, VICTIM, at)
		if (victim_matches(victim, options) &&
		    (limit_matches || place_matches(ref_bytes(victim, victim->victim.process.memcg),
						    options)))
			return true;
	return false;
}

/*
 * Names of causes: those of the module, limits that only the program tells, and what has filled
 * them, by the module or by memory.c.
 */
static const char * const limits[] = { "machine", "memcg", "nobody_left", "panic_on_oom" };
static const char * const fillers[] = {
	"anon", "shmem", "file", "file_dirty", "unevictable", "mlocked", "swapcache", "swap",
	"slab", "page_tables", "stacks", "percpu", "vmalloc", "kernel", "sock", "hugetlb", "zswap", "zram",
	"gpu", "balloon", "uncounted", "mixed", "unkillable_hold",
};

/* NULL after the last. */
static const char *limit_name(size_t i)
{
	if (i < __OOMWATCH_CAUSE_MAX)
		return cause_name(i);
	i -= __OOMWATCH_CAUSE_MAX;
	return i < ARRAY_SIZE(limits) ? limits[i] : NULL;
}

static bool is_cause(const char *pattern)
{
	const char *limit;
	size_t i, j;

	for (i = 0; (limit = limit_name(i)); i++) {
		words_scope();
		if (cause_is_like(limit, pattern))
			return true;
		for (j = 0; j < ARRAY_SIZE(fillers); j++)
			if (cause_is_like(format_words("%s/%s", limit, fillers[j]), pattern))
				return true;
	}
	return false;
}

static bool is_kind(const char *pattern)
{
	size_t i;

	for (i = 0; i < __OOMWATCH_KIND_MAX; i++)
		if (!fnmatch(pattern, kind_name(i), 0))
			return true;
	return false;
}

static const char *words_causes(void)
{
	const char *list = "";
	size_t i;

	for (i = OOMWATCH_CAUSE_UNKNOWN + 1; limit_name(i); i++)
		list = format_words("%s%s, ", list, limit_name(i));
	for (i = 0; i < ARRAY_SIZE(fillers); i++)
		if (!strstr(list, format_words("%s, ", fillers[i])))
			list = format_words("%s%s, ", list, fillers[i]);
	return list;
}

/* Refuses a kind or cause that no kill can have, and times between which there is none. */
void check_choice(const struct options *options)
{
	words_scope();
	if (options->kind && !is_kind(options->kind))
		die(EXIT_USAGE, "--kind takes global, memcg, cpuset, mempolicy, or a pattern for them, not \"%s\"",
		    options->kind);
	if (options->cause && !is_cause(options->cause))
		die(EXIT_USAGE, "--cause takes %sa pair of them such as memcg_limit/shmem, or a pattern, not \"%s\"",
		    words_causes(), options->cause);
	if ((options->memcg && !*options->memcg) || (options->pod && !*options->pod))
		die(EXIT_USAGE, "--%s takes a text that is not empty",
		    options->memcg && !*options->memcg ? "memcg" : "pod");
	if (options->since_ns > options->until_ns)
		die(EXIT_USAGE, "--since is a later time than --until, so no kill is between them; give --since the earlier one");
}

/* Whether an option leaves kills out. */
bool chooses(const struct options *options)
{
	return options->host || options->comm || options->memcg || options->unit || options->pod ||
		options->pid || options->kind || options->cause || options->since_ns ||
		~options->until_ns;
}

/* --- the kill that a command is about ------------------------------------------------------ */

static const char *words_kill(const struct episode *episode)
{
	return format_words("%s%s", words_kill_id(episode->stream, episode->id),
			    words_comma_when(episode));
}

/* Captures that do not overlap may have kills with the same ID. */
static void say_others(const struct episode *chosen, const struct episode *other, size_t nr)
{
	words_scope();

	if (nr > 1)
		complain("%zu kills have the ID %s: this is kill %s. For another give its ID in full, as list shows it: %s",
			 nr, words_episode(chosen->id), words_kill(chosen), words_kill(other));
}

/* Says that no kill is recorded: in the running module, or in the files that were given. */
const char *words_none_recorded(const struct capture *capture)
{
	const char *why = words_quiet(capture);

	if (why)
		return why;
	if (given.nr_files)
		return "no kill is recorded there";
	if (!is_loaded())
		return format_words("the store has no kill; %s", FROM_LOG);
	return format_words("no kill is recorded since the module was loaded%s; %s",
			    capture->store.nr ? ", and the store has none" : "", FROM_LOG);
}

/* As with git: digits that several begin with mean none. */
static void check_boot(const struct capture *capture, const char *digits)
{
	const struct stream *found = NULL, *stream;
	size_t i;

	words_scope();
	for (i = 0; i < capture->nr_streams; i++) {
		stream = capture->streams[i];
		if (!boot_begins(stream, digits))
			continue;
		if (found && strcmp(found->boot, stream->boot))
			die(EXIT_USAGE, "%s is the beginning of several boots' IDs, such as %s and %s: give more digits",
			    digits, words_boot(found), words_boot(stream));
		found = stream;
	}
	if (!found && words_quiet(capture))
		die(EXIT_NO_KILL, "%s", words_quiet(capture));
	if (!found)
		die(EXIT_NO_KILL, "no boot's ID begins with %s; oomwatch json --all%s has the IDs of those that are recorded",
		    digits, words_source());
}

/* The newest with the ID. */
static const struct episode *episode_by_id(const struct capture *capture,
					   const struct kill_id *id)
{
	bool nobody = id->id & OOMWATCH_NOBODY;
	const struct episode *all = nobody ? capture->nobody : capture->episodes;
	const struct episode *chosen = NULL, *other = NULL, *episode;
	size_t nr_all = nobody ? capture->nr_nobody : capture->nr_episodes, nr = 0;

	if (id->boot)
		check_boot(capture, id->boot);
	for (episode = all; episode < all + nr_all; episode++) {
		if (episode->id != id->id ||
		    (id->boot && !boot_begins(episode->stream, id->boot)) ||
		    (id->stream && id->stream != (episode->stream->number ?: 1)))
			continue;
		other = chosen;
		chosen = episode;
		nr++;
	}
	say_others(chosen, other, nr);
	return chosen;
}

/* The newest that still has its victim. NULL: no kill is recorded. */
const struct episode *newest_kill(const struct capture *capture)
{
	size_t i = capture->nr_episodes;

	while (i--)
		if (main_victim(&capture->episodes[i]))
			return &capture->episodes[i];
	return NULL;
}

/* The newest kill, or newer calls that found nobody to kill and are more than its end. */
static const struct episode *newest_episode(const struct capture *capture)
{
	const struct episode *kill = newest_kill(capture), *nobody = NULL;

	if (capture->nr_nobody)
		nobody = &capture->nobody[capture->nr_nobody - 1];
	return !kill || (nobody && is_before(kill, nobody) && nobody_stands(nobody, kill)) ?
		nobody : kill;
}

const struct episode *episode_meant(const struct capture *capture, const struct kill_id *id)
{
	const struct episode *episode = id ? episode_by_id(capture, id) : newest_episode(capture);

	if (!episode && capture->damage)
		die(EXIT_DAMAGED, "%s", capture->damage);
	if (!episode && id && !words_quiet(capture))
		die(EXIT_NO_KILL, "%s %s%s is not recorded; oomwatch list%s shows which are",
		    id->id & OOMWATCH_NOBODY ? "call" : "kill",
		    id->boot ? format_words("%s:", id->boot) :
		    id->stream ? format_words("%llu.", id->stream) : "", words_episode(id->id),
		    words_source());
	if (!episode)
		die(EXIT_NO_KILL, "%s", words_none_recorded(capture));
	return episode;
}

const struct episode *chosen_episode(const struct capture *capture, const struct options *options)
{
	return episode_meant(capture, options->nr_ids ? options->ids : NULL);
}
