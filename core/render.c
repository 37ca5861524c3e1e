// SPDX-License-Identifier: GPL-2.0
/*
 * Render: records to text, by the table of fields.h, a line for each record. The text depends on
 * the record alone; the seq_file is only a buffer for it.
 */

#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "internal.h"

/* seq_printf() takes several times as long, and a line has many numbers. */
static void put_unsigned(struct seq_file *m, u64 value)
{
	seq_put_decimal_ull(m, "", value);
}

static void put_pages(struct seq_file *m, u64 pages)
{
	if (pages == OOMWATCH_NO_LIMIT)
		seq_puts(m, "max");
	else
		put_unsigned(m, pages << (PAGE_SHIFT - 10));
}

/* As seq_write(), but of what is too long for the buffer, all that fits is written. */
static void put_bytes(struct seq_file *m, const u8 *s, size_t len)
{
	len = min(len, m->size - m->count);
	memcpy(m->buf + m->count, s, len);
	m->count += len;
}

/* Whether a byte gets a backslash and stays as it is. */
static bool is_quote(u8 c)
{
	return c == '"' || c == '\\';
}

static bool is_plain(u8 c)
{
	return isascii(c) && isprint(c) && !is_quote(c);
}

/* Users choose the bytes of names. Escaped, a line stays one line and can be parsed. */
static void put_quoted(struct seq_file *m, const u8 *s, size_t len)
{
	const u8 *end = s + len, *plain;

	seq_putc(m, '"');
	for (; s < end; s++) {
		for (plain = s; s < end && is_plain(*s); s++)
			;
		put_bytes(m, plain, s - plain);
		if (s == end)
			break;
		seq_printf(m, is_quote(*s) ? "\\%c" : "\\x%02x", *s);
	}
	seq_putc(m, '"');
}

/* The columns of a byte in put_quoted(). */
static size_t quoted_columns(u8 c)
{
	if (is_plain(c))
		return 1;
	return is_quote(c) ? 2 : 4;
}

/**
 * render_short() - print a string in quotes, cut if it is too long
 * @m: where it goes
 * @s: its bytes, chosen by a user
 * @len: how many
 * @columns: the most columns to take; at least 5
 * @end: keep its end, not its beginning
 *
 * Three dots outside of the quotes stand for what is cut off.
 *
 * Context: any.
 */
void render_short(struct seq_file *m, const u8 *s, size_t len, size_t columns, bool end)
{
	size_t used = 2, fit = 0, i;

	for (i = 0; i < len && used <= columns; i++) {
		used += quoted_columns(end ? s[len - 1 - i] : s[i]);
		if (used + 3 <= columns)
			fit = i + 1;
	}
	if (used <= columns)
		fit = len;
	if (end && fit < len)
		seq_puts(m, "...");
	put_quoted(m, end ? s + len - fit : s, fit);
	if (!end && fit < len)
		seq_puts(m, "...");
}

/* A list such as 0,2-3. */
static void put_nodes(struct seq_file *m, const u64 *words, unsigned int bits)
{
	const char *comma = "";
	unsigned int bit, end;

	for (bit = 0; bit < bits; bit = end + 1) {
		end = bit;
		if (!(words[bit / 64] & BIT_ULL(bit % 64)))
			continue;
		while (end + 1 < bits && words[(end + 1) / 64] & BIT_ULL((end + 1) % 64))
			end++;
		if (end > bit)
			seq_printf(m, "%s%u-%u", comma, bit, end);
		else
			seq_printf(m, "%s%u", comma, bit);
		comma = ",";
	}
}

static void put_numbers(struct seq_file *m, const u64 *numbers, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		seq_put_decimal_ull(m, i ? "," : "", numbers[i]);
}

static void put_flags(struct seq_file *m, const struct field *field, u32 flags)
{
	const char *comma = "";
	int i;

	if (!flags)
		seq_puts(m, "none");
	for (i = 0; i < field->nr_names; i++) {
		if (!(flags & BIT(i)))
			continue;
		seq_printf(m, "%s%s", comma, field->names[i]);
		comma = ",";
	}
}

/* Reads 1, 4 or 8 bytes. An unknown u32 becomes an unknown u64. */
static u64 read_unsigned(const void *at, size_t size)
{
	switch (size) {
	case 1:
		return *(const u8 *)at;
	case 4:
		return *(const u32 *)at == OOMWATCH_UNKNOWN_U32 ? OOMWATCH_UNKNOWN_U64 :
		       *(const u32 *)at;
	default:
		return *(const u64 *)at;
	}
}

static s64 read_signed(const void *at, size_t size)
{
	if (size == sizeof(s64))
		return *(const s64 *)at;
	return *(const s32 *)at == OOMWATCH_UNKNOWN_S32 ? OOMWATCH_UNKNOWN_S64 : *(const s32 *)at;
}

static bool is_known(const struct field *field, const void *at)
{
	u64 value;

	if (form_is_ref(field->form))
		return ((const struct oomwatch_ref *)at)->off;
	switch (field->form) {
	case FORM_SIGNED:
		return read_signed(at, field->size) != OOMWATCH_UNKNOWN_S64;
	case FORM_COMM:
		return !((const char *)at)[field->size - 1];
	case FORM_NAME:
		return *(const char *)at;
	}
	value = read_unsigned(at, field->size);
	switch (field->form) {
	case FORM_ENUM:
		return value < field->nr_names;
	case FORM_RANK:
		return value;
	default:
		return value != OOMWATCH_UNKNOWN_U64;
	}
}

static void put_ref(struct seq_file *m, const struct oomwatch_head *rec,
		    const struct field *field, const struct oomwatch_ref *ref)
{
	const void *bytes = (const u8 *)rec + ref->off;

	switch (field->form) {
	case FORM_TEXT:
	case FORM_FRAMES:
		put_quoted(m, bytes, ref->len);
		break;
	case FORM_NODES:
		put_nodes(m, bytes, ref->len * 8);
		break;
	case FORM_NUMBERS:
		put_numbers(m, bytes, ref->len / sizeof(u64));
		break;
	}
}

static void put_value(struct seq_file *m, const struct oomwatch_head *rec,
		      const struct field *field, u64 value)
{
	switch (field->form) {
	case FORM_HEX:
		seq_printf(m, "0x%llx", value);
		break;
	case FORM_PAGES:
		put_pages(m, value);
		break;
	case FORM_BYTES:
		put_unsigned(m, value >> 10);
		break;
	case FORM_AGO:
		/* The time may be after the record's, which was taken before the figures. */
		put_unsigned(m, rec->time_ns > value ? rec->time_ns - value : 0);
		break;
	case FORM_ENUM:
		seq_puts(m, field->names[value]);
		break;
	case FORM_FLAGS:
		put_flags(m, field, value);
		break;
	default:
		put_unsigned(m, value);
	}
}

/* @at: where the field's value is; NULL: it is not known. */
static void put_field(struct seq_file *m, const struct oomwatch_head *rec,
		      const struct field *field, const void *at)
{
	seq_putc(m, ' ');
	seq_puts(m, field->key);
	seq_putc(m, '=');
	if (!at || !is_known(field, at))
		seq_putc(m, '-');
	else if (form_is_ref(field->form))
		put_ref(m, rec, field, at);
	else if (field->form == FORM_SIGNED)
		seq_put_decimal_ll(m, "", read_signed(at, field->size));
	else if (field->form == FORM_COMM)
		put_quoted(m, at, strnlen(at, field->size));
	else if (field->form == FORM_NAME)
		seq_puts(m, at);
	else
		put_value(m, rec, field, read_unsigned(at, field->size));
}

/* A task's record has only the sum of its score; the terms are computed from the rest. */
static void victim_of_task(struct oomwatch_victim *victim, const struct oomwatch_task *task)
{
	struct score score = score_of(&task->process);

	victim->process = task->process;
	victim->score_rss = score.rss;
	victim->score_swap = score.swap;
	victim->score_pgtables = score.pgtables;
	victim->score_adj = score.adj;
}

static const void *setter_of(const struct oomwatch_head *rec, const struct oomwatch_victim *victim)
{
	u16 off = victim->process.set_by.off;

	return off ? (const u8 *)rec + off : NULL;
}

/**
 * struct view - a record, and where its fields are
 * @rec: the record
 * @fields: the structure that has the fields: the record or @victim
 * @setter: the setter that the record refers to, or NULL
 * @victim: a task with the terms of its score
 */
struct view {
	const struct oomwatch_head *rec;
	const void *fields;
	const void *setter;
	struct oomwatch_victim victim;
};

static void view_init(struct view *view, const struct oomwatch_head *rec)
{
	view->rec = rec;
	view->fields = rec;
	view->setter = NULL;
	if (type_is_task(rec->type)) {
		victim_of_task(&view->victim, (const void *)rec);
		view->fields = &view->victim;
	}
	if (type_is_process(rec->type))
		view->setter = setter_of(rec, view->fields);
}

static void put_view(struct seq_file *m, const struct view *view, const struct field *field)
{
	const void *base = field->in_setter ? view->setter : view->fields;

	put_field(m, view->rec, field, base ? base + field->offset : NULL);
}

static void put_all(struct seq_file *m, const struct view *view)
{
	const struct record_type *type = &record_types[view->rec->type];
	unsigned int i;

	for (i = 0; i < type->nr_fields; i++)
		if (type->fields[i].key)
			put_view(m, view, &type->fields[i]);
}

static void put_time(struct seq_file *m, u64 time_ns)
{
	char point[] = ".000000000";
	unsigned int at;
	u32 ns;

	seq_put_decimal_ull(m, " t=", div_u64_rem(time_ns, NSEC_PER_SEC, &ns));
	for (at = 9; at; at--, ns /= 10)
		point[at] += ns % 10;
	seq_puts(m, point);
}

/**
 * render_record() - print a record as a line of text
 * @m: where the line goes
 * @rec: the record
 *
 * Context: any.
 */
void render_record(struct seq_file *m, const struct oomwatch_head *rec)
{
	bool nobody = rec->oom & OOMWATCH_NOBODY;
	struct view view;

	view_init(&view, rec);
	seq_puts(m, nobody ? "nobody_" : "");
	seq_puts(m, record_type_name(rec->type));
	seq_put_decimal_ull(m, " seq=", rec->seq);
	put_time(m, rec->time_ns);
	seq_put_decimal_ull(m, nobody ? " oom=n" : " oom=", rec->oom & ~OOMWATCH_NOBODY);
	put_all(m, &view);
	seq_putc(m, '\n');
}

/* --- the short form ------------------------------------------------------- */

static const char * const brief_process[] = {
	"pid", "comm", "uid", "points", "oom_score_adj", NULL
};

static const char * const brief_memcg[] = { "memcg", NULL };

/* Terms of the score, in KiB. */
static const struct field brief_rss = {
	.key = "rss_kb", .form = FORM_PAGES, .size = sizeof(u64),
	.offset = offsetof(struct oomwatch_victim, score_rss),
};

static const struct field brief_swap = {
	.key = "swap_kb", .form = FORM_PAGES, .size = sizeof(u64),
	.offset = offsetof(struct oomwatch_victim, score_swap),
};

static void put_key(struct seq_file *m, const struct view *view, const char *key)
{
	const struct record_type *type = &record_types[view->rec->type];
	const struct field *field;

	for (field = type->fields; field < type->fields + type->nr_fields; field++)
		if (field->key && !strcmp(field->key, key))
			put_view(m, view, field);
}

static void put_keys(struct seq_file *m, const struct view *view, const char * const *key)
{
	for (; *key; key++)
		put_key(m, view, *key);
}

static bool is_dying(const struct view *view)
{
	const struct oomwatch_victim *victim = view->fields;

	return victim->process.flags & OOMWATCH_TASK_DYING;
}

/**
 * render_brief() - print the short form of a victim's record, for the kernel log
 * @m: where the text goes, without a newline
 * @rec: the record
 *
 * Context: any.
 */
void render_brief(struct seq_file *m, const struct oomwatch_head *rec)
{
	struct view view;

	view_init(&view, rec);
	seq_printf(m, "oom=%llu %s", rec->oom, is_dying(&view) ? "marked" : "killed");
	put_keys(m, &view, brief_process);
	put_view(m, &view, &brief_rss);
	put_view(m, &view, &brief_swap);
	put_keys(m, &view, brief_memcg);
}
