// SPDX-License-Identifier: GPL-2.0
/*
 * The binary format: sizes and offsets as they were published, and the same
 * content as the text.
 */
#include "oomtest.h"

#include <assert.h>
#include <stddef.h>
#include <sys/utsname.h>

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

/* Changing one of these breaks every reader there is. */
#define SIZE(type, size) static_assert(sizeof(struct type) == (size), #type)
#define AT(type, field, offset) \
	static_assert(offsetof(struct type, field) == (offset), #type "." #field)

SIZE(oomwatch_head, 32);
AT(oomwatch_head, len, 0);
AT(oomwatch_head, type, 4);
AT(oomwatch_head, fixed, 6);
AT(oomwatch_head, seq, 8);
AT(oomwatch_head, time_ns, 16);
AT(oomwatch_head, oom, 24);
SIZE(oomwatch_ref, 4);
SIZE(oomwatch_start, 56);
AT(oomwatch_start, magic, 32);
AT(oomwatch_start, major, 36);
AT(oomwatch_start, minor, 38);
AT(oomwatch_start, page_size, 40);
AT(oomwatch_start, release, 44);
AT(oomwatch_start, realtime_ns, 48);
SIZE(oomwatch_lost, 40);
AT(oomwatch_lost, count, 32);
SIZE(oomwatch_oom, 496);
AT(oomwatch_oom, kind, 32);
AT(oomwatch_oom, verdict, 35);
AT(oomwatch_oom, order, 36);
AT(oomwatch_oom, gfp_mask, 40);
AT(oomwatch_oom, pid, 48);
AT(oomwatch_oom, comm, 64);
AT(oomwatch_oom, totalpages, 80);
AT(oomwatch_oom, chosen_points, 88);
AT(oomwatch_oom, memcg_id, 96);
AT(oomwatch_oom, memcg_failcnt, 136);
AT(oomwatch_oom, ram_total, 144);
AT(oomwatch_oom, unevictable, 208);
AT(oomwatch_oom, memcg, 216);
AT(oomwatch_oom, nodemask, 220);
AT(oomwatch_oom, mems_allowed, 224);
AT(oomwatch_oom, isolated_anon, 232);
AT(oomwatch_oom, swap_cache, 320);
AT(oomwatch_oom, reclaim_checks, 328);
AT(oomwatch_oom, retry_zone, 352);
AT(oomwatch_oom, cause, 228);
AT(oomwatch_oom, compact_max_retries, 436);
AT(oomwatch_oom, memcg_high, 440);
AT(oomwatch_oom, trigger_memcg_id, 464);
AT(oomwatch_oom, trigger_memcg, 472);
AT(oomwatch_oom, cause_amount, 480);
AT(oomwatch_oom, cause_bound, 488);
SIZE(oomwatch_zone, 168);
AT(oomwatch_zone, node, 32);
AT(oomwatch_zone, name, 40);
AT(oomwatch_zone, free, 56);
AT(oomwatch_zone, managed, 96);
AT(oomwatch_zone, write_pending, 152);
AT(oomwatch_zone, lowmem_reserve, 160);
AT(oomwatch_zone, free_blocks, 164);
SIZE(oomwatch_setter, 40);
AT(oomwatch_setter, pid, 0);
AT(oomwatch_setter, uid, 4);
AT(oomwatch_setter, comm, 8);
AT(oomwatch_setter, time_ns, 24);
AT(oomwatch_setter, on_tgid, 32);
SIZE(oomwatch_process, 128);
AT(oomwatch_process, pid, 0);
AT(oomwatch_process, comm, 24);
AT(oomwatch_process, start_ns, 40);
AT(oomwatch_process, total_vm, 48);
AT(oomwatch_process, pgtables, 88);
AT(oomwatch_process, points, 96);
AT(oomwatch_process, memcg_id, 104);
AT(oomwatch_process, memcg, 112);
AT(oomwatch_process, set_by, 116);
AT(oomwatch_process, flags, 120);
AT(oomwatch_process, rank, 124);
SIZE(oomwatch_task, 160);
AT(oomwatch_task, process, 32);
SIZE(oomwatch_victim, 192);
AT(oomwatch_victim, process, 32);
AT(oomwatch_victim, score_rss, 160);
AT(oomwatch_victim, score_adj, 184);
SIZE(oomwatch_excluded, 112);
AT(oomwatch_excluded, eligible, 32);
AT(oomwatch_excluded, busy, 64);
AT(oomwatch_excluded, eligible_pages, 72);
AT(oomwatch_excluded, vfork_pages, 104);
SIZE(oomwatch_sharer, 72);
AT(oomwatch_sharer, victim_pid, 40);
AT(oomwatch_sharer, comm, 56);
SIZE(oomwatch_stack, 40);
AT(oomwatch_stack, nr_frames, 32);
AT(oomwatch_stack, frames, 36);
SIZE(oomwatch_end, 64);
AT(oomwatch_end, kills, 40);
AT(oomwatch_end, capture_ns, 56);
SIZE(oomwatch_reap, 48);
AT(oomwatch_reap, since_kill_ns, 40);
SIZE(oomwatch_exit, 56);
AT(oomwatch_exit, since_kill_ns, 40);
AT(oomwatch_exit, mm, 48);
SIZE(oomwatch_adj, 88);
AT(oomwatch_adj, old_adj, 40);
AT(oomwatch_adj, comm, 56);
AT(oomwatch_adj, by_comm, 72);

/* --- the two forms of one record -------------------------------------------- */

static void same_u64(struct __test_metadata *_metadata, const struct event *text,
		     const char *key, __u64 value)
{
	char want[32] = "-";

	if (value != OOMWATCH_UNKNOWN_U64 && value != OOMWATCH_UNKNOWN_U32)
		snprintf(want, sizeof(want), "%llu", value);
	EXPECT_STREQ(want, text_of(text, key)) TH_LOG("%s %s", text->type, key);
}

static void same_s64(struct __test_metadata *_metadata, const struct event *text,
		     const char *key, __s64 value)
{
	char want[32] = "-";

	if (value != OOMWATCH_UNKNOWN_S64 && value != OOMWATCH_UNKNOWN_S32)
		snprintf(want, sizeof(want), "%lld", value);
	EXPECT_STREQ(want, text_of(text, key)) TH_LOG("%s %s", text->type, key);
}

static void same_kb(struct __test_metadata *_metadata, const struct event *text,
		    const char *key, __u64 pages)
{
	if (pages < OOMWATCH_NO_LIMIT)
		pages *= sysconf(_SC_PAGESIZE) / 1024;
	EXPECT_EQ(pages == OOMWATCH_NO_LIMIT, !strcmp("max", text_of(text, key)));
	if (pages != OOMWATCH_NO_LIMIT)
		same_u64(_metadata, text, key, pages);
}

static void same_ref(struct __test_metadata *_metadata, const struct event *text,
		     const char *key, const void *rec, struct oomwatch_ref ref)
{
	const struct pair *field = field_of(text, key);

	EXPECT_EQ(!!ref.off, field->quoted) TH_LOG("%s %s", text->type, key);
	if (!ref.off)
		return;
	EXPECT_LE(ref.off + ref.len, (int)((const struct oomwatch_head *)rec)->len);
	EXPECT_EQ(ref.len, field->len);
	EXPECT_EQ(0, memcmp((const char *)rec + ref.off, field->value, ref.len));
}

static void same_nodes(struct __test_metadata *_metadata, const struct event *text,
		       const char *key, const void *rec, struct oomwatch_ref ref)
{
	const __u64 *words = (const void *)((const char *)rec + ref.off);
	char want[1024] = "-", *to = want;
	int bit, end;

	for (bit = 0; ref.off && bit < ref.len * 8; bit = end + 1) {
		for (end = bit; end < ref.len * 8 && words[end / 64] >> end % 64 & 1; end++)
			;
		if (end > bit)
			to += sprintf(to, end > bit + 1 ? "%s%d-%d" : "%s%d", to > want ? "," : "",
				      bit, end - 1);
	}
	EXPECT_STREQ(want, text_of(text, key));
}

#define U64(key, value) same_u64(_metadata, text, key, value)
#define S64(key, value) same_s64(_metadata, text, key, value)
#define KB(key, value) same_kb(_metadata, text, key, value)

static void same_oom(struct __test_metadata *_metadata, const struct event *text,
		     const void *bytes)
{
	static const char * const kinds[] = { "-", "global", "memcg", "cpuset", "mempolicy" };
	static const char * const triggers[] = { "-", "alloc", "memcg", "sysrq", "kswapd" };
	static const char * const constraints[] = {
		"-", "CONSTRAINT_NONE", "CONSTRAINT_CPUSET", "CONSTRAINT_MEMORY_POLICY",
		"CONSTRAINT_MEMCG",
	};
	static const char * const verdicts[] = {
		"-", "highest_score", "allocating_task", "dying_trigger", "dying_chosen",
		"oom_origin",
	};
	static const char * const causes[] = {
		"-", "sysrq", "memcg_limit", "memcg_ancestor_limit", "cpuset", "mempolicy",
		"fragmentation", "slab", "page_tables", "lowmem_zone", "shmem",
		"unkillable_hold", "anon",
	};
	const struct oomwatch_oom *rec = bytes;

	EXPECT_EQ(sizeof(*rec), rec->head.fixed);
	EXPECT_STREQ(kinds[rec->kind], text_of(text, "kind"));
	EXPECT_STREQ(triggers[rec->trigger], text_of(text, "trigger"));
	EXPECT_STREQ(constraints[rec->constraint], text_of(text, "constraint"));
	EXPECT_STREQ(verdicts[rec->verdict], text_of(text, "verdict"));
	S64("order", rec->order);
	EXPECT_EQ(rec->gfp_mask, (__u64)num_of(text, "gfp_mask"));
	S64("pid", rec->pid);
	S64("tgid", rec->tgid);
	U64("uid", rec->uid);
	S64("oom_score_adj", rec->oom_score_adj);
	EXPECT_STREQ(rec->comm, text_of(text, "comm"));
	U64("totalpages", rec->totalpages);
	S64("chosen_points", rec->chosen_points);
	U64("oom_memcg_id", rec->memcg_id);
	KB("memcg_usage_kb", rec->memcg_usage);
	KB("memcg_limit_kb", rec->memcg_limit);
	KB("memcg_swap_usage_kb", rec->memcg_swap_usage);
	KB("memcg_swap_limit_kb", rec->memcg_swap_limit);
	U64("memcg_failcnt", rec->memcg_failcnt);
	KB("ram_total_kb", rec->ram_total);
	KB("ram_free_kb", rec->ram_free);
	KB("swap_total_kb", rec->swap_total);
	KB("swap_free_kb", rec->swap_free);
	KB("inactive_anon_kb", rec->inactive_anon);
	KB("active_anon_kb", rec->active_anon);
	KB("inactive_file_kb", rec->inactive_file);
	KB("active_file_kb", rec->active_file);
	KB("unevictable_kb", rec->unevictable);
	KB("isolated_anon_kb", rec->isolated_anon);
	KB("isolated_file_kb", rec->isolated_file);
	KB("dirty_kb", rec->dirty);
	KB("writeback_kb", rec->writeback);
	KB("slab_reclaimable_kb", rec->slab_reclaimable);
	KB("slab_unreclaimable_kb", rec->slab_unreclaimable);
	KB("mapped_kb", rec->mapped);
	KB("shmem_kb", rec->shmem);
	KB("pagetables_kb", rec->pagetables);
	U64("kernel_stack_kb", rec->kernel_stack / 1024);
	KB("page_cache_kb", rec->page_cache);
	KB("swap_cache_kb", rec->swap_cache);
	U64("reclaim_checks", rec->reclaim_checks);
	U64("compact_checks", rec->compact_checks);
	U64("retry_ns", rec->retry_ns);
	U64("retry_node", rec->retry_node);
	EXPECT_STREQ(*rec->retry_zone ? rec->retry_zone : "-", text_of(text, "retry_zone"));
	S64("no_progress_loops", rec->no_progress_loops);
	KB("retry_reclaimable_kb", rec->retry_reclaimable);
	KB("retry_available_kb", rec->retry_available);
	KB("retry_min_wmark_kb", rec->retry_min_wmark);
	EXPECT_STREQ(*rec->compact_priority ? rec->compact_priority : "-",
		     text_of(text, "compact_priority"));
	EXPECT_STREQ(*rec->compact_result ? rec->compact_result : "-",
		     text_of(text, "compact_result"));
	S64("compact_retries", rec->compact_retries);
	S64("compact_max_retries", rec->compact_max_retries);
	KB("memcg_high_kb", rec->memcg_high);
	KB("memcg_memsw_usage_kb", rec->memcg_memsw_usage);
	KB("memcg_memsw_limit_kb", rec->memcg_memsw_limit);
	U64("trigger_memcg_id", rec->trigger_memcg_id);
	EXPECT_STREQ(causes[rec->cause], text_of(text, "cause"));
	KB("cause_kb", rec->cause_amount);
	KB("cause_bound_kb", rec->cause_bound);
	same_ref(_metadata, text, "oom_memcg", rec, rec->memcg);
	same_ref(_metadata, text, "trigger_memcg", rec, rec->trigger_memcg);
	same_nodes(_metadata, text, "nodemask", rec, rec->nodemask);
	same_nodes(_metadata, text, "mems_allowed", rec, rec->mems_allowed);
}

/* A list of numbers with commas. */
static void same_numbers(struct __test_metadata *_metadata, const struct event *text,
			 const char *key, const void *rec, struct oomwatch_ref ref)
{
	const __u64 *numbers = (const void *)((const char *)rec + ref.off);
	char want[512] = "", *to = want;
	unsigned int i;

	ASSERT_NE(0, ref.off);
	for (i = 0; i < ref.len / sizeof(__u64); i++)
		to += sprintf(to, "%s%llu", i ? "," : "", numbers[i]);
	EXPECT_STREQ(want, text_of(text, key));
}

static void same_zone(struct __test_metadata *_metadata, const struct event *text,
		      const void *bytes)
{
	const struct oomwatch_zone *rec = bytes;

	U64("node", rec->node);
	EXPECT_STREQ(rec->name, text_of(text, "zone"));
	KB("free_kb", rec->free);
	KB("min_kb", rec->min);
	KB("low_kb", rec->low);
	KB("high_kb", rec->high);
	KB("managed_kb", rec->managed);
	KB("present_kb", rec->present);
	KB("boost_kb", rec->boost);
	KB("active_anon_kb", rec->active_anon);
	KB("inactive_anon_kb", rec->inactive_anon);
	KB("active_file_kb", rec->active_file);
	KB("inactive_file_kb", rec->inactive_file);
	KB("unevictable_kb", rec->unevictable);
	KB("write_pending_kb", rec->write_pending);
	same_numbers(_metadata, text, "lowmem_reserve", rec, rec->lowmem_reserve);
	same_numbers(_metadata, text, "free_blocks", rec, rec->free_blocks);
}

static void same_setter(struct __test_metadata *_metadata, const struct event *text,
			const struct oomwatch_head *head, struct oomwatch_ref ref)
{
	const struct oomwatch_setter *setter = (const void *)((const char *)head + ref.off);

	EXPECT_EQ(!!ref.off, is_known(text, "set_by_pid"));
	EXPECT_EQ(!!ref.off, is_known(text, "set_by_comm"));
	if (!ref.off)
		return;
	EXPECT_EQ(sizeof(*setter), ref.len);
	S64("set_by_pid", setter->pid);
	U64("set_by_uid", setter->uid);
	EXPECT_STREQ(setter->comm, text_of(text, "set_by_comm"));
	U64("set_ago_ns", head->time_ns - setter->time_ns);
	S64("set_on_tgid", setter->on_tgid);
}

static void same_process(struct __test_metadata *_metadata, const struct event *text,
			 const struct oomwatch_head *head, const struct oomwatch_process *process)
{
	static const char * const flags[] = { "group", "dying", "shares_mm", "origin",
						"in_flight" };
	int i;

	S64("pid", process->pid);
	S64("tgid", process->tgid);
	S64("ppid", process->ppid);
	U64("uid", process->uid);
	S64("oom_score_adj", process->oom_score_adj);
	U64("threads", process->threads);
	EXPECT_STREQ(process->comm, text_of(text, "comm"));
	U64("age_ns", head->time_ns - process->start_ns);
	KB("total_vm_kb", process->total_vm);
	KB("anon_rss_kb", process->anon_rss);
	KB("file_rss_kb", process->file_rss);
	KB("shmem_rss_kb", process->shmem_rss);
	KB("swap_kb", process->swap);
	U64("pgtables_kb", process->pgtables / 1024);
	S64("points", process->points);
	U64("memcg_id", process->memcg_id);
	U64("rank", process->rank ? process->rank : OOMWATCH_UNKNOWN_U32);
	same_ref(_metadata, text, "memcg", head, process->memcg);
	same_setter(_metadata, text, head, process->set_by);
	for (i = 0; i < OOMWATCH_TASK_FLAGS; i++)
		EXPECT_EQ(process->flags >> i & 1, !!strstr(text_of(text, "flags"), flags[i]));
	EXPECT_EQ(!process->flags, !strcmp(text_of(text, "flags"), "none"));
}

static void same_task(struct __test_metadata *_metadata, const struct event *text,
		      const void *bytes)
{
	const struct oomwatch_task *rec = bytes;
	const struct oomwatch_process *p = &rec->process;

	EXPECT_EQ(sizeof(*rec), rec->head.fixed);
	same_process(_metadata, text, &rec->head, p);
	U64("score_rss", p->anon_rss + p->file_rss + p->shmem_rss);
	U64("score_swap", p->swap);
	U64("score_pgtables", p->pgtables / sysconf(_SC_PAGESIZE));
	S64("score_adj", p->points - num_of(text, "score_rss") - num_of(text, "score_swap") -
	    num_of(text, "score_pgtables"));
}

static void same_victim(struct __test_metadata *_metadata, const struct event *text,
			const void *bytes)
{
	const struct oomwatch_victim *rec = bytes;

	EXPECT_EQ(sizeof(*rec), rec->head.fixed);
	same_process(_metadata, text, &rec->head, &rec->process);
	U64("score_rss", rec->score_rss);
	U64("score_swap", rec->score_swap);
	U64("score_pgtables", rec->score_pgtables);
	S64("score_adj", rec->score_adj);
}

static void same_excluded(struct __test_metadata *_metadata, const struct event *text,
			  const void *bytes)
{
	const struct oomwatch_excluded *rec = bytes;

	U64("eligible", rec->eligible);
	U64("unkillable", rec->unkillable);
	U64("init", rec->init);
	U64("kthreads", rec->kthreads);
	U64("reaped", rec->reaped);
	U64("vfork", rec->vfork);
	U64("exited", rec->exited);
	U64("outside", rec->outside);
	U64("busy", rec->busy);
	KB("eligible_kb", rec->eligible_pages);
	KB("unkillable_kb", rec->unkillable_pages);
	KB("init_kb", rec->init_pages);
	KB("reaped_kb", rec->reaped_pages);
	KB("vfork_kb", rec->vfork_pages);
}

static void same_sharer(struct __test_metadata *_metadata, const struct event *text,
			const void *bytes)
{
	const struct oomwatch_sharer *rec = bytes;

	S64("pid", rec->pid);
	S64("tgid", rec->tgid);
	S64("victim_pid", rec->victim_pid);
	S64("oom_score_adj", rec->oom_score_adj);
	U64("uid", rec->uid);
	EXPECT_STREQ(rec->comm, text_of(text, "comm"));
}

static void same_stack(struct __test_metadata *_metadata, const struct event *text,
		       const void *bytes)
{
	const struct oomwatch_stack *rec = bytes;

	U64("nr_frames", rec->nr_frames);
	same_ref(_metadata, text, "frames", rec, rec->frames);
}

static void same_end(struct __test_metadata *_metadata, const struct event *text,
		     const void *bytes)
{
	const struct oomwatch_end *rec = bytes;

	EXPECT_EQ(rec->outcome == OOMWATCH_OUTCOME_KILLED,
		  !strcmp("killed", text_of(text, "outcome")));
	U64("victims", rec->victims);
	U64("kills", rec->kills);
	U64("duration_ns", rec->duration_ns);
	U64("capture_ns", rec->capture_ns);
}

static void same_reap(struct __test_metadata *_metadata, const struct event *text,
		      const void *bytes)
{
	static const char * const events[] = { "wake", "start", "finish", "skip" };
	const struct oomwatch_reap *rec = bytes;

	S64("pid", rec->pid);
	EXPECT_STREQ(events[rec->event], text_of(text, "event"));
	U64("since_kill_ns", rec->since_kill_ns);
}

static void same_exit(struct __test_metadata *_metadata, const struct event *text,
		      const void *bytes)
{
	const struct oomwatch_exit *rec = bytes;

	S64("pid", rec->pid);
	S64("tgid", rec->tgid);
	U64("since_kill_ns", rec->since_kill_ns);
	EXPECT_STREQ(rec->mm ? "dropped" : "held", text_of(text, "mm"));
}

static void same_adj(struct __test_metadata *_metadata, const struct event *text,
		     const void *bytes)
{
	const struct oomwatch_adj *rec = bytes;

	S64("pid", rec->pid);
	S64("tgid", rec->tgid);
	S64("old", rec->old_adj);
	S64("new", rec->new_adj);
	S64("by_pid", rec->by_pid);
	U64("by_uid", rec->by_uid);
	EXPECT_STREQ(rec->comm, text_of(text, "comm"));
	EXPECT_STREQ(rec->by_comm, text_of(text, "by_comm"));
}

static const struct {
	const char *name;
	void (*same)(struct __test_metadata *md, const struct event *text, const void *bytes);
} types[__OOMWATCH_TYPE_MAX] = {
	[OOMWATCH_TYPE_OOM] = { "oom", same_oom },
	[OOMWATCH_TYPE_ZONE] = { "zone", same_zone },
	[OOMWATCH_TYPE_TASK] = { "task", same_task },
	[OOMWATCH_TYPE_EXCLUDED] = { "excluded", same_excluded },
	[OOMWATCH_TYPE_VICTIM] = { "victim", same_victim },
	[OOMWATCH_TYPE_SHARER] = { "sharer", same_sharer },
	[OOMWATCH_TYPE_STACK] = { "stack", same_stack },
	[OOMWATCH_TYPE_END] = { "end", same_end },
	[OOMWATCH_TYPE_REAP] = { "reap", same_reap },
	[OOMWATCH_TYPE_EXIT] = { "exit", same_exit },
	[OOMWATCH_TYPE_ADJ] = { "adj", same_adj },
};

/* A victim that takes so long to die that the reaper comes. */
static void make_reaps(struct __test_metadata *_metadata)
{
	long long before = stat_of("reap_finish");
	pid_t pid = start_sitting_hog("-m 9000 -a 1000");
	int i;

	hold_exit(pid);
	sysrq_oom();
	wait_held(pid);
	for (i = 0; i < 100 && stat_of("reap_finish") == before; i++)
		pause_ms(100);
	let_exit(pid);
	EXPECT_TRUE(was_killed(pid));
}

/* Kills of two kinds. */
static void make_records(struct __test_metadata *_metadata)
{
	if (have_memcg()) {
		make_cgroup(CGROUPS "/f", 6 * 1024);
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/f -a 10 -u 7 -n formal"));
		remove_cgroup(CGROUPS "/f");
	}
	EXPECT_NE(0, sysrq_kill_hog("-m 9000 -a 1000 -p 2"));
	pause_ms(50);
}

TEST(same_as_text)
{
	size_t size = 4 << 20;
	char *buf = malloc(size), *at = buf;
	int fd, i, seen[__OOMWATCH_TYPE_MAX] = { };
	struct events all;
	ssize_t n;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	spew(DEBUGFS "clear", "1");
	make_records(_metadata);
	make_reaps(_metadata);
	pause_ms(50);
	fd = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, fd);
	n = read(fd, buf, size);
	ASSERT_LT(0, n);
	close(fd);
	all = read_events("events");

	at += ((struct oomwatch_head *)at)->len;
	for (i = 0; i < all.nr; i++) {
		const struct oomwatch_head *head = (void *)at;
		const struct event *text = &all.event[i];
		char t[32];

		ASSERT_GT(buf + n, at);
		ASSERT_GT(__OOMWATCH_TYPE_MAX, head->type);
		ASSERT_NE(NULL, types[head->type].name);
		EXPECT_STREQ(types[head->type].name, text->type);
		U64("seq", head->seq);
		U64("oom", head->oom);
		snprintf(t, sizeof(t), "%llu.%09llu", head->time_ns / 1000000000ULL,
			 head->time_ns % 1000000000ULL);
		EXPECT_STREQ(t, text_of(text, "t"));
		types[head->type].same(_metadata, text, head);
		seen[head->type]++;
		at += head->len;
	}
	EXPECT_EQ(buf + n, at);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_OOM]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_TASK]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_EXCLUDED]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_SHARER]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_ZONE]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_VICTIM]);
	EXPECT_EQ(have_stacks(), seen[OOMWATCH_TYPE_STACK] > 0);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_END]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_EXIT]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_ADJ]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_REAP]);
}

TEST(start_record)
{
	union {
		struct oomwatch_start start;
		char bytes[OOMWATCH_RECORD_MAX];
	} rec;
	struct timespec real, boot;
	struct utsname uts;
	int fd = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK);

	ASSERT_LE(0, fd);
	ASSERT_LT(0, read(fd, &rec, sizeof(rec)));
	close(fd);
	uname(&uts);
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	EXPECT_EQ(OOMWATCH_TYPE_START, rec.start.head.type);
	EXPECT_EQ(OOMWATCH_MAGIC, rec.start.magic);
	EXPECT_EQ(OOMWATCH_MAJOR, rec.start.major);
	EXPECT_EQ(sysconf(_SC_PAGESIZE), rec.start.page_size);
	EXPECT_EQ(strlen(uts.release), rec.start.release.len);
	EXPECT_EQ(0, memcmp(uts.release, rec.bytes + rec.start.release.off, rec.start.release.len));
	/* Within a second of each other, and of now. */
	EXPECT_GE(1, real.tv_sec - (long long)(rec.start.realtime_ns / 1000000000ULL));
	EXPECT_GE(1, boot.tv_sec - (long long)(rec.start.head.time_ns / 1000000000ULL));
}

TEST_HARNESS_MAIN
