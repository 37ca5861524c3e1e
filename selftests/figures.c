// SPDX-License-Identifier: GPL-2.0
/*
 * Each number of the kernel's report of a kill is in a record, or known to be left out: the manual
 * oomwatch(5) says why. A number that this test has no row for is a failure, so that what a newer
 * kernel adds is seen. memcg_v1.c has what only cgroup v1 shows.
 */
#include "harness.h"

#include <limits.h>

#define GROUP CGROUPS "/figures"

/* KiB by which a figure may change between oomwatch's reading and the kernel's: see oracle.c. */
#define MOVES_KB 2048

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
	if (!have_scope())
		skip_program(NO_SCOPE);
}

/* --- the figures -------------------------------------------------------------- */

/* What a number counts. A COUNT may grow by a few until the kernel prints it. */
enum unit { SAME, COUNT, KB, PAGES, BYTES };

/*
 * The kind of the line, the name of the number there, and the record and key that have it. A *
 * at the end of a name stands for any rest. Without a key the number is left out.
 */
struct figure {
	const char *line, *name, *type, *key;
	enum unit unit;
};

static const struct figure figures[] = {
	{ "invoked", "gfp_mask", "oom", "gfp_mask", SAME },
	{ "invoked", "order", "oom", "order", SAME },
	{ "invoked", "oom_score_adj", "oom", "oom_score_adj", SAME },
	{ "cpu", "CPU", "oom", "cpu", SAME },
	{ "cpu", "UID", "oom", "uid", SAME },
	{ "cpu", "PID", "oom", "pid", SAME },

	{ "machine", "active_anon", "oom", "active_anon_kb", PAGES },
	{ "machine", "inactive_anon", "oom", "inactive_anon_kb", PAGES },
	{ "machine", "isolated_anon", "oom", "isolated_anon_kb", PAGES },
	{ "machine", "active_file", "oom", "active_file_kb", PAGES },
	{ "machine", "inactive_file", "oom", "inactive_file_kb", PAGES },
	{ "machine", "isolated_file", "oom", "isolated_file_kb", PAGES },
	{ "machine", "unevictable", "oom", "unevictable_kb", PAGES },
	{ "machine", "dirty", "oom", "dirty_kb", PAGES },
	{ "machine", "writeback", "oom", "writeback_kb", PAGES },
	{ "machine", "slab_reclaimable", "oom", "slab_reclaimable_kb", PAGES },
	{ "machine", "slab_unreclaimable", "oom", "slab_unreclaimable_kb", PAGES },
	{ "machine", "mapped", "oom", "mapped_kb", PAGES },
	{ "machine", "shmem", "oom", "shmem_kb", PAGES },
	{ "machine", "pagetables", "oom", "pagetables_kb", PAGES },
	{ "machine", "sec_pagetables", "oom", "sec_pagetables_kb", PAGES },
	{ "machine", "bounce" },
	{ "machine", "kernel_misc_reclaimable", "oom", "kernel_misc_reclaimable_kb", PAGES },
	{ "machine", "free", "oom", "ram_free_kb", PAGES },
	{ "machine", "free_pcp", "zones", "free_pcp_kb", PAGES },
	{ "machine", "free_cma", "oom", "free_cma_kb", PAGES },

	{ "node", "active_anon", "node", "active_anon_kb", KB },
	{ "node", "inactive_anon", "node", "inactive_anon_kb", KB },
	{ "node", "active_file", "node", "active_file_kb", KB },
	{ "node", "inactive_file", "node", "inactive_file_kb", KB },
	{ "node", "unevictable", "node", "unevictable_kb", KB },
	{ "node", "isolated(anon)", "node", "isolated_anon_kb", KB },
	{ "node", "isolated(file)", "node", "isolated_file_kb", KB },
	{ "node", "mapped", "node", "mapped_kb", KB },
	{ "node", "dirty", "node", "dirty_kb", KB },
	{ "node", "writeback", "node", "writeback_kb", KB },
	{ "node", "writeback_tmp", "node", "writeback_temp_kb", KB },
	{ "node", "shmem", "node", "shmem_kb", KB },
	{ "node", "shmem_thp", "node", "shmem_thp_kb", KB },
	{ "node", "shmem_pmdmapped", "node", "shmem_pmdmapped_kb", KB },
	{ "node", "anon_thp", "node", "anon_thp_kb", KB },
	{ "node", "kernel_stack", "node", "kernel_stack_kb", KB },
	{ "node", "shadow_call_stack", "node", "shadow_call_stack_kb", KB },
	{ "node", "pagetables", "node", "pagetables_kb", KB },
	{ "node", "sec_pagetables", "node", "sec_pagetables_kb", KB },
	{ "node", "all_unreclaimable? yes Balloon", "node", "balloon_kb", KB },
	{ "node", "all_unreclaimable? no Balloon", "node", "balloon_kb", KB },
	{ "node", "gpu_active", "node", "gpu_active_kb", KB },
	{ "node", "gpu_reclaim", "node", "gpu_reclaim_kb", KB },

	{ "zone", "free", "zone", "free_kb", KB },
	{ "zone", "boost", "zone", "boost_kb", KB },
	{ "zone", "min", "zone", "min_kb", KB },
	{ "zone", "low", "zone", "low_kb", KB },
	{ "zone", "high", "zone", "high_kb", KB },
	{ "zone", "reserved_highatomic", "zone", "reserved_highatomic_kb", KB },
	{ "zone", "free_highatomic", "zone", "free_highatomic_kb", KB },
	{ "zone", "active_anon", "zone", "active_anon_kb", KB },
	{ "zone", "inactive_anon", "zone", "inactive_anon_kb", KB },
	{ "zone", "active_file", "zone", "active_file_kb", KB },
	{ "zone", "inactive_file", "zone", "inactive_file_kb", KB },
	{ "zone", "unevictable", "zone", "unevictable_kb", KB },
	{ "zone", "writepending", "zone", "write_pending_kb", KB },
	{ "zone", "zspages", "zone", "zspages_kb", KB },
	{ "zone", "present", "zone", "present_kb", KB },
	{ "zone", "managed", "zone", "managed_kb", KB },
	{ "zone", "mlocked", "zone", "mlocked_kb", KB },
	{ "zone", "pagetables" },
	{ "zone", "bounce" },
	{ "zone", "free_pcp", "zone", "free_pcp_kb", KB },
	{ "zone", "local_pcp" },
	{ "zone", "free_cma", "zone", "free_cma_kb", KB },

	{ "huge", "hugepages_total", "meminfo", "hugepages_total", SAME },
	{ "huge", "hugepages_free", "meminfo", "hugepages_free", SAME },
	{ "huge", "hugepages_surp", "meminfo", "hugepages_surplus", SAME },
	{ "huge", "hugepages_size", "meminfo", "hugepage_size_kb", KB },
	/* Their sum is in hugetlb_kb. */
	{ "other huge", "hugepages_*" },

	{ "count", "total pagecache pages", "oom", "page_cache_kb", PAGES },
	{ "count", "pages in swap cache", "oom", "swap_cache_kb", PAGES },
	{ "swap", "Free swap", "oom", "swap_free_kb", KB },
	{ "swap", "Total swap", "oom", "swap_total_kb", KB },
	{ "swap", "Swap cache stats: add" },
	{ "swap", "delete" },
	{ "swap", "find" },
	{ "swap", "/" },
	{ "count", "pages RAM", "zones", "present_kb", PAGES },
	{ "count", "pages HighMem/MovableOnly", "zones", "highmem", PAGES },
	{ "count", "pages reserved", "zones", "reserved", PAGES },
	{ "count", "pages cma reserved", "meminfo", "cma_total_kb", PAGES },
	{ "count", "pages hwpoisoned", "meminfo", "hardware_corrupted_kb", PAGES },

	{ "memory", "memory: usage", "oom", "memcg_usage_kb", KB },
	{ "memory", "limit", "oom", "memcg_limit_kb", KB },
	{ "memory", "failcnt", "memcg", "events_max", COUNT },
	{ "memory", "swap: usage", "oom", "memcg_swap_usage_kb", KB },
	{ "memory swap", "limit", "oom", "memcg_swap_limit_kb", KB },
	{ "memory swap", "failcnt", "memcg", "swap_events_max", COUNT },
	{ "protection", "Memory cgroup min protection", "memcg", "children_min_kb", KB },
	{ "protection", "low protection", "memcg", "children_low_kb", KB },

	/* Of memory.stat, these are not about where memory is. */
	{ "stat", "slab" },
	{ "stat", "pg*" },
	{ "stat", "thp_*" },
	{ "stat", "zswp*" },
	{ "stat", "pswp*" },
	{ "stat", "swp*" },
	{ "stat", "numa_*" },
	{ "stat", "workingset_*", "memcg", "*", COUNT },
	/* Memory by a name of our own has to be in KiB: "anon 1234" is anon_kb. */
	{ "stat", "*", "memcg", "*_kb", BYTES },

	{ "task", "pid", "task", "pid", SAME },
	{ "task", "uid", "task", "uid", SAME },
	{ "task", "tgid", "task", "tgid", SAME },
	{ "task", "total_vm", "task", "total_vm_kb", PAGES },
	{ "task", "rss", "task", "score_rss", SAME },
	{ "task", "rss_anon", "task", "anon_rss_kb", PAGES },
	{ "task", "rss_file", "task", "file_rss_kb", PAGES },
	{ "task", "rss_shmem", "task", "shmem_rss_kb", PAGES },
	{ "task", "pgtables_bytes", "task", "pgtables_kb", BYTES },
	{ "task", "swapents", "task", "score_swap", SAME },
	{ "task", "oom_score_adj", "task", "oom_score_adj", SAME },

	{ "summary", "pid", "victim", "tgid", SAME },
	{ "summary", "uid", "victim", "uid", SAME },
	{ "killed", "Killed process", "victim", "pid", SAME },
	{ "killed", "total-vm", "victim", "total_vm_kb", KB },
	{ "killed", "anon-rss", "victim", "anon_rss_kb", KB },
	{ "killed", "file-rss", "victim", "file_rss_kb", KB },
	{ "killed", "shmem-rss", "victim", "shmem_rss_kb", KB },
	{ "killed", "UID", "victim", "uid", SAME },
	{ "killed", "pgtables", "victim", "pgtables_kb", KB },
	{ "killed", "oom_score_adj", "victim", "oom_score_adj", SAME },
};

#define NR_FIGURES (sizeof(figures) / sizeof(*figures))

static bool matches(const char *pattern, const char *name)
{
	size_t len = strcspn(pattern, "*");

	return !strncmp(pattern, name, len) && (pattern[len] || !name[len]);
}

static const struct figure *figure_of(const char *line, const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_FIGURES; i++)
		if (!strcmp(figures[i].line, line) && matches(figures[i].name, name))
			return &figures[i];
	return NULL;
}

/* --- the records -------------------------------------------------------------- */

/* The kill, and what the lines before have named. */
static struct {
	struct events all;
	long long oom, node, pid;
	char zone[16];
} at;

static bool is_ours(const struct event *rec, const char *type)
{
	return is_type(rec, type) && num_of(rec, "oom") == at.oom;
}

static const struct event *record_of(const char *type)
{
	int i;

	for (i = 0; i < at.all.nr; i++) {
		const struct event *rec = &at.all.event[i];

		if (!is_ours(rec, type))
			continue;
		if ((!strcmp(type, "node") || !strcmp(type, "zone")) &&
		    num_of(rec, "node") != at.node)
			continue;
		if (!strcmp(type, "zone") && strcmp(text_of(rec, "zone"), at.zone))
			continue;
		if (!strcmp(type, "task") && num_of(rec, "pid") != at.pid)
			continue;
		return rec;
	}
	return NULL;
}

static long long sum_of_zones(const char *key)
{
	long long sum = 0;
	int i;

	for (i = 0; i < at.all.nr; i++) {
		const struct event *zone = &at.all.event[i];

		if (!is_ours(zone, "zone"))
			continue;
		if (!strcmp(key, "reserved"))
			sum += num_of(zone, "present_kb") - num_of(zone, "managed_kb");
		else if (strcmp(key, "highmem"))
			sum += num_of(zone, key);
		else if (is_text(zone, "zone", "HighMem"))
			sum += num_of(zone, "present_kb");
	}
	return sum;
}

/* --- the comparison ----------------------------------------------------------- */

/* No limit is the largest number of pages in the kernel's log. */
#define NO_LIMIT_KB (LLONG_MAX / 2048)

static int nr_compared, nr_left_out, nr_unknown;

/* What a module can't read on some kernels. */
static bool may_be_unknown(const char *key)
{
	char *vmstat;
	bool counted;

	if (strcmp(key, "swap_cache_kb"))
		return false;
	vmstat = slurp("/proc/vmstat", NULL);
	counted = strstr(vmstat, "\nnr_swapcached ");
	free(vmstat);
	return !counted;
}

static void compare(struct __test_metadata *_metadata, const struct figure *figure,
		    const char *name, long long value)
{
	const struct event *rec = NULL;
	long long ours, slack = figure->unit == SAME ? 0 : MOVES_KB;	/* or events */
	char key[64];

	snprintf(key, sizeof(key), "%s%s", *figure->key == '*' ? name : "",
		 figure->key + (*figure->key == '*'));
	if (figure->unit == PAGES)
		value *= sysconf(_SC_PAGESIZE) / 1024;
	if (figure->unit == BYTES)
		value /= 1024;
	if (!strcmp(figure->type, "zones")) {
		ours = sum_of_zones(key);
	} else {
		rec = record_of(figure->type);
		/* Not all processes of the kernel's table are among the recorded candidates. */
		if (!rec && !strcmp(figure->type, "task"))
			return;
		ASSERT_NE(NULL, rec) TH_LOG("no %s record for %s", figure->type, name);
		if (!find_field(rec, key)) {
			nr_unknown++;
			EXPECT_TRUE(false) TH_LOG("%s of a %s line has no key", name, figure->line);
			return;
		}
		if (!strcmp(text_of(rec, key), "max")) {
			EXPECT_LT(NO_LIMIT_KB, value) TH_LOG("%s", key);
			nr_compared++;
			return;
		}
		if (!is_known(rec, key)) {
			EXPECT_TRUE(may_be_unknown(key))
				TH_LOG("%s is not known; the log has %lld", key, value);
			return;
		}
		ours = num_of(rec, key);
	}
	EXPECT_GE(slack, llabs(ours - value))
		TH_LOG("%s of a %s line: %lld there, %lld here", name, figure->line, value, ours);
	nr_compared++;
}

static void take(struct __test_metadata *_metadata, const char *line, const char *name,
		 long long value)
{
	const struct figure *figure = figure_of(line, name);

	if (!figure) {
		nr_unknown++;
		TH_LOG("\"%s\" of a %s line (%lld) is not known here", name, line, value);
	} else if (!figure->key) {
		nr_left_out++;
	} else {
		compare(_metadata, figure, name, value);
	}
}

/* --- lines to numbers --------------------------------------------------------- */

/*
 * Copies text without the unit of the number before, or its meaning in parentheses, and without
 * blanks and marks around it.
 */
static void set_name(char *name, size_t size, const char *from, const char *to)
{
	if (to - from >= 2 && !strncasecmp(from, "kB", 2))
		from += 2;
	while (from < to && *from == ' ')
		from++;
	if (*from == '(' && memchr(from, ')', to - from))
		from = memchr(from, ')', to - from);
	while (from < to && strchr(" ,-)(", *from))
		from++;
	while (to > from && strchr(" :=-", to[-1]))
		to--;
	snprintf(name, size, "%.*s", (int)(to - from), from);
}

static bool is_number(const char *line, const char *at)
{
	return isdigit(*at) && (at == line || !(isalnum(at[-1]) || at[-1] == '_'));
}

/* The next number at or after *at; false if there is none. Its name is the text before it. */
static bool next_number(const char *line, const char **at, char *name, size_t size,
			long long *value)
{
	const char *from = *at, *to = from;
	char *end;

	while (*to && !is_number(line, to))
		to++;
	if (!*to)
		return false;
	set_name(name, size, from, to);
	*value = strtoll(to, &end, 0);
	if (to > line && to[-1] == '-')
		*value = -*value;
	*at = end;
	return true;
}

/* "name:1kB other:2kB", up to a word that ends it. */
static void take_named(struct __test_metadata *_metadata, const char *kind, const char *line,
		       const char *until)
{
	const char *end = until ? strstr(line, until) : NULL, *next = line;
	long long value;
	char name[128];

	while (next_number(line, &next, name, sizeof(name), &value) && (!end || next <= end))
		take(_metadata, kind, name, value);
}

/* "123 total pagecache pages" */
static void take_count(struct __test_metadata *_metadata, const char *line)
{
	char *name;
	long long value = strtoll(line, &name, 10);

	take(_metadata, "count", name + 1, value);
}

static const char *zone_text(struct __test_metadata *_metadata, const char *key)
{
	const struct event *zone = record_of("zone");

	EXPECT_NE(NULL, zone) TH_LOG("no record of zone %s", at.zone);
	return zone ? text_of(zone, key) : "";
}

/* "lowmem_reserve[]: 0 211 211 211" */
static void take_reserve(struct __test_metadata *_metadata, const char *line)
{
	char want[128], *c;

	snprintf(want, sizeof(want), "%.100s", strchr(line, ' ') + 1);
	for (c = want; *c; c++)
		if (*c == ' ')
			*c = ',';
	EXPECT_STREQ(want, zone_text(_metadata, "lowmem_reserve"));
	nr_compared++;
}

/* "1*4kB (U) 0*8kB ... = 36kB": as many orders, and the same memory. */
static void take_blocks(struct __test_metadata *_metadata, const char *line)
{
	const char *ours = zone_text(_metadata, "free_blocks"), *theirs = line;
	long long kb = 0, size = sysconf(_SC_PAGESIZE) / 1024;

	while (*ours && (theirs = strchr(theirs, '*'))) {
		kb += strtoll(ours, (char **)&ours, 10) * size;
		EXPECT_EQ(size, strtoll(++theirs, NULL, 10));
		size *= 2;
		ours += *ours == ',';
	}
	EXPECT_EQ(NULL, strchr(theirs ? theirs : "*", '*'));
	EXPECT_EQ('\0', *ours);
	EXPECT_GE(MOVES_KB, llabs(kb - number_behind(line, "= ")));
	nr_compared++;
}

static long long huge_kb;

/* Only one size has its numbers in the record; of the others it has the memory. */
static void take_huge(struct __test_metadata *_metadata, const char *line)
{
	const struct event *meminfo = record_of("meminfo");
	long long size = number_behind(line, "hugepages_size=");

	ASSERT_NE(NULL, meminfo);
	huge_kb += size * number_behind(line, "hugepages_total=");
	take_named(_metadata, size == num_of(meminfo, "hugepage_size_kb") ? "huge" : "other huge",
		   strchr(line + strlen("Node "), ' '), NULL);
}

#define MAX_COLUMNS 16

static char columns[MAX_COLUMNS][24];
static int nr_columns;

/* "[  pid  ]   uid  tgid total_vm ... oom_score_adj name" */
static void take_header(const char *line)
{
	char copy[256], *word;

	snprintf(copy, sizeof(copy), "%.255s", line);
	nr_columns = 0;
	for (word = strtok(copy, " []"); word && nr_columns < MAX_COLUMNS;
	     word = strtok(NULL, " []"))
		snprintf(columns[nr_columns++], sizeof(*columns), "%.23s", word);
}

static void take_row(struct __test_metadata *_metadata, const char *line)
{
	char name[128];
	long long value;
	int i;

	for (i = 0; i < nr_columns && strcmp(columns[i], "name"); i++) {
		if (!next_number(line, &line, name, sizeof(name), &value))
			break;
		if (!i)
			at.pid = value;
		take(_metadata, "task", columns[i], value);
	}
	EXPECT_STREQ("name", columns[i]);
}

/* An item of memory.stat; in older kernels all of them are one line. */
static bool take_items(struct __test_metadata *_metadata, const char *line)
{
	long long value;
	char name[64];
	int used;

	for (; sscanf(line, " %63[a-z_] %lld%n", name, &value, &used) == 2; line += used)
		take(_metadata, "stat", name, value);
	return !line[strspn(line, " ")];
}

/* "oom-kill:constraint=...,nodemask=...,mems_allowed=0,...,pid=1,uid=0", for texts see oracle.c */
static void take_summary(struct __test_metadata *_metadata, const char *line)
{
	static const char * const texts[] = {
		"constraint", "nodemask", "cpuset", "mems_allowed", "oom_memcg", "task_memcg",
		"task",
	};
	char copy[512], *pair, *value;
	unsigned int i;

	snprintf(copy, sizeof(copy), "%.511s", strchr(line, ':') + 1);
	for (pair = strtok(copy, ","); pair; pair = strtok(NULL, ",")) {
		value = strchr(pair, '=');
		/* Not "global_oom", nor the rest of a list. */
		if (!value)
			continue;
		*value++ = '\0';
		for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
			if (!strcmp(pair, texts[i]))
				break;
		if (i == sizeof(texts) / sizeof(*texts))
			take(_metadata, "summary", pair, strtoll(value, NULL, 10));
	}
}

/* --- the report --------------------------------------------------------------- */

static enum { OUTSIDE, TRACE, FIGURES, STATS, TABLE, SLAB } part;

static bool begins(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

/* A line of the machine's memory. */
static void take_memory(struct __test_metadata *_metadata, const char *line)
{
	const char *rest = line;
	char name[32];
	int used = 0;

	/* A zone's reserves are in the line after its own. */
	if (sscanf(line, "Node %lld %n", &at.node, &used) == 1 && used)
		rest += used;
	if (begins(rest, "hugepages_")) {
		take_huge(_metadata, line);
	} else if (strstr(rest, "*4kB") && sscanf(rest, "%15[^:]", at.zone) == 1) {
		take_blocks(_metadata, strchr(rest, ':'));
	} else if (strstr(rest, " free:") && strstr(rest, " min:")) {
		snprintf(at.zone, sizeof(at.zone), "%.*s", (int)strcspn(rest, " "), rest);
		take_named(_metadata, "zone", strchr(rest, ' '), NULL);
	} else if (begins(line, "lowmem_reserve[]: ")) {
		take_reserve(_metadata, line);
	} else if (used) {
		take_named(_metadata, "node", rest, NULL);
	} else if (begins(line, "Swap cache") || begins(line, "Free swap") ||
		   begins(line, "Total swap")) {
		take_named(_metadata, "swap", line, NULL);
	} else if (isdigit(*line)) {
		take_count(_metadata, line);
	} else if (sscanf(line, " %31[a-z_]:", name) == 1) {
		take_named(_metadata, "machine", line, NULL);
	}
}

static void take_figures(struct __test_metadata *_metadata, const char *line)
{
	if (begins(line, "memory: ")) {
		take_named(_metadata, "memory", line, NULL);
	} else if (begins(line, "swap: ")) {
		take(_metadata, "memory", "swap: usage", number_behind(line, "usage "));
		take_named(_metadata, "memory swap", strchr(line, ','), NULL);
	} else if (begins(line, "Memory cgroup min")) {
		take_named(_metadata, "protection", line, NULL);
	} else {
		take_memory(_metadata, line);
	}
}

/* Changes to another part of the report; true if that is all that the line does. */
static bool turn(const char *line)
{
	const char *stats = strstr(line, "Memory cgroup stats for ");

	if (begins(line, "Mem-Info:"))
		part = FIGURES;
	else if (begins(line, "memory: usage"))
		part = FIGURES;
	else if (begins(line, "Memory cgroup min"))
		part = FIGURES;
	else if (begins(line, "Unreclaimable slab info:"))
		part = SLAB;
	else if (begins(line, "Tasks state"))
		part = TABLE;
	else if (stats)
		part = STATS;
	return begins(line, "Mem-Info:") || part == SLAB || begins(line, "Tasks state") || stats;
}

static void hear(struct __test_metadata *_metadata, const char *line)
{
	if (is_invocation(line)) {
		part = TRACE;
		take_named(_metadata, "invoked", strstr(line, "oom-killer: ") + 12, NULL);
		return;
	}
	if (part == OUTSIDE)
		return;
	if (strstr(line, "Killed process ")) {
		take_named(_metadata, "killed", strstr(line, "Killed process "), NULL);
		part = OUTSIDE;
		return;
	}
	if (begins(line, "oom-kill:")) {
		take_summary(_metadata, line);
		return;
	}
	if (turn(line))
		return;
	switch (part) {
	case TRACE:
		/* The rest of the trace is compared by oracle.c, or says nothing about memory. */
		if (begins(line, "CPU: "))
			take_named(_metadata, "cpu", line, " Comm:");
		break;
	case FIGURES:
		take_figures(_metadata, line);
		break;
	case STATS:
		EXPECT_TRUE(take_items(_metadata, line)) TH_LOG("no item: %s", line);
		break;
	case TABLE:
		if (begins(line, "[  pid"))
			take_header(line);
		else if (*line == '[')
			take_row(_metadata, line);
		break;
	default:
		break;
	}
}

/* A line feed within a message is escaped. */
static void unescape(char *line)
{
	char *feed;

	while ((feed = strstr(line, "\\x0a")))
		memcpy(feed, "    ", 4);
}

/* Waits for the last of its records, too. */
static void find_kill(struct __test_metadata *_metadata, pid_t pid)
{
	const struct event *victim;
	int i;

	memset(&at, 0, sizeof(at));
	for (i = 0; i < 100; i++) {
		at.all = read_events("last");
		victim = find_event(&at.all, "victim", "pid", pid);
		ASSERT_NE(NULL, victim);
		at.oom = num_of(victim, "oom");
		if (record_of("meminfo") || !record_of("node") || !have_source("meminfo"))
			break;
		pause_ms(50);
	}
}

static void hold_against(struct __test_metadata *_metadata, int kmsg, pid_t pid)
{
	char line[KMSG_MAX];

	find_kill(_metadata, pid);
	nr_compared = 0;
	nr_left_out = 0;
	nr_unknown = 0;
	huge_kb = 0;
	part = OUTSIDE;
	while (kmsg_line(kmsg, line)) {
		unescape(line);
		hear(_metadata, line);
	}
	EXPECT_EQ(0, nr_unknown);
	TH_LOG("%d numbers compared, %d left out", nr_compared, nr_left_out);
}

/* --- the tests ------------------------------------------------------------------ */

FIXTURE(figures) {
	int kmsg;
};

FIXTURE_SETUP(figures)
{
	spew("/proc/sys/vm/oom_dump_tasks", "1");
	/* Boosted watermarks could change between the kernel's reading and ours. */
	spew("/proc/sys/vm/watermark_boost_factor", "0");
	let_cpus_keep("1000");
	wait_for_reports();
	self->kmsg = kmsg_open();
}

FIXTURE_TEARDOWN(figures)
{
	spew("/proc/sys/vm/watermark_boost_factor", "15000");
	let_cpus_keep("0");
	close(self->kmsg);
}

TEST_F(figures, machine)
{
	const struct event *meminfo;
	pid_t pid = start_hog("-n figured -a 100 -u 7");

	EXPECT_TRUE(was_killed(pid));
	hold_against(_metadata, self->kmsg, pid);
	EXPECT_LE(80, nr_compared);
	meminfo = record_of("meminfo");
	ASSERT_NE(NULL, meminfo);
	if (is_known(meminfo, "hugetlb_kb"))
		EXPECT_EQ(huge_kb, num_of(meminfo, "hugetlb_kb"));
}

TEST_F(figures, memcg)
{
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	if (!have_source("memory_stat"))
		SKIP(return, NO_MEMORY_STAT);
	make_cgroup(GROUP, 16 * 1024);
	pid = start_hog("-c " GROUP " -n figured -a 100 -u 7");
	EXPECT_TRUE(was_killed(pid));
	hold_against(_metadata, self->kmsg, pid);
	EXPECT_LE(50, nr_compared);
	EXPECT_EQ(NULL, record_of("node"));
	remove_cgroup(GROUP);
}

/* --- pressure --------------------------------------------------------------------- */

/* A file of PSI: basis points, and microseconds. */
struct pressure {
	long long avg10[2], total[2];
};

static const char * const pressure_keys[2][2] = {
	{ "psi_some_avg10_bp", "psi_some_total_ns" },
	{ "psi_full_avg10_bp", "psi_full_total_ns" },
};

static struct pressure read_pressure(const char *path)
{
	char *text = slurp(path, NULL), *line = text;
	struct pressure psi;
	int percent, cents, i;

	for (i = 0; i < 2; i++) {
		line = strstr(line, i ? "full avg10=" : "some avg10=");
		if (!line || sscanf(line + 11, "%d.%2d", &percent, &cents) != 2)
			errx(1, "%s: %s", path, text);
		psi.avg10[i] = percent * 100 + cents;
		psi.total[i] = number_behind(line, "total=");
	}
	free(text);
	return psi;
}

/* Between the two readings the kernel has made its averages once at most. */
static void compare_pressure(struct __test_metadata *_metadata, const struct event *rec,
			     const struct pressure *before, const struct pressure *after)
{
	int i;

	for (i = 0; i < 2; i++) {
		long long avg10 = num_of(rec, pressure_keys[i][0]);
		long long total = num_of(rec, pressure_keys[i][1]);

		EXPECT_LE(before->total[i] * 1000, total) TH_LOG("%s", rec->type);
		EXPECT_GE(after->total[i] * 1000 + 999, total) TH_LOG("%s", rec->type);
		EXPECT_TRUE(avg10 == before->avg10[i] || avg10 == after->avg10[i])
			TH_LOG("%s: %lld, before %lld, after %lld", rec->type, avg10,
			       before->avg10[i], after->avg10[i]);
	}
	/* Between updates are two seconds, and the test takes less than that. */
	EXPECT_GT(5000000000LL, num_of(rec, "psi_age_ns"));
}

static void no_pressure(struct __test_metadata *_metadata, const struct event *rec)
{
	int i;

	for (i = 0; i < 2; i++) {
		EXPECT_FALSE(is_known(rec, pressure_keys[i][0])) TH_LOG("%s", rec->type);
		EXPECT_FALSE(is_known(rec, pressure_keys[i][1])) TH_LOG("%s", rec->type);
	}
	EXPECT_FALSE(is_known(rec, "psi_age_ns"));
}

TEST_F(figures, pressure)
{
	static const char machine[] = "/proc/pressure/memory", group[] = GROUP "/memory.pressure";
	struct pressure before[2], after[2];
	bool tells_machine, was_quick;
	long long begin;
	pid_t pid;
	int tries;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(GROUP, 8 * 1024);
	/* The first kills make some pressure. */
	for (tries = 0; tries < 3; tries++)
		EXPECT_TRUE(oom_kill_hog("-c " GROUP));
	if (access(machine, R_OK) || access(group, R_OK)) {
		pid = start_hog("-c " GROUP);
		EXPECT_TRUE(was_killed(pid));
		find_kill(_metadata, pid);
		no_pressure(_metadata, record_of("oom"));
		no_pressure(_metadata, record_of("memcg"));
		remove_cgroup(GROUP);
		return;
	}
	/* Both came with the same kernel: this file, and the way to the machine's figures. */
	tells_machine = !access(GROUP "/cgroup.pressure", W_OK);
	for (tries = 0, was_quick = false; tries < 20 && !was_quick; tries++) {
		begin = now_ns();
		before[0] = read_pressure(machine);
		before[1] = read_pressure(group);
		pid = start_hog("-c " GROUP);
		EXPECT_TRUE(was_killed(pid));
		after[0] = read_pressure(machine);
		after[1] = read_pressure(group);
		was_quick = now_ns() - begin < 1900000000;
	}
	if (!was_quick) {
		remove_cgroup(GROUP);
		SKIP(return, "no kill between two updates: this machine is too slow");
	}
	find_kill(_metadata, pid);
	EXPECT_LT(0, before[1].total[0]);
	compare_pressure(_metadata, record_of("memcg"), &before[1], &after[1]);
	if (tells_machine)
		compare_pressure(_metadata, record_of("oom"), &before[0], &after[0]);
	else
		no_pressure(_metadata, record_of("oom"));
	if (tells_machine) {
		cgroup_set(GROUP, "cgroup.pressure", "0");
		pid = start_hog("-c " GROUP);
		EXPECT_TRUE(was_killed(pid));
		find_kill(_metadata, pid);
		no_pressure(_metadata, record_of("memcg"));
		EXPECT_TRUE(is_known(record_of("oom"), "psi_some_avg10_bp"));
	}
	remove_cgroup(GROUP);
}

/* --- reclaim ---------------------------------------------------------------------- */

/* Keys, which are names in /proc/vmstat, or the beginnings of several there. */
static const char * const counters[] = {
	"pgscan_anon", "pgscan_file", "pgsteal_anon", "pgsteal_file", "workingset_refault_anon",
	"workingset_refault_file", "allocstall", "pswpin", "pswpout",
};

#define ALLOCSTALL 6

/* More than the second without a failed reclaim after which the module begins anew. */
#define SPELL_OVER_MS 2500
#define RECLAIM_EVENT "mm_vmscan_direct_reclaim_begin"
#define NR_COUNTERS (sizeof(counters) / sizeof(*counters))

static void read_counters(long long *sums)
{
	char *vmstat = slurp("/proc/vmstat", NULL), *line;
	unsigned int i;

	memset(sums, 0, NR_COUNTERS * sizeof(*sums));
	for (line = strtok(vmstat, "\n"); line; line = strtok(NULL, "\n"))
		for (i = 0; i < NR_COUNTERS; i++)
			if (begins(line, counters[i]))
				sums[i] += strtoll(strchr(line, ' '), NULL, 10);
	free(vmstat);
}

/* How often the task began to reclaim memory after that time, by the kernel's own event. */
static int reclaims_after(char *trace, pid_t pid, double seconds)
{
	char *line, *rest = trace, *time, mark[32];
	int nr = 0;

	snprintf(mark, sizeof(mark), "reclaimer-%d ", pid);
	while ((line = strsep(&rest, "\n"))) {
		time = strstr(line, ": " RECLAIM_EVENT ":");
		if (!time || !strstr(line, mark))
			continue;
		while (time > line && time[-1] != ' ')
			time--;
		/* The trace has microseconds. */
		nr += strtod(time, NULL) > seconds + 0.000002;
	}
	return nr;
}

/*
 * Kills one after the other. What their records have is a part of what the kernel has counted from
 * before the first to after the last. And each has the reclaims of its trigger.
 */
static void compare_reclaim(struct __test_metadata *_metadata)
{
	long long before[NR_COUNTERS], after[NR_COUNTERS], sum[NR_COUNTERS] = { };
	long long begin, since, spells = 0;
	const struct event *rec;
	int kills, reclaims = 0;
	unsigned int i;
	char *trace;
	pid_t pid;

	/* So that the first record does not begin at a kill before these. */
	pause_ms(SPELL_OVER_MS);
	begin = now_ns();
	read_counters(before);
	for (kills = 0; kills < 3; kills++) {
		ASSERT_TRUE(trace_begin("vmscan/" RECLAIM_EVENT));
		pid = start_hog("-n reclaimer");
		EXPECT_TRUE(was_killed(pid));
		trace = trace_end("vmscan/" RECLAIM_EVENT);
		find_kill(_metadata, pid);
		rec = record_of("reclaim");
		ASSERT_NE(NULL, rec);
		since = num_of(rec, "since_ns");
		reclaims += reclaims_after(trace, pid,
					   strtod(text_of(rec, "t"), NULL) - since / 1e9);
		free(trace);
		spells += since;
		for (i = 0; i < NR_COUNTERS; i++)
			sum[i] += num_of(rec, counters[i]);
	}
	read_counters(after);
	for (i = 0; i < NR_COUNTERS; i++) {
		EXPECT_GE(after[i] - before[i], sum[i])
			TH_LOG("%s", counters[i]);
	}
	EXPECT_LE(reclaims, sum[ALLOCSTALL]);
	EXPECT_GE(now_ns() - begin, spells);
	TH_LOG("%d reclaims within %.3f s", reclaims, spells / 1e9);
}

TEST_F(figures, reclaim)
{
	pid_t pid;

	if (access("/proc/vmstat", R_OK) || !have_source("reclaim_retry_zone"))
		SKIP(return, "no event of failed reclaim");
	if (access(TRACING "events/vmscan/" RECLAIM_EVENT, F_OK))
		SKIP(return, "no tracefs at " TRACING);
	compare_reclaim(_metadata);
	if (swap_on()) {
		compare_reclaim(_metadata);
		swap_off();
	}
	/* No failure within a second: nobody ran out of memory, but sysrq asked. */
	pause_ms(SPELL_OVER_MS);
	pid = sysrq_kill_hog("-m 9000 -a 1000");
	ASSERT_NE(0, pid);
	find_kill(_metadata, pid);
	EXPECT_EQ(NULL, record_of("reclaim"));
	EXPECT_NE(NULL, record_of("node"));
	if (!have_memcg())
		return;
	make_cgroup(GROUP, 8 * 1024);
	pid = start_hog("-c " GROUP);
	EXPECT_TRUE(was_killed(pid));
	find_kill(_metadata, pid);
	EXPECT_EQ(NULL, record_of("reclaim"));
	remove_cgroup(GROUP);
}

/* A number that no kernel prints yet. */
TEST_F(figures, unknown_is_seen)
{
	static const char * const lines[] = {
		"figured invoked oom-killer: future=3", "Mem-Info:", "future:3 free_future:4",
		"Node 0 future:5kB", "6 pages future", "memory: future 3kB",
		"Tasks state (memory values in pages):", "[  pid  ] future name", "[ 1] 5 x",
		"oom-kill:future=4", "Out of memory: Killed process future:1kB",
	};
	pid_t pid = start_hog("-n figured");
	unsigned int i;

	EXPECT_TRUE(was_killed(pid));
	find_kill(_metadata, pid);
	nr_unknown = 0;
	part = OUTSIDE;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		hear(_metadata, lines[i]);
	EXPECT_EQ(9, nr_unknown);
}

TEST_HARNESS_MAIN
