// SPDX-License-Identifier: GPL-2.0
/* Reads a time as journalctl takes it, see systemd.time(7): "yesterday", "2 hours ago", "11:40". */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"

#define DAY 86400

struct unit {
	const char *names;	/* each between two spaces */
	__u64 seconds;
};

/* A month and a year have the mean length that systemd gives them. */
static const struct unit units[] = {
	{ " s sec secs second seconds ", 1 },
	{ " m min mins minute minutes ", 60 },
	{ " h hr hrs hour hours ", 3600 },
	{ " d day days ", DAY },
	{ " w week weeks ", 7 * DAY },
	{ " M month months ", 2629800 },
	{ " y year years ", 31557600 },
};

static const char *skip_spaces(const char *text)
{
	return text + strspn(text, " ");
}

/* Reads a number of digits alone, and moves *text past it. */
static bool take_number(const char **text, __u64 *n)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	/* A number too large is the largest, which is too long ago in any unit. */
	*n = strtoull(*text, &end, 10);
	*text = end;
	return true;
}

static const struct unit *take_unit(const char **text)
{
	size_t i, len = strspn(*text, "abcdefghijklmnopqrstuvwxyzM");
	char word[16];

	if (!len || len > sizeof(word) - 3)
		return NULL;
	snprintf(word, sizeof(word), " %.*s ", (int)len, *text);
	*text += len;
	for (i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strstr(units[i].names, word))
			return &units[i];
	return NULL;
}

/* "2h 30min", up to a word that begins with an 'a', which is "ago", or to the end. */
static bool take_span(const char **text, __u64 *seconds)
{
	const struct unit *unit;
	__u64 n, more;

	*seconds = 0;
	do {
		if (!take_number(text, &n))
			return false;
		*text = skip_spaces(*text);
		unit = take_unit(text);
		if (!unit)
			return false;
		if (__builtin_mul_overflow(n, unit->seconds, &more) ||
		    __builtin_add_overflow(*seconds, more, seconds))
			*seconds = ~0ULL;
		*text = skip_spaces(*text);
	} while (**text && **text != 'a');
	return true;
}

/* "2h", "2 hours ago", "-2h" and "+2h". A span without a sign is ago. */
static bool read_span(const char *text, __u64 now, __u64 *then)
{
	bool later = *text == '+', has_sign = later || *text == '-';
	__u64 seconds;

	text += has_sign;
	if (!take_span(&text, &seconds) || strcmp(text, has_sign ? "" : *text ? "ago" : ""))
		return false;
	if (!later)
		*then = seconds < now ? now - seconds : 0;
	else if (__builtin_add_overflow(now, seconds, then))
		*then = ~0ULL;
	return true;
}

/* The beginning of today. */
static struct tm today(__u64 now)
{
	time_t s = now;
	struct tm tm;

	localtime_r(&s, &tm);
	tm.tm_hour = 0;
	tm.tm_min = 0;
	tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return tm;
}

static __u64 seconds_of(struct tm *tm)
{
	time_t s = mktime(tm);

	return s < 0 ? 0 : s;
}

/* The beginning of a day, some days from today. */
static __u64 day_from_now(__u64 now, int days)
{
	struct tm tm = today(now);

	tm.tm_mday += days;
	return seconds_of(&tm);
}

static bool read_word(const char *text, __u64 now, __u64 *then)
{
	if (!strcmp(text, "now"))
		*then = now;
	else if (!strcmp(text, "today"))
		*then = day_from_now(now, 0);
	else if (!strcmp(text, "yesterday"))
		*then = day_from_now(now, -1);
	else if (!strcmp(text, "tomorrow"))
		*then = day_from_now(now, 1);
	else
		return false;
	return true;
}

/* Seconds since 1970. */
static bool read_epoch(const char *text, __u64 *then)
{
	return *text++ == '@' && take_number(&text, then) && !*text;
}

/* A date and a time of day, or one of them: the date of today, or the beginning of the day. */
static bool read_date(const char *text, __u64 now, __u64 *then)
{
	static const char * const forms[] = {
		"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S",
		"%Y-%m-%dT%H:%M", "%H:%M:%S", "%H:%M",
	};
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct tm tm = today(now);
		const char *rest = strptime(text, forms[i], &tm);
		int day = tm.tm_mday;

		if (!rest || *rest)
			continue;
		*then = seconds_of(&tm);
		/* There is no February 30. */
		return tm.tm_mday == day;
	}
	return false;
}

/* Both times are in seconds of CLOCK_REALTIME. Returns false if the text is no time. */
bool moment_read(const char *text, __u64 now, __u64 *then)
{
	return read_word(text, now, then) || read_epoch(text, then) ||
		read_span(text, now, then) || read_date(text, now, then);
}
