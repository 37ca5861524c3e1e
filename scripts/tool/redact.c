// SPDX-License-Identifier: GPL-2.0
/*
 * Replaces the names of tasks, cgroups, users and hosts, and command lines: by the kind and a
 * number, such as task-3. The same name gets the same number. The parts of a cgroup's path are
 * replaced one by one, so that it stays visible which cgroup is in which.
 *
 * A text of a record is dropped, unless this file knows that it is the kernel's own: so a field
 * that is new in the format can't have a name that was forgotten here.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "redact.h"
#include "tool.h"
#include "words.h"

struct name {
	char *name;
	size_t nr;
};

/* One kind of names. */
struct names {
	const char *kind;
	void *tree;
	size_t nr;
};

static struct names tasks = { .kind = "task" }, cgroups = { .kind = "cgroup" },
	users = { .kind = "user" }, hosts = { .kind = "host" }, cmdlines = { .kind = "cmdline" },
	mounts = { .kind = "mount" };
static bool redacts;

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->name, ((const struct name *)b)->name);
}

/* The name's number, from 1. */
static size_t number_of(struct names *names, const char *text)
{
	struct name *name = allocate(sizeof(*name)), **found;

	name->name = copy_string(text);
	found = tsearch(name, &names->tree, by_name);
	if (!found)
		die_no_memory();
	if (*found != name) {
		free(name->name);
		free(name);
		return (*found)->nr;
	}
	name->nr = ++names->nr;
	return name->nr;
}

static const char *words_instead(struct names *names, const char *text)
{
	return format_words("%s-%zu", names->kind, number_of(names, text));
}

static const char *words_path_instead(struct bytes path)
{
	char *copy = copy_bytes(path), *rest = copy, *part;
	const char *text = "";

	while ((part = strsep(&rest, "/"))) {
		if (*part)
			text = format_words("%s%s", text, words_instead(&cgroups, part));
		if (rest)
			text = format_words("%s/", text);
	}
	free(copy);
	return text;
}

const char *words_mount(const char *path)
{
	return redacts ? words_instead(&mounts, path) : words_escaped(comm_bytes(path));
}

/* --- records ------------------------------------------------------------------------------ */

/* Appends bytes to the record, which has room for as many as a reference can reach. */
static struct oomwatch_ref append(struct record *rec, const void *bytes, size_t len)
{
	struct oomwatch_ref ref = { .off = rec->head.len, .len = len };

	if (rec->head.len + len > 0xffff)
		return (struct oomwatch_ref) { };
	memcpy(rec->bytes + rec->head.len, bytes, len);
	rec->head.len += len;
	return ref;
}

static struct oomwatch_ref text_instead(struct record *to, const struct field *field,
					struct bytes bytes)
{
	const char *text = "";

	if (field->form != FORM_TEXT || !strcmp(field->key, "gfp_flags") ||
	    !strcmp(field->key, "free_types"))
		return append(to, bytes.at, bytes.len);
	if (strstr(field->key, "memcg")) {
		text = words_path_instead(bytes);
	} else if (!strcmp(field->key, "cmdline")) {
		char *copy = copy_bytes(bytes);

		text = words_instead(&cmdlines, copy);
		free(copy);
	}
	return *text ? append(to, text, strlen(text)) : (struct oomwatch_ref) { };
}

static bool is_uid(const struct field *field)
{
	size_t len = strlen(field->key);

	return len >= 3 && !strcmp(field->key + len - 3, "uid");
}

static void redact_field(struct record *to, const struct record *from, const struct field *field)
{
	void *at = (__u8 *)to + field->offset;
	__u32 uid;

	words_scope();
	if (form_is_ref(field->form)) {
		struct bytes bytes = field_bytes(from, field);

		*(struct oomwatch_ref *)at = bytes.at ? text_instead(to, field, bytes) :
			(struct oomwatch_ref) { };
	} else if (field->form == FORM_COMM && comm_known(at)) {
		strncpy(at, words_instead(&tasks, at), field->size - 1);
	} else if (is_uid(field)) {
		uid = *(__u32 *)at;
		if (uid && uid != OOMWATCH_UNKNOWN_U32)
			*(__u32 *)at = number_of(&users, format_words("%u", uid));
	}
}

/* A copy without names; it has none of the bytes that the record was read from. */
static struct record *redact_record(const struct record *from)
{
	struct record *to = record_unknown(from->head.type, 0xffff, from->stream), *smaller;
	const struct field *fields;
	struct bytes site;
	size_t nr, i;

	memcpy(to, from, sizeof(*to));
	/* As record_unknown() has it. */
	to->head.len = 1;
	to->head.fixed = 0;
	fields = record_fields(to, &nr);
	for (i = 0; i < nr; i++)
		redact_field(to, from, &fields[i]);
	if (type_is_process(to->head.type))
		to->victim.process.set_by = (struct oomwatch_ref) { };
	/* A place in the kernel's source is nobody's name. */
	site = ref_bytes(from, from->most_allocated);
	to->most_allocated = site.at ? append(to, site.at, site.len) : (struct oomwatch_ref) { };
	smaller = realloc(to, sizeof(*to) + to->head.len + 1);
	return smaller ?: to;
}

/* A log's victim may refer to the record of another task. */
static void move_higher(struct capture *capture, struct record **old)
{
	size_t i, j;

	for (i = 0; i < capture->nr_records; i++)
		for (j = 0; capture->records[i]->higher && j < capture->nr_records; j++)
			if (capture->records[i]->higher == old[j]) {
				capture->records[i]->higher = capture->records[j];
				break;
			}
}

static void redact_records(struct capture *capture)
{
	struct record **old = allocate((capture->nr_records + 1) * sizeof(*old));
	size_t i;

	for (i = 0; i < capture->nr_records; i++) {
		old[i] = capture->records[i];
		capture->records[i] = redact_record(old[i]);
	}
	move_higher(capture, old);
	for (i = 0; i < capture->nr_records; i++)
		free(old[i]);
	free(old);
	capture_sort(capture);
}

/* --- where they come from ------------------------------------------------------------------ */

static void redact_stream(struct stream *stream)
{
	const char *host = stream->host;

	words_scope();
	if (host)
		stream->host = copy_string(words_instead(&hosts, host));
	free((char *)host);
	free((char *)stream->machine);
	stream->machine = NULL;
}

/* Paths of files and what is said of them. */
static void redact_sources(struct capture *capture)
{
	size_t i;

	for (i = 0; i < capture->nr_names; i++)
		capture->names[i] = capture->nr_names == 1 ? "a file" : "one of several files";
	if (!capture->damage)
		return;
	free(capture->damage);
	capture->damage = copy_string("a file is damaged or cut off");
}

/* Call it once, after capture_read(). */
struct redacted capture_redact(struct capture *capture)
{
	size_t i;

	redacts = true;
	for (i = 0; i < capture->nr_streams; i++)
		redact_stream(capture->streams[i]);
	redact_records(capture);
	redact_sources(capture);
	return (struct redacted) {
		.tasks = tasks.nr, .cgroups = cgroups.nr, .users = users.nr, .hosts = hosts.nr,
		.cmdlines = cmdlines.nr,
	};
}
