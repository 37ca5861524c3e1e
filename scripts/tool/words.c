// SPDX-License-Identifier: GPL-2.0
/* Numbers, names and sentences as text for people. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kill.h"
#include "tool.h"

static struct {
	char **all;
	size_t nr, room;
} words;

size_t words_begin(void) { return words.nr; }

void words_end(const size_t *begun)
{
	while (words.nr > *begun)
		free(words.all[--words.nr]);
}

/* Takes over what malloc() has returned. */
const char *words_keep(char *text)
{
	if (words.nr == words.room) {
		words.room = words.room ? 2 * words.room : 64;
		words.all = reallocarray(words.all, words.room, sizeof(*words.all));
		if (!words.all)
			die_no_memory();
	}
	words.all[words.nr++] = text;
	return text;
}

const char *format_words(const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		die_no_memory();
	va_end(ap);
	return words_keep(text);
}

/* Any bytes as printable ASCII. @quoted has the printable ones that get a backslash, too. */
static const char *escape(struct bytes bytes, const char *quoted)
{
	char *text = allocate(4 * bytes.len + 1), *to = text;
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		__u8 c = bytes.at[i];

		if (c && strchr(quoted, c))
			to += sprintf(to, "\\%c", c);
		else if (c < 0x80 && isprint(c))
			*to++ = c;
		else
			to += sprintf(to, "\\x%02x", c);
	}
	return words_keep(text);
}

/* As the module's own text escapes them. */
const char *words_escaped(struct bytes bytes) { return escape(bytes, "\"\\"); }

/* Where whoever prints them escapes backslashes and quotes. */
const char *words_printable(struct bytes bytes) { return escape(bytes, ""); }

const char *words_comm(const char *comm)
{
	return !comm_known(comm) ? "-" : *comm ? words_escaped(comm_bytes(comm)) : "(no name)";
}

const char *words_ref(const struct record *rec, struct oomwatch_ref ref)
{
	struct bytes bytes = ref_bytes(rec, ref);

	return bytes.at ? words_escaped(bytes) : "-";
}

static const char * const size_units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };

static const char *size_with_digits(__u64 bytes, int digits)
{
	double value = bytes;
	unsigned int unit = 0;

	/* 1023.95 would be printed as 1024.0: use the next unit. */
	for (; value >= 1023.95; value /= 1024)
		unit++;
	return format_words("%.*f %s", unit ? digits : 0, value, size_units[unit]);
}

/* As words_size(), but not less than it is: for a limit that is to hold as much. */
const char *words_size_up(__u64 bytes)
{
	unsigned int unit = 0;
	__u64 tenths;
	double value;

	for (value = bytes; value >= 1023.95; value /= 1024)
		unit++;
	tenths = value * 10;
	tenths += tenths < value * 10;
	return !unit ? words_size(bytes) :
		format_words("%llu.%llu %s", tenths / 10, tenths % 10, size_units[unit]);
}

/* 24.0 MiB. */
const char *words_size(__u64 bytes)
{
	return size_with_digits(bytes, 1);
}

/* More digits where fewer are the same for both; if three are not enough, KiB. */
static struct pair with_difference(struct pair pair, __u64 a, __u64 b)
{
	int digits;

	for (digits = 2; digits <= 3 && !strcmp(pair.a, pair.b); digits++)
		pair = (struct pair) { size_with_digits(a, digits), size_with_digits(b, digits) };
	if (!strcmp(pair.a, pair.b))
		pair = (struct pair) { format_words("%s KiB", words_number(a / 1024)),
				       format_words("%s KiB", words_number(b / 1024)) };
	return pair;
}

/* Two sizes of one sentence. Where they differ, their words do. */
struct pair words_sizes(__u64 a, __u64 b)
{
	struct pair pair = { words_size(a), words_size(b) };

	return a == b ? pair : with_difference(pair, a, b);
}

struct pair words_pair(const struct record *rec, __u64 a, __u64 b)
{
	__u64 size = rec->stream->page_size;
	struct pair pair = { words_pages(rec, a), words_pages(rec, b) };

	if (!is_known(a) || !is_known(b) || a == b)
		return pair;
	return with_difference(pair, a * size, b * size);
}

/* In one word, so that the columns of a line can be counted. */
const char *words_tight(const char *size)
{
	const char *space = strchr(size, ' ');

	return space ? format_words("%.*s%s", (int)(space - size), size, space + 1) : size;
}

/* The size in a field of a record, which may be unknown. */
const char *words_bytes(__u64 bytes)
{
	return is_known(bytes) ? words_size(bytes) : "-";
}

const char *words_pages(const struct record *rec, __u64 pages)
{
	if (pages == OOMWATCH_UNKNOWN_U64)
		return "-";
	if (pages == OOMWATCH_NO_LIMIT)
		return "none";
	return words_size(pages * rec->stream->page_size);
}

static const char *with_commas(const char *sign, __u64 n)
{
	char digits[32], text[48], *to = text;
	int i, len = snprintf(digits, sizeof(digits), "%llu", n);

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return format_words("%s%s", sign, text);
}

const char *words_number(__u64 n)
{
	return n == OOMWATCH_UNKNOWN_U64 ? "-" : with_commas("", n);
}

const char *words_signed(__s64 n)
{
	if (n == OOMWATCH_UNKNOWN_S64)
		return "-";
	return n < 0 ? with_commas("-", -(__u64)n) : with_commas("", n);
}

const char *words_duration(__u64 ns)
{
	__u64 s = ns / 1000000000;

	if (ns == OOMWATCH_UNKNOWN_U64)
		return "-";
	if (ns < 1000000)
		return format_words("%.1f us", ns / 1e3);
	if (ns < 1000000000)
		return format_words("%.1f ms", ns / 1e6);
	if (s < 60)
		return format_words("%.1f s", ns / 1e9);
	if (s < 3600)
		return format_words("%llu min %llu s", s / 60, s % 60);
	if (s < 86400)
		return format_words("%llu h %llu min", s / 3600, s / 60 % 60);
	return format_words("%llu d %llu h", s / 86400, s / 3600 % 24);
}

static const char *formatted_time(__u64 real_ns, const char *fmt, __u64 fraction, int digits)
{
	time_t s = real_ns / 1000000000;
	struct tm tm;
	char date[64], zone[16];

	/* The time comes from a record and may be any number. */
	if (s < 0 || !localtime_r(&s, &tm) || !strftime(date, sizeof(date), fmt, &tm))
		return "-";
	if (digits <= 3)
		return format_words("%s.%0*llu", date, digits, fraction);
	strftime(zone, sizeof(zone), "%z", &tm);
	return format_words("%s.%0*llu%.3s:%s", date, digits, fraction, zone, zone + 3);
}

const char *words_time(__u64 real_ns)
{
	if (real_ns == OOMWATCH_UNKNOWN_U64)
		return "-";
	return formatted_time(real_ns, "%Y-%m-%d %H:%M:%S", real_ns / 1000000 % 1000, 3);
}

const char *words_iso_time(__u64 real_ns)
{
	if (real_ns == OOMWATCH_UNKNOWN_U64)
		return "-";
	return formatted_time(real_ns, "%Y-%m-%dT%H:%M:%S", real_ns % 1000000000, 9);
}

const char *words_id(__s32 id)
{
	return id == OOMWATCH_UNKNOWN_S32 ? "-" : format_words("%d", id);
}

const char *words_episode(__u64 id)
{
	return format_words("%s%llu", id & OOMWATCH_NOBODY ? "n" : "", id & ~OOMWATCH_NOBODY);
}

const char *words_type(const struct record *rec)
{
	return format_words("%s%s", rec->head.oom & OOMWATCH_NOBODY ? "nobody_" : "",
			    record_type_name(rec));
}

const char *words_kill_id(const struct stream *stream, __u64 id)
{
	const char *nr = words_episode(id);

	return stream->number ? format_words("%zu.%s", stream->number, nr) : nr;
}

const char *words_uid(__u32 uid)
{
	return uid == OOMWATCH_UNKNOWN_U32 ? "-" : format_words("%u", uid);
}

static bool has_node(const struct record *rec, struct oomwatch_ref ref, unsigned int node)
{
	return node < ref.len * 8u && ref_u64(rec, ref, node / 64) >> node % 64 & 1;
}

/* A list such as 0,2-3. */
const char *words_nodes(const struct record *rec, struct oomwatch_ref ref)
{
	unsigned int first, last;
	const char *comma = "";
	size_t size;
	char *text;
	FILE *to;

	if (!ref.off)
		return "-";
	to = text_begin(&text, &size);
	for (first = 0; first < ref.len * 8u; first = last + 1) {
		last = first;
		if (!has_node(rec, ref, first))
			continue;
		while (has_node(rec, ref, last + 1))
			last++;
		fprintf(to, last > first ? "%s%u-%u" : "%s%u", comma, first, last);
		comma = ",";
	}
	text_end(to);
	return words_keep(text);
}

const char *words_joined(const char * const *items, size_t nr, const char *last)
{
	const char *list = "", *comma = nr > 2 ? "," : "";
	size_t i;

	for (i = 0; i < nr; i++)
		if (strchr(items[i], ',') || strstr(items[i], " and "))
			comma = ",";
	for (i = 0; i < nr; i++)
		list = !i ? items[i] : i + 1 < nr ? format_words("%s, %s", list, items[i]) :
			format_words("%s%s %s %s", list, comma, last, items[i]);
	return list;
}

const char *plural(__u64 n, const char *one, const char *many)
{
	return format_words("%s %s", words_number(n), n == 1 ? one : many);
}

/* Keeps "unknown" unknown when a field of 32 bits becomes 64 bits wide. */
__u64 widened(__u32 n)
{
	return n == OOMWATCH_UNKNOWN_U32 ? OOMWATCH_UNKNOWN_U64 : n;
}

const char *words_count(__u32 n)
{
	return words_number(widened(n));
}

const char *plural_count(__u32 n, const char *one, const char *many)
{
	return plural(widened(n), one, many);
}

/* --- paragraphs ------------------------------------------------------------------- */

void paragraph(struct prose *to, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		die_no_memory();
	va_end(ap);
	to->nr++;
	to->put(to, text);
	free(text);
}

void listing_add(struct listing *listing, const char *fmt, ...)
{
	va_list ap;

	if (!listing->to)
		listing->to = text_begin(&listing->text, &listing->size);
	if (listing->nr++)
		fputs(", ", listing->to);
	va_start(ap, fmt);
	vfprintf(listing->to, fmt, ap);
	va_end(ap);
	fflush(listing->to);
}

void listing_free(struct listing *listing)
{
	if (listing->to)
		fclose(listing->to);
	free(listing->text);
	*listing = (struct listing) { };
}
