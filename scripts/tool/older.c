// SPDX-License-Identifier: GPL-2.0
/* Says what an older module did not record: its structures lack the fields that came later. */
#include "command.h"
#include "kill.h"
#include "tool.h"

/* Of a log, and of the module's text, no record has a size. */
bool is_of_older(const struct record *rec)
{
	return rec->head.fixed && record_type_name(rec) &&
		rec->head.fixed < record_types[rec->head.type].size;
}

void lacks_add(struct lacks *lacks, const struct episode *episode)
{
	const struct record *rec, **least;
	bool is_older = false;
	size_t i;

	for (i = 0; i < episode->nr; i++) {
		rec = episode->of[i];
		if (!is_of_older(rec))
			continue;
		is_older = true;
		least = &lacks->least[rec->head.type];
		if (!*least || rec->head.fixed < (*least)->head.fixed)
			*least = rec;
	}
	if (is_older) {
		lacks->kill = episode;
		lacks->nr_kills++;
	}
}

size_t each_lack(const struct lacks *lacks, void (*put)(const char *type, const char *keys))
{
	const struct record *rec;
	const struct field *field;
	size_t i, nr, end, sum = 0;

	for (i = 0; i < __OOMWATCH_TYPE_MAX; i++) {
		struct listing keys = { };

		rec = lacks->least[i];
		for (field = rec ? record_fields(rec, &nr) : NULL; rec && nr; field++, nr--) {
			end = field->offset + field->size;
			/* After its structure a task has what this program computes. */
			if (field->key && !field->in_setter && end > rec->head.fixed &&
			    end <= record_types[i].size)
				listing_add(&keys, "%s", field->key);
		}
		if (keys.nr && put)
			put(record_type_name(rec), keys.text);
		sum += keys.nr;
		listing_free(&keys);
	}
	return sum;
}

const char *words_lacks(const struct lacks *lacks)
{
	size_t nr = each_lack(lacks, NULL);

	return !nr ? NULL :
		format_words("an older module made these records: %s that it did not record %s not known",
			     plural(nr, "figure", "figures"), nr == 1 ? "is" : "are");
}

void say_lacks(const struct lacks *lacks)
{
	words_scope();
	const char *words = words_lacks(lacks);

	if (words)
		complain("%s; oomwatch show %s%s names them", words, lacks->nr_kills > 1 ? "--all" :
			 words_kill_id(lacks->kill->stream, lacks->kill->id), words_source());
}
