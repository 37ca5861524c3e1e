// SPDX-License-Identifier: GPL-2.0
/* events: prints records as the module's text does, byte for byte. */
#include <errno.h>

#include "command.h"
#include "kill.h"
#include "tool.h"

static void put_numbers(FILE *to, const struct record *rec, struct oomwatch_ref ref)
{
	unsigned int i;

	for (i = 0; i < ref.len / sizeof(__u64); i++)
		fprintf(to, "%s%llu", i ? "," : "", ref_u64(rec, ref, i));
}

static void put_flags(FILE *to, __u64 flags)
{
	const char *comma = "";
	unsigned int bit;

	if (!flags)
		fputs("none", to);
	for (bit = 0; flag_name(bit); bit++) {
		if (!(flags & 1ULL << bit))
			continue;
		fprintf(to, "%s%s", comma, flag_name(bit));
		comma = ",";
	}
}

static void put_value(FILE *to, const struct record *rec, const struct field *field)
{
	const struct oomwatch_ref *ref = (const void *)((const __u8 *)rec + field->offset);
	__u64 value;

	if (field->form == FORM_SIGNED) {
		fprintf(to, "%lld", field_signed(rec, field));
		return;
	}
	if (field->form == FORM_COMM || form_is_text(field->form)) {
		fprintf(to, "\"%s\"", words_escaped(field_bytes(rec, field)));
		return;
	}
	if (field->form == FORM_NAME) {
		fputs(words_escaped(field_bytes(rec, field)), to);
		return;
	}
	if (field->form == FORM_NODES) {
		fputs(words_nodes(rec, *ref), to);
		return;
	}
	if (field->form == FORM_NUMBERS) {
		put_numbers(to, rec, *ref);
		return;
	}
	value = field_unsigned(rec, field);
	switch (field->form) {
	case FORM_HEX:
		fprintf(to, "0x%llx", value);
		break;
	case FORM_PAGES:
		if (value == OOMWATCH_NO_LIMIT)
			fputs("max", to);
		else
			fprintf(to, "%llu", value * (rec->stream->page_size / 1024));
		break;
	case FORM_BYTES:
		fprintf(to, "%llu", value >> 10);
		break;
	case FORM_AGO:
		fprintf(to, "%llu", field_ago(rec, field));
		break;
	case FORM_ENUM:
		fputs(enum_name(field, value), to);
		break;
	case FORM_FLAGS:
		put_flags(to, value);
		break;
	default:
		fprintf(to, "%llu", value);
	}
}

void put_record_line(FILE *to, const struct record *rec)
{
	const struct field *field;
	size_t nr;

	words_scope();
	fprintf(to, "%s seq=%llu t=%s oom=%s", words_type(rec), rec->head.seq,
		rec->head.time_ns == OOMWATCH_UNKNOWN_U64 ? "-" :
		format_words("%llu.%09llu", rec->head.time_ns / 1000000000,
			     rec->head.time_ns % 1000000000), words_episode(rec->head.oom));
	for (field = record_fields(rec, &nr); nr; field++, nr--) {
		fprintf(to, " %s=", field->key);
		if (field_known(rec, field))
			put_value(to, rec, field);
		else
			fputc('-', to);
	}
	fputc('\n', to);
}

/* What is known of a record and is not 0. The first says which it is, if there are several. */
const char *words_figures(const struct record *rec)
{
	const struct field *field, *first;
	const char *space = "";
	char *text;
	size_t size, nr;
	FILE *to = text_begin(&text, &size);

	first = record_fields(rec, &nr);
	for (field = first; nr; field++, nr--) {
		if (!field_known(rec, field) || (field != first && !field_unsigned(rec, field)))
			continue;
		fprintf(to, "%s%s=", space, field->key);
		put_value(to, rec, field);
		space = " ";
	}
	text_end(to);
	return words_keep(text);
}

static int run_events(const struct options *options)
{
	const struct episode *episode = NULL;
	struct capture capture = { };
	size_t i;

	capture_read(&capture, options);
	if (options->nr_ids)
		episode = chosen_episode(&capture, options);
	puts("# oomwatch 1");
	for (i = 0; i < capture.nr_records; i++)
		if (!episode || (capture.records[i]->head.oom == episode->id &&
				 capture.records[i]->stream == episode->stream))
			put_record_line(stdout, capture.records[i]);
	return capture_finish(&capture);
}

const struct command command_events = {
	.name = "events",
	.what = "print all records, or those of a kill, as the module's own lines of text",
	.run = run_events,
	.takes = TAKES(SOURCE),
	.argument = MAYBE_ID,
};
