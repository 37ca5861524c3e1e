// SPDX-License-Identifier: GPL-2.0
/* Lines of a kernel log about memory: of a cgroup, of the machine, of its nodes and zones. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "klog-report.h"

/* rsyslog writes lines of one message as one line, with this in place of the ends of lines. */
#define LINE_END "#012"

/* --- a memory cgroup: mm/memcontrol.c: mem_cgroup_print_oom_meminfo() ---------------------- */

void klog_take_memory(struct capture *capture, const char *line, const char *at)
{
	struct oomwatch_oom *oom = &klog_open(capture)->oom;
	__s64 failcnt;

	(void)at;
	oom->kind = OOMWATCH_KIND_MEMCG;
	oom->memcg_usage = klog_pages(line, "usage ");
	oom->memcg_limit = klog_pages(line, "limit ");
	if (klog_number(line, "failcnt ", &failcnt) && failcnt >= 0)
		oom->memcg_failcnt = failcnt;
}

void klog_take_swap(struct capture *capture, const char *line, const char *at)
{
	struct oomwatch_oom *oom = &klog_open(capture)->oom;

	(void)at;
	oom->memcg_swap_usage = klog_pages(line, "usage ");
	oom->memcg_swap_limit = klog_pages(line, "limit ");
}

static struct record *memcg_of(struct capture *capture)
{
	struct klog *log = capture->log;
	struct record *rec = klog_open(capture);

	if (!log->memcg) {
		log->memcg = klog_add_record(capture, OOMWATCH_TYPE_MEMCG, log->id);
		log->memcg->memcg.usage = rec->oom.memcg_usage;
	}
	return log->memcg;
}

void klog_take_memsw(struct capture *capture, const char *line, const char *at)
{
	struct oomwatch_oom *oom = &klog_open(capture)->oom;
	__s64 failcnt;

	(void)at;
	oom->memcg_memsw_usage = klog_pages(line, "usage ");
	oom->memcg_memsw_limit = klog_pages(line, "limit ");
	if (klog_number(line, "failcnt ", &failcnt) && failcnt >= 0)
		memcg_of(capture)->memcg.memsw_failcnt = failcnt;
}

/* cgroup v1 only */
void klog_take_kmem(struct capture *capture, const char *line, const char *at)
{
	struct oomwatch_memcg *memcg = &memcg_of(capture)->memcg;
	__s64 failcnt;

	(void)at;
	memcg->kmem_usage = klog_pages(line, "usage ");
	memcg->kmem_limit = klog_pages(line, "limit ");
	if (klog_number(line, "failcnt ", &failcnt) && failcnt >= 0)
		memcg->kmem_failcnt = failcnt;
}

/* Names of cgroup v1, and the keys of ours that have the same figure. */
static const struct { const char *name, *key; } v1_names[] = {
	{ "cache", "file" }, { "rss", "anon" }, { "rss_huge", "anon_thp" },
	{ "mapped_file", "file_mapped" }, { "dirty", "file_dirty" },
	{ "writeback", "file_writeback" },
	{ "shmem", "shmem" }, { "inactive_anon", "inactive_anon" },
	{ "active_anon", "active_anon" }, { "inactive_file", "inactive_file" },
	{ "active_file", "active_file" }, { "unevictable", "unevictable" },
	{ "swapcached", "swapcached" },
};

static const char *key_of_v1(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(v1_names); i++)
		if (strlen(v1_names[i].name) == len && !strncmp(name, v1_names[i].name, len))
			return v1_names[i].key;
	return NULL;
}

/* The field that has an item of memory.stat; NULL if there is none. */
static const struct field *stat_field(const struct record *rec, const char *name, size_t len)
{
	const struct field *field;
	size_t nr;

	for (field = record_fields(rec, &nr); nr; field++, nr--)
		if (!strncmp(field->key, name, len) &&
		    !strcmp(field->key + len, field->form == FORM_UNSIGNED ? "" : "_kb"))
			return field;
	return NULL;
}

static void set_stat(struct record *rec, const struct field *field, __u64 number, bool add)
{
	__u64 *to = (void *)((__u8 *)rec + field->offset);

	if (field->size != sizeof(*to))
		return;
	if (field->form == FORM_PAGES)
		number /= PAGE_SIZE;
	*to = add && *to != OOMWATCH_UNKNOWN_U64 ? *to + number : number;
}

/*
 * Older kernels print a line for the cgroup and one for each cgroup below it, each with figures of
 * its own, without those below: NAME:NUMBERKB ...
 */
static void take_old_stats(struct record *rec, const char *at)
{
	const struct field *field;
	const char *key;
	size_t len;

	for (; *at; at += strcspn(at, " "), at += strspn(at, " ")) {
		len = strcspn(at, ":");
		key = key_of_v1(at, len);
		field = key ? stat_field(rec, key, strlen(key)) : NULL;
		if (field)
			set_stat(rec, field, strtoull(at + len + 1, NULL, 10) * 1024, true);
	}
}

/* Memory cgroup stats for /a/b: before 5.3 with figures in the same line, later in the next ones */
void klog_take_stats(struct capture *capture, const char *line, const char *at)
{
	struct record *rec = memcg_of(capture), *oom = capture->log->oom;
	const char *stats = strstr(line, ": cache:");
	size_t len;

	at += strlen("Memory cgroup stats for ");
	if (stats) {
		take_old_stats(rec, stats + 2);
		klog_take_child(capture, at, stats - at, stats + 1);
		return;
	}
	len = strlen(at);
	/* rsyslog: all in one line. A path has no end of its own there. */
	if (strstr(at, ":" LINE_END) || !len || at[len - 1] != ':' || oom->oom.memcg.off)
		return;
	klog_set_text(oom, &oom->oom.memcg, at, len - 1);
}

/* NAME NUMBER, and in a hierarchy of cgroup v1 total_NAME NUMBER. Returns its end, or NULL. */
static const char *take_item(struct record *rec, const char *at)
{
	size_t len = strcspn(at, " "), prefix = strncmp(at, "total_", 6) ? 0 : 6;
	const char *key = prefix ? key_of_v1(at + prefix, len - prefix) : NULL;
	const struct field *field;
	char *end;
	__u64 number;

	if (at[len] != ' ')
		return NULL;
	number = strtoull(at + len + 1, &end, 10);
	if (end == at + len + 1 || (*end && strncmp(end, LINE_END, strlen(LINE_END))))
		return NULL;
	field = key ? stat_field(rec, key, strlen(key)) :
		prefix ? NULL : stat_field(rec, at, len);
	/* The usage, and what comes after these items, are from other lines. */
	if (field && field->offset > offsetof(struct record, memcg.usage) &&
	    field->offset < offsetof(struct record, memcg.events_low))
		set_stat(rec, field, number, false);
	return end;
}

void klog_take_stat(struct capture *capture, const char *line, const char *at)
{
	struct record *rec = capture->log->memcg;

	if (!capture->log->oom || !rec)
		return;
	for (at = line; at; at = *at ? at + strlen(LINE_END) : NULL)
		at = take_item(rec, at) ?: "";
}

/* --- the machine: mm/show_mem.c ------------------------------------------------------------ */

/*
 * inactive_anon:0kB active_file:4kB ...: the rest of a node's or a zone's line, where a mail or a
 * form has wrapped it. In KiB; the machine's counts are in pages.
 */
static bool is_rest(const char *line)
{
	size_t name = strcspn(line, ": "), digits;

	if (line[name] != ':')
		return false;
	digits = strspn(line + name + 1, "0123456789");
	return digits && !strncmp(line + name + 1 + digits, "kB", 2);
}

/* Counts of pages of the whole machine. */
#define COUNT(key, member) { key ":", offsetof(struct oomwatch_oom, member) }
static const struct { const char *key; size_t member; } counts[] = {
	COUNT("active_anon", active_anon), COUNT("inactive_anon", inactive_anon),
	COUNT("isolated_anon", isolated_anon), COUNT("active_file", active_file),
	COUNT("inactive_file", inactive_file), COUNT("isolated_file", isolated_file),
	COUNT("unevictable", unevictable), COUNT("dirty", dirty),
	COUNT("writeback", writeback), COUNT("slab_reclaimable", slab_reclaimable),
	COUNT("slab_unreclaimable", slab_unreclaimable), COUNT("mapped", mapped),
	COUNT("shmem", shmem), COUNT("pagetables", pagetables),
	COUNT("sec_pagetables", sec_pagetables), COUNT("free", ram_free),
	COUNT("free_cma", free_cma),
	COUNT("kernel_misc_reclaimable", kernel_misc_reclaimable),
	/* from lines of their own */
	COUNT("", page_cache), COUNT("", swap_cache), COUNT("", ram_total),
};

#define NR_COUNTS ARRAY_SIZE(counts)

static __u64 *count_at(struct record *rec, size_t i)
{
	return (void *)((__u8 *)rec + counts[i].member);
}

/*
 * Mem-Info: while a report is written, another CPU may write that an allocation failed, with the
 * same kinds of lines. The first ones count: the others would be added to sums.
 */
void klog_take_mem_info(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;

	(void)line;
	(void)at;
	/* An allocation that failed has a stack and such lines; sysrq-m has these lines alone. */
	if (log->unsure && klog_has_other_stack(log)) {
		klog_drop_unsure(capture);
		return;
	}
	if (!log->oom || (log->unsure && log->has_memory))
		klog_open_unsure(capture);
	log->other_memory = log->has_memory;
	log->zone_lost |= log->other_memory && log->oom && !is_known(log->oom->oom.ram_total);
	log->has_memory = true;
}

/* The record for a line about the machine's memory; NULL: the line is of no report. */
static struct record *of_machine(const struct capture *capture)
{
	return capture->log->other_memory ? NULL : capture->log->oom;
}

void klog_take_counts(struct capture *capture, const char *line, const char *at)
{
	struct record *rec = of_machine(capture);
	size_t i, len;

	if (is_rest(line)) {
		klog_take_rest(capture, line, at);
		return;
	}
	while (rec && *at) {
		for (i = 0; i < NR_COUNTS; i++) {
			len = strlen(counts[i].key);
			/* 2.6.28 to 2.6.31: Active_anon */
			if (len > 1 && tolower((unsigned char)*at) == *counts[i].key &&
			    !strncmp(at + 1, counts[i].key + 1, len - 1))
				*count_at(rec, i) = strtoull(at + len, NULL, 10);
		}
		at += strcspn(at, " #");
		if (!strncmp(at, LINE_END, strlen(LINE_END)))
			at += strlen(LINE_END);
		else if (*at == '#')
			at++;
		at += strspn(at, " ");
	}
}

void klog_take_total_swap(struct capture *capture, const char *line, const char *at)
{
	struct record *rec = of_machine(capture);

	(void)at;
	if (rec)
		rec->oom.swap_total = klog_pages(line, "= ");
}

/* While swap is being switched off, the kernel's count of free swap is negative. */
void klog_take_free_swap(struct capture *capture, const char *line, const char *at)
{
	struct record *rec = of_machine(capture);
	__s64 kb;

	(void)at;
	if (!rec || (!klog_number(line, "= ", &kb) && !klog_number(line, "Free swap:", &kb)))
		return;
	if (kb < 0 && kb > -(1LL << 50))
		rec->oom.swapoff = -kb * 1024 / PAGE_SIZE;
	rec->oom.swap_free = kb < 0 ? 0 : kb * 1024 / PAGE_SIZE;
}

/* 1234 total pagecache pages */
void klog_take_page_cache(struct capture *capture, const char *line, const char *at)
{
	struct record *rec = of_machine(capture);

	(void)at;
	if (rec)
		rec->oom.page_cache = strtoull(line, NULL, 10);
}

void klog_take_swap_cache(struct capture *capture, const char *line, const char *at)
{
	struct record *rec = of_machine(capture);

	(void)at;
	if (rec)
		rec->oom.swap_cache = strtoull(line, NULL, 10);
}

void klog_take_ram(struct capture *capture, const char *line, const char *at)
{
	(void)at;
	if (of_machine(capture))
		capture->log->ram_pages = strtoull(line, NULL, 10);
}

/* 0 pages HighMem/MovableOnly: of HighMem, and of Movable if that has memory of HighMem */
void klog_take_highmem(struct capture *capture, const char *line, const char *at)
{
	(void)at;
	if (of_machine(capture))
		capture->log->highmem_pages = strtoull(line, NULL, 10);
}

void klog_take_reserved(struct capture *capture, const char *line, const char *at)
{
	__u64 reserved = strtoull(line, NULL, 10);
	struct klog *log = capture->log;

	(void)at;
	/* "pages cma reserved" is another line */
	if (!of_machine(capture) || log->ram_pages == OOMWATCH_UNKNOWN_U64 ||
	    reserved > log->ram_pages)
		return;
	log->oom->oom.ram_total = log->ram_pages - reserved;
	/* mm/balloon.c: most drivers let it count as reserved. */
	if (log->page_kb && reserved * log->page_kb / 4 >= log->oom->balloon)
		log->oom->balloon = 0;
}

/* Memory allocations (profiling is currently turned on): and a line for each, the largest first */
void klog_take_allocations(struct capture *capture, const char *line, const char *at)
{
	(void)at;
	capture->log->allocations = !strstr(line, "turned off");
}

void klog_take_allocation(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;

	(void)at;
	if (log->oom && log->allocations && *line >= '0' && *line <= '9')
		klog_set_text(log->oom, &log->oom->most_allocated, line, strlen(line));
	log->allocations = false;
}

/* mm/slab_common.c: dump_unreclaimable_slab(): NAME 12345KB 12345KB, in use and in all */
void klog_take_cache(struct capture *capture, const char *line, const char *at)
{
	struct record *rec = capture->log->oom;
	unsigned long long used, all;
	char name[sizeof(rec->slab_name)];
	__u64 pages;
	int len = 0;

	(void)at;
	if (!rec || sscanf(line, "%31s %19lluKB %19lluKB%n", name, &used, &all, &len) != 3 ||
	    !len || line[len] || used > all)
		return;
	pages = all * 1024 / PAGE_SIZE;
	if (pages <= rec->slab_pages)
		return;
	memcpy(rec->slab_name, name, sizeof(name));
	rec->slab_pages = pages;
}

void klog_scale_memory(struct capture *capture)
{
	struct klog *log = capture->log;
	__u64 *count;
	size_t i;

	/* A sum is one of all nodes, or of all zones. */
	if (log->stacks != log->nodes && log->stacks != log->zones)
		log->oom->oom.kernel_stack = OOMWATCH_UNKNOWN_U64;
	for (i = 0; i < NR_COUNTS; i++) {
		count = count_at(log->oom, i);
		if (!log->page_kb || *count > OOMWATCH_NO_LIMIT / 1024)
			*count = OOMWATCH_UNKNOWN_U64;
		else
			*count = *count * log->page_kb / 4;
	}
}

/* --- nodes and zones ------------------------------------------------------------------------- */

/* NAME free:15232kB min:..., in newer kernels NAME free:15232kB boost:... */
static bool is_zone(const char *line)
{
	const char *at = strstr(line, " free:"), *next = at ? strchr(at + 1, ' ') : NULL;

	return next && at - line < 32 &&
		(!strncmp(next, " min:", 5) || !strncmp(next, " boost:", 7));
}

/*
 * Node 0 DMA32, and without CONFIG_NUMA DMA32: up to end. The kernel writes the node and the rest
 * apart, and lines of others may come between these.
 */
static void set_place(struct klog *log, struct oomwatch_zone *zone, const char *line,
		      const char *end)
{
	const char *name = line;
	size_t len;
	char *rest;

	zone->node = log->no_numa ? 0 : log->split_node;
	log->split_node = OOMWATCH_UNKNOWN_U32;
	if (!strncmp(line, "Node ", 5)) {
		zone->node = strtoul(line + 5, &rest, 10);
		name = rest + strspn(rest, " ");
	}
	len = end > name ? end - name : 0;
	klog_set_comm(zone->name, name, len);
}

/* In KiB after their names, in the order of the line. */
#define ZONE(key, member) { " " key ":", offsetof(struct oomwatch_zone, member) }
static const struct { const char *key; size_t member; } zone_keys[] = {
	ZONE("free", free), ZONE("boost", boost), ZONE("min", min), ZONE("low", low),
	ZONE("high", high), ZONE("reserved_highatomic", reserved_highatomic),
	ZONE("free_highatomic", free_highatomic), ZONE("active_anon", active_anon),
	ZONE("inactive_anon", inactive_anon), ZONE("active_file", active_file),
	ZONE("inactive_file", inactive_file), ZONE("unevictable", unevictable),
	ZONE("writepending", write_pending), ZONE("zspages", zspages),
	ZONE("present", present), ZONE("managed", managed), ZONE("mlocked", mlocked),
	ZONE("free_pcp", free_pcp), ZONE("free_cma", free_cma),
};

static void take_zone_keys(struct record *rec, const char *line)
{
	__u64 *to;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(zone_keys); i++) {
		to = (void *)((__u8 *)rec + zone_keys[i].member);
		if (*to == OOMWATCH_UNKNOWN_U64)
			*to = klog_pages(line, zone_keys[i].key);
	}
}

static void take_zone(struct capture *capture, const char *line)
{
	struct klog *log = capture->log;
	struct record *rec = klog_add_record(capture, OOMWATCH_TYPE_ZONE, log->id);

	log->zone = rec;
	set_place(log, &rec->zone, line, strstr(line, " free:"));
	take_zone_keys(rec, line);
}

/* Newer kernels count for each node what graphics drivers and a balloon have. */
static void add_drivers(struct record *oom, const char *line)
{
	const struct { const char *key; __u64 *to; } sums[] = {
		{ " gpu_active:", &oom->gpu_active }, { " gpu_reclaim:", &oom->gpu_reclaim },
		{ " Balloon:", &oom->balloon },
	};
	__u64 pages;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sums); i++) {
		pages = klog_pages(line, sums[i].key);
		if (is_known(pages))
			*sums[i].to += pages;
	}
}

/* Since 4.9 nodes have stacks and page tables, before that zones. */
static void add_stacks(struct klog *log, const char *line)
{
	struct oomwatch_oom *oom = &log->oom->oom;
	__s64 kb;

	if (!klog_number(line, " kernel_stack:", &kb) || kb < 0 || kb > 1LL << 40)
		return;
	if (oom->kernel_stack == OOMWATCH_UNKNOWN_U64)
		oom->kernel_stack = 0;
	oom->kernel_stack += kb * 1024;
	log->stacks++;
}

void klog_take_rest(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;
	char whole[MAX_LINE + 1];

	(void)at;
	if (!of_machine(capture) || !is_rest(line))
		return;
	snprintf(whole, sizeof(whole), " %s", line);
	add_stacks(log, whole);
	if (log->zone)
		take_zone_keys(log->zone, whole);
	else
		add_drivers(log->oom, whole);
}

/* lowmem_reserve[]: 0 249 249 249 249, after its zone */
void klog_take_reserve(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;
	__u64 numbers[16];
	size_t nr = 0;
	char *end;

	(void)line;
	at += strlen("lowmem_reserve[]:");
	for (; nr < 16; at = end) {
		numbers[nr] = strtoull(at, &end, 10);
		if (end == at)
			break;
		nr++;
	}
	if (of_machine(capture) && log->zone && !log->zone->zone.lowmem_reserve.off)
		klog_set_text(log->zone, &log->zone->zone.lowmem_reserve, numbers,
			      nr * sizeof(*numbers));
}

static struct record *zone_named(const struct capture *capture, const struct oomwatch_zone *like)
{
	struct record *rec;
	size_t i;

	for (i = capture->nr_records; i-- && klog_is_of_report(capture, i);) {
		rec = capture->records[i];
		if (rec->head.type == OOMWATCH_TYPE_ZONE && rec->zone.node == like->node &&
		    !strcmp(rec->zone.name, like->name))
			return rec;
	}
	return NULL;
}

/* Node 0 DMA: 39*4kB (UM) 37*8kB ... = 15232kB: a block of order 0 is a page. */
static void take_blocks(struct capture *capture, const char *line)
{
	struct oomwatch_zone like = { };
	const char *star = strchr(line, '*'), *colon = strchr(line, ':'), *types, *at;
	struct klog *log = capture->log;
	__u64 blocks[16], page_kb;
	char letters[256] = "";
	struct record *rec;
	size_t nr = 0;
	char *end;

	if (!star || !colon || colon > star)
		return;
	page_kb = strtoull(star + 1, &end, 10);
	if (strncmp(end, "kB", 2) || page_kb < 4 || page_kb > 1024 || page_kb & (page_kb - 1))
		return;
	log->page_kb = page_kb;
	for (at = colon + 1; nr < 16; nr++) {
		blocks[nr] = strtoull(at, &end, 10);
		if (end == at || *end != '*')
			break;
		at = strchr(end, ' ');
		if (!at)
			break;
		types = at + 1;
		if (nr)
			strcat(letters, ",");
		if (*types == '(') {
			at = types + 1 + strspn(types + 1, "UMERHCI");
			/* A block has at most these types, so there is room. */
			if (at - types < 9)
				strncat(letters, types + 1, at - types - 1);
			at += *at == ')';
		}
	}
	set_place(log, &like, line, colon);
	rec = zone_named(capture, &like);
	log->zone_lost |= !rec;
	if (!rec || rec->zone.free_blocks.off)
		return;
	klog_set_text(rec, &rec->zone.free_blocks, blocks, nr * sizeof(*blocks));
	klog_set_text(rec, &rec->zone.free_types, letters, strlen(letters));
}

/*
 * Node 0 hugepages_total=2 hugepages_free=1 hugepages_surp=0 hugepages_size=2048kB, for each size.
 * A sum of pages of several sizes would be no number of pages.
 */
static void take_hugepages(struct capture *capture, const char *line)
{
	struct klog *log = capture->log;
	struct oomwatch_meminfo *to;
	__s64 total, free, surplus, kb;

	if (!klog_number(line, "hugepages_total=", &total) || total < 0 ||
	    !klog_number(line, "hugepages_free=", &free) || free < 0 ||
	    !klog_number(line, "hugepages_surp=", &surplus) || surplus < 0 || surplus > total ||
	    !klog_number(line, "hugepages_size=", &kb) || kb <= 0 ||
	    total > 1LL << 32 || free > total || kb > 1LL << 30)
		return;
	if (!log->meminfo) {
		log->meminfo = klog_add_record(capture, OOMWATCH_TYPE_MEMINFO, log->id);
		to = &log->meminfo->meminfo;
		to->hugetlb = 0;
		to->hugepages_total = 0;
		to->hugepages_free = 0;
		to->hugepages_surplus = 0;
	}
	to = &log->meminfo->meminfo;
	to->hugetlb += total * kb * 1024;
	if (!total || to->hugepages_total == OOMWATCH_UNKNOWN_U64)
		return;
	if (is_known(to->hugepage_size) && to->hugepage_size != (__u64)kb * 1024) {
		to->hugepages_total = OOMWATCH_UNKNOWN_U64;
		to->hugepages_free = OOMWATCH_UNKNOWN_U64;
		to->hugepages_surplus = OOMWATCH_UNKNOWN_U64;
		to->hugepage_size = OOMWATCH_UNKNOWN_U64;
		return;
	}
	to->hugepages_total += total;
	to->hugepages_free += free;
	to->hugepages_surplus += surplus;
	to->hugepage_size = kb * 1024;
}

/* Whether the kernel has CONFIG_NUMA: then a zone's line begins with its node. */
static void take_numa(struct klog *log, const char *line)
{
	if (!strncmp(line, "Node ", 5))
		log->no_numa = false;
	else if (!log->zones && log->split_node == OOMWATCH_UNKNOWN_U32)
		log->no_numa = true;
}

/* Node 0, and no more: the line was split. */
static bool take_split(struct klog *log, const char *line)
{
	unsigned long node;
	char *rest;

	if (strncmp(line, "Node ", 5))
		return false;
	node = strtoul(line + 5, &rest, 10);
	if (rest == line + 5 || rest[strspn(rest, " ")])
		return false;
	log->split_node = node;
	return true;
}

/*
 * Node 0 active_anon:38640kB ..., Node 0 DMA free:15232kB min:120kB ..., Node 0 DMA: 39*4kB ...;
 * without CONFIG_NUMA the latter two begin with the zone's name.
 */
void klog_take_node(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;
	bool has_lists;

	(void)at;
	if (!of_machine(capture) || take_split(log, line))
		return;
	add_stacks(log, line);
	has_lists = strstr(line, " active_anon:");
	if (has_lists)
		log->zone = NULL;
	if (is_zone(line)) {
		take_numa(log, line);
		log->zones++;
		take_zone(capture, line);
		return;
	}
	add_drivers(log->oom, line);
	log->nodes += has_lists;
	if (strstr(line, "hugepages_total="))
		take_hugepages(capture, line);
	else
		take_blocks(capture, line);
}
