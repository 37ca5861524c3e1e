// SPDX-License-Identifier: GPL-2.0
/* Finds a memory cgroup of this machine by what a column WHERE shows, or by a pattern. */
#include <fnmatch.h>
#include <ftw.h>
#include <string.h>

#include "kill.h"
#include "tool.h"

#define CGROUPS "/sys/fs/cgroup"

static struct {
	const char *wanted;
	char *found;
	size_t nr;
} search;

/* A backslash in a pattern is one: systemd has them in names of cgroups. */
static int look_at_folder(const char *path, const struct stat *st __attribute__((unused)), int type,
			  struct FTW *ftw __attribute__((unused)))
{
	const char *cgroup = path + strlen(CGROUPS), *place;

	words_scope();
	if (type != FTW_D || !*cgroup)
		return 0;
	place = words_place(comm_bytes(cgroup));
	if (!is_shown(place, search.wanted) && fnmatch(search.wanted, place, FNM_NOESCAPE) &&
	    fnmatch(search.wanted, cgroup, FNM_NOESCAPE))
		return 0;
	if (!search.nr++)
		search.found = copy_string(cgroup);
	return 0;
}

/* A path as the module takes it. Ends the program if several cgroups are meant. */
const char *cgroup_meant(const char *wanted)
{
	bool is_path = *wanted == '/' && !strpbrk(wanted, "*?[");

	if (is_path)
		return wanted;
	search.wanted = wanted;
	search.nr = 0;
	nftw(CGROUPS, look_at_folder, 32, FTW_PHYS);
	if (search.nr > 1)
		die(EXIT_FAILED, "%s: %s are called so, one of them %s; give the path of one",
		    words_escaped(comm_bytes(wanted)), plural(search.nr, "cgroup", "cgroups"),
		    words_escaped(comm_bytes(search.found)));
	/* The module refuses what is no cgroup. */
	return search.nr ? words_keep(search.found) : wanted;
}
