// SPDX-License-Identifier: GPL-2.0
/*
 * Which place in the kernel has allocated most: kernels with CONFIG_MEM_ALLOC_PROFILING print a
 * table of these places, see lib/alloc_tag.c and mm/show_mem.c.
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
