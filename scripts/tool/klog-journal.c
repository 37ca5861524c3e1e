// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a log as journalctl -o json and -o export write it, or as Docker does. Entries of a journal
 * with _TRANSPORT=kernel are the kernel's: a program can't set a field that begins with an
 * underscore. MESSAGE is the kernel's text alone, of any bytes.
 */
#include <endian.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "klog-report.h"

/* Longer lines of JSON, and longer fields, are left out: the kernel's messages have some KiB. */
#define MOST_BYTES (48 * 1024)

enum klog_form klog_form_of(const __u8 *bytes, size_t len)
{
	static const char export[] = "__CURSOR=", docker[] = "{\"log\":";

	if (len >= strlen(docker) && !memcmp(bytes, docker, strlen(docker)))
		return KLOG_DOCKER;
	if (len && *bytes == '{')
		return KLOG_JSON;
	return len >= strlen(export) && !memcmp(bytes, export, strlen(export)) ? KLOG_EXPORT :
		KLOG_LINES;
}

/* --- an entry ------------------------------------------------------------------------------ */

static void add_byte(struct journal_entry *entry, unsigned char byte)
{
	if (byte && entry->len < sizeof(entry->message) - 1)
		entry->message[entry->len++] = byte;
}

/* A second message of an entry is one more line. */
static void add_message(struct journal_entry *entry, const char *text, size_t len)
{
	if (entry->len)
		add_byte(entry, '\n');
	while (len--)
		add_byte(entry, *text++);
}

/* Docker's json-file: it has the end of the line, too. */
static void add_line(struct journal_entry *entry, const char *text, size_t len)
{
	while (len && text[len - 1] == '\n')
		len--;
	add_message(entry, text, len);
}

static __u64 number_of(const char *text, size_t len)
{
	__u64 us = 0;
	size_t i;

	/* 2^52 us are 142 years. */
	for (i = 0; i < len && text[i] >= '0' && text[i] <= '9' && us < 1ULL << 52; i++)
		us = 10 * us + (text[i] - '0');
	return len && i == len && us < 1ULL << 52 ? us : OOMWATCH_UNKNOWN_U64;
}

static bool is_named(const char *name, size_t len, const char *wanted)
{
	return len == strlen(wanted) && !memcmp(name, wanted, len);
}

static void set_writer(struct journal_entry *entry, const char *transport, size_t len)
{
	entry->is_kernel = is_named(transport, len, "kernel");
	entry->is_driver = is_named(transport, len, "driver");
}

static void add_field(struct journal_entry *entry, const char *name, size_t name_len,
		      const char *text, size_t len)
{
	if (is_named(name, name_len, "MESSAGE"))
		add_message(entry, text, len);
	else if (is_named(name, name_len, "log"))
		add_line(entry, text, len);
	else if (is_named(name, name_len, "_TRANSPORT"))
		set_writer(entry, text, len);
	else if (is_named(name, name_len, "_BOOT_ID"))
		entry->boot = klog_hash(text, len);
	else if (is_named(name, name_len, "_HOSTNAME"))
		klog_set_host(&entry->host, text, len);
	else if (is_named(name, name_len, "__REALTIME_TIMESTAMP"))
		entry->real_us = number_of(text, len);
	else if (is_named(name, name_len, "_SOURCE_MONOTONIC_TIMESTAMP"))
		entry->boot_us = number_of(text, len);
}

static void begin_entry(struct journal_entry *entry)
{
	entry->len = 0;
	entry->is_kernel = false;
	entry->is_driver = false;
	entry->boot = 0;
	entry->host = (struct host) { };
	entry->real_us = OOMWATCH_UNKNOWN_U64;
	entry->boot_us = OOMWATCH_UNKNOWN_U64;
}

static __u64 ns_of(__u64 us)
{
	return us == OOMWATCH_UNKNOWN_U64 ? us : us * 1000;
}

static void end_entry(struct capture *capture)
{
	struct klog *log = capture->log;
	struct journal_entry *entry = &log->entry;

	entry->message[entry->len] = '\0';
	if (log->form == KLOG_DOCKER) {
		klog_take_line(capture, entry->message);
		begin_entry(entry);
		return;
	}
	if (entry->is_driver)
		klog_take_missed(capture, &entry->host, entry->message);
	if (entry->is_kernel && entry->len) {
		log->is_kernel = true;
		log->stamp = (struct stamp) {
			.time_ns = ns_of(entry->boot_us),
			.real_ns = ns_of(entry->real_us),
			.host = entry->host,
			.boot = entry->boot,
		};
		klog_take_message(capture, entry->message);
	}
	begin_entry(entry);
}

/* --- JSON: an object a line ----------------------------------------------------------------- */

/* Bytes that are not UTF-8, or not printable, are a list of numbers. */
static bool is_bytes(struct json_object *value)
{
	return json_object_is_type(value, json_type_array) && json_object_array_length(value) &&
		json_object_is_type(json_object_array_get_idx(value, 0), json_type_int);
}

static void add_bytes(struct journal_entry *entry, struct json_object *list)
{
	struct json_object *number;
	size_t i, nr = json_object_array_length(list);
	int byte;

	if (entry->len)
		add_byte(entry, '\n');
	for (i = 0; i < nr; i++) {
		number = json_object_array_get_idx(list, i);
		byte = json_object_is_type(number, json_type_int) ? json_object_get_int(number) : 0;
		add_byte(entry, byte > 0 && byte < 256 ? byte : 0);
	}
}

static void add_value(struct journal_entry *entry, const char *name, struct json_object *value)
{
	if (json_object_is_type(value, json_type_string))
		add_field(entry, name, strlen(name), json_object_get_string(value),
			  json_object_get_string_len(value));
	else if (is_bytes(value) && !strcmp(name, "MESSAGE"))
		add_bytes(entry, value);
}

/* A field that an entry has several times is a list of its values. */
static void add_values(struct journal_entry *entry, const char *name, struct json_object *value)
{
	size_t i;

	if (!json_object_is_type(value, json_type_array) || is_bytes(value)) {
		add_value(entry, name, value);
		return;
	}
	for (i = 0; i < json_object_array_length(value); i++)
		add_value(entry, name, json_object_array_get_idx(value, i));
}

static void take_json(struct capture *capture, const char *line, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object = tokener && len < MOST_BYTES ?
		json_tokener_parse_ex(tokener, line, len) : NULL;

	if (json_object_is_type(object, json_type_object)) {
		json_object_object_foreach(object, name, value)
			add_values(&capture->log->entry, name, value);
		end_entry(capture);
	} else if (memmem(line, len, KILLED, strlen(KILLED)) ||
		   memmem(line, len, INVOKED, strlen(INVOKED))) {
		capture->log->quoted = true;
	}
	json_object_put(object);
	if (tokener)
		json_tokener_free(tokener);
}

/* --- export: a field a line, and an empty line after an entry ------------------------------- */

/*
 * A field of any bytes: its name, the end of the line, the length in 8 bytes, the bytes, and the
 * end of a line. Returns how much of it is taken; 0: not all of it is there.
 */
static size_t take_binary(struct klog *log, const char *at, size_t name_len, size_t len)
{
	size_t head = name_len + 1 + sizeof(__u64);
	__u64 size;

	if (len < head)
		return 0;
	memcpy(&size, at + name_len + 1, sizeof(size));
	size = le64toh(size);
	if (size >= MOST_BYTES) {
		log->entry.skip = size < ~0ULL ? size + 1 : size;
		return head;
	}
	if (len < head + size + 1)
		return 0;
	add_field(&log->entry, at, name_len, at + head, size);
	return head + size + 1;
}

/* Returns how much of the bytes is taken; 0: not all of the field is there. */
static size_t take_field(struct capture *capture, const char *at, size_t line_len, size_t len)
{
	const char *sign = memchr(at, '=', line_len);

	if (!line_len) {
		end_entry(capture);
		return 1;
	}
	if (!sign)
		return take_binary(capture->log, at, line_len, len);
	add_field(&capture->log->entry, at, sign - at, sign + 1, line_len - (sign + 1 - at));
	return line_len + 1;
}

/* Leaves out bytes of a field or line that is too long. Returns how many. */
static size_t skip_bytes(struct journal_entry *entry, const char *at, size_t len)
{
	const char *end;
	size_t n = len;

	if (entry->skip) {
		n = entry->skip < len ? entry->skip : len;
		entry->skip -= n;
	} else if (entry->skip_line) {
		end = memchr(at, '\n', len);
		entry->skip_line = !end;
		n = end ? (size_t)(end + 1 - at) : len;
	}
	return n;
}

size_t klog_add_journal(struct capture *capture, const __u8 *bytes, size_t len, bool last)
{
	struct klog *log = capture->log;
	struct journal_entry *entry = &log->entry;
	const char *at = (const char *)bytes, *end, *until = at + len;
	size_t n;

	for (; at < until; at += n) {
		if (entry->skip || entry->skip_line) {
			n = skip_bytes(entry, at, until - at);
			continue;
		}
		end = memchr(at, '\n', until - at);
		if (!end && !last && until - at < MOST_BYTES)
			break;
		n = end ? end + 1 - at : until - at;
		if (log->form != KLOG_EXPORT)
			take_json(capture, at, n - !!end);
		else if (end)
			n = take_field(capture, at, end - at, until - at);
		if (!n)
			break;
		entry->skip_line = !end;
	}
	/* The file may end after the last field. */
	if (last)
		end_entry(capture);
	return at - (const char *)bytes;
}

void klog_begin_journal(struct klog *log)
{
	begin_entry(&log->entry);
}
