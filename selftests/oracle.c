// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's log is the oracle: for each kill in it there must be a record that says the same,
 * and there must be no other record of a kill.
 */
#include "harness.h"

#include <limits.h>
#include <sched.h>
#include <sys/utsname.h>

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

/* --- the kernel's log ------------------------------------------------------ */

/* What show_mem() prints of a zone. Memory in KiB. */
struct zone_report {
	int node;
	char name[16];
	long long free, min, low, high, managed, present, in_blocks;
	long long reserved_highatomic, free_pcp, free_cma, mlocked;
	char reserve[128], types[256];
};

/* What show_mem() prints of the machine, in pages: its names and our keys. */
static const char * const mem_names[][2] = {
	{ "active_anon:", "active_anon_kb" }, { "inactive_anon:", "inactive_anon_kb" },
	{ "isolated_anon:", "isolated_anon_kb" }, { "active_file:", "active_file_kb" },
	{ "inactive_file:", "inactive_file_kb" }, { "isolated_file:", "isolated_file_kb" },
	{ "unevictable:", "unevictable_kb" }, { "dirty:", "dirty_kb" },
	{ "writeback:", "writeback_kb" }, { "slab_reclaimable:", "slab_reclaimable_kb" },
	{ "slab_unreclaimable:", "slab_unreclaimable_kb" }, { "mapped:", "mapped_kb" },
	{ "shmem:", "shmem_kb" }, { "pagetables:", "pagetables_kb" }, { "free:", "ram_free_kb" },
	{ "free_cma:", "free_cma_kb" },
};

/* What some kernels don't print in show_mem(): the names in /proc/vmstat, and our keys. */
static const struct {
	const char *vmstat, *key;
} counters[] = {
	{ "nr_sec_page_table_pages", "sec_pagetables_kb" },
	{ "nr_kernel_misc_reclaimable", "kernel_misc_reclaimable_kb" },
	{ "nr_zspages", "zspages_kb" },
	{ "nr_vmalloc", "vmalloc_kb" },
	{ "nr_hugetlb", "hugetlb_kb" },
	{ "nr_balloon_pages", "balloon_kb" },
};

#define NR_MEM (sizeof(mem_names) / sizeof(*mem_names))
#define MAX_ZONES 8

/* A line of the table of tasks, in pages. */
struct table_line {
	int pid, uid, tgid;
	long long total_vm, rss, pgtables_bytes, swapents, adj;
};

/* What the kernel prints of a kill before the line "Killed process"; this has a rate limit. */
struct report {
	struct summary said;
	struct table_line *table;
	int nr_table;
	bool table_has_kinds;
	/* only of a kill for the whole machine */
	long long mem[NR_MEM], page_cache, swap_cache, swap_free, swap_total, kernel_stack_kb;
	bool has_mem;
	struct zone_report zone[MAX_ZONES];
	int nr_zones;
	/* the frames after out_of_memory(), with ; between them */
	char stack[2048], guesses[4096];
	bool in_trace, below_oom;
};

#define MAX_LINES 2000

static struct killed killed[MAX_LINES];
static struct report report[MAX_LINES + 1];
static int nr_killed, nr_reports, nr_invoked, nr_mem_compared, nr_stacks_compared;
static int nr_tables_compared, nr_types_same;

static struct zone_report *zone_of(struct report *r, int node, const char *name)
{
	int i;

	for (i = 0; i < r->nr_zones; i++)
		if (r->zone[i].node == node && !strcmp(r->zone[i].name, name))
			return &r->zone[i];
	errx(1, "a zone %s that was not heard of", name);
}

static bool is_zone(const char *line)
{
	return strstr(line, " free:") && strstr(line, " min:");
}

/* "1*4kB (U) 0*8kB 2*16kB (UM) ... = 36kB" as the types alone: "U,,UM,..." */
static void hear_types(char *types, const char *line)
{
	const char *at = strchr(line, ':'), *end = strstr(line, " = ");

	while (at && end && (at = strchr(at, '*')) && at < end) {
		at = strchr(at, ' ') + 1;
		if (*at == '(')
			types += sprintf(types, "%.*s", (int)strspn(at + 1, "UMEHCI"), at + 1);
		if (strchr(at, '*') && strchr(at, '*') < end)
			*types++ = ',';
	}
	*types = '\0';
}

/*
 * "Node 0 DMA free:...", the reserves in the next line, "Node 0 DMA: 1*4kB ... = 4kB"; without
 * "Node 0 " on a kernel without NUMA.
 */
static void hear_zone(struct report *r, const char *line)
{
	struct zone_report *z = &r->zone[r->nr_zones];
	char name[16], *colon;
	int node;

	if (!strncmp(line, "lowmem_reserve[]: ", 18) && r->nr_zones) {
		snprintf(z[-1].reserve, sizeof(z[-1].reserve), "%.100s", line + 18);
		return;
	}
	if (sscanf(line, "Node %d %15s", &node, name) != 2) {
		node = 0;
		if (sscanf(line, "%15s", name) != 1)
			return;
	}
	if (is_zone(line) && r->nr_zones < MAX_ZONES) {
		z->node = node;
		strcpy(z->name, name);
		z->free = number_behind(line, " free:");
		z->min = number_behind(line, " min:");
		z->low = number_behind(line, " low:");
		z->high = number_behind(line, " high:");
		z->managed = number_behind(line, " managed:");
		z->present = number_behind(line, " present:");
		z->reserved_highatomic = number_behind(line, " reserved_highatomic:");
		z->free_pcp = number_behind(line, " free_pcp:");
		z->free_cma = number_behind(line, " free_cma:");
		z->mlocked = number_behind(line, " mlocked:");
		r->nr_zones++;
	}
	colon = strchr(name, ':');
	if (strstr(line, "*4kB") && colon) {
		*colon = '\0';
		z = zone_of(r, node, name);
		z->in_blocks = number_behind(line, "= ");
		if (strlen(line) < sizeof(z->types))
			hear_types(z->types, line);
	}
	if (strstr(line, " kernel_stack:"))
		r->kernel_stack_kb += number_behind(line, " kernel_stack:");
}

/* The lines of show_mem() are parts of one message, or messages of their own. */
static void hear_mem(struct report *r, const char *line)
{
	const char *at;
	unsigned int i;

	if (strstr(line, "Mem-Info:"))
		r->has_mem = true;
	if (!strncmp(line, "Node ", 5) || is_zone(line) || !r->has_mem)
		return;
	for (i = 0; i < NR_MEM; i++) {
		at = strstr(line, mem_names[i][0]);
		/* A name may be the end of another: active_anon: of inactive_anon: */
		while (at && at != line && at[-1] != ' ' && at[-1] != 'n')
			at = strstr(at + 1, mem_names[i][0]);
		if (at)
			r->mem[i] = strtoll(at + strlen(mem_names[i][0]), NULL, 10);
	}
	if (strstr(line, " total pagecache pages"))
		r->page_cache = strtoll(line, NULL, 10);
	if (strstr(line, " pages in swap cache"))
		r->swap_cache = strtoll(line, NULL, 10);
	if (!strncmp(line, "Free swap", 9))
		r->swap_free = number_behind(line, "= ");
	if (!strncmp(line, "Total swap", 10))
		r->swap_total = number_behind(line, "= ");
}

static void add_frame(char *frames, size_t size, const char *frame)
{
	size_t len = strlen(frames);

	snprintf(frames + len, size - len, "%s%s", len ? ";" : "", frame);
}

/* s390x prints an address before the symbol, and a blank after it. */
static void strip_address(const char **line, char stripped[256])
{
	const char *symbol = strstr(*line, ">] ");

	if (strncmp(*line, " [<", 3) || !symbol)
		return;
	symbol += 3;
	snprintf(stripped, 256, " %.*s", (int)strcspn(symbol, " "), symbol);
	*line = stripped;
}

/*
 * " symbol+0x1/0x2" is a frame, " ? symbol+..." a guess; "RIP:" or registers end the trace. Some
 * architectures print "Call trace:", and no guesses.
 */
static void hear_stack(struct report *r, const char *line)
{
	char stripped[256];

	strip_address(&line, stripped);
	if (strcasestr(line, "Call Trace:"))
		r->in_trace = true;
	if (!r->in_trace || *line != ' ' || line[1] == '<')
		return;
	if (!strncmp(line, " ? ", 3)) {
		if (r->below_oom)
			add_frame(r->guesses, sizeof(r->guesses), line + 3);
		return;
	}
	if (!strstr(line, "+0x") || strchr(line + 1, ' ')) {
		r->in_trace = false;
		return;
	}
	if (r->below_oom)
		add_frame(r->stack, sizeof(r->stack), line + 1);
	if (!strncmp(line, " out_of_memory+", 15))
		r->below_oom = true;
}

static void hear_table(struct report *r, const char *line)
{
	/* Newer kernels have columns for the kinds of resident pages. */
	const char *format = r->table_has_kinds ?
		"[%d] %d %d %lld %lld %*d %*d %*d %lld %lld %lld" :
		"[%d] %d %d %lld %lld %lld %lld %lld";
	struct table_line t;

	if (!strncmp(line, "[  pid  ] ", 10))
		r->table_has_kinds = strstr(line, " rss_anon ");
	if (sscanf(line, format, &t.pid, &t.uid, &t.tgid, &t.total_vm, &t.rss, &t.pgtables_bytes,
		   &t.swapents, &t.adj) != 8)
		return;
	r->table = realloc(r->table, (r->nr_table + 1) * sizeof(t));
	r->table[r->nr_table++] = t;
}

static void forget_report(struct report *r)
{
	free(r->table);
	memset(r, 0, sizeof(*r));
}

static void hear_report(const char *line)
{
	struct report *r = &report[nr_reports];
	static bool is_of_oom;

	if (is_invocation(line)) {
		forget_report(r);
		nr_invoked++;
		is_of_oom = true;
	}
	/* mm/page_alloc.c: warn_alloc() shows the same figures, of another moment. */
	if (strstr(line, ": page allocation failure: "))
		is_of_oom = false;
	if (is_of_oom) {
		hear_mem(r, line);
		hear_zone(r, line);
		hear_stack(r, line);
		hear_table(r, line);
	}
	nr_reports += hear_summary(line, &r->said);
}

static void listen_to(int kmsg)
{
	char line[KMSG_MAX];

	while (kmsg_line(kmsg, line)) {
		if (nr_killed == MAX_LINES || nr_reports == MAX_LINES)
			errx(1, "too many kills");
		nr_killed += hear_killed(line, &killed[nr_killed]);
		hear_report(line);
	}
}

static void forget_all(void)
{
	int i;

	for (i = 0; i <= nr_reports; i++)
		forget_report(&report[i]);
	nr_killed = 0;
	nr_reports = 0;
	nr_invoked = 0;
	nr_mem_compared = 0;
	nr_stacks_compared = 0;
	nr_tables_compared = 0;
	nr_types_same = 0;
}

/* --- the comparison --------------------------------------------------------- */

static void same(struct __test_metadata *_metadata, const struct event *event, const char *key,
		 long long expected)
{
	EXPECT_EQ(expected, num_of(event, key))
		TH_LOG("%s of %s %s", key, event->type, text_of(event, "seq"));
}

/*
 * A victim that is not the trigger can run on another CPU when it gets its SIGKILL, while the
 * kernel still reads its counters. When its threads die, each adds to them what it had counted for
 * itself: up to 64 pages and one fault. So tests keep everything on one CPU, where the figures
 * can't change in between, unless the kernel is preemptible.
 *
 * The storm needs both CPUs, and allows for this much. A fault that is under way still takes page
 * tables, one of each level, and a brk() what malloc() asks for at a time.
 */
static bool one_cpu, preemptible;
#define SLACK_PAGES 72
#define SLACK_PGTABLES_KB (4 * 4)
#define SLACK_VM_KB 132

static bool kernel_is_preemptible(void)
{
	const char *mode = "/sys/kernel/debug/sched/preempt";
	struct utsname uts;
	bool preemptible;
	char *modes;

	if (access(mode, R_OK)) {
		uname(&uts);
		return strstr(uts.version, "PREEMPT");
	}
	modes = slurp(mode, NULL);
	preemptible = !strstr(modes, "(none)") && !strstr(modes, "(voluntary)");
	free(modes);
	return preemptible;
}

static void same_kb(struct __test_metadata *_metadata, const struct event *v, long long slack,
		    const char *key, long long expected)
{
	slack *= num_of(v, "threads");

	EXPECT_LE(expected - slack, num_of(v, key)) TH_LOG("%s of pid %s", key, text_of(v, "pid"));
	EXPECT_GE(expected + slack, num_of(v, key)) TH_LOG("%s of pid %s", key, text_of(v, "pid"));
}

static bool is_exact(const struct events *all, const struct event *v)
{
	const struct event *oom = find_event(all, "oom", "oom", num_of(v, "oom"));

	if (one_cpu && !preemptible)
		return true;
	return num_of(v, "threads") == 1 && oom && num_of(oom, "tgid") == num_of(v, "tgid");
}

static void compare_victim(struct __test_metadata *_metadata, const struct event *v, bool exact,
			   const struct killed *k)
{
	long long rss = exact ? 0 : SLACK_PAGES * 4;

	EXPECT_STREQ(k->comm, text_of(v, "comm"));
	same_kb(_metadata, v, exact ? 0 : SLACK_VM_KB, "total_vm_kb", k->total_vm);
	same_kb(_metadata, v, rss, "anon_rss_kb", k->anon);
	same_kb(_metadata, v, rss, "file_rss_kb", k->file);
	same_kb(_metadata, v, rss, "shmem_rss_kb", k->shmem);
	same(_metadata, v, "uid", k->uid);
	same_kb(_metadata, v, exact ? 0 : SLACK_PGTABLES_KB, "pgtables_kb", k->pgtables);
	same(_metadata, v, "oom_score_adj", k->adj);
}

/* Each line has its victim. Returns how many are a second SIGKILL for a pid. */
static long long compare_victims(struct __test_metadata *_metadata, const struct events *all)
{
	long long again = 0;
	int i, j;

	for (i = 0; i < nr_killed; i++) {
		const struct event *v = find_event(all, "victim", "pid", killed[i].pid);

		ASSERT_NE(NULL, v) TH_LOG("no victim record of pid %d", killed[i].pid);
		for (j = 0; j < i && killed[j].pid != killed[i].pid; j++)
			;
		if (j < i)
			again++;
		else
			compare_victim(_metadata, v, is_exact(all, v), &killed[i]);
	}
	return again;
}

static const char *next_frame(const char *frames)
{
	const char *at = strchr(frames, ';');

	return at ? at + 1 : "";
}

/* Whether all frames are among those, in the same order. */
static bool frames_among(const char *frames, const char *those)
{
	while (*frames && those) {
		size_t len = strcspn(frames, ";");

		if (!strncmp(those, frames, len) && (!those[len] || those[len] == ';'))
			frames += len + (frames[len] == ';');
		those = strchr(those, ';');
		those += !!those;
	}
	return !*frames;
}

/*
 * Our stack begins with out_of_memory(), or deeper if it was saved at the mark, and may be cut off
 * at its depth. In place of the caller of out_of_memory() the kernel's trace has the trampoline of
 * the kretprobe, so the comparison begins after that. If the kernel's trace ends at the trampoline,
 * the frames after it are among the guesses.
 */
static void compare_stack(struct __test_metadata *_metadata, const struct events *all,
			  const struct event *oom, const struct report *r)
{
	const struct event *stack = find_event(all, "stack", "oom", num_of(oom, "oom"));
	const char *ours, *theirs = next_frame(r->stack);

	ASSERT_NE(NULL, stack);
	ours = strstr(text_of(stack, "frames"), "out_of_memory+");
	ASSERT_NE(NULL, ours) TH_LOG("frames: %s", text_of(stack, "frames"));
	ours = next_frame(next_frame(ours));
	EXPECT_LT(20, strlen(ours));
	nr_stacks_compared++;
	if (!*theirs) {
		EXPECT_TRUE(frames_among(ours, r->guesses))
			TH_LOG("%s | %s", r->guesses, ours);
		return;
	}
	EXPECT_EQ(0, strncmp(theirs, ours, strlen(ours))) TH_LOG("%s | %s", theirs, ours);
	if (num_of(stack, "nr_frames") < 24)
		EXPECT_STREQ(theirs, ours);
}

/* With swap, kswapd moves megabytes between the two lists of anonymous memory. */
static bool kswapd_ages_anon;

/* What may change between the kernel's reading and ours: 512 pages. */
#define MOVES_KB 2048

static void within_kb(struct __test_metadata *_metadata, const struct event *event,
		      const char *key, long long expected, long long slack)
{
	EXPECT_GE(slack, llabs(expected - num_of(event, key)))
		TH_LOG("%s: %lld there, %lld here", key, expected, num_of(event, key));
}

static void near_kb(struct __test_metadata *_metadata, const struct event *event,
		    const char *key, long long expected)
{
	within_kb(_metadata, event, key, expected, MOVES_KB);
}

/* Free pages that CPUs keep ready for themselves, in the zones of an episode. */
static long long kept_by_cpus_kb(const struct events *all, const struct event *oom)
{
	long long sum = 0;
	int i;

	for (i = 0; i < all->nr; i++)
		if (is_type(&all->event[i], "zone") &&
		    num_of(&all->event[i], "oom") == num_of(oom, "oom"))
			sum += num_of(&all->event[i], "free_pcp_kb");
	return sum;
}

/*
 * What CPUs keep ready goes back to the zone after a while, and on a slow console the kernel prints
 * for longer than that.
 */
static void compare_zone(struct __test_metadata *_metadata, const struct event *zone,
			 const struct zone_report *z)
{
	const char *reserve = text_of(zone, "lowmem_reserve"), *blocks;
	long long in_blocks = 0, order_kb = 4, kept = num_of(zone, "free_pcp_kb");
	char want[128];
	int i;

	within_kb(_metadata, zone, "free_kb", z->free, MOVES_KB + kept);
	within_kb(_metadata, zone, "free_pcp_kb", z->free_pcp, MOVES_KB + kept);
	EXPECT_GE(MOVES_KB, llabs(z->free + z->free_pcp - num_of(zone, "free_kb") - kept));
	EXPECT_EQ(z->min, num_of(zone, "min_kb"));
	EXPECT_EQ(z->low, num_of(zone, "low_kb"));
	EXPECT_EQ(z->high, num_of(zone, "high_kb"));
	EXPECT_EQ(z->managed, num_of(zone, "managed_kb"));
	EXPECT_EQ(z->present, num_of(zone, "present_kb"));
	strcpy(want, z->reserve);
	for (i = 0; want[i]; i++)
		want[i] = want[i] == ' ' ? ',' : want[i];
	EXPECT_STREQ(want, reserve);
	for (blocks = text_of(zone, "free_blocks"); blocks; order_kb *= 2) {
		in_blocks += strtoll(blocks, NULL, 10) * order_kb;
		blocks = strchr(blocks, ',');
		blocks = blocks ? blocks + 1 : NULL;
	}
	EXPECT_GE(MOVES_KB + kept, llabs(in_blocks - z->in_blocks));
	near_kb(_metadata, zone, "reserved_highatomic_kb", z->reserved_highatomic);
	near_kb(_metadata, zone, "free_cma_kb", z->free_cma);
	near_kb(_metadata, zone, "mlocked_kb", z->mlocked);
}

/* Some kernels print the size of the swap cache, but give a module no way to read it. */
static bool swap_cache_is_counted(void)
{
	char *vmstat = slurp("/proc/vmstat", NULL);
	bool counted = strstr(vmstat, "\nnr_swapcached ");

	free(vmstat);
	return counted;
}

/* A counter that the kernel has now; -1 if it has none of that name. */
static long long vmstat_kb(const char *name)
{
	char *vmstat = slurp("/proc/vmstat", NULL), line[64], *at;
	long long kb = -1;

	snprintf(line, sizeof(line), "\n%s ", name);
	at = strstr(vmstat, line);
	if (at)
		kb = strtoll(at + strlen(line), NULL, 10) * 4;
	free(vmstat);
	return kb;
}

/* These hardly change by a kill, except what is swapped to zram. */
static void compare_counters(struct __test_metadata *_metadata, const struct event *oom)
{
	unsigned int i;
	long long now;

	for (i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		now = vmstat_kb(counters[i].vmstat);
		if (now >= 0 && !strcmp(counters[i].vmstat, "nr_zspages")) {
			EXPECT_EQ(num_of(oom, "swap_total_kb") > 0,
				  num_of(oom, counters[i].key) > 0);
		} else if (now >= 0) {
			near_kb(_metadata, oom, counters[i].key, now);
		} else {
			EXPECT_TRUE(!is_known(oom, counters[i].key) ||
				    !num_of(oom, counters[i].key))
				TH_LOG("%s", counters[i].key);
		}
	}
}

static void compare_mem(struct __test_metadata *_metadata, const struct events *all,
			const struct event *oom, const struct report *r)
{
	unsigned int i;
	int j, k, zones = 0;

	compare_counters(_metadata, oom);
	/* The lists of anonymous memory have tmpfs and the swap cache, too, unless it is locked. */
	if (!r->mem[6])
		EXPECT_GE(2 * MOVES_KB,
			  llabs((r->mem[0] + r->mem[1] + r->mem[2] - r->mem[12] - r->swap_cache) *
				4 - num_of(oom, "anon_mapped_kb")));

	EXPECT_GE(MOVES_KB, llabs((r->mem[0] + r->mem[1]) * 4 - num_of(oom, mem_names[0][1]) -
				  num_of(oom, mem_names[1][1])));
	for (i = kswapd_ages_anon ? 2 : 0; i < NR_MEM; i++)
		within_kb(_metadata, oom, mem_names[i][1], r->mem[i] * 4,
			  strcmp(mem_names[i][1], "ram_free_kb") ? MOVES_KB :
			  MOVES_KB + kept_by_cpus_kb(all, oom));
	near_kb(_metadata, oom, "page_cache_kb", r->page_cache * 4);
	if (swap_cache_is_counted())
		near_kb(_metadata, oom, "swap_cache_kb", r->swap_cache * 4);
	near_kb(_metadata, oom, "kernel_stack_kb", r->kernel_stack_kb);
	near_kb(_metadata, oom, "swap_free_kb", r->swap_free);
	same(_metadata, oom, "swap_total_kb", r->swap_total);
	EXPECT_LT(0, r->nr_zones);
	for (j = 0; j < all->nr; j++) {
		const struct event *zone = &all->event[j];

		if (!is_type(zone, "zone") || num_of(zone, "oom") != num_of(oom, "oom"))
			continue;
		for (k = 0; k < r->nr_zones; k++) {
			if (strcmp(r->zone[k].name, text_of(zone, "zone")) ||
			    r->zone[k].node != num_of(zone, "node"))
				continue;
			compare_zone(_metadata, zone, &r->zone[k]);
			nr_types_same += !strcmp(r->zone[k].types, text_of(zone, "free_types"));
			zones++;
		}
	}
	EXPECT_EQ(r->nr_zones, zones);
}

static const struct table_line *line_of(const struct report *r, long long pid)
{
	int i;

	for (i = 0; i < r->nr_table; i++)
		if (r->table[i].pid == pid)
			return &r->table[i];
	return NULL;
}

/* As same(), but with swap allows for pages that kswapd unmaps at that moment. */
static void near(struct __test_metadata *_metadata, const struct event *event, const char *key,
		 long long expected)
{
	EXPECT_GE(kswapd_ages_anon ? 8 : 0, llabs(expected - num_of(event, key)))
		TH_LOG("%s of %s %s: %lld there, %lld here", key, event->type,
		       text_of(event, "seq"), expected, num_of(event, key));
}

static long long points_of(const struct table_line *t, long long totalpages)
{
	return t->rss + t->swapents + t->pgtables_bytes / sysconf(_SC_PAGESIZE) +
	       t->adj * (totalpages / 1000);
}

static void compare_line(struct __test_metadata *_metadata, const struct event *task,
			 const struct table_line *t, long long totalpages)
{
	long long page_kb = sysconf(_SC_PAGESIZE) / 1024;

	same(_metadata, task, "tgid", t->tgid);
	same(_metadata, task, "uid", t->uid);
	same(_metadata, task, "oom_score_adj", t->adj);
	same(_metadata, task, "total_vm_kb", t->total_vm * page_kb);
	near(_metadata, task, "score_rss", t->rss);
	near(_metadata, task, "score_swap", t->swapents);
	same(_metadata, task, "score_pgtables", t->pgtables_bytes / sysconf(_SC_PAGESIZE));
	same(_metadata, task, "score_adj", t->adj * (totalpages / 1000));
	near(_metadata, task, "points", points_of(t, totalpages));
}

/*
 * The kernel's table has all tasks that the kill was about, in no order. Each recorded candidate
 * is in it, with the same figures. No task with more points than the last candidate is missing
 * among them. Tasks that could not be chosen are counted.
 */
static void compare_table(struct __test_metadata *_metadata, const struct events *all,
			  const struct event *oom, const struct event *v, const struct report *r)
{
	long long total = num_of(oom, "totalpages"), points, last = LLONG_MAX;
	int i, ranked = 0, eligible = 0, unkillable = 0, above = 0, wanted;
	const struct event *excluded;

	for (i = 0; i < all->nr; i++) {
		const struct event *task = &all->event[i];
		const struct table_line *t;

		if (!is_type(task, "task") || num_of(task, "oom") != num_of(oom, "oom"))
			continue;
		t = line_of(r, num_of(task, "pid"));
		ASSERT_NE(NULL, t) TH_LOG("pid %s is not in the table", text_of(task, "pid"));
		compare_line(_metadata, task, t, total);
		same(_metadata, task, "rank", ++ranked);
		points = num_of(task, "points");
		EXPECT_GE(last, points);
		last = points;
		if (ranked == 1) {
			same(_metadata, task, "tgid", num_of(v, "tgid"));
			same(_metadata, task, "points", num_of(oom, "chosen_points"));
			same(_metadata, v, "rank", 1);
		}
	}
	for (i = 0; i < r->nr_table; i++) {
		if (r->table[i].adj == -1000) {
			unkillable++;
			continue;
		}
		eligible++;
		above += points_of(&r->table[i], total) > last;
	}
	wanted = knob_get("candidates");
	EXPECT_EQ(eligible < wanted ? eligible : wanted, ranked);
	EXPECT_GT(ranked + (kswapd_ages_anon ? 1 : 0), above);
	excluded = find_event(all, "excluded", "oom", num_of(oom, "oom"));
	ASSERT_NE(NULL, excluded);
	same(_metadata, excluded, "eligible", eligible);
	same(_metadata, excluded, "unkillable", unkillable);
	same(_metadata, excluded, "busy", 0);
	nr_tables_compared++;
}

static void compare_report(struct __test_metadata *_metadata, const struct events *all,
			   const struct report *r)
{
	/* The report names the process; the kernel may kill another thread of it. */
	const struct event *v = find_event(all, "victim", "tgid", r->said.pid);
	const struct summary *s = &r->said;
	const struct event *oom;

	ASSERT_NE(NULL, v) TH_LOG("no victim record of process %d", s->pid);
	oom = find_event(all, "oom", "oom", num_of(v, "oom"));
	ASSERT_NE(NULL, oom) TH_LOG("no oom record of pid %d", s->pid);
	EXPECT_STREQ(s->constraint, text_of(oom, "constraint"));
	/* Without cpusets the kernel does not print it. */
	if (*s->mems_allowed)
		EXPECT_STREQ(s->mems_allowed, text_of(oom, "mems_allowed"));
	EXPECT_STREQ(strcmp(s->nodemask, "(null)") ? s->nodemask : "-", text_of(oom, "nodemask"));
	EXPECT_EQ(!!*s->oom_memcg, is_known(oom, "oom_memcg"));
	EXPECT_STREQ(*s->oom_memcg ? s->oom_memcg : "-", text_of(oom, "oom_memcg"));
	if (*s->task_memcg)
		EXPECT_STREQ(s->task_memcg, text_of(v, "memcg"));
	EXPECT_EQ(s->uid, num_of(v, "uid"));
	if (!s->complete)
		return;
	EXPECT_STREQ(s->trigger, text_of(oom, "comm"));
	EXPECT_EQ(s->gfp_mask, (unsigned long long)num_of(oom, "gfp_mask"));
	EXPECT_STREQ(s->gfp_flags, text_of(oom, "gfp_flags"));
	EXPECT_EQ(s->order, num_of(oom, "order"));
	EXPECT_EQ(s->trigger_adj, num_of(oom, "oom_score_adj"));
	if (*r->stack && have_stacks())
		compare_stack(_metadata, all, oom, r);
	if (r->has_mem) {
		compare_mem(_metadata, all, oom, r);
		nr_mem_compared++;
	}
	/* With two CPUs the tasks' counters change while the kernel prints. */
	if (r->nr_table && one_cpu)
		compare_table(_metadata, all, oom, v, r);
}

/* A victim that was exiting already: marked, but not killed. */
static bool was_dying(const struct event *victim)
{
	return strstr(text_of(victim, "flags"), "dying");
}

/* Points are the sum of their terms. Those of the first victim are also the kernel's own. */
static void compare_points(struct __test_metadata *_metadata, const struct events *all)
{
	long long oom_of_first = 0;
	int i;

	for (i = 0; i < all->nr; i++) {
		const struct event *v = &all->event[i];
		const struct event *oom;

		if (!is_type(v, "victim") || was_dying(v))
			continue;
		oom = find_event(all, "oom", "oom", num_of(v, "oom"));
		ASSERT_NE(NULL, oom);
		same(_metadata, v, "points", num_of(v, "score_rss") + num_of(v, "score_swap") +
		     num_of(v, "score_pgtables") + num_of(v, "score_adj"));
		same(_metadata, v, "score_adj", num_of(v, "oom_score_adj") *
		     (num_of(oom, "totalpages") / 1000));
		if (num_of(v, "oom") == oom_of_first)
			continue;
		oom_of_first = num_of(v, "oom");
		EXPECT_STREQ("highest_score", text_of(oom, "verdict"));
		EXPECT_GE(is_exact(all, v) ? 0 : SLACK_PAGES,
			  llabs(num_of(v, "points") - num_of(oom, "chosen_points")));
	}
}

static long long sum_of(const struct events *all, const char *type, const char *key)
{
	long long sum = 0;
	int i;

	for (i = 0; i < all->nr; i++)
		if (is_type(&all->event[i], type))
			sum += num_of(&all->event[i], key);
	return sum;
}

static void compare_all(struct __test_metadata *_metadata, int kmsg, long long vmstat_before,
			long long rekills_before)
{
	long long again, kills = vmstat_kills() - vmstat_before;
	struct events all;
	int i, dying = 0;

	listen_to(kmsg);
	all = read_events("events");
	EXPECT_EQ(0, count_type(&all, "lost"));
	again = compare_victims(_metadata, &all);
	if (have_scope()) {
		for (i = 0; i < nr_reports; i++)
			compare_report(_metadata, &all, &report[i]);
		compare_points(_metadata, &all);
	}
	for (i = 0; i < all.nr; i++)
		dying += is_type(&all.event[i], "victim") && was_dying(&all.event[i]);
	EXPECT_EQ(nr_killed - again, count_type(&all, "victim") - dying);
	EXPECT_EQ(count_type(&all, "victim"), count_type(&all, "exit"));
	EXPECT_EQ(kills, nr_killed);
	if (have_scope()) {
		EXPECT_EQ(again, stat_of("rekills") - rekills_before);
		EXPECT_EQ(kills, sum_of(&all, "end", "kills"));
		EXPECT_EQ(count_type(&all, "victim"), sum_of(&all, "end", "victims"));
		EXPECT_EQ(count_type(&all, "oom"), count_type(&all, "end"));
	}
	TH_LOG("%d kills in the log, %lld in vmstat, %d victims in %d episodes, %d reports",
	       nr_killed, kills, count_type(&all, "victim"), count_type(&all, "oom"), nr_reports);
}

static void use_cpus(int n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	while (n--)
		CPU_SET(n, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "sched_setaffinity");
}

static int nr_cpus_of(pid_t pid)
{
	cpu_set_t set;

	return sched_getaffinity(pid, sizeof(set), &set) ? 0 : CPU_COUNT(&set);
}

/* --- the kills --------------------------------------------------------------- */

FIXTURE(oracle) {
	int kmsg;
	long long vmstat, rekills;
	char *console;
};

/* The level of messages that the console shows, with three more. */
#define CONSOLE "/proc/sys/kernel/printk"

FIXTURE_SETUP(oracle)
{
	knob_set("enabled", 1);
	knob_set("ring_kb", 4096);
	knob_set("storm_ring_kb", 4096);
	knob_set("adj_updates", 0);
	spew("/proc/sys/vm/oom_dump_tasks", "1");
	/* Boosted watermarks could change between the kernel's reading and ours. */
	spew("/proc/sys/vm/watermark_boost_factor", "0");
	spew(DEBUGFS "clear", "1");
	forget_all();
	one_cpu = true;
	preemptible = kernel_is_preemptible();
	use_cpus(1);
	self->kmsg = kmsg_open();
	self->vmstat = vmstat_kills();
	self->rekills = stat_of("rekills");
	self->console = slurp(CONSOLE, NULL);
}

FIXTURE_TEARDOWN(oracle)
{
	close(self->kmsg);
	spew(CONSOLE, self->console);
	free(self->console);
	spew("/proc/sys/vm/oom_dump_tasks", "1");
	spew("/proc/sys/vm/watermark_boost_factor", "15000");
	knob_set("adj_updates", 1);
	knob_set("ring_kb", 1024);
	knob_set("storm_ring_kb", 256);
}

static void kill_global(struct __test_metadata *_metadata)
{
	EXPECT_TRUE(oom_kill_hog("-n plain"));
	EXPECT_TRUE(oom_kill_hog("-n favoured -a 300 -u 1000"));
	EXPECT_TRUE(oom_kill_hog("-n spared -a -200 -u 65534"));
	EXPECT_TRUE(oom_kill_hog("-n threads -t 5"));
	EXPECT_TRUE(oom_kill_hog("-n leaderless -l"));
}

static void kill_memcg(struct __test_metadata *_metadata)
{
	int i;

	for (i = 0; i < 8; i++)
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/o/in -n in%d -a %d -u %d", i,
					 i * 125 - 500, i * 7));
	/* The limit is two levels above the victim. */
	for (i = 0; i < 6; i++)
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/o/top/mid/leaf -n leaf%d", i));
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/o/in -n many -t %d", i * 4));
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/o/in -n nolead -l -t %d", i));
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/o/in -n shm -s"));
}

static void kill_group(struct __test_metadata *_metadata)
{
	pid_t pid[4];
	int i, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 4; i++) {
			pid[i] = start_sitting_hog("-c " CGROUPS "/o/group -m 1024 -n member%d",
						   i);
			/* With more CPUs, as a cpuset could give it, its figures would change. */
			EXPECT_EQ(1, nr_cpus_of(pid[i]));
		}
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/o/group -n chosen"));
		for (i = 0; i < 4; i++)
			EXPECT_TRUE(was_killed(pid[i]));
	}
}

static void kill_sysrq(struct __test_metadata *_metadata)
{
	int i;

	for (i = 0; i < 6; i++)
		EXPECT_NE(0, sysrq_kill_hog("-n sysrq%d -m %d -a %d", i, 9000 + 4000 * i,
					    900 - i));
}

static void make_cgroups(void)
{
	make_cgroup(CGROUPS "/o", 0);
	cgroup_set(CGROUPS "/o", "cgroup.subtree_control", "+memory");
	make_cgroup(CGROUPS "/o/in", 12 * 1024);
	make_cgroup(CGROUPS "/o/top", 12 * 1024);
	cgroup_set(CGROUPS "/o/top", "cgroup.subtree_control", "+memory");
	make_cgroup(CGROUPS "/o/top/mid", 64 * 1024);
	cgroup_set(CGROUPS "/o/top/mid", "cgroup.subtree_control", "+memory");
	make_cgroup(CGROUPS "/o/top/mid/leaf", 0);
	make_cgroup(CGROUPS "/o/group", 16 * 1024);
	cgroup_set(CGROUPS "/o/group", "memory.oom.group", "1");
}

static void remove_cgroups(void)
{
	remove_cgroup(CGROUPS "/o/group");
	remove_cgroup(CGROUPS "/o/top/mid/leaf");
	remove_cgroup(CGROUPS "/o/top/mid");
	remove_cgroup(CGROUPS "/o/top");
	remove_cgroup(CGROUPS "/o/in");
	remove_cgroup(CGROUPS "/o");
}

static void check_memory_events(struct __test_metadata *_metadata, const char *cgroup,
				const char *path)
{
	struct events all = read_events("events");
	char file[512];
	int i, n = 0;

	/* The kernel counts a kill in the victim's cgroup and in all above it. */
	for (i = 0; i < nr_killed; i++) {
		const struct event *v = find_event(&all, "victim", "pid", killed[i].pid);
		const char *memcg = text_of(v, "memcg");
		size_t len = strlen(path);

		n += !strncmp(memcg, path, len) && (!memcg[len] || memcg[len] == '/');
	}
	snprintf(file, sizeof(file), "%s/memory.events", cgroup);
	EXPECT_EQ(n, number_in(file, "oom_kill "));
	EXPECT_LT(0, n);
}

TEST_F(oracle, mixed)
{
	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroups();
	kill_global(_metadata);
	kill_memcg(_metadata);
	kill_group(_metadata);
	kill_sysrq(_metadata);
	compare_all(_metadata, self->kmsg, self->vmstat, self->rekills);
	EXPECT_LE(40, nr_killed);
	EXPECT_LE(5, nr_mem_compared);
	/* Blocks come and go while the kernel prints, hardly in the lowest zone. */
	EXPECT_LT(0, nr_types_same);
	EXPECT_EQ(have_stacks() ? nr_reports : 0, nr_stacks_compared);
	EXPECT_EQ(nr_reports, nr_tables_compared);
	check_memory_events(_metadata, CGROUPS "/o", "/o");
	check_memory_events(_metadata, CGROUPS "/o/in", "/o/in");
	check_memory_events(_metadata, CGROUPS "/o/top", "/o/top");
	check_memory_events(_metadata, CGROUPS "/o/top/mid/leaf", "/o/top/mid/leaf");
	check_memory_events(_metadata, CGROUPS "/o/group", "/o/group");
	remove_cgroups();
}

TEST_F(oracle, swap)
{
	struct events all;
	long long total;
	int i;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	if (!swap_on())
		SKIP(return, "no zram to swap to");
	kswapd_ages_anon = true;
	total = number_in("/proc/meminfo", "SwapTotal:");
	make_cgroups();
	/* While there is room: in a machine that is full, a guest's own files may fill the swap. */
	cgroup_set(CGROUPS "/o/in", "memory.swap.max", "8M");
	for (i = 0; i < 6; i++)
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/o/in -n swapped%d -a %d", i, i * 100));
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(oom_kill_hog("-n swapper%d -a %d", i, i * 100));
	kill_sysrq(_metadata);
	compare_all(_metadata, self->kmsg, self->vmstat, self->rekills);
	EXPECT_LE(15, nr_killed);
	EXPECT_LE(3, nr_mem_compared);

	all = read_events("events");
	EXPECT_LT(0, sum_of(&all, "victim", "score_swap"));
	for (i = 0; i < all.nr; i++) {
		const struct event *oom = &all.event[i];

		if (is_type(oom, "oom") && !strcmp(text_of(oom, "kind"), "global"))
			same(_metadata, oom, "swap_total_kb", total);
	}
	remove_cgroups();
	swap_off();
}

/*
 * More tasks than oomwatch records, with different values, in different cgroups. The ranking is as
 * the kernel's table says, for the machine and for a cgroup.
 */
TEST_F(oracle, candidates)
{
	enum { NR = 44 };
	static const int max[] = { 32, 5, 1, 1024 };
	unsigned int round;
	pid_t pid[NR];
	int i;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroups();
	wait_for_reports();
	for (i = 0; i < NR; i++)
		pid[i] = start_sitting_hog("-c " CGROUPS "%s -n sits%d -m %d -a %d -t %d",
					   i % 4 ? "" : i % 8 ? "/o/in" : "/o/top/mid/leaf", i,
					   200 + 37 * (i % 11), i % 9 ? 10 * i - 300 : -1000,
					   i % 3);
	for (round = 0; round < sizeof(max) / sizeof(*max); round++) {
		knob_set("candidates", max[round]);
		EXPECT_TRUE(oom_kill_hog("-n all%d -a 50", round));
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/o/in -n in%d -a 500", round));
		compare_all(_metadata, self->kmsg, self->vmstat, self->rekills);
		EXPECT_EQ(2, nr_tables_compared);
		/* By default a kill takes less than 8 KiB of the ring. */
		if (max[round] == 32)
			EXPECT_GT(2 * 8192, stat_of("ring_used_bytes"));
		TH_LOG("with %d candidates a kill takes %lld bytes", max[round],
		       stat_of("ring_used_bytes") / 2);
		forget_all();
		spew(DEBUGFS "clear", "1");
		self->vmstat = vmstat_kills();
	}
	stop_all(pid, NR);
	remove_cgroups();
}

/*
 * What the trigger of a kill had tried before, and the result of the last try: compared with the
 * kernel's event of each try, as tracefs records it.
 */
TEST_F(oracle, retries)
{
	const struct event *oom;
	char *trace, *last, mark[32], zone[32];
	struct tries tries;
	struct events all;
	pid_t pid;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (!trace_begin("oom/reclaim_retry_zone"))
		SKIP(return, "no tracefs at " TRACING);
	pid = start_hog("-n retrier");
	EXPECT_TRUE(was_killed(pid));
	trace = trace_end("oom/reclaim_retry_zone");
	snprintf(mark, sizeof(mark), "retrier-%d ", pid);
	all = read_events("last");
	oom = find_event(&all, "oom", "pid", pid);
	ASSERT_NE(NULL, oom);
	tries = tries_in(trace, mark, "reclaim_retry_zone: ", oom);
	last = tries.last;
	ASSERT_NE(NULL, last);
	if (!tries.unclear)
		EXPECT_EQ(tries.nr, num_of(oom, "reclaim_checks"));
	cut(last, "zone=", " ", zone, sizeof(zone));
	EXPECT_STREQ(zone, text_of(oom, "retry_zone"));
	EXPECT_EQ(number_behind(last, "node="), num_of(oom, "retry_node"));
	EXPECT_EQ(number_behind(last, "reclaimable=") * 4, num_of(oom, "retry_reclaimable_kb"));
	EXPECT_EQ(number_behind(last, "available=") * 4, num_of(oom, "retry_available_kb"));
	EXPECT_EQ(number_behind(last, "min_wmark=") * 4, num_of(oom, "retry_min_wmark_kb"));
	EXPECT_EQ(number_behind(last, "no_progress_loops="), num_of(oom, "no_progress_loops"));
	EXPECT_LT(0, num_of(oom, "retry_ns"));
	EXPECT_EQ(0, num_of(oom, "compact_checks"));
	EXPECT_STREQ("-", text_of(oom, "compact_result"));

	/* A charge to a cgroup makes no such try. */
	if (!have_memcg())
		return;
	make_cgroups();
	pid = start_hog("-c " CGROUPS "/o/in");
	EXPECT_TRUE(was_killed(pid));
	all = read_events("last");
	oom = find_event(&all, "oom", "pid", pid);
	ASSERT_NE(NULL, oom);
	EXPECT_FALSE(is_known(oom, "reclaim_checks"));
	remove_cgroups();
}

static double time_of(const struct event *event)
{
	return strtod(text_of(event, "t"), NULL);
}

/* Others, such as the victim at its exit, write at the same time as who asked for memory. */
static bool is_by_trigger(const struct event *event)
{
	return !is_type(event, "exit") && !is_type(event, "reap") && !is_type(event, "meminfo");
}

/*
 * The kernel's report takes seconds on a slow console. What is recorded of the choice is of the
 * time before the report: the tries are not too old to be told, and times do not go back. The
 * kernel prints with preemption off, which on a slow machine takes longer still.
 */
TEST_F(oracle, slow_report)
{
	const char *delay = "/proc/sys/kernel/printk_delay";
	const struct event *oom, *victim, *last;
	struct events all;
	pid_t pid;
	int i;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (access(delay, W_OK))
		SKIP(return, "no kernel.printk_delay");
	/* The kernel prints ten reports in five seconds: this is to be one of them. */
	sleep(6);
	be_patient(true);
	spew(delay, "40");
	pid = start_hog("-n patient");
	EXPECT_TRUE(was_killed(pid));
	spew(delay, "0");
	be_patient(false);
	all = read_events("last");
	oom = find_event(&all, "oom", "pid", pid);
	victim = find_event(&all, "victim", "pid", pid);
	ASSERT_NE(NULL, oom);
	ASSERT_NE(NULL, victim);
	EXPECT_LT(0, num_of(oom, "reclaim_checks"));
	EXPECT_LT(0, num_of(oom, "retry_ns"));
	EXPECT_LT(1, time_of(victim) - time_of(oom));
	for (i = 1, last = &all.event[0]; i < all.nr; i++) {
		if (!is_by_trigger(&all.event[i]))
			continue;
		EXPECT_LE(time_of(last), time_of(&all.event[i])) {
			TH_LOG("%s after %s", all.event[i].type, last->type);
		}
		last = &all.event[i];
	}
	compare_all(_metadata, self->kmsg, self->vmstat, self->rekills);
	EXPECT_EQ(1, nr_mem_compared);
}

/* With oom_dump_tasks=0 the kernel prints less; the records are the same. */
TEST_F(oracle, no_dump_tasks)
{
	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	spew("/proc/sys/vm/oom_dump_tasks", "0");
	make_cgroups();
	EXPECT_TRUE(oom_kill_hog("-n undumped"));
	EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/o/in -n undumped"));
	compare_all(_metadata, self->kmsg, self->vmstat, self->rekills);
	EXPECT_EQ(2, nr_killed);
	EXPECT_EQ(0, nr_tables_compared);
	remove_cgroups();
}

/*
 * More kills than the rate limit of the kernel's reports lets it print. Hogs run in two cgroups at
 * once, so that kills of one meet those of the other.
 */
TEST_F(oracle, storm)
{
	enum { KILLS = 160, AT_ONCE = 4, BURST = 60 };
	pid_t pid[AT_ONCE], burst[BURST];
	int i, n;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	one_cpu = false;
	use_cpus(2);
	/*
	 * On a slow console a report takes longer than the kernel lets pass between two. Errors are
	 * still shown, and a warning taints.
	 */
	spew(CONSOLE, "4");
	make_cgroups();
	cgroup_set(CGROUPS "/o/in", "memory.max", "4M");
	cgroup_set(CGROUPS "/o/top", "memory.max", "4M");
	for (n = 0; n < KILLS; n += AT_ONCE) {
		for (i = 0; i < AT_ONCE; i++)
			pid[i] = start_hog("-n storm%d -c " CGROUPS "%s", n + i,
					   i % 2 ? "/o/in" : "/o/top/mid/leaf");
		for (i = 0; i < AT_ONCE; i++)
			EXPECT_TRUE(was_killed(pid[i]));
		listen_to(self->kmsg);
	}
	/* On a slow machine each of those may have its report. Hogs that are there die at once. */
	cgroup_set(CGROUPS "/o/in", "memory.max", "max");
	for (i = 0; i < BURST; i++)
		burst[i] = start_sitting_hog("-n burst%d -m 512 -c " CGROUPS "/o/in", i);
	cgroup_set(CGROUPS "/o/in", "memory.max", "0");
	for (i = 0; i < BURST; i++)
		EXPECT_TRUE(was_killed(burst[i]));
	compare_all(_metadata, self->kmsg, self->vmstat, self->rekills);
	EXPECT_LE(KILLS + BURST, nr_killed);
	/* The rate limit kept some reports back, or else this was no storm. */
	EXPECT_GT(nr_killed, nr_invoked);
	remove_cgroups();
}

/* Needs nothing that a kernel may lack. */
TEST_F(oracle, machine)
{
	wait_for_reports();
	kill_global(_metadata);
	kill_sysrq(_metadata);
	compare_all(_metadata, self->kmsg, self->vmstat, self->rekills);
	EXPECT_LE(8, nr_killed);
	if (have_scope())
		EXPECT_LE(3, nr_mem_compared);
}

TEST_HARNESS_MAIN
