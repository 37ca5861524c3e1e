// SPDX-License-Identifier: GPL-2.0
/* Which kills a command is about, by its options. */
#include <fnmatch.h>
#include <string.h>

#include "command.h"
#include "kill.h"
#include "tool.h"

/* A path that is it, or below it. */
static bool is_below(struct bytes path, const char *above)
{
	size_t len = strlen(above);

	while (len && above[len - 1] == '/')
		len--;
	return path.at && path.len >= len && !memcmp(path.at, above, len) &&
		(path.len == len || path.at[len] == '/');
}

static bool victim_matches(const struct record *victim, const struct options *options)
{
	const struct oomwatch_process *process = &victim->victim.process;

	if (options->comm &&
	    (!comm_known(process->comm) || fnmatch(options->comm, process->comm, 0)))
		return false;
	return !options->memcg || is_below(ref_bytes(victim, process->memcg), options->memcg);
}

/* Whether one of its victims is asked for; of the cgroup also by whose limit it was. */
bool episode_matches(const struct episode *episode, const struct options *options)
{
	struct options any_memcg = *options;
	const struct record *victim;
	size_t at;

	if (!main_victim(episode) || episode_ns(episode) < options->since_ns)
		return false;
	if (options->memcg && episode->oom &&
	    is_below(ref_bytes(episode->oom, episode->oom->oom.memcg), options->memcg))
		any_memcg.memcg = NULL;
	for_each_of(victim, episode, VICTIM, at)
		if (victim_matches(victim, &any_memcg))
			return true;
	return false;
}

const struct episode *chosen_episode(const struct capture *capture, const struct options *options)
{
	const struct episode *episode = NULL;
	size_t i = capture->nr_episodes;

	if (options->id)
		episode = episode_by_id(capture, options->id);
	/* The newest of which more than the end is left. */
	while (!options->id && i-- && !episode)
		if (main_victim(&capture->episodes[i]))
			episode = &capture->episodes[i];
	if (!episode && capture->damage)
		die(EXIT_DAMAGED, "%s", capture->damage);
	if (!episode && options->id)
		die(EXIT_NO_KILL, "kill %llu is not recorded; oomwatch list shows which are",
		    options->id);
	if (!episode)
		die(EXIT_NO_KILL, "no kill is recorded");
	return episode;
}
