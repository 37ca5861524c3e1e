// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds the memory: child cgroups, and processes together that have one name. All of it is
 * about the processes that are recorded, and says so if there were more.
 */
#include <stdlib.h>
#include <string.h>

#include "kill.h"
#include "tool.h"

/* --- child cgroups ---------------------------------------------------------------------- */

/* A child's path without that of its parent. */
const char *words_child(const struct episode *episode, const struct record *child)
{
	struct bytes path = ref_bytes(child, child->child.memcg);
	const struct record *oom = episode->oom;
	struct bytes above = oom ? ref_bytes(oom, oom->oom.memcg) : (struct bytes) { };

	if (!path.at)
		return format_words("the cgroup %llu", (unsigned long long)child->child.memcg_id);
	if (above.at && path.len > above.len + 1 && !memcmp(path.at, above.at, above.len)) {
		path.at += above.len + 1;
		path.len -= above.len + 1;
	}
	return words_escaped(path);
}

/* What a child has, and what most of that is if it is not the memory of processes. */
static const char *words_child_holds(const struct record *rec)
{
	const struct oomwatch_child *child = &rec->child;
	const struct { __u64 pages; const char *name; } kinds[] = {
		{ child->shmem, "tmpfs and shared memory" },
		{ child_cache(child), "page cache" },
		{ child->kernel, "memory of the kernel" },
		{ child->sock, "buffers of sockets" },
	};
	struct pair of;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!is_known(kinds[i].pages) || kinds[i].pages * 2 < child->usage)
			continue;
		of = words_pair(rec, child->usage, kinds[i].pages);
		return format_words("%s (%s of it %s)", of.a, of.b, kinds[i].name);
	}
	return words_pages(rec, child->usage);
}

/* The children that are not named, and what is in no child, as of a cgroup that was removed. */
static const char *words_rest(const struct episode *episode, const struct record *all,
			      unsigned int named, __u64 pages, __u64 total)
{
	const struct oomwatch_memcg *memcg = &all->memcg;
	const char *words = "";

	if (!is_known(memcg->children_usage) || !is_some(memcg->children) ||
	    memcg->children_unseen || memcg->children_usage < pages)
		return words;
	if (memcg->children > named && memcg->children_usage - pages >= total / 50)
		words = format_words(" The other %u have %s together.", memcg->children - named,
				     words_pages(all, memcg->children_usage - pages));
	if (episode->oom->oom.kind == OOMWATCH_KIND_MEMCG && total > memcg->children_usage &&
	    total - memcg->children_usage >= total / 10)
		words = format_words("%s %s are in none of them.", words,
				     words_pages(all, total - memcg->children_usage));
	return words;
}

static void explain_children(struct prose *to, const struct episode *episode, __u64 total)
{
	const struct record *all = first_of(episode, OOMWATCH_TYPE_MEMCG), *rec;
	struct listing children = { };
	__u64 pages = 0;
	size_t at;

	for_each_of(rec, episode, CHILD, at) {
		words_scope();
		if (children.nr == 3 || !is_known(rec->child.usage) ||
		    rec->child.usage < total / 50)
			break;
		listing_add(&children, "%s with %s", words_child(episode, rec),
			    words_child_holds(rec));
		pages += rec->child.usage;
	}
	if (children.nr && all)
		paragraph(to, "%s %s: %s.%s",
			  episode->oom->oom.kind == OOMWATCH_KIND_MEMCG ?
			  format_words("Of the %s%s directly below it the largest",
				       all->memcg.children_unseen ? "first " : "",
				       plural(all->memcg.children, "cgroup", "cgroups")) :
			  "Of the cgroups below the root the largest",
			  children.nr == 1 ? "was" : "were", children.text,
			  words_rest(episode, all, children.nr, pages, total));
	listing_free(&children);
}

/* --- processes of one name ---------------------------------------------------------------- */

static __u64 anon_of(const struct record *rec)
{
	return rec->victim.process.anon_rss;
}

/* Before 6.8 the table of a log has one number for all that a process has in RAM. */
static __u64 rss_of(const struct record *rec)
{
	return rec->victim.score_rss;
}

static __u64 swap_of(const struct record *rec)
{
	return rec->victim.process.swap;
}

static __u64 shmem_of(const struct record *rec)
{
	return rec->victim.process.shmem_rss;
}

static __u64 page_tables_of(const struct record *rec)
{
	return pages_of_bytes(rec, rec->victim.process.pgtables);
}

static __u64 threads_of(const struct record *rec)
{
	return widened(rec->victim.process.threads);
}

/* What is summed up for a class of memory. A class that is not here is no process's. */
static const struct measure {
	const char *class;
	__u64 (*of)(const struct record *rec);
	const char *name;	/* after a size; NULL: it is a number of threads */
} measures[] = {
	{ "anon", anon_of, "of anonymous memory" },
	{ "mixed", anon_of, "of anonymous memory" },
	{ "zram", swap_of, "in swap" },
	{ "swap", swap_of, "in swap" },
	{ "page_tables", page_tables_of, "of page tables" },
	{ "stacks", threads_of, NULL },
	{ "kernel", threads_of, NULL },
};

static const struct measure resident_size = { "anon", rss_of, "in RAM" };

/* What shared pages a process has is in both. */
static bool counts_shared(const struct measure *measure)
{
	return measure->of == anon_of || measure->of == rss_of;
}

/* Processes of one name: all of one parent's, or all. */
struct crowd {
	const struct record *first;	/* the largest of them */
	unsigned int nr, parents;
	__u64 sum;
	/* of the parent whose children have the most */
	unsigned int family;
	__u64 family_sum;
	__s32 ppid;
};

/* The recorded processes, those of one name together, and in these those of one parent. */
struct processes {
	const struct record **all;
	size_t nr;
	struct crowd *crowds;
	size_t nr_crowds;
};

static int by_name_and_parent(const void *a, const void *b)
{
	const struct oomwatch_process *x = &(*(const struct record * const *)a)->victim.process;
	const struct oomwatch_process *y = &(*(const struct record * const *)b)->victim.process;
	int order = strcmp(x->comm, y->comm);

	return order ? order : (x->ppid > y->ppid) - (x->ppid < y->ppid);
}

static int by_sum(const void *a, const void *b)
{
	const struct crowd *x = a, *y = b;

	return (x->sum < y->sum) - (x->sum > y->sum);
}

static void add_process(struct processes *to, const struct record *rec,
			const struct measure *measure)
{
	if (!comm_known(rec->victim.process.comm) || !is_known(measure->of(rec)))
		return;
	to->all = grow(to->all, to->nr, sizeof(*to->all));
	to->all[to->nr++] = rec;
}

/* Adds one parent's children of one name, from @at on; returns where the next begin. */
static size_t add_family(struct crowd *crowd, const struct processes *of, size_t at,
			 const struct measure *measure)
{
	const struct record *first = of->all[at];
	unsigned int nr = 0;
	__u64 sum = 0;

	for (; at < of->nr && !by_name_and_parent(&first, &of->all[at]); at++, nr++) {
		sum += measure->of(of->all[at]);
		if (!crowd->first || measure->of(of->all[at]) > measure->of(crowd->first))
			crowd->first = of->all[at];
	}
	if (!crowd->parents++ || sum > crowd->family_sum) {
		crowd->family = nr;
		crowd->family_sum = sum;
		crowd->ppid = first->victim.process.ppid;
	}
	crowd->nr += nr;
	crowd->sum += sum;
	return at;
}

static void find_crowds(struct processes *to, const struct measure *measure)
{
	size_t at = 0;

	if (to->nr)
		qsort(to->all, to->nr, sizeof(*to->all), by_name_and_parent);
	while (at < to->nr) {
		struct crowd crowd = { };
		const char *name = to->all[at]->victim.process.comm;

		while (at < to->nr && !strcmp(name, to->all[at]->victim.process.comm))
			at = add_family(&crowd, to, at, measure);
		to->crowds = grow(to->crowds, to->nr_crowds, sizeof(*to->crowds));
		to->crowds[to->nr_crowds++] = crowd;
	}
	if (to->nr_crowds)
		qsort(to->crowds, to->nr_crowds, sizeof(*to->crowds), by_sum);
}

static bool is_one_of(const struct victims *victims, const struct record *rec)
{
	return victim_by_pid(victims, rec->victim.process.tgid) ||
		victim_by_pid(victims, rec->victim.process.pid);
}

/* Those in @but are left out. The caller frees it by processes_free(). */
static struct processes processes_but(const struct episode *episode, const struct victims *but,
				      const struct measure *measure)
{
	struct processes processes = { };
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, TASK, at)
		if (!is_one_of(but, rec))
			add_process(&processes, rec, measure);
	for_each_of(rec, episode, PROTECTED, at)
		add_process(&processes, rec, measure);
	find_crowds(&processes, measure);
	return processes;
}

static struct processes processes_of(const struct episode *episode, const struct measure *measure)
{
	return processes_but(episode, &(struct victims) { }, measure);
}

static void processes_free(struct processes *processes)
{
	free(processes->all);
	free(processes->crowds);
}

static const char *words_parent(const struct processes *among, __s32 ppid)
{
	size_t i;

	for (i = 0; i < among->nr; i++)
		if (among->all[i]->victim.process.tgid == ppid)
			return name_and_pid(among->all[i]);
	return format_words("process %s", words_id(ppid));
}

/* Such as "24 processes called worker, children of server (pid 7)". */
static const char *words_crowd(const struct processes *among, const struct crowd *crowd)
{
	const char *family = "";

	if (crowd->nr == 1)
		return name_and_pid(crowd->first);
	if (crowd->ppid == OOMWATCH_UNKNOWN_S32)
		family = "";
	else if (crowd->parents == 1)
		family = format_words(", children of %s", words_parent(among, crowd->ppid));
	else if (crowd->family > 1 && crowd->family_sum >= crowd->sum / 2)
		family = format_words(", %u of them children of %s", crowd->family,
				      words_parent(among, crowd->ppid));
	else
		family = format_words(", of %u parents", crowd->parents);
	return format_words("%u processes called %s%s", crowd->nr,
			    words_comm(crowd->first->victim.process.comm), family);
}

/* Whether they have no more threads than each has at least: then threads tell nothing. */
static bool has_one_each(const struct crowd *crowd, const struct measure *measure)
{
	return !measure->name && crowd->sum == crowd->nr;
}

static __u64 page_tables_of_crowd(const struct processes *among, const struct crowd *crowd)
{
	const char *comm = crowd->first->victim.process.comm;
	__u64 sum = 0;
	size_t i;

	for (i = 0; i < among->nr; i++)
		if (!strcmp(among->all[i]->victim.process.comm, comm))
			sum = sum_of(sum, page_tables_of(among->all[i]), 0);
	return sum;
}

/* What the kernel has for a process is counted of page tables alone. */
static const char *words_amount(const struct processes *among, const struct crowd *crowd,
				const struct measure *measure)
{
	if (has_one_each(crowd, measure))
		return format_words("1 thread each and %s of page tables",
				    words_pages(crowd->first, page_tables_of_crowd(among, crowd)));
	if (!measure->name)
		return plural(crowd->sum, "thread", "threads");
	return format_words("%s %s%s", words_pages(crowd->first, crowd->sum), measure->name,
			    crowd->nr > 1 && counts_shared(measure) ?
			    " (what they share counts for each)" : "");
}

/* How many candidates there were, if not all are recorded. */
static const char *words_among(const struct episode *episode)
{
	const struct oomwatch_excluded *x = episode->excluded ? &episode->excluded->excluded : NULL;
	unsigned int kept = count_of(episode, OOMWATCH_TYPE_TASK);

	if (x && is_some(x->eligible) && x->eligible > kept)
		return format_words(" (of the %u with the highest scores that are recorded, of %s)",
				    kept, words_number(x->eligible));
	return "";
}

#define MANY 16

/* Whether a crowd is worth a word. */
static bool is_holder(const struct crowd *crowd, const struct measure *measure, __u64 total)
{
	if (!measure->name)
		return crowd->sum >= MANY;
	return crowd->sum && crowd->sum >= total / (crowd->nr > 1 ? 20 : 10);
}

/* What the victim alone has was said before: with its own memory. */
static bool is_said(const struct crowd *crowd, const struct record *victim,
		    const struct measure *measure)
{
	return victim && crowd->nr == 1 && counts_shared(measure) &&
		crowd->first->victim.process.tgid == victim->victim.process.tgid;
}

/* Who holds it. A crowd that has much by several measures is one of them, with all it has. */
struct holders {
	struct holder {
		struct crowd crowd;
		const char *who, *amounts;
	} of[3 * ARRAY_SIZE(measures)];
	size_t nr;
	bool besides;		/* the victim is one, and was left out */
	bool has_victim;	/* it is told with another figure */
	bool one_each;		/* threads of a crowd tell nothing of what it holds */
	__u64 swapped;		/* what was swapped out, by the cgroup's figures; 0: not known */
	bool more_swap;		/* a crowd has more than that */
	struct victims group;	/* the processes that were killed together: they are left out */
};

/* What a group that was killed had of its own was said before, with their number. */
static void leave_out_group(struct holders *holders, const struct episode *episode,
			    const struct measure *measure)
{
	if (measure && counts_shared(measure) && nr_victims(episode) > 1)
		holders->group = victims_of(episode);
}

static struct holder *holder_of(struct holders *holders, const struct crowd *crowd)
{
	const struct oomwatch_process *process = &crowd->first->victim.process, *other;
	size_t i;

	for (i = 0; i < holders->nr; i++) {
		other = &holders->of[i].crowd.first->victim.process;
		if (holders->of[i].crowd.nr == crowd->nr && !strcmp(other->comm, process->comm) &&
		    (crowd->nr > 1 || other->tgid == process->tgid))
			return &holders->of[i];
	}
	return NULL;
}

static void add_holder(struct holders *to, const struct processes *among,
		       const struct crowd *crowd, const struct measure *measure)
{
	struct holder *holder = holder_of(to, crowd);
	const char *amount = words_amount(among, crowd, measure);

	if (!holder) {
		holder = &to->of[to->nr++];
		*holder = (struct holder) { *crowd, words_crowd(among, crowd), "" };
	}
	to->one_each |= has_one_each(crowd, measure);
	to->more_swap |= measure->of == swap_of && to->swapped && crowd->sum > to->swapped;
	if (*amount)
		holder->amounts = format_words("%s%s%s", holder->amounts,
					       *holder->amounts ? " and " : "", amount);
}

/* One that has nearly all of it is told alone: the others of its name do not matter. */
static struct crowd without_small(struct crowd crowd, const struct measure *measure)
{
	const struct record *first = crowd.first;
	__u64 most = measure->of(first);

	if (crowd.nr == 1 || most < crowd.sum - crowd.sum / 10)
		return crowd;
	return (struct crowd) {
		.first = first, .nr = 1, .parents = 1, .sum = most, .family = 1,
		.family_sum = most, .ppid = first->victim.process.ppid,
	};
}

/* The three names whose processes have the most. Returns whether they are many small ones. */
static bool add_crowds(struct holders *to, const struct episode *episode,
		       const struct record *victim, const struct measure *measure, __u64 total)
{
	struct processes processes = processes_but(episode, &to->group, measure);
	struct crowd crowd;
	bool many = false;
	size_t i;

	for (i = 0; i < processes.nr_crowds && i < 3; i++) {
		crowd = without_small(processes.crowds[i], measure);
		if (!is_holder(&crowd, measure, total))
			continue;
		if (is_said(&crowd, victim, measure)) {
			/* Its row may have shared memory, too, unlike the line of its kill. */
			to->besides |= !is_known(anon_pages(victim)) ||
				anon_pages(victim) >= total / 10;
			continue;
		}
		add_holder(to, &processes, &crowd, measure);
		to->has_victim |= victim && crowd.nr == 1 && is_same_process(crowd.first, victim);
		if (!i && measure->name && crowd.nr > 2 && crowd.sum >= total / 4)
			many = measure->of(crowd.first) <= total / 10;
	}
	processes_free(&processes);
	return many;
}

static const char *words_holders(const struct holders *holders)
{
	const struct holder *holder;
	const char *list = "";

	for (holder = holders->of; holder < holders->of + holders->nr; holder++)
		list = format_words("%s%s%s%s%s%s", list, *list ? ", " : "", holder->who,
				    holder->crowd.nr > 1 && *holder->amounts ? "," : "",
				    *holder->amounts ? " with " : "", holder->amounts);
	return list;
}

/* --- shared memory ------------------------------------------------------------------------- */

/* Whether each process that may map memory of the domain is recorded, and none is exiting. */
static bool all_recorded(const struct episode *episode)
{
	const struct oomwatch_excluded *x;

	if (!episode->excluded)
		return false;
	x = &episode->excluded->excluded;
	return x->eligible == count_of(episode, OOMWATCH_TYPE_TASK) && !x->busy && !x->vfork &&
		!x->reaped && !x->exited &&
		x->unkillable + x->init == count_of(episode, OOMWATCH_TYPE_PROTECTED);
}

/* At most what a kill gives back. */
static __u64 alone_pages(const struct record *rec)
{
	return sum_of(own_pages(rec), page_tables_of(rec), 0);
}

static const struct measure shared = { "shmem", shmem_of, "of shared memory" };

static __u64 sum_of_crowds(const struct processes *processes)
{
	__u64 sum = 0;
	size_t i;

	for (i = 0; i < processes->nr_crowds; i++)
		sum += processes->crowds[i].sum;
	return sum;
}

/* All page cache that is mapped, by whatever process: no more shared memory is. */
static __u64 most_mapped(const struct episode *episode)
{
	const struct record *rec = first_of(episode, OOMWATCH_TYPE_MEMCG);

	if (episode->oom->oom.kind != OOMWATCH_KIND_MEMCG)
		return episode->oom->oom.mapped;
	return rec ? rec->memcg.file_mapped : OOMWATCH_UNKNOWN_U64;
}

/*
 * What of the shared memory is mapped for certain, by whatever process: each page counts once, and
 * all other page cache may be mapped as well. 0 if it is not known.
 */
static __u64 mapped_shared(const struct episode *episode)
{
	const struct record *rec = first_of(episode, OOMWATCH_TYPE_MEMCG);
	const struct oomwatch_oom *oom = &episode->oom->oom;
	__u64 mapped = most_mapped(episode), cache = oom->page_cache, shmem = oom->shmem;

	if (oom->kind == OOMWATCH_KIND_MEMCG) {
		cache = rec ? rec->memcg.file : OOMWATCH_UNKNOWN_U64;
		shmem = rec ? rec->memcg.shmem : OOMWATCH_UNKNOWN_U64;
	}
	return is_known(sum_of(mapped, cache, shmem)) ?
		without(mapped, without(cache, shmem, 0), 0) : 0;
}

static bool maps_little(const struct episode *episode, __u64 shmem)
{
	return is_known(most_mapped(episode)) && most_mapped(episode) < shmem / 2;
}

/*
 * Whether processes map as much as half of the shared memory: then it is no matter of files alone.
 * By their own sizes a page counts for each that maps it; those that exit have no sizes any more.
 */
bool maps_shared(const struct episode *episode, __u64 shmem)
{
	struct processes processes = processes_of(episode, &shared);
	const struct record *victim = main_victim(episode);
	bool maps = sum_of_crowds(&processes) > shmem / 2 || mapped_shared(episode) > shmem / 2;

	processes_free(&processes);
	if (maps_little(episode, shmem))
		return false;
	/* The table of a log may not tell the kinds of memory. */
	return maps || (victim && is_known(victim->victim.process.shmem_rss) &&
			victim->victim.process.shmem_rss > shmem / 2);
}

/* Whether a process that could be chosen has the figure. */
static bool is_measured(const struct episode *episode, const struct measure *measure)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, TASK, at)
		if (is_known(measure->of(rec)))
			return true;
	return false;
}

/* Whether it is known what of the shared memory processes map. */
bool knows_shared(const struct episode *episode)
{
	return !episode->oom->stream->log || is_measured(episode, &shared);
}

static const char *words_gives(const struct record *victim)
{
	if (!victim || !is_known(alone_pages(victim)))
		return "";
	return format_words(" A kill of %s gives back what it alone has, with its page tables: %s at most.",
			    name_and_pid(victim), words_pages(victim, alone_pages(victim)));
}

/* All processes that are in question. @begins: they begin a sentence. */
static const char *words_whose(const struct record *rec, bool begins)
{
	if (rec->oom.kind != OOMWATCH_KIND_MEMCG)
		return begins ? "Processes" : "processes";
	return format_words("%s processes of %s", begins ? "The" : "the", !rec->oom.memcg.off ?
			    "the memory cgroup" : words_place(ref_bytes(rec, rec->oom.memcg)));
}

/* kernel/exit.c: exit_mm() leaves a task without its memory before that is given back. */
static const char *words_exiting(const struct episode *episode)
{
	const struct oomwatch_excluded *x = episode->excluded ? &episode->excluded->excluded : NULL;

	return x && is_some(x->exited) ?
		format_words(" %s begun to exit: what they had may have been there still.",
			     plural(x->exited, "process had", "processes had")) : "";
}

/*
 * If processes have mapped less than there is, the rest is of no process. @more: it goes on after
 * "Who holds it".
 */
static void explain_shared(struct prose *to, const struct episode *episode,
			   const struct record *victim, __u64 shmem, bool more)
{
	struct processes processes = processes_of(episode, &shared);
	const struct record *rec = episode->oom;
	__u64 sum = sum_of_crowds(&processes), mapped = mapped_shared(episode);
	struct pair of = words_pair(rec, sum, shmem);
	const char *crowd = processes.nr ? words_crowd(&processes, &processes.crowds[0]) : "";
	/* By their sizes a page counts for each process that maps it. */
	bool capped = sum >= shmem / 2 && maps_little(episode, shmem);

	if (capped)
		sum = most_mapped(episode);
	if (processes.nr > 1 && sum > shmem)
		paragraph(to, "%s%s%s map shared memory: %s if it is counted for each. Here each page counts once: %s.%s",
			  more ? "" : format_words("Who holds it%s: ", words_among(episode)),
			  crowd, processes.crowds[0].sum < sum ? ", and others" :
			  strchr(crowd, ',') ? "," : "",
			  of.a, of.b, words_gives(victim));
	else if (processes.nr && sum < mapped / 2 && mapped > shmem / 2)
		paragraph(to, "%s%s that are recorded have mapped %s of the tmpfs and shared memory at most. At least %s of it were mapped: the rest by processes that are not recorded.%s",
			  more ? "" : "Who holds it: ", words_whose(rec, more),
			  words_pages(rec, sum), words_pages(rec, mapped),
			  words_exiting(episode));
	else if (sum < shmem / 2 && (capped || all_recorded(episode)))
		paragraph(to, "%s%s have mapped %s of the tmpfs and shared memory at most. The other %s stay when these are killed, as long as the files are there.",
			  more ? "" : "Who holds it: ", words_whose(rec, more),
			  words_pages(rec, sum), words_pages(rec, shmem - sum));
	processes_free(&processes);
}

/* --- all of it ------------------------------------------------------------------------ */

static const struct measure *measure_of(const struct episode *episode, const char *class)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(measures); i++)
		if (!strcmp(measures[i].class, class))
			return measures[i].of != anon_of || is_measured(episode, &measures[i]) ?
				&measures[i] : &resident_size;
	return NULL;
}

static bool is_done(const struct measure *measure, const struct measure * const *done, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (done[i] && done[i]->of == measure->of)
			return true;
	return false;
}

/* Why the sum of a crowd is not what the reader expects. */
static const char *words_reserve(const struct episode *episode, const struct holders *holders)
{
	if (holders->one_each)
		return " The kernel does not count what else it has for each of them.";
	/* include/linux/mm_types_task.h: MM_SWAPENTS counts entries in page tables. */
	if (holders->more_swap)
		return format_words(" In swap that is more than the %s that were swapped out: what a process has there includes pages that are in RAM as well, and what is shared counts for each.",
				    words_pages(episode->oom, holders->swapped));
	return "";
}

static void put_holders(struct prose *to, const struct episode *episode,
			const struct record *victim, const struct holders *holders, bool many)
{
	const char *besides = "";

	if (holders->group.nr)
		besides = " besides those that were killed";
	else if (holders->besides && !holders->has_victim)
		besides = format_words(" besides %s, %s", victim->unfinished ?
				       "the one that was chosen" : "the victim",
				       name_and_pid(victim));

	if (holders->nr)
		paragraph(to, "Who holds it%s%s: %s.%s%s", besides, words_among(episode),
			  words_holders(holders),
			  !many ? "" : " No single one of them was large: they are many.",
			  words_reserve(episode, holders));
}

/* If a cgroup was full, what it used. If the machine was, what all processes of the table have. */
static __u64 resident_in_all(const struct episode *episode)
{
	const struct record *rec, *oom = episode->oom;
	__u64 sum = 0;
	size_t at;

	if (oom->oom.kind == OOMWATCH_KIND_MEMCG)
		return oom->oom.memcg_usage;
	if (oom->oom.kind != OOMWATCH_KIND_GLOBAL)
		return OOMWATCH_UNKNOWN_U64;
	for_each_of(rec, episode, TASK, at)
		sum += known_or_0(rss_of(rec));
	return sum ?: OOMWATCH_UNKNOWN_U64;
}

/* A log may have the table of processes, and nothing of what the memory was. */
static void explain_resident(struct prose *to, const struct episode *episode,
			     const struct record *victim)
{
	const struct record *rec = episode->oom;
	struct holders holders = { };
	__u64 total;
	bool many;

	if (!rec || !rec->stream->log || rec->oom.trigger == OOMWATCH_TRIGGER_SYSRQ)
		return;
	total = resident_in_all(episode);
	if (!is_known(total))
		return;
	leave_out_group(&holders, episode, &resident_size);
	many = add_crowds(&holders, episode, victim, &resident_size, total);
	put_holders(to, episode, victim, &holders, many);
	free(holders.group.all);
}

/*
 * By what filled the memory, and by the other parts that have a quarter of it. Returns whether
 * there was something to say.
 */
static bool explain_processes(struct prose *to, const struct episode *episode,
			      const struct record *victim, const struct parts *parts)
{
	__u64 total = pages_of_bytes(episode->oom, parts->total);
	const char *class = filled_by(episode);
	const struct measure *measure, *first = class ? measure_of(episode, class) : NULL;
	struct holders holders = { .swapped = pages_of_bytes(episode->oom, parts->swap) };
	const struct measure *done[ARRAY_SIZE(measures)] = { first };
	bool many = false;
	size_t i, nr = 1;

	leave_out_group(&holders, episode, first);
	if (first)
		many = add_crowds(&holders, episode, victim, first, total);
	/* If threads are the holders, page tables are theirs. */
	for (i = 0; i < parts->nr && parts->of[i].bytes >= parts->total / 4; i++) {
		measure = measure_of(episode, parts->of[i].class);
		if (measure && !is_done(measure, done, nr) &&
		    (measure->of != page_tables_of || !holders.nr || !first ||
		     first->name)) {
			many |= add_crowds(&holders, episode, victim, measure, total);
			done[nr++] = measure;
		}
	}
	put_holders(to, episode, victim, &holders, many);
	free(holders.group.all);
	return holders.nr;
}

/* Whether explain_processes() tells which processes have swapped pages, as zram holds these. */
static bool tells_swap(const struct parts *parts)
{
	size_t i;

	for (i = 0; i < parts->nr; i++)
		if (!strcmp(parts->of[i].class, "zram") && parts->of[i].bytes >= parts->total / 4)
			return true;
	return false;
}

/* What the machine had in swap if that was nearly full, and is worth a word; else 0. */
static __u64 full_swap(const struct oomwatch_oom *oom)
{
	__u64 used = without(oom->swap_total, oom->swap_free, 0);

	if (oom->kind != OOMWATCH_KIND_GLOBAL || !is_known(oom->swap_total) ||
	    !is_known(oom->swap_free) || !is_known(oom->ram_total) || is_known(oom->swapoff))
		return 0;
	return used >= oom->swap_total - oom->swap_total / 10 && used >= oom->ram_total / 10 ?
		used : 0;
}

/* The parts are of the RAM alone: what filled the swap is told apart. @used: pages in swap. */
static void explain_swap(struct prose *to, const struct episode *episode, __u64 used)
{
	const struct measure *measure = measure_of(episode, "swap");
	struct processes processes = processes_of(episode, measure);
	const struct record *rec = episode->oom;
	__u64 sum = sum_of_crowds(&processes);
	struct pair of = words_pair(rec, used, sum);
	/* What is in the swap cache is in RAM again, and counts for its process there. */
	__u64 out = without(used, rec->oom.swap_cache, 0);
	struct crowd crowd;
	const char *items[3];
	size_t nr;

	for (nr = 0; nr < 3 && nr < processes.nr_crowds; nr++) {
		crowd = without_small(processes.crowds[nr], measure);
		if (crowd.sum < sum / 10)
			break;
		items[nr] = format_words("%s%s with %s", words_crowd(&processes, &crowd),
					 crowd.nr > 1 ? "," : "", words_pages(rec, crowd.sum));
	}
	if (sum)
		paragraph(to, "Of the %s in swap the processes %s have %s%s: %s.%s", of.a,
			  rec->stream->log ? "of the log's table" : "that are recorded", of.b,
			  sum > used ? " (what they share counts for each)" : "",
			  words_joined(items, nr, "and"), sum >= out - out / 4 ? "" :
			  /* mm/rmap.c: try_to_unmap_one() */
			  " Tmpfs and shared memory in swap count for no process.");
	processes_free(&processes);
}

/* vm.oom_dump_tasks is 0, or the lines are lost. */
static void explain_no_table(struct prose *to, const struct episode *episode)
{
	static const char unscaled[] =
		"the log's table of processes counts in pages, whose size the log does not tell";
	static const char no_part[] =
		"the log does not have the part of the kernel's report that lists the processes";
	static const char no_heading[] =
		"the log's table of processes lacks its first line, which names the columns";
	static const char no_rows[] =
		"the log has the first line of the table of processes, but none of the others";
	static const char no_table[] =
		"the log has no table of processes (written if vm.oom_dump_tasks is 1)";
	const char *why = no_table;
	const struct record *oom = episode->oom, *rec;
	size_t at;

	if (!episode->stream->log)
		return;
	/* The first line of a report tells who asked. */
	if (oom && !comm_known(oom->oom.comm))
		why = no_part;
	if (oom && (oom->has_heading || oom->has_other_rows))
		why = oom->has_heading ? no_rows : no_heading;
	for_each_of(rec, episode, TASK, at) {
		if (is_known(rss_of(rec)))
			return;
		if (rec->victim.process.tgid != OOMWATCH_UNKNOWN_S32)
			why = unscaled;
	}
	paragraph(to, "Who else held memory is not known: %s.", why);
}

void explain_holders(struct prose *to, const struct episode *episode, const struct record *victim)
{
	struct parts parts;
	__u64 swap;
	bool said;
	size_t i;

	if (!parts_of(&parts, episode)) {
		explain_resident(to, episode, victim);
		explain_no_table(to, episode);
		return;
	}
	/* Children are recorded with their memory alone. */
	explain_children(to, episode, pages_of_bytes(episode->oom, parts.total - parts.swap));
	said = explain_processes(to, episode, victim, &parts);
	swap = full_swap(&episode->oom->oom);
	if (swap && !tells_swap(&parts))
		explain_swap(to, episode, swap);
	for (i = 0; i < parts.nr; i++)
		if (!strcmp(parts.of[i].class, "shmem") && parts.of[i].bytes >= parts.total / 4)
			explain_shared(to, episode, victim,
				       pages_of_bytes(episode->oom, parts.of[i].bytes), said);
	if (episode->oom->oom.kind == OOMWATCH_KIND_GLOBAL)
		explain_later(to, episode, &parts);
	explain_no_table(to, episode);
}
