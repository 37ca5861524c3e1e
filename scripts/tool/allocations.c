// SPDX-License-Identifier: GPL-2.0
/*
 * What of the kernel has most, by tables that a log may have: of the caches of slab, and of the
 * places that allocate, with CONFIG_MEM_ALLOC_PROFILING (lib/alloc_tag.c, mm/show_mem.c).
 */
#include <stdio.h>
#include <string.h>

#include "kill.h"

/* Whether memory of that class may be that of any code of the kernel. */
static bool is_of_kernel(const char *class)
{
	const struct part part = { .class = class };

	return !strcmp(class, "uncounted") || part_is_kernel(&part);
}

/* The table has the caches that can't be reclaimed. */
void explain_slab(struct prose *to, const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const char *class = rec->slab_pages ? filled_by(episode) : NULL;

	if (class && (!strcmp(class, "slab") || !strcmp(class, "kernel")) &&
	    is_known(rec->oom.slab_unreclaimable) &&
	    rec->slab_pages >= rec->oom.slab_unreclaimable / 4)
		paragraph(to, "Of the caches of slab that can't be reclaimed %s is the largest, by the log's table of them: %s.",
			  words_escaped(comm_bytes(rec->slab_name)),
			  words_pages(rec, rec->slab_pages));
}

/* 12.4 GiB  3250586 drivers/a/b.c:412 [b] func:b_alloc */
void explain_allocations(struct prose *to, const struct episode *episode)
{
	const char *class = episode->oom->most_allocated.off ? filled_by(episode) : NULL;
	struct bytes site = ref_bytes(episode->oom, episode->oom->most_allocated);
	char line[256], size[32], unit[8];
	char *func;
	int len = 0;

	if (!class || !is_of_kernel(class) || site.len >= sizeof(line))
		return;
	memcpy(line, site.at, site.len);
	line[site.len] = '\0';
	func = strstr(line, " func:");
	if (!func || sscanf(line, "%31s %7s %*s %n", size, unit, &len) != 2 || !len)
		return;
	*func = '\0';
	func += strlen(" func:");
	paragraph(to, "Of all places in the kernel that allocate, %s in %s has most, by the log's table of them: %s %s.",
		  words_escaped(comm_bytes(func)), words_escaped(comm_bytes(line + len)),
		  words_escaped(comm_bytes(size)), words_escaped(comm_bytes(unit)));
}
