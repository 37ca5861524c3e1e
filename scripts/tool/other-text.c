// SPDX-License-Identifier: GPL-2.0
/* What a text is that has no kill of the kernel: one that was written for people, or other logs. */
#include <string.h>

#include "klog.h"
#include "words.h"

/* What kills before the OOM killer does, and two texts that are in a line about that. */
static const struct {
	const char *program, *has, *and;
} killers[] = {
	{ "systemd-oomd", "systemd-oomd", "illed " },
	{ "earlyoom", "sending SIG", "VmRSS" },
	/* Kubernetes' pkg/kubelet/eviction/eviction_manager.go. */
	{ "kubelet", "viction manager: pod", "evicted successfully" },
	/* Android's daemon, and before it a driver in the kernel. */
	{ "lowmemorykiller", "lowmemorykiller", "Kill" },
};

#define NR_KILLERS ARRAY_SIZE(killers)

/* A bit that is no killer's: the text is the module's or the program's own. */
#define IS_OURS 0x80000000
/* Another one: it tells of the OOM killer's kills, without the kernel's lines. */
#define IS_TOLD 0x40000000

/* systemd's src/core/unit.c counts in memory.events what the kernel has killed there. */
#define SYSTEMD_TELLS "A process of this unit has been killed by the OOM killer."

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
	return strstr(line, SYSTEMD_TELLS) ? others | IS_TOLD : others;
}

/* NULL: no line tells of a kill by another than the kernel. */
static const char *words_killers(unsigned int others)
{
	const char *programs[NR_KILLERS];
	size_t i, nr = 0;

	for (i = 0; i < NR_KILLERS; i++)
		if (others & (1U << i))
			programs[nr++] = killers[i].program;
	return nr ? words_joined(programs, nr, "and") : NULL;
}

const char *words_quiet_others(unsigned int others)
{
	static const char told[] = "lines of systemd that tell of a kill";
	const char *programs = words_killers(others);

	if (!programs)
		return others & IS_TOLD ? format_words(", but %s", told) : "";
	return format_words(", but lines of kills by %s%s%s", programs,
			    others & IS_TOLD ? ", and " : "", others & IS_TOLD ? told : "");
}

const char *words_other(unsigned int others)
{
	const char *programs = words_killers(others);

	if (programs)
		return format_words("no kill in it is the kernel's: its lines tell of kills by %s, which oomwatch does not explain; the kernel's own are in: journalctl -k >FILE",
				    programs);
	if (others & IS_TOLD)
		return format_words("%s",
			"systemd tells in it that the OOM killer has killed; why is in the kernel's own lines: journalctl -k >FILE, with -b -1 for those of the boot before");
	return !(others & IS_OURS) ? NULL : format_words("%s",
		"this is text that oomwatch made of its records, and can't be read back; write the records themselves, as root: oomwatch save FILE");
}
