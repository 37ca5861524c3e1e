// SPDX-License-Identifier: GPL-2.0
/*
 * For libFuzzer: reads any bytes as a capture and writes it in all forms. Run it by
 * scripts/check-tool --fuzz SECONDS.
 */
#include <json-c/json.h>
#include <stdlib.h>

#include "kill.h"

/* check-tool renames these with -D to the names that libFuzzer calls. */
int fuzz_begin(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return freopen("/dev/null", "w", stdout) ? 0 : -1;
}

static void put_paragraph(const struct prose *prose, const char *text)
{
	printf("%zu. %s\n", prose->nr, text);
}

static void put_episode(const struct capture *capture, const struct episode *episode)
{
	struct json_object *json = json_of_episode(episode);
	struct prose prose = { .put = put_paragraph };

	words_scope();
	json_text(json, JSON_C_TO_STRING_PRETTY);
	json_object_put(json);
	print_episode(episode);
	explain(&prose, capture, episode);
}

int fuzz_one(const __u8 *bytes, size_t len)
{
	struct capture capture = { };
	size_t i, used;

	capture_begin(&capture, "fuzz");
	used = capture_add(&capture, bytes, len);
	capture_end(&capture, bytes + used, len - used);
	capture_unite(&capture);
	capture_sort(&capture);
	for (i = 0; i < capture.nr_records; i++)
		put_record_line(stdout, capture.records[i]);
	for (i = 0; i < capture.nr_episodes; i++)
		put_episode(&capture, &capture.episodes[i]);
	for (i = 0; i < capture.nr_nobody; i++)
		put_episode(&capture, &capture.nobody[i]);
	put_recorded(stdout, &capture, false);
	write_page(stdout, &capture, NULL);
	capture_free(&capture);
	/* Every words_scope() must have freed its words. */
	if (words_begin())
		abort();
	return 0;
}
