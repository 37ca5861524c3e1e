// SPDX-License-Identifier: GPL-2.0
/* The memory cgroups of this machine: finds one by name, and reads how full it is. */
#include <fnmatch.h>
#include <ftw.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "kill.h"
#include "tool.h"

/* --- where they are ---------------------------------------------------------------------- */

struct hierarchy {
	const char *root, *usage, *limit;
};

/* Another file system may be mounted over it. */
static bool is_visible(const struct mntent *mount, long magic)
{
	struct statfs fs;

	return !statfs(mount->mnt_dir, &fs) && (long)fs.f_type == magic;
}

/* Finds the hierarchy that has the memory controller: v1 if that has it, else v2. */
static const struct hierarchy *hierarchy(void)
{
	static struct hierarchy found;
	struct mntent *mount;
	FILE *mounts;

	if (found.root)
		return &found;
	found = (struct hierarchy) { "/sys/fs/cgroup", "memory.current", "memory.max" };
	mounts = setmntent("/proc/self/mounts", "re");
	while (mounts && (mount = getmntent(mounts))) {
		bool v1 = !strcmp(mount->mnt_type, "cgroup") && hasmntopt(mount, "memory") &&
			is_visible(mount, CGROUP_SUPER_MAGIC);

		if (v1 || (!strcmp(mount->mnt_type, "cgroup2") &&
			   is_visible(mount, CGROUP2_SUPER_MAGIC)))
			found.root = copy_string(mount->mnt_dir);
		if (!v1)
			continue;
		found.usage = "memory.usage_in_bytes";
		found.limit = "memory.limit_in_bytes";
		break;
	}
	if (mounts)
		endmntent(mounts);
	return &found;
}

/* A number in pages, OOMWATCH_NO_LIMIT if it is "max", unknown if there is no such file. */
static __u64 read_pages(struct bytes path, const char *file)
{
	char text[32] = "";
	__u64 pages = OOMWATCH_UNKNOWN_U64;
	FILE *from;

	words_scope();
	from = fopen(format_words("%s%.*s/%s", hierarchy()->root, (int)path.len,
				  (const char *)path.at, file), "re");
	if (from && fgets(text, sizeof(text), from)) {
		pages = strtoull(text, NULL, 10) / sysconf(_SC_PAGESIZE);
		/* v1 has the most bytes that a long can have. */
		if (!strncmp(text, "max", 3) || pages >= (1ULL << 63) / sysconf(_SC_PAGESIZE) - 1)
			pages = OOMWATCH_NO_LIMIT;
	}
	if (from)
		fclose(from);
	return pages;
}

__u64 cgroup_usage(const char *path)
{
	return read_pages(comm_bytes(path), hierarchy()->usage);
}

__u64 cgroup_limit(const char *path)
{
	return read_pages(comm_bytes(path), hierarchy()->limit);
}

__u64 cgroup_swap_limit(const char *path)
{
	return read_pages(comm_bytes(path), "memory.swap.max");
}

/* Such as 83% of 24.0MiB: of the cgroup, or one above it, that has used most of its limit. */
const char *words_full(struct bytes path)
{
	__u64 usage, limit, full_limit = 0;
	double full = -1;

	for (; path.at; path.len--) {
		words_scope();
		usage = read_pages(path, hierarchy()->usage);
		limit = read_pages(path, hierarchy()->limit);
		if (is_known(usage) && is_known(limit) && limit &&
		    (double)usage / limit > full) {
			full = (double)usage / limit;
			full_limit = limit;
		}
		/* Up to the slash before the last name. The root has no limit. */
		while (path.len && path.at[path.len - 1] != '/')
			path.len--;
		if (path.len < 2)
			break;
	}
	return full < 0 ? "-" : format_words("%.0f%% of %s", 100 * full,
					     words_tight(words_size(full_limit *
								    sysconf(_SC_PAGESIZE))));
}

/* --- by name ------------------------------------------------------------------------------ */

static struct {
	const char *wanted;
	char *found;
	size_t nr;
} search;

/* A backslash in a pattern is one: systemd has them in names of cgroups. */
static int look_at_folder(const char *path, const struct stat *st __attribute__((unused)), int type,
			  struct FTW *ftw __attribute__((unused)))
{
	const char *cgroup = path + strlen(hierarchy()->root), *place;

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
	nftw(hierarchy()->root, look_at_folder, 32, FTW_PHYS);
	if (search.nr > 1)
		die(EXIT_FAILED, "%s: %s are called so, one of them %s; give the path of one",
		    wanted, plural(search.nr, "cgroup", "cgroups"), search.found);
	/* The module refuses what is no cgroup. */
	return search.nr ? words_keep(search.found) : wanted;
}
