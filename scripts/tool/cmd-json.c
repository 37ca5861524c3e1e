// SPDX-License-Identifier: GPL-2.0
/* json: prints one kill, or all, as a JSON object. */
#include <json-c/json.h>
#include <stdio.h>

#include "command.h"
#include "kill.h"

/* Records that belong to no kill. */
static struct json_object *json_loose(const struct capture *capture, unsigned int type)
{
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < capture->nr_records; i++)
		if (capture->records[i]->head.type == type)
			json_object_array_add(list, json_of_record(capture->records[i]));
	return list;
}

static struct json_object *json_episodes(const struct episode *episodes, size_t nr,
					 struct lacks *lacks)
{
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < nr; i++) {
		json_object_array_add(list, json_of_episode(&episodes[i]));
		lacks_add(lacks, &episodes[i]);
	}
	return list;
}

/* A program that gives no ID wants a kill. */
static const struct episode *meant(const struct capture *capture, const struct options *options)
{
	const struct episode *kill = options->nr_ids ? NULL : newest_kill(capture);

	return kill ?: chosen_episode(capture, options);
}

static struct json_object *json_begin(void)
{
	struct json_object *to = json_object_new_object();

	json_object_object_add(to, "oomwatch", json_object_new_int(OOMWATCH_MAJOR));
	return to;
}

static void json_add_all(struct json_object *to, const struct capture *capture, struct lacks *lacks)
{
	json_object_object_add(to, "episodes",
			       json_episodes(capture->episodes, capture->nr_episodes, lacks));
	json_object_object_add(to, "nobody",
			       json_episodes(capture->nobody, capture->nr_nobody, lacks));
	json_object_object_add(to, "adjs", json_loose(capture, OOMWATCH_TYPE_ADJ));
	json_object_object_add(to, "losts", json_loose(capture, OOMWATCH_TYPE_LOST));
}

void put_all_json(FILE *to, const struct capture *capture)
{
	struct json_object *all = json_begin();
	struct lacks lacks = { };

	words_scope();
	json_add_all(all, capture, &lacks);
	fprintf(to, "%s\n", json_text(all, JSON_C_TO_STRING_PRETTY));
	json_object_put(all);
}

static int run_json(const struct options *options)
{
	struct json_object *to = json_begin();
	struct capture capture = { };
	struct lacks lacks = { };

	words_scope();
	capture_read(&capture, options);
	if (options->all)
		json_add_all(to, &capture, &lacks);
	else
		json_object_object_add(to, "episodes",
				       json_episodes(meant(&capture, options), 1, &lacks));
	puts(json_text(to, JSON_C_TO_STRING_PRETTY));
	json_object_put(to);
	say_lacks(&lacks);
	return capture_finish(&capture);
}

const struct command command_json = {
	.name = "json",
	.what = "print the same as show as JSON, for programs",
	.run = run_json,
	.takes = TAKES(SOURCE, &option_all),
	.argument = MAYBE_ID,
};
