// SPDX-License-Identifier: GPL-2.0
/*
 * What is in each tmpfs, and the slab caches: the module can't read that where a kill is decided.
 * oomwatch record reads it right after a kill of the machine, and the store keeps it, with how much
 * later that was. Nothing here is of the moment of the kill, but a tmpfs and a cache of such a size
 * hardly change by it.
 *
 * The service may have a tmpfs of its own in the place of one of the machine. So a tmpfs is known
 * by its device: it has the name by which the machine's first process sees it, and is asked for its
 * size where this process sees it.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "kill.h"
#include "redact.h"
#include "store.h"
#include "tool.h"

/* A kill that is older was there when the service began. */
#define MOST_LATER_NS (5 * SECOND_NS)

#define MOST_SIZES 8

/* The largest first. */
struct sizes {
	struct {
		char *name;
		__u64 bytes;
	} of[MOST_SIZES];
	size_t nr;
};

struct later {
	__u64 load, oom;	/* which kill it is after */
	__u64 since_ns;		/* how long */
	struct sizes tmpfs, slab;
};

static void add_size(struct sizes *to, const char *name, __u64 bytes)
{
	size_t at = to->nr;

	while (at && to->of[at - 1].bytes < bytes)
		at--;
	if (!bytes || at == MOST_SIZES)
		return;
	if (to->nr == MOST_SIZES)
		free(to->of[--to->nr].name);
	memmove(&to->of[at + 1], &to->of[at], (to->nr++ - at) * sizeof(*to->of));
	to->of[at].name = copy_string(name);
	to->of[at].bytes = bytes;
}

static void later_free(struct later *later)
{
	while (later->tmpfs.nr)
		free(later->tmpfs.of[--later->tmpfs.nr].name);
	while (later->slab.nr)
		free(later->slab.of[--later->slab.nr].name);
}

/* --- tmpfs ---------------------------------------------------------------------------------- */

struct mount {
	dev_t dev;
	char *path;
};

struct mounts {
	struct mount *of;
	size_t nr;
};

/* The kernel writes blanks, line feeds and backslashes as three octal digits. */
static void unescape(char *path)
{
	char *to = path;

	for (; *path; path++)
		if (*path == '\\' && strspn(path + 1, "01234567") >= 3) {
			*to++ = (path[1] - '0') << 6 | (path[2] - '0') << 3 | (path[3] - '0');
			path += 3;
		} else {
			*to++ = *path;
		}
	*to = '\0';
}

/* A line of mountinfo, if it is a tmpfs: ID PARENT MAJOR:MINOR ROOT PATH ... - TYPE ... */
static bool read_mount(struct mount *to, char *line)
{
	const char *type = strstr(line, " - ");
	unsigned int major, minor;
	int at = 0;

	if (!type || (strncmp(type, " - tmpfs ", 9) && strncmp(type, " - devtmpfs ", 12)) ||
	    sscanf(line, "%*u %*u %u:%u %*s %n", &major, &minor, &at) != 2 || !at)
		return false;
	to->dev = makedev(major, minor);
	to->path = line + at;
	to->path[strcspn(to->path, "\n ")] = '\0';
	unescape(to->path);
	return true;
}

static struct mounts read_mounts(const char *mountinfo)
{
	struct mounts mounts = { };
	FILE *file = fopen(mountinfo, "re");
	struct mount mount;
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		if (read_mount(&mount, line)) {
			mounts.of = grow(mounts.of, mounts.nr, sizeof(*mounts.of));
			mount.path = copy_string(mount.path);
			mounts.of[mounts.nr++] = mount;
		}
	free(line);
	if (file)
		fclose(file);
	return mounts;
}

static void mounts_free(struct mounts *mounts)
{
	while (mounts->nr)
		free(mounts->of[--mounts->nr].path);
	free(mounts->of);
}

/* What the tmpfs has, in RAM and in swap; 0 if it is not to be seen here. */
static __u64 used_of(dev_t dev, const struct mounts *seen)
{
	struct statfs fs;
	struct stat st;
	size_t i;

	for (i = 0; i < seen->nr; i++)
		if (seen->of[i].dev == dev && !stat(seen->of[i].path, &st) && st.st_dev == dev &&
		    !statfs(seen->of[i].path, &fs))
			return (__u64)(fs.f_blocks - fs.f_bfree) * fs.f_bsize;
	return 0;
}

static bool is_known_dev(const struct mounts *mounts, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (mounts->of[i].dev == mounts->of[nr].dev)
			return true;
	return false;
}

static void read_tmpfs(struct sizes *to)
{
	struct mounts named = read_mounts("/proc/1/mountinfo");
	struct mounts seen = read_mounts("/proc/self/mountinfo");
	size_t i;

	for (i = 0; i < named.nr; i++)
		if (!is_known_dev(&named, i))
			add_size(to, named.of[i].path, used_of(named.of[i].dev, &seen));
	mounts_free(&named);
	mounts_free(&seen);
}

/* --- slab -------------------------------------------------------------------------------- */

/* NAME ACTIVE OBJECTS SIZE OBJECTS-EACH PAGES-EACH : tunables ... : slabdata ACTIVE SLABS ... */
static void read_slab(struct sizes *to)
{
	FILE *file = fopen("/proc/slabinfo", "re");
	unsigned long long pages, slabs;
	char line[512], name[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%127s %*u %*u %*u %*u %llu : tunables %*u %*u %*u : slabdata %*u %llu",
			   name, &pages, &slabs) == 3)
			add_size(to, name, pages * slabs * sysconf(_SC_PAGESIZE));
	if (file)
		fclose(file);
}

/* --- the store's lines ------------------------------------------------------------------------ */

static const char kept[] = "later";

static const char *words_cache(const char *name) { return words_escaped(comm_bytes(name)); }

static struct json_object *json_of_sizes(const struct sizes *sizes, const char *key,
					 const char *(*name)(const char *))
{
	struct json_object *list = json_object_new_array(), *one;
	size_t i;

	for (i = 0; i < sizes->nr; i++) {
		one = json_object_new_object();
		json_object_object_add(one, key, json_object_new_string(name(sizes->of[i].name)));
		json_object_object_add(one, "kb",
				       json_object_new_uint64(sizes->of[i].bytes / 1024));
		json_object_array_add(list, one);
	}
	return list;
}

static struct json_object *json_of_later(const struct later *later,
					 const char *(*path)(const char *))
{
	struct json_object *to = json_object_new_object();

	json_object_object_add(to, "since_kill_ns", json_object_new_uint64(later->since_ns));
	json_object_object_add(to, "tmpfs", json_of_sizes(&later->tmpfs, "path", path));
	json_object_object_add(to, "slab", json_of_sizes(&later->slab, "cache", words_cache));
	return to;
}

static bool read_sizes(struct sizes *to, struct json_object *from, const char *list,
		       const char *key)
{
	struct json_object *all, *one, *name, *kb;
	size_t i;

	if (!json_object_object_get_ex(from, list, &all) ||
	    !json_object_is_type(all, json_type_array))
		return false;
	for (i = 0; i < json_object_array_length(all); i++) {
		one = json_object_array_get_idx(all, i);
		if (json_object_object_get_ex(one, key, &name) && name &&
		    json_object_object_get_ex(one, "kb", &kb))
			add_size(to, json_object_get_string(name),
				 json_object_get_uint64(kb) * 1024);
	}
	return true;
}

/* LOAD OOM, and an object of JSON. A line that was cut off, as by a full disk, has none. */
static bool read_line(struct later *to, const char *line)
{
	unsigned long long load, oom;
	struct json_object *object, *since;
	int at = 0;
	bool whole;

	if (sscanf(line, "%llx %llu %n", &load, &oom, &at) != 2 || !at)
		return false;
	object = json_tokener_parse(line + at);
	*to = (struct later) { .load = load, .oom = oom };
	whole = json_object_object_get_ex(object, "since_kill_ns", &since) &&
		read_sizes(&to->tmpfs, object, "tmpfs", "path") &&
		read_sizes(&to->slab, object, "slab", "cache");
	if (whole)
		to->since_ns = json_object_get_uint64(since);
	else
		later_free(to);
	json_object_put(object);
	return whole;
}

static const char *as_it_is(const char *name) { return name; }

static void add_line(const struct later *later)
{
	struct json_object *object = json_of_later(later, as_it_is);

	store_add_line(kept, format_words("%llx %llu %s\n", later->load, later->oom,
					  json_object_to_json_string_ext(object,
									 JSON_C_TO_STRING_PLAIN)));
	json_object_put(object);
}

/* --- all of them ------------------------------------------------------------------------- */

static struct {
	struct later *of;
	size_t nr;
	bool read;
} all;

static void add(struct later later)
{
	all.of = grow(all.of, all.nr, sizeof(*all.of));
	all.of[all.nr++] = later;
}

static void read_lines(bool older)
{
	FILE *file = store_lines(kept, older);
	struct later later;
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		if (read_line(&later, line))
			add(later);
	free(line);
	if (file)
		fclose(file);
}

/* The service needs the newest alone. */
static void replace_all(struct later later)
{
	while (all.nr)
		later_free(&all.of[--all.nr]);
	add(later);
}

void later_keep(__u64 load, __u64 oom, __u64 kill_ns)
{
	struct later later = { .load = load, .oom = oom };
	static __u64 last_ns;
	struct timespec now;
	__u64 now_ns;

	clock_gettime(CLOCK_BOOTTIME, &now);
	now_ns = now.tv_sec * SECOND_NS + now.tv_nsec;
	/* In a storm once a second. */
	if (load == OOMWATCH_UNKNOWN_U64 || now_ns < kill_ns || now_ns - kill_ns > MOST_LATER_NS ||
	    (last_ns && now_ns - last_ns < SECOND_NS))
		return;
	last_ns = now_ns;
	later.since_ns = now_ns - kill_ns;
	words_scope();
	read_tmpfs(&later.tmpfs);
	read_slab(&later.slab);
	add_line(&later);
	replace_all(later);
}

static const struct later *later_of(const struct episode *episode)
{
	size_t i;

	if (!all.read && !store_is_kept()) {
		read_lines(true);
		read_lines(false);
	}
	all.read = true;
	for (i = 0; i < all.nr; i++)
		if (all.of[i].load == episode->stream->load && all.of[i].oom == episode->id)
			return &all.of[i];
	return NULL;
}

/* --- for people and programs ----------------------------------------------------------------- */

struct json_object *json_later(const struct episode *episode)
{
	const struct later *later = later_of(episode);

	return later ? json_of_later(later, words_mount) : NULL;
}

/* The largest three, if they have a hundredth of all. */
static void explain_sizes(struct prose *to, const struct later *later, const struct sizes *sizes,
			  __u64 total, const char *what, const char *(*name)(const char *))
{
	struct listing list = { };
	size_t i;

	for (i = 0; i < sizes->nr && i < 3 && sizes->of[i].bytes >= total / 100; i++) {
		words_scope();
		listing_add(&list, "%s %s", name(sizes->of[i].name),
			    words_size(sizes->of[i].bytes));
	}
	if (list.nr)
		paragraph(to, "%s, %s after the kill: %s.", what, words_duration(later->since_ns),
			  list.text);
	listing_free(&list);
}

void explain_later(struct prose *to, const struct episode *episode, const struct parts *parts)
{
	const struct later *later = later_of(episode);
	bool shmem = false, slab = false;
	size_t i;

	for (i = 0; later && i < parts->nr && parts->of[i].bytes >= parts->total / 10; i++) {
		shmem |= !strcmp(parts->of[i].class, "shmem");
		slab |= !strcmp(parts->of[i].class, "slab");
	}
	if (shmem)
		explain_sizes(to, later, &later->tmpfs, parts->total, "Tmpfs by mount",
			      words_mount);
	if (slab)
		explain_sizes(to, later, &later->slab, parts->total, "Slab by cache", words_cache);
}
