// SPDX-License-Identifier: GPL-2.0
/*
 * Records as JSON. Each record is an object with the keys of the module's text. Numbers are JSON
 * numbers; an unknown value is null.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "kill.h"
#include "tool.h"

/* The length in bytes of the UTF-8 character at s; 0 if the len bytes don't begin with one. */
static size_t utf8_length(const __u8 *s, size_t len, __u32 *value)
{
	static const struct {
		__u8 mask, lead;
		__u32 least;
	} forms[] = {
		{ 0x80, 0, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 },
		{ 0xf8, 0xf0, 0x10000 },
	};
	size_t n, i;

	for (n = 0; n < 4 && (*s & forms[n].mask) != forms[n].lead; n++)
		;
	if (n == 4 || n >= len)
		return 0;
	*value = *s & ~forms[n].mask;
	for (i = 1; i <= n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*value = *value << 6 | (s[i] & 0x3f);
	}
	/* Overlong forms, surrogates, and values above the last character. */
	if (*value < forms[n].least || (*value >= 0xd800 && *value < 0xe000) || *value > 0x10ffff)
		return 0;
	return n + 1;
}

/*
 * An object as text that is ASCII: other characters are escaped. So a name that has control
 * characters of eight bits, or writes from right to left, can't change what a terminal shows.
 */
const char *json_text(struct json_object *object, int flags)
{
	const char *text = json_object_to_json_string_ext(object,
							  flags | JSON_C_TO_STRING_NOSLASHESCAPE);
	const __u8 *s = (const __u8 *)text;
	size_t left = strlen(text), len;
	/* A byte becomes six at most. */
	char *ascii = allocate(6 * left + 1), *to = ascii;
	__u32 value;

	/* add_bytes() has seen to it that all of it is UTF-8. */
	for (; left && (len = utf8_length(s, left, &value)); s += len, left -= len) {
		if (value >= 0x10000)
			to += sprintf(to, "\\u%04x\\u%04x", 0xd800 + ((value - 0x10000) >> 10),
				      0xdc00 + (value & 0x3ff));
		else if (value >= 0x7f)
			to += sprintf(to, "\\u%04x", value);
		else
			*to++ = value;
	}
	*to = '\0';
	return words_keep(ascii);
}

static void add_string(struct json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key, json_object_new_string(value));
}

/* Escaped; null if it is not known. */
static void add_text(struct json_object *to, const char *key, const char *text)
{
	json_object_object_add(to, key, text ?
			       json_object_new_string(words_escaped(comm_bytes(text))) : NULL);
}

/*
 * Each byte that is not UTF-8 becomes U+FFFD. If there is one, KEY_hex has all bytes in hex, so
 * that nothing is lost.
 */
static void add_bytes(struct json_object *to, const char *key, struct bytes bytes)
{
	char text[3 * bytes.len + 1], hex[2 * bytes.len + 1];
	size_t i, len, used = 0;
	__u32 value;
	bool lossy = false;

	hex[0] = '\0';
	for (i = 0; i < bytes.len; i += len) {
		len = utf8_length(bytes.at + i, bytes.len - i, &value);
		if (len) {
			memcpy(text + used, bytes.at + i, len);
			used += len;
			continue;
		}
		memcpy(text + used, "\xef\xbf\xbd", 3);
		used += 3;
		lossy = true;
		len = 1;
	}
	json_object_object_add(to, key, json_object_new_string_len(text, used));
	if (!lossy)
		return;
	for (i = 0; i < bytes.len; i++)
		sprintf(hex + 2 * i, "%02x", bytes.at[i]);
	add_string(to, format_words("%s_hex", key), hex);
}

static struct json_object *json_numbers(const struct record *rec, struct oomwatch_ref ref)
{
	struct json_object *list = json_object_new_array();
	unsigned int i;

	for (i = 0; i < ref.len / sizeof(__u64); i++)
		json_object_array_add(list, json_object_new_uint64(ref_u64(rec, ref, i)));
	return list;
}

static struct json_object *json_nodes(const struct record *rec, struct oomwatch_ref ref)
{
	struct json_object *list = json_object_new_array();
	unsigned int node;

	for (node = 0; node < ref.len * 8u; node++)
		if (ref_u64(rec, ref, node / 64) >> node % 64 & 1)
			json_object_array_add(list, json_object_new_int(node));
	return list;
}

static struct json_object *json_flags(__u64 flags)
{
	struct json_object *list = json_object_new_array();
	unsigned int bit;

	for (bit = 0; flag_name(bit); bit++)
		if (flags & 1ULL << bit)
			json_object_array_add(list, json_object_new_string(flag_name(bit)));
	return list;
}

/* A stack as a list of frames, the innermost first. */
static struct json_object *json_frames(struct bytes bytes)
{
	struct json_object *list = json_object_new_array();
	char *text = copy_bytes(bytes), *frame, *rest = text;
	const char *escaped;

	while ((frame = strsep(&rest, ";"))) {
		escaped = words_escaped(comm_bytes(frame));
		if (*escaped)
			json_object_array_add(list, json_object_new_string(escaped));
	}
	free(text);
	return list;
}

static struct json_object *json_value(const struct record *rec, const struct field *field)
{
	const struct oomwatch_ref *ref = (const void *)((const __u8 *)rec + field->offset);
	__u64 value;

	switch (field->form) {
	case FORM_SIGNED:
		return json_object_new_int64(field_signed(rec, field));
	case FORM_NODES:
		return json_nodes(rec, *ref);
	case FORM_NUMBERS:
		return json_numbers(rec, *ref);
	}
	value = field_unsigned(rec, field);
	switch (field->form) {
	case FORM_PAGES:
		return value == OOMWATCH_NO_LIMIT ? json_object_new_string("max") :
			json_object_new_uint64(value * (rec->stream->page_size / 1024));
	case FORM_BYTES:
		return json_object_new_uint64(value >> 10);
	case FORM_AGO:
		return json_object_new_uint64(field_ago(rec, field));
	case FORM_ENUM:
		return json_object_new_string(enum_name(field, value));
	case FORM_FLAGS:
		return json_flags(value);
	default:
		return json_object_new_uint64(value);
	}
}

static void add_field(struct json_object *to, const struct record *rec, const struct field *field)
{
	if (!field_known(rec, field))
		json_object_object_add(to, field->key, NULL);
	else if (field->form == FORM_FRAMES)
		json_object_object_add(to, field->key, json_frames(field_bytes(rec, field)));
	else if (field->form == FORM_COMM || field->form == FORM_NAME || field->form == FORM_TEXT)
		add_bytes(to, field->key, field_bytes(rec, field));
	else
		json_object_object_add(to, field->key, json_value(rec, field));
}

/* Seconds as exact decimal digits: a double would round them. */
static struct json_object *json_seconds(__u64 ns)
{
	return json_object_new_double_s(ns / 1e9, format_words("%llu.%09llu",
							       ns / 1000000000, ns % 1000000000));
}

/* Adds the container or unit that a cgroup's path names, if any. */
static void add_container(struct json_object *to, const char *key, struct bytes path)
{
	struct container container = container_of_path(path);
	struct pod_names names = names_of(&container);
	struct json_object *object;

	if (!container.runtime && !container.unit[0] && !container.pod[0] && !container.user[0])
		return;
	object = json_object_new_object();
	if (container.runtime) {
		add_string(object, "runtime", container.runtime);
		add_string(object, "id", container.id);
	}
	if (names.container[0])
		add_string(object, "name", names.container);
	if (container.pod[0])
		add_string(object, "pod_uid", container.pod);
	if (names.pod[0]) {
		add_string(object, "pod_name", names.pod);
		add_string(object, "pod_namespace", names.namespace);
	}
	if (container.unit[0])
		add_string(object, "unit", container.unit);
	if (container.user[0])
		add_string(object, "user", container.user);
	json_object_object_add(to, key, object);
}

/* A number for a kill, a string for a call that found nobody to kill. */
static struct json_object *json_episode(__u64 id)
{
	return id & OOMWATCH_NOBODY ? json_object_new_string(words_episode(id)) :
		json_object_new_uint64(id);
}

struct json_object *json_of_record(const struct record *rec)
{
	struct json_object *to = json_object_new_object();
	const struct field *field;
	size_t nr;

	words_scope();
	add_string(to, "type", words_type(rec));
	json_object_object_add(to, "seq", json_object_new_uint64(rec->head.seq));
	/* A log has no date, and some of its lines have no time at all. */
	json_object_object_add(to, "t", rec->head.time_ns == OOMWATCH_UNKNOWN_U64 ? NULL :
			       json_seconds(rec->head.time_ns));
	if (record_ns(rec) == OOMWATCH_UNKNOWN_U64)
		json_object_object_add(to, "time", NULL);
	else
		add_string(to, "time", words_iso_time(record_ns(rec)));
	json_object_object_add(to, "oom", json_episode(rec->head.oom));
	for (field = record_fields(rec, &nr); nr; field++, nr--)
		add_field(to, rec, field);
	switch (rec->head.type) {
	case OOMWATCH_TYPE_OOM:
		add_container(to, "oom_container", ref_bytes(rec, rec->oom.memcg));
		break;
	case OOMWATCH_TYPE_TASK:
	case OOMWATCH_TYPE_PROTECTED:
	case OOMWATCH_TYPE_VICTIM:
		add_container(to, "container", ref_bytes(rec, rec->victim.process.memcg));
		if (rec->unfinished)
			json_object_object_add(to, "chosen_only", json_object_new_boolean(true));
		break;
	}
	return to;
}

/* The cause on two levels, null if neither is known. */
static struct json_object *json_full_cause(const struct episode *episode)
{
	const char *name = episode->oom ? words_cause_name(episode) : "-";

	return strcmp(name, "-") ? json_object_new_string(name) : NULL;
}

static struct json_object *json_one(const struct record *rec)
{
	return rec ? json_of_record(rec) : NULL;
}

static struct json_object *json_all_of(const struct episode *episode, unsigned int type)
{
	struct json_object *list = json_object_new_array();
	const struct record *rec;
	size_t at = 0;

	while ((rec = episode_next(episode, type, &at)))
		json_object_array_add(list, json_of_record(rec));
	return list;
}

/* The number of a load has all of 64 bits, which not all programs can take as a number. */
static void add_identity(struct json_object *to, const struct stream *stream)
{
	add_text(to, "host", stream->host);
	add_text(to, "machine_id", stream->machine);
	add_text(to, "boot_id", stream->boot);
	add_text(to, "load_id", stream->load ? format_words("%016llx", stream->load) : NULL);
}

struct json_object *json_of_episode(const struct episode *episode)
{
	struct json_object *to = json_object_new_object();

	words_scope();
	add_string(to, "type", "episode");
	json_object_object_add(to, "id", json_episode(episode->id));
	json_object_object_add(to, "capture", episode->stream->number ?
			       json_object_new_uint64(episode->stream->number) : NULL);
	add_identity(to, episode->stream);
	add_string(to, "kernel", words_escaped(comm_bytes(episode->stream->release)));
	add_text(to, "kernel_version", episode->stream->version);
	json_object_object_add(to, "page_size", json_object_new_int(episode->stream->page_size));
	json_object_object_add(to, "oom", json_one(episode->oom));
	json_object_object_add(to, "full_cause", json_full_cause(episode));
	json_object_object_add(to, "filled_by", filled_by(episode) ?
			       json_object_new_string(filled_by(episode)) : NULL);
	json_object_object_add(to, "memcg", json_one(first_of(episode, OOMWATCH_TYPE_MEMCG)));
	json_object_object_add(to, "children", json_all_of(episode, OOMWATCH_TYPE_CHILD));
	json_object_object_add(to, "meminfo", json_one(first_of(episode, OOMWATCH_TYPE_MEMINFO)));
	json_object_object_add(to, "later", json_later(episode));
	json_object_object_add(to, "reclaim", json_one(first_of(episode, OOMWATCH_TYPE_RECLAIM)));
	json_object_object_add(to, "nodes", json_all_of(episode, OOMWATCH_TYPE_NODE));
	json_object_object_add(to, "zones", json_all_of(episode, OOMWATCH_TYPE_ZONE));
	json_object_object_add(to, "stack", json_one(episode->stack));
	json_object_object_add(to, "tasks", json_all_of(episode, OOMWATCH_TYPE_TASK));
	json_object_object_add(to, "protected", json_all_of(episode, OOMWATCH_TYPE_PROTECTED));
	json_object_object_add(to, "cmdlines", json_all_of(episode, OOMWATCH_TYPE_CMDLINE));
	json_object_object_add(to, "excluded", json_one(episode->excluded));
	json_object_object_add(to, "victims", json_all_of(episode, OOMWATCH_TYPE_VICTIM));
	json_object_object_add(to, "sharers", json_all_of(episode, OOMWATCH_TYPE_SHARER));
	if (is_nobody(episode))
		json_object_object_add(to, "calls", json_all_of(episode, OOMWATCH_TYPE_CALLS));
	json_object_object_add(to, "end", json_one(episode->end));
	json_object_object_add(to, "reaps", json_all_of(episode, OOMWATCH_TYPE_REAP));
	json_object_object_add(to, "exits", json_all_of(episode, OOMWATCH_TYPE_EXIT));
	return to;
}
