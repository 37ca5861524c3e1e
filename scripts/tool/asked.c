// SPDX-License-Identifier: GPL-2.0
/* Who asked for memory, and what was short there: zones, CMA, a cgroup above. */
#include <string.h>

#include "kill.h"
#include "zones.h"

/*
 * Free pages of CMA, where they are a large part of what was free and of no use:
 * include/linux/gfp.h: allocations without __GFP_MOVABLE, as most of the kernel's own, can't have
 * them.
 */
__u64 free_cma(const struct episode *episode)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;
	bool in_zones = oom->cause == OOMWATCH_CAUSE_LOWMEM_ZONE ||
		oom->cause == OOMWATCH_CAUSE_FRAGMENTATION;
	const struct record *rec;
	__u64 pages = 0;
	size_t at;

	if (oom->kind == OOMWATCH_KIND_MEMCG || oom->trigger == OOMWATCH_TRIGGER_SYSRQ ||
	    oom->trigger == OOMWATCH_TRIGGER_KSWAPD || (oom->gfp_mask & GFP_MOVABLE_BIT) ||
	    was_free(episode) || !is_known(oom->ram_free))
		return 0;
	for_each_of(rec, episode, ZONE, at)
		pages += is_known(rec->zone.free_cma) ? rec->zone.free_cma : 0;
	return pages >= oom->ram_free / (in_zones ? 10 : 2) ? pages : 0;
}

static void explain_cma(struct prose *to, const struct episode *episode)
{
	__u64 pages = free_cma(episode);
	struct pair of = words_pair(episode->oom, pages, episode->oom->oom.ram_free);

	if (pages)
		paragraph(to, "Of the %s that were free %s were CMA, which this allocation may not use: that is for pages that can move.",
			  of.b, of.a);
}

/* A cause that tells no more than the sentences before is named for a search in lists. */
static void explain_cause(struct prose *to, const struct episode *episode)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;
	const char *by = filled_by(episode);

	/* The figures are those of the module: a log has few of them. */
	if (episode->stream->log && oom->cause == OOMWATCH_CAUSE_UNKNOWN)
		return;
	switch (oom->cause) {
	case OOMWATCH_CAUSE_SYSRQ:
	case OOMWATCH_CAUSE_MEMCG_LIMIT:
	case OOMWATCH_CAUSE_MEMCG_ANCESTOR_LIMIT:
	case OOMWATCH_CAUSE_LIMIT_LOWERED:
	case OOMWATCH_CAUSE_MIN_TTL:
		return;
	}
	if (by && (!oom->cause || !strcmp(by, cause_name(oom->cause))))
		return;
	paragraph(to, "Cause, by the figures: %s.", words_cause(episode));
}

/* Swap of a cgroup of v2. */
static const char *words_memcg_swap(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	const char *limit;
	struct pair of;

	if (oom->memcg_swap_limit == 0)
		return " The cgroup may not swap (memory.swap.max is 0).";
	if (oom->memcg_swap_usage == OOMWATCH_UNKNOWN_U64)
		return "";
	of = words_pair(rec, oom->memcg_swap_usage, oom->memcg_swap_limit);
	if (oom->swap_free == 0)
		limit = oom->memcg_swap_usage ? "the machine had no free swap" :
			words_no_swap(episode);
	else if (oom->memcg_swap_limit == OOMWATCH_NO_LIMIT)
		limit = "no limit of its own for that";	/* one above it may have a limit */
	else
		limit = format_words("a limit of %s for that (memory.swap.max)", of.b);
	return format_words(" The cgroup had %s in swap, and %s.",
			    oom->memcg_swap_usage ? of.a : "nothing", limit);
}

/* What cgroup v1 has besides: swap, if it is not told with its limit, and memory of the kernel. */
static const char *words_v1(const struct episode *episode)
{
	const struct record *rec = episode->oom, *memcg = first_of(episode, OOMWATCH_TYPE_MEMCG);
	const struct oomwatch_oom *oom = &rec->oom;
	const char *swap = "", *kmem = "";

	if (!is_memsw_full(oom) && memsw_swap(oom))
		swap = format_words(" The cgroup had %s in swap.",
				    words_pages(rec, memsw_swap(oom)));
	if (memcg && is_known(memcg->memcg.kmem_limit) && is_known(memcg->memcg.kmem_usage) &&
	    memcg->memcg.kmem_usage >= memcg->memcg.kmem_limit)
		kmem = format_words(" Of its limit of %s for memory of the kernel (memory.kmem.limit_in_bytes) nothing was left.",
				    words_pages(memcg, memcg->memcg.kmem_limit));
	return format_words("%s%s", swap, kmem);
}

/*
 * The trigger's own cgroup, if that isn't the full one. It need not be below: a kernel thread
 * works for others, and what is read back from swap is charged to who had it.
 */
static const char *words_own_cgroup(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;
	struct bytes own = ref_bytes(rec, oom->trigger_memcg), full = ref_bytes(rec, oom->memcg);

	if (!own.at || !full.at || (own.len == full.len && !memcmp(own.at, full.at, own.len)))
		return "";
	if (is_below(own, full))
		return format_words(" from %s, below it: the limit that was hit is not that of its own cgroup",
				    words_escaped(own));
	return format_words(" on behalf of %s: its own cgroup is %s", words_escaped(full),
			    words_escaped(own));
}

static const char *words_cgroup(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	const char *full = "", *what = words_container(ref_bytes(rec, oom->memcg));

	if (*what)
		full = format_words(" The cgroup is %s%s.", words_ref(rec, oom->memcg), what);
	return format_words("%s.%s%s", words_own_cgroup(rec), full,
			    is_v1(oom) ? words_v1(episode) : words_memcg_swap(episode));
}

static void list_short_zone(struct listing *to, const struct episode *episode,
			    const struct record *rec)
{
	__u64 free = zone_usable(&rec->zone), keeps = zone_keeps(episode, rec);
	struct pair of = words_pair(rec, free, keeps);

	if (free == keeps)
		listing_add(to, "%s had just the %s free that it must keep", words_zone(rec), of.b);
	else
		listing_add(to, is_known(zone_reserve(episode, rec)) ?
			    "%s had %s free of the %s it must keep" :
			    "%s had %s free of at least %s that it must keep",
			    words_zone(rec), of.a, of.b);
}

static void list_short_zones(struct listing *to, const struct episode *episode)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, ZONE, at) {
		words_scope();
		if (zone_is_short(episode, rec))
			list_short_zone(to, episode, rec);
	}
}

/* Whether zones are short because of pages that are free, but not for all. */
static bool is_kept_for_atomic(const struct episode *episode)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, ZONE, at)
		if (zone_is_short(episode, rec) && zone_usable(&rec->zone) < rec->zone.free)
			return true;
	return false;
}

/* Whether a zone is short by a boost of its marks alone: mm/page_alloc.c: boost_watermark(). */
static bool is_boosted(const struct episode *episode, const struct record *rec)
{
	__u64 boost = rec->zone.boost, keeps = zone_keeps(episode, rec);

	return zone_is_short(episode, rec) && is_known(boost) && boost <= keeps &&
		zone_usable(&rec->zone) > keeps - boost;
}

/* They are higher for a while after a block of pages was split for another kind of use. */
static const char *words_boost(const struct episode *episode)
{
	struct listing zones = { };
	const struct record *rec;
	const char *words = "";
	size_t at;

	for_each_of(rec, episode, ZONE, at)
		if (is_boosted(episode, rec))
			listing_add(&zones, "%s in %s", words_pages(rec, rec->zone.boost),
				    words_zone(rec));
	if (zones.nr)
		words = format_words(" Of what they must keep, some is a boost for a while (vm.watermark_boost_factor), without which they would not have been short: %s.",
				     zones.text);
	listing_free(&zones);
	return words;
}

/* The zones and the swap of the machine. */
static const char *words_machine(const struct episode *episode, const struct listing *zones)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	struct pair of = words_pair(rec, oom->swap_total, oom->swap_free);
	const char *swap = "";

	if (is_swapoff(oom))
		swap = format_words(" Swap was being switched off: %s that were still there fitted into no other swap.",
				    words_pages(rec, oom->swapoff));
	else if (has_no_swap(episode))
		swap = " The machine has no swap.";
	else if (is_known(oom->swap_total) && is_known(oom->swap_free))
		swap = format_words(" Of %s of swap %s were free.", of.a, of.b);
	else if (is_known(oom->swap_total))
		swap = format_words(" How much of the machine's %s of swap was free is not known.",
				    of.a);
	if (!zones->nr)
		return swap;
	return format_words("%s Of %s zones %s%s.%s", swap,
			    has_no_swap(episode) ? "its" : "the machine's",
			    zones->text,
			    is_kept_for_atomic(episode) ?
			    ", without what is free for atomic allocations alone" : "",
			    words_boost(episode));
}

static bool is_end_alone(const struct record *rec)
{
	return rec->stream->log && !rec->oom.trigger && !rec->oom.memcg.off &&
		!comm_known(rec->oom.comm) && !is_known(rec->oom.ram_free);
}

/* mm/oom_kill.c: oom_kill_process() limits how often it writes all but the last line. */
static const char *words_end_alone(const struct episode *episode)
{
	bool more = episode->oom->oom.constraint || count_of(episode, OOMWATCH_TYPE_TASK);

	return format_words("Who asked for more is not known: the log has only the end of the kernel's report%s journalctl -k may have the rest.",
			    more ? ";" :
			    ". When many kills come at once, the kernel writes no more than that; else");
}

void explain_asked(struct prose *to, const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	struct listing zones = { };
	const char *what = "more", *rest;

	if (oom->trigger == OOMWATCH_TRIGGER_SYSRQ || oom->trigger == OOMWATCH_TRIGGER_KSWAPD)
		return;
	if (oom->trigger == OOMWATCH_TRIGGER_MEMORY_MAX) {
		paragraph(to, "When a limit is lowered, the kernel first reclaims what it can, and then kills until the rest fits.");
		return;
	}
	if (oom->order > 0 && oom->order < 32)
		what = format_words("%s%s", words_piece(rec),
				    oom->kind == OOMWATCH_KIND_MEMCG ? "" : " in one piece");
	if (oom->kind == OOMWATCH_KIND_GLOBAL)
		list_short_zones(&zones, episode);
	rest = oom->kind == OOMWATCH_KIND_MEMCG ? words_cgroup(episode) :
		format_words(".%s", oom->kind == OOMWATCH_KIND_GLOBAL ?
			     words_machine(episode, &zones) : "");
	if (is_end_alone(rec))
		paragraph(to, "%s", words_end_alone(episode));
	else if (comm_known(oom->comm) || *rest != '.')
		paragraph(to, "%s asked for %s%s", words_asker(oom), what, rest);
	else
		paragraph(to, "Who asked for %s is not known%s", what, rest);
	listing_free(&zones);
	explain_cause(to, episode);
	explain_cma(to, episode);
}
