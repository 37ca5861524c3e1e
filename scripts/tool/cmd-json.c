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

static int run_json(const struct options *options)
{
	struct json_object *to = json_object_new_object(), *episodes = json_object_new_array();
	struct capture capture = { };
	size_t i;

	words_scope();
	capture_read(&capture, options);
	json_object_object_add(to, "oomwatch", json_object_new_int(OOMWATCH_MAJOR));
	json_object_object_add(to, "episodes", episodes);
	if (options->all) {
		for (i = 0; i < capture.nr_episodes; i++)
			json_object_array_add(episodes, json_of_episode(&capture.episodes[i]));
		json_object_object_add(to, "adjs", json_loose(&capture, OOMWATCH_TYPE_ADJ));
		json_object_object_add(to, "losts", json_loose(&capture, OOMWATCH_TYPE_LOST));
	} else {
		json_object_array_add(episodes, json_of_episode(chosen_episode(&capture, options)));
	}
	puts(json_text(to, JSON_C_TO_STRING_PRETTY));
	json_object_put(to);
	return capture_finish(&capture);
}

const struct command command_json = {
	.name = "json",
	.what = "print the same as show as JSON, for programs",
	.run = run_json,
	.takes = TAKES(&option_file, &option_all),
	.argument = MAYBE_ID,
};
