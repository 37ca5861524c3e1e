// SPDX-License-Identifier: GPL-2.0
/* What a text is that has no kill of the kernel: one that was written for people, or other logs. */
#include <string.h>

#include "klog.h"
#include "words.h"

/* Programs that kill before the kernel does, and two texts that are in a line about that. */
static const struct {
	const char *program, *has, *and;
} killers[] = {
	{ "systemd-oomd", "systemd-oomd", "illed " },
	{ "earlyoom", "sending SIG", "VmRSS" },
};

#define NR_KILLERS ARRAY_SIZE(killers)

/* A bit that is no killer's: the text is the module's or the program's own. */
#define IS_OURS 0x80000000

/* The first line of the module's files; of those about a kill; and any record of events. */
static bool is_ours(const char *line)
{
	size_t type = strspn(line, "abcdefghijklmnopqrstuvwxyz_");

	return !strncmp(line, "# oomwatch ", 11) || !strncmp(line, "OOM kill ", 9) ||
		(type && !strncmp(line + type, " seq=", 5));
}

unsigned int other_text(const char *line)
{
	unsigned int others = is_ours(line) ? IS_OURS : 0;
	size_t i;

	for (i = 0; i < NR_KILLERS; i++)
		if (strstr(line, killers[i].has) && strstr(line, killers[i].and))
			others |= 1U << i;
	return others;
}

const char *words_killers(unsigned int others)
{
	const char *programs[NR_KILLERS];
	size_t i, nr = 0;

	for (i = 0; i < NR_KILLERS; i++)
		if (others & (1U << i))
			programs[nr++] = killers[i].program;
	return nr ? words_joined(programs, nr, "and") : NULL;
}

const char *words_other(unsigned int others)
{
	const char *programs = words_killers(others);

	if (programs)
		return format_words("no kill in it is the kernel's: its lines tell of kills by %s, which oomwatch does not explain; the kernel's own are in: journalctl -k >FILE",
				    programs);
	return !(others & IS_OURS) ? NULL : format_words("%s",
		"this is text that oomwatch made of its records, and can't be read back; write the records themselves, as root: oomwatch save FILE");
}
