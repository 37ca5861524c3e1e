// SPDX-License-Identifier: GPL-2.0
/*
 * Reads records by the table of core/fields.h, in either byte order and of older and newer minor
 * formats. The commands write them as text and JSON by the same table.
 */
#include <assert.h>
#include <byteswap.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"
#include "../../core/names.h"

#define ROW(place, key, form, names, nr_names, in_setter) \
	{ key, offsetof(struct record, place), sizeof(((struct record *)NULL)->place), \
	  FORM_##form, in_setter, nr_names, names }
#define FIELD(type, key, member, form, meaning) ROW(type.member, key, form, NULL, 0, 0),
#define NAMED(type, key, member, form, names, meaning) \
	ROW(type.member, key, form, names, ARRAY_SIZE(names), 0),
#define SETTER(key, member, form, meaning) ROW(set_by.member, key, form, NULL, 0, 1),
#define UNPRINTED(type, member, form, meaning)
#define UNPRINTED_SETTER(member, form, meaning)

#include "../../core/fields.h"

__u16 swap_u16(__u16 value, bool swapped) { return swapped ? bswap_16(value) : value; }
__u32 swap_u32(__u32 value, bool swapped) { return swapped ? bswap_32(value) : value; }
__u64 swap_u64(__u64 value, bool swapped) { return swapped ? bswap_64(value) : value; }

/* --- reading ------------------------------------------------------------------ */

static bool is_ref(const struct field *field) { return form_is_ref(field->form); }

static bool is_chars(const struct field *field)
{
	return field->form == FORM_COMM || field->form == FORM_NAME;
}

static void swap_field(const struct field *field, __u8 *at)
{
	__u8 other;
	int i, half = field->size / 2;

	if (is_chars(field))
		return;
	if (is_ref(field)) {
		struct oomwatch_ref *ref = (void *)at;

		ref->off = bswap_16(ref->off);
		ref->len = bswap_16(ref->len);
		return;
	}
	for (i = 0; i < half; i++) {
		other = at[i];
		at[i] = at[field->size - 1 - i];
		at[field->size - 1 - i] = other;
	}
}

static void put_number(__u8 *at, size_t size, __u64 number)
{
	__u32 half = number;

	switch (size) {
	case 1:
		*at = number;
		break;
	case 4:
		memcpy(at, &half, size);
		break;
	default:
		memcpy(at, &number, size);
	}
}

/*
 * Reads a field at offset of a structure of len bytes at wire. The field becomes unknown if the
 * structure is too short for it, or is missing (wire is NULL).
 */
static void read_field(struct record *rec, const struct field *field, const __u8 *wire,
		       size_t len, size_t offset)
{
	__u8 *at = (__u8 *)rec + field->offset;

	if (!wire || offset + field->size > len) {
		field_set_unknown(field, at);
		return;
	}
	memcpy(at, wire + offset, field->size);
	if (rec->stream->swapped)
		swap_field(field, at);
	if (is_chars(field))
		at[field->size - 1] = '\0';
}

static void read_setter(struct record *rec, const struct field *field)
{
	struct bytes setter = ref_bytes(rec, rec->victim.process.set_by);

	read_field(rec, field, setter.at, setter.len,
		   field->offset - offsetof(struct record, set_by));
}

static bool any_unknown(const struct oomwatch_process *process)
{
	return process->anon_rss == OOMWATCH_UNKNOWN_U64 ||
		process->file_rss == OOMWATCH_UNKNOWN_U64 ||
		process->shmem_rss == OOMWATCH_UNKNOWN_U64 ||
		process->swap == OOMWATCH_UNKNOWN_U64 || process->pgtables == OOMWATCH_UNKNOWN_U64;
}

/* The terms of a task's score, see struct oomwatch_task. */
static void make_terms(struct record *rec)
{
	const struct oomwatch_process *process = &rec->victim.process;
	struct oomwatch_victim *to = &rec->victim;

	/*
	 * A task of a later minor version is longer: read_fields() has then put its new fields
	 * here, where this program keeps the terms.
	 */
	to->score_rss = OOMWATCH_UNKNOWN_U64;
	to->score_swap = OOMWATCH_UNKNOWN_U64;
	to->score_pgtables = OOMWATCH_UNKNOWN_U64;
	to->score_adj = OOMWATCH_UNKNOWN_S64;
	if (any_unknown(process))
		return;
	to->score_rss = process->anon_rss + process->file_rss + process->shmem_rss;
	to->score_swap = process->swap;
	to->score_pgtables = process->pgtables / rec->stream->page_size;
	if (process->points != OOMWATCH_UNKNOWN_S64)
		to->score_adj = (__s64)((__u64)process->points - to->score_rss -
					  to->score_swap - to->score_pgtables);
}

/* Returns NULL or what is wrong. A reference with offset 0 is unknown: its length becomes 0. */
static const char *check_ref(const struct record *rec, struct oomwatch_ref *ref, unsigned int form)
{
	if (!ref->off) {
		ref->len = 0;
		return NULL;
	}
	if (ref->off < rec->head.fixed || (__u32)ref->off + ref->len > rec->head.len)
		return "refers to bytes outside of itself";
	if ((form == FORM_NODES || form == FORM_NUMBERS) && ref->len % sizeof(__u64))
		return "has a list of an impossible length";
	return NULL;
}

/* During swapoff the kernel's count of free swap is negative. Older modules recorded that count. */
static void read_swapoff(struct oomwatch_oom *oom)
{
	if (oom->swap_free >= OOMWATCH_NO_LIMIT || (__s64)oom->swap_free >= 0)
		return;
	oom->swapoff = -oom->swap_free;
	oom->swap_free = 0;
}

static const char *read_fields(struct record *rec)
{
	/* The reference to the setter has no row in fields.h, but the setter's fields need it. */
	static const struct field set_by = ROW(victim.process.set_by, NULL, SETTER, NULL, 0, 0);
	const struct field *fields, *field;
	const char *wrong;
	size_t nr;

	fields = record_fields(rec, &nr);
	for (field = fields; field < fields + nr; field++) {
		if (field->in_setter)
			continue;
		read_field(rec, field, rec->bytes, rec->head.fixed, field->offset);
		if (!is_ref(field))
			continue;
		wrong = check_ref(rec, (void *)((__u8 *)rec + field->offset), field->form);
		if (wrong)
			return wrong;
	}
	if (rec->head.type == OOMWATCH_TYPE_OOM)
		read_swapoff(&rec->oom);
	if (!type_is_process(rec->head.type))
		return NULL;
	read_field(rec, &set_by, rec->bytes, rec->head.fixed, set_by.offset);
	wrong = check_ref(rec, &rec->victim.process.set_by, set_by.form);
	if (wrong)
		return wrong;
	for (field = fields; field < fields + nr; field++)
		if (field->in_setter)
			read_setter(rec, field);
	if (type_is_task(rec->head.type))
		make_terms(rec);
	return NULL;
}

static struct record *record_new(size_t len, const struct stream *stream)
{
	struct record *rec = allocate(sizeof(*rec) + len);

	rec->stream = stream;
	rec->real_ns = OOMWATCH_UNKNOWN_U64;
	return rec;
}

/*
 * Decodes the record at bytes; the caller has checked that all head.len bytes are there. free() the
 * result. It is NULL if the record is malformed; *wrong then says how.
 */
struct record *record_decode(const void *bytes, const struct stream *stream, const char **wrong)
{
	struct oomwatch_head head;
	struct record *rec;

	memcpy(&head, bytes, sizeof(head));
	head.len = swap_u32(head.len, stream->swapped);
	rec = record_new(head.len, stream);
	memcpy(rec->bytes, bytes, head.len);
	rec->head = (struct oomwatch_head) {
		.len = head.len,
		.type = swap_u16(head.type, stream->swapped),
		.fixed = swap_u16(head.fixed, stream->swapped),
		.seq = swap_u64(head.seq, stream->swapped),
		.time_ns = swap_u64(head.time_ns, stream->swapped),
		.oom = swap_u64(head.oom, stream->swapped),
	};
	if (rec->head.oom & OOMWATCH_NOBODY)
		rec->head.type &= ~OOMWATCH_TYPE_NOBODY;
	*wrong = rec->head.fixed < sizeof(head) || rec->head.fixed > rec->head.len ?
		"gives its fields an impossible size" : read_fields(rec);
	if (*wrong) {
		free(rec);
		rec = NULL;
	}
	return rec;
}

/* --- a line of text ------------------------------------------------------------- */

/*
 * Takes the value after key= from s and undoes its escapes in place. Returns what follows the
 * value, or NULL if the value is malformed.
 */
static char *parse_value(char *s, bool *quoted)
{
	char *to = s, hex[3] = "";

	*quoted = *s == '"';
	if (!*quoted) {
		s += strcspn(s, "\n ");
	} else {
		for (s++; *s != '"'; s++) {
			if (!*s)
				return NULL;
			if (*s != '\\') {
				*to++ = *s;
			} else if (*++s == 'x') {
				if (!isxdigit((__u8)s[1]) || !isxdigit((__u8)s[2]))
					return NULL;
				memcpy(hex, s + 1, 2);
				*to++ = strtoul(hex, NULL, 16);
				s += 2;
			} else if (*s) {
				*to++ = *s;
			} else {
				return NULL;
			}
		}
		*to = '\0';
		s++;
	}
	if (*s)
		*s++ = '\0';
	return s;
}

static __u64 parse_enum(const struct field *field, const char *value)
{
	unsigned int i;

	for (i = 0; i < field->nr_names; i++)
		if (!strcmp(field->names[i], value))
			return i;
	return 0;
}

static __u64 parse_flags(const char *value)
{
	__u64 flags = 0;
	unsigned int i;

	/* strstr() is enough: no name of a flag contains another one. */
	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (strstr(value, flag_names[i]))
			flags |= 1ULL << i;
	return flags;
}

static __u64 parse_number(const struct record *rec, const struct field *field,
			  const char *value)
{
	__u64 number = strtoull(value, NULL, 0);

	switch (field->form) {
	case FORM_PAGES:
		return !strcmp(value, "max") ? OOMWATCH_NO_LIMIT :
			number * 1024 / rec->stream->page_size;
	case FORM_BYTES:
		return number * 1024;
	case FORM_AGO:
		return rec->head.time_ns - number;
	case FORM_ENUM:
		return parse_enum(field, value);
	case FORM_FLAGS:
		return parse_flags(value);
	}
	return number;
}

/* Text goes to rec->bytes, where ref_bytes() expects it. */
static void parse_field(struct record *rec, const struct field *field, char *value, bool quoted)
{
	__u8 *at = (__u8 *)rec + field->offset;
	size_t len;

	if (!quoted && !strcmp(value, "-"))
		return;
	len = strlen(value);
	if (is_chars(field)) {
		memset(at, 0, field->size);
		memcpy(at, value, len < field->size ? len : field->size - 1u);
	} else if (form_is_text(field->form)) {
		struct oomwatch_ref *ref = (void *)at;

		ref->off = rec->head.len;
		ref->len = len;
		memcpy(rec->bytes + rec->head.len, value, len);
		rec->head.len += len;
	} else if (!is_ref(field)) {
		put_number(at, field->size, parse_number(rec, field, value));
	}
}

static unsigned int type_by_name(const char *name)
{
	unsigned int type = __OOMWATCH_TYPE_MAX;

	while (--type && (!record_types[type].nr_fields || strcmp(type_names[type], name)))
		;
	return type;
}

static void head_value(struct oomwatch_head *head, const char *key, const char *value)
{
	char *point;

	if (!strcmp(key, "seq")) {
		head->seq = strtoull(value, NULL, 10);
	} else if (!strcmp(key, "oom")) {
		head->oom = strtoull(value, NULL, 10);
	} else if (!strcmp(key, "t")) {
		head->time_ns = strtoull(value, &point, 10) * 1000000000;
		if (*point == '.')
			head->time_ns += strtoull(point + 1, NULL, 10);
	}
}

struct record *record_unknown(unsigned int type, size_t room, const struct stream *stream)
{
	struct record *rec = record_new(room + 1, stream);
	const struct field *fields;
	size_t nr, i;

	rec->head.type = type;
	/* Texts begin at offset 1: a reference with offset 0 is unknown. */
	rec->head.len = 1;
	fields = record_fields(rec, &nr);
	for (i = 0; i < nr; i++)
		field_set_unknown(&fields[i], (__u8 *)rec + fields[i].offset);
	return rec;
}

/*
 * Parses a line of the module's text, and modifies the line. Returns NULL if it is malformed or of
 * an unknown type; free() the result. Lists of nodes and of numbers stay unknown.
 */
struct record *record_parse(char *line, const struct stream *stream)
{
	const struct field *field, *fields;
	size_t nr, room = strlen(line);
	char *s = strchr(line, ' '), *key;
	struct record *rec;
	bool quoted;

	if (s)
		*s++ = '\0';
	rec = record_unknown(type_by_name(line), room, stream);
	fields = record_fields(rec, &nr);
	while (s && *s) {
		key = s;
		s = strchr(s, '=');
		if (!s)
			break;
		*s++ = '\0';
		line = s;
		s = parse_value(s, &quoted);
		if (!s)
			break;
		head_value(&rec->head, key, line);
		for (field = fields; field < fields + nr; field++)
			if (!strcmp(field->key, key))
				parse_field(rec, field, line, quoted);
	}
	if (!s || !rec->head.type) {
		free(rec);
		rec = NULL;
	}
	return rec;
}

/* --- fields ------------------------------------------------------------------- */

const struct field *record_fields(const struct record *rec, size_t *nr)
{
	const struct record_type *type =
		&record_types[rec->head.type < __OOMWATCH_TYPE_MAX ? rec->head.type : 0];

	*nr = type->nr_fields;
	return type->fields;
}

/* NULL if this program does not know the type. */
const char *record_type_name(const struct record *rec)
{
	return rec->head.type < __OOMWATCH_TYPE_MAX ? type_names[rec->head.type] : NULL;
}

const char *enum_name(const struct field *field, __u64 value)
{
	return value < field->nr_names ? field->names[value] : "-";
}

const char *flag_name(unsigned int bit)
{
	return bit < ARRAY_SIZE(flag_names) ? flag_names[bit] : NULL;
}

const char *cause_name(unsigned int cause)
{
	return cause < ARRAY_SIZE(cause_names) ? cause_names[cause] : "-";
}

const char *kind_name(unsigned int kind)
{
	return kind < ARRAY_SIZE(kind_names) ? kind_names[kind] : "-";
}

__u64 field_unsigned(const struct record *rec, const struct field *field)
{
	const void *at = (const __u8 *)rec + field->offset;

	switch (field->size) {
	case 1:
		return *(const __u8 *)at;
	case 4:
		return *(const __u32 *)at == OOMWATCH_UNKNOWN_U32 ? OOMWATCH_UNKNOWN_U64 :
			*(const __u32 *)at;
	default:
		return *(const __u64 *)at;
	}
}

/* ns from then to the record. A time while the record was being made counts as 0 ns before it. */
__u64 field_ago(const struct record *rec, const struct field *field)
{
	__u64 then = field_unsigned(rec, field);

	return rec->head.time_ns > then ? rec->head.time_ns - then : 0;
}

__s64 field_signed(const struct record *rec, const struct field *field)
{
	const void *at = (const __u8 *)rec + field->offset;

	if (field->size == 8)
		return *(const __s64 *)at;
	return *(const __s32 *)at == OOMWATCH_UNKNOWN_S32 ? OOMWATCH_UNKNOWN_S64 :
		*(const __s32 *)at;
}

bool comm_known(const char *comm) { return !comm[OOMWATCH_COMM_LEN - 1]; }

/* An older module has no lost.kills: it tells whether all lost records were of oom_score_adj. */
bool lost_no_kills(const struct record *rec)
{
	return !rec->lost.kills || rec->lost.adj == rec->lost.count;
}

/* Also for FORM_NAME, the kernel's own names. */
struct bytes comm_bytes(const char *comm)
{
	return (struct bytes) { (const __u8 *)comm, strlen(comm) };
}

bool is_below(struct bytes path, struct bytes above)
{
	while (above.len && above.at[above.len - 1] == '/')
		above.len--;
	return path.at && path.len >= above.len && !memcmp(path.at, above.at, above.len) &&
		(path.len == above.len || path.at[above.len] == '/');
}

struct bytes ref_bytes(const struct record *rec, struct oomwatch_ref ref)
{
	return ref.off ? (struct bytes) { rec->bytes + ref.off, ref.len } : (struct bytes) { };
}

/* The n-th number of a list, which may be unaligned. */
__u64 ref_u64(const struct record *rec, struct oomwatch_ref ref, unsigned int n)
{
	__u64 value;

	memcpy(&value, rec->bytes + ref.off + n * sizeof(value), sizeof(value));
	return swap_u64(value, rec->stream->swapped);
}

/* For fields that are text: a task's name, a kernel's name, or a reference. */
struct bytes field_bytes(const struct record *rec, const struct field *field)
{
	const void *at = (const __u8 *)rec + field->offset;

	if (is_ref(field))
		return ref_bytes(rec, *(const struct oomwatch_ref *)at);
	return comm_bytes(at);
}

bool field_known(const struct record *rec, const struct field *field)
{
	const void *at = (const __u8 *)rec + field->offset;

	switch (field->form) {
	case FORM_SIGNED:
		return field_signed(rec, field) != OOMWATCH_UNKNOWN_S64;
	case FORM_RANK:
		return field_unsigned(rec, field) &&
			field_unsigned(rec, field) != OOMWATCH_UNKNOWN_U64;
	case FORM_ENUM:
		return strcmp(enum_name(field, field_unsigned(rec, field)), "-");
	case FORM_COMM:
		return comm_known(at);
	case FORM_NAME:
		return *(const char *)at;
	case FORM_TEXT:
	case FORM_FRAMES:
	case FORM_NODES:
	case FORM_NUMBERS:
		return ((const struct oomwatch_ref *)at)->off;
	default:
		return field_unsigned(rec, field) != OOMWATCH_UNKNOWN_U64;
	}
}
