// SPDX-License-Identifier: GPL-2.0
/*
 * What stands before the kernel's message in the line of a log: printk's level and time, and what
 * dmesg, journalctl, a syslog daemon or a console adds.
 *
 * A task may have a name that looks like such a thing. So each of them is only taken where it
 * belongs, and has a form that a name, of 15 bytes, can't have.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "klog-report.h"
#include "words.h"

/*
 * Matches a form: 0 stands for a digit, a space for one or more, '.' for any other byte than a
 * space, and every other byte for itself. Returns what follows, or NULL.
 */
static const char *match(const char *line, const char *form)
{
	for (; *form; form++) {
		if (*form == ' ') {
			if (*line != ' ')
				return NULL;
			line += strspn(line, " ");
			continue;
		}
		if (*form == '0' ? !isdigit((unsigned char)*line) :
		    *form == '.' ? !*line || *line == ' ' : *line != *form)
			return NULL;
		line++;
	}
	return line;
}

static const char *after_digits(const char *line)
{
	return line + strspn(line, "0123456789");
}

static const char *after_word(const char *line)
{
	line += strcspn(line, " ");
	return *line ? line + 1 : line;
}

/* 18:00:00 or 18:00:00.123456 or 18:00:00,123456 */
static const char *after_clock(const char *line)
{
	line = match(line, "00:00:00");
	return line && (*line == '.' || *line == ',') ? after_digits(line + 1) : line;
}

/* Z or +01:00 or +0100, or nothing */
static const char *after_zone(const char *line)
{
	if (*line == 'Z')
		return line + 1;
	if (*line == '+' || *line == '-')
		return match(line + 1, "00:00") ?: match(line + 1, "0000") ?: line;
	return line;
}

/* 2026-11-27T18:00:00.123456+01:00; journalctl -o short-full: Fri 2026-11-27 18:00:00 CET */
static const char *after_iso(const char *line)
{
	const char *weekday = line + strcspn(line, " "), *at = match(line, "0000-00-00");

	if (!at && *weekday == ' ' && weekday - line < 12)
		at = match(weekday + 1, "0000-00-00");
	if (!at || (*at != 'T' && *at != ' '))
		return NULL;
	at = after_clock(at + 1);
	return at ? after_zone(at) : NULL;
}

/* Nov 27 18:00:00, in any language; some daemons write the year as well */
static const char *after_syslog_date(const char *line)
{
	size_t month = strcspn(line, " :-/");
	const char *at;

	if (!month || month > 12 || line[month] != ' ' || *line == '[')
		return NULL;
	line += month + strspn(line + month, " ");
	at = match(line, "00 ") ?: match(line, "0 ");
	if (!at)
		return NULL;
	line = match(at, "0000 ");
	return after_clock(line ?: at);
}

/* Fri Nov 27 18:00:00 2026, as OpenWrt's logread has it */
static const char *after_ctime(const char *line)
{
	size_t weekday = strcspn(line, " ");
	const char *at;

	if (!weekday || weekday > 12 || *line == '[')
		return NULL;
	at = after_syslog_date(line + weekday + strspn(line + weekday, " "));
	return at ? match(at, " 0000") : NULL;
}

/* Keeps the date. Of a word that is not in ASCII, such as a month, it keeps the digits only. */
static void set_date_text(struct log_date *date, const char *at, size_t len)
{
	const char *end = at + len, *c;
	size_t word, nr = 0;
	bool ascii, digits;

	for (; at < end && nr + 1 < sizeof(date->text); at += word) {
		word = strcspn(at, " ");
		word = word < (size_t)(end - at) ? word : (size_t)(end - at);
		for (c = at, ascii = true, digits = false; c < at + word; c++) {
			ascii = ascii && isprint((unsigned char)*c);
			digits = digits || isdigit((unsigned char)*c);
		}
		for (c = at; c < at + word && nr + 1 < sizeof(date->text); c++)
			if (ascii || isdigit((unsigned char)*c))
				date->text[nr++] = *c;
		/* With the spaces behind, unless nothing is left of the word. */
		for (at += word, word = 0; at + word < end && at[word] == ' '; word++)
			if ((ascii || digits) && nr + 1 < sizeof(date->text))
				date->text[nr++] = ' ';
	}
	date->text[nr] = '\0';
}

static __u64 add_hash(__u64 hash, const char *at, const char *end)
{
	for (; at < end; at++)
		hash = (hash ^ (unsigned char)*at) * 0x100000001b3ULL;
	return hash;
}

__u64 klog_hash(const char *at, size_t len)
{
	return add_hash(0xcbf29ce484222325ULL, at, at + len) | 1;
}

/* A host may have its domain in some lines. An address has none. */
static size_t without_domain(const char *name, size_t len)
{
	if (strspn(name, "0123456789.") >= len || !memchr(name, '.', len))
		return len;
	return strcspn(name, ".");
}

void klog_set_host(struct host *host, const char *name, size_t len)
{
	/* RFC 5424 has this where the host is not known. */
	if (!len || (len == 1 && *name == '-'))
		return;
	host->hash = klog_hash(name, without_domain(name, len));
	snprintf(host->name, sizeof(host->name), "%.*s", (int)len, name);
}

static unsigned int two_digits(const char *at) { return 10 * (at[0] - '0') + at[1] - '0'; }

/* The last number of at most two digits. */
static unsigned int day_of_month(const char *at, const char *end)
{
	unsigned int day = 0;
	size_t digits;

	for (; at < end; at += digits ?: 1) {
		digits = after_digits(at) - at;
		if (digits == 1 || digits == 2)
			day = atoi(at);
	}
	return day;
}

/* Two lines of one day have the same words besides the time of day, in any language. */
static void set_day(struct log_date *date, const char *at, size_t len)
{
	const char *clock = at, *end = at + len;

	while (clock < end && !match(clock, "00:00:00"))
		clock++;
	if (end - clock < 8)
		return;
	date->second = 3600 * two_digits(clock) + 60 * two_digits(clock + 3) +
		two_digits(clock + 6);
	date->of_month = day_of_month(at, clock);
	date->day = add_hash(0xcbf29ce484222325ULL, at, clock);
	date->day = add_hash(date->day, after_clock(clock), end) | 1;
}

static unsigned int month_of(const char *at)
{
	static const char names[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
	size_t i;

	for (i = 0; i < 12; i++)
		if (!strncmp(at, names + 4 * i, 4))
			return i + 1;
	return 0;
}

static void set_date(struct klog *log, const char *at, size_t len)
{
	log->stamp.date = (struct log_date) { };
	set_date_text(&log->stamp.date, at, len);
	/* A weekday may be before it. */
	log->stamp.date.month = month_of(at) ?: month_of(after_word(at));
	set_day(&log->stamp.date, at, len);
}

/* Z or +01:00 or +0100, in seconds; false: there is none. */
static bool zone_of(const char *at, long *seconds)
{
	const char *minutes = at + 3;

	if (*at == 'Z') {
		*seconds = 0;
		return true;
	}
	if (after_zone(at) == at)
		return false;
	minutes += *minutes == ':';
	*seconds = (3600L * two_digits(at + 1) + 60L * two_digits(minutes)) * (*at == '-' ? -1 : 1);
	return true;
}

/* The clock's time of 2026-11-27T18:00:00.123456+01:00; a date without a zone does not tell it. */
static __u64 iso_ns(const char *line)
{
	__u64 ns = 0, digit = SECOND_NS / 10;
	struct tm tm = { };
	const char *at = strptime(line, "%Y-%m-%dT%H:%M:%S", &tm);
	__s64 seconds;
	long zone;

	if (at && (*at == '.' || *at == ','))
		for (at++; isdigit((unsigned char)*at); at++, digit /= 10)
			ns += digit * (*at - '0');
	if (!at || !zone_of(at, &zone))
		return OOMWATCH_UNKNOWN_U64;
	seconds = timegm(&tm) - zone;
	return seconds < 0 ? OOMWATCH_UNKNOWN_U64 : seconds * SECOND_NS + ns;
}

/* kern.warn, which BusyBox writes before the program */
static bool is_facility(const char *word)
{
	static const char * const levels[] = {
		"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug",
	};
	size_t i, len;

	if (strncmp(word, "kern.", 5))
		return false;
	len = strcspn(word + 5, " ");
	for (i = 0; i < ARRAY_SIZE(levels); i++)
		if (len == strlen(levels[i]) && !strncmp(word + 5, levels[i], len))
			return true;
	return false;
}

/*
 * After a date stand the host and the program, or with some formats a zone as well. Anybody can
 * write lines as another program.
 */
static const char *after_program(struct klog *log, const char *line)
{
	const char *at, *host = NULL;
	int words;

	for (words = 0; words < 4; words++) {
		/* The name of another program. An address of IPv6 has more colons. */
		if (host && line[-1] == ':' && memchr(host, ':', line - host) == line - 1)
			return NULL;
		line += strspn(line, " ");
		/* Some versions of rsyslog write a colon more. */
		at = !strncmp(line, "kernel:", 7) ? line + (strncmp(line + 7, " : ", 3) ? 7 : 9) :
			match(line, "kernel[0]:");
		if (at) {
			if (log && host)
				klog_set_host(&log->stamp.host, host, strcspn(host, " "));
			return at;
		}
		if (!is_facility(line))
			host = line;
		line += strcspn(line, " ");
	}
	return NULL;
}

/* [   10.123456] or [Fri Nov 27 18:00:00 2026]; NULL: none of them. */
static const char *after_stamp(const char *line)
{
	const char *end = *line == '[' ? strchr(line, ']') : NULL, *at;

	if (!end)
		return NULL;
	at = line + 1 + strspn(line + 1, " ");
	at = isdigit((unsigned char)*at) ? match(after_digits(at), ".000000]") : NULL;
	if (at)
		return at;
	at = end - line < 15 ? NULL : match(end - 13, "00:00:00 0000]");
	return at == end + 1 ? at : NULL;
}

/*
 * printk's time right behind a date: some programs write a date before each line that they read,
 * such as dmesg's, and no host and program. Container runtimes (CRI) have stdout or stderr there,
 * and F or P for a line that is whole or a part. NULL: nothing of that is there.
 */
static const char *after_added_date(const char *at)
{
	static const char * const streams[] = {
		"stdout F ", "stderr F ", "stdout P ", "stderr P "
	};
	size_t i;

	if (*at != ' ' && *at != '\t')
		return NULL;
	at += strspn(at, " \t");
	for (i = 0; i < ARRAY_SIZE(streams); i++)
		if (!strncmp(at, streams[i], strlen(streams[i])))
			at += strlen(streams[i]);
	return after_stamp(at) ? at : NULL;
}

/* [2026-11-27 18:00:00], which minicom and others write before what a console says; or NULL */
static const char *after_console_date(struct klog *log, const char *line)
{
	const char *at = *line == '[' ? after_iso(line + 1) : NULL;

	if (!at || *at != ']')
		return NULL;
	set_date(log, line + 1, at - line - 1);
	return after_added_date(at + 1) ?: at + 1;
}

/* NULL: the line is not the kernel's. */
static const char *after_calendar_date(struct klog *log, const char *line)
{
	const char *at = after_iso(line);
	bool dmesg = at && line[10] == 'T' && memchr(line, ',', at - line);

	if (at)
		log->stamp.real_ns = iso_ns(line);
	else
		at = after_ctime(line) ?: after_syslog_date(line);
	if (!at)
		return strncmp(line, "kernel: ", 8) ? line : line + 8;
	set_date(log, line, at - line);
	/* dmesg --time-format iso writes a comma, and no program. */
	return dmesg ? at : after_added_date(at) ?: after_program(log, at);
}

/* Structured data of RFC 5424: - or [ID NAME="VALUE" ...], of which there may be several. */
static const char *after_data(const char *line)
{
	bool quoted = false, inside = false;

	for (; *line && (inside || *line != ' '); line++) {
		if (quoted && *line == '\\' && line[1])
			line++;
		else if (inside && *line == '"')
			quoted = !quoted;
		else if (!quoted && (*line == '[' || *line == ']'))
			inside = *line == '[';
	}
	return *line ? line + 1 : line;
}

/*
 * RFC 5424: 1 2026-11-27T18:00:00.123456Z host kernel - - - message. The line itself if it has no
 * such form; NULL: another program wrote it.
 */
static const char *after_rfc5424(struct klog *log, const char *line)
{
	const char *date = match(line, "1 "), *host, *program, *at;

	at = date && date == line + 2 ? after_iso(date) : NULL;
	if (!at || date[10] != 'T' || *at != ' ')
		return line;
	host = at + 1;
	program = after_word(host);
	if (strncmp(program, "kernel ", 7))
		return NULL;
	set_date(log, date, at - date);
	log->stamp.real_ns = iso_ns(date);
	klog_set_host(&log->stamp.host, host, strcspn(host, " "));
	at = after_data(after_word(after_word(after_word(program))));
	return strncmp(at, "\xef\xbb\xbf", 3) ? at : at + 3;
}

/* journalctl -o short-unix: 1697137220.347168, in seconds since 1970, 6 digits after the dot */
static const char *after_unix(struct klog *log, const char *line)
{
	unsigned long long s, us;
	const char *at = match(line, "0000000000.000000 ");

	if (!at || sscanf(line, "%llu.%6llu", &s, &us) != 2)
		return NULL;
	log->stamp.real_ns = s * SECOND_NS + us * 1000;
	return at - 1;
}

/* kern: warning: [2026-11-27T18:00:00.123456789Z]: message; NULL: the form is another. */
static const char *after_talos_head(const char *line, const char **date)
{
	const char *level = match(line + strcspn(line, ": "), ": ");
	const char *end = level ? match(level + strcspn(level, ": "), ": [") : NULL;

	*date = end;
	end = end ? after_iso(end) : NULL;
	return end && !strncmp(end, "]: ", 3) ? end + 2 : NULL;
}

/*
 * Talos writes the address of a node before that if there may be several. Programs can write to the
 * kernel's log, but not as kern. The line itself if it has no such form; NULL: it is a program's.
 */
static const char *after_talos(struct klog *log, const char *line)
{
	size_t address = strcspn(line, " ");
	const char *head = line, *date, *at = after_talos_head(line, &date);

	if (!at && address && line[address - 1] == ':') {
		head = line + address + strspn(line + address, " ");
		at = after_talos_head(head, &date);
	}
	if (!at)
		return line;
	if (strncmp(head, "kern:", 5))
		return NULL;
	set_date(log, date, at - 2 - date);
	log->stamp.real_ns = iso_ns(date);
	klog_set_host(&log->stamp.host, line, head > line ? address - 1 : 0);
	return at;
}

/* NULL: the line is not the kernel's. */
static const char *after_date(struct klog *log, const char *line)
{
	const char *at = after_rfc5424(log, line);

	if (at != line)
		return at;
	at = after_talos(log, line);
	if (at != line)
		return at;
	at = after_unix(log, line);
	if (at)
		return after_program(log, at);
	return after_console_date(log, line) ?: after_calendar_date(log, line);
}

/* dmesg --decode: kern  :warn  : message */
static const char *after_facility(const char *line)
{
	const char *level = strncmp(line, "kern  :", 7) ? NULL : line + 7;

	level = level ? strchr(level, ':') : NULL;
	return level && level - line < 16 ? level + 1 + strspn(level + 1, " ") : line;
}

/*
 * <    0.000012>: the time since the line before, as dmesg -d has it, or the line as it is.
 * journalctl -o short-delta has a space before the end, or an asterisk if that time is not sure.
 */
static const char *after_delta(const char *line)
{
	const char *at;

	if (*line != '<')
		return line;
	at = after_digits(line + 1 + strspn(line + 1, "< "));
	at = *at == '.' ? after_digits(at + 1) : line;
	if (*at == ' ' || *at == '*')
		at++;
	return *at == '>' ? at + 1 : line;
}

/* [   10.123456], printk's own time; dmesg -H and --reltime write [  +0.1], which is none */
const char *klog_after_time(struct klog *log, const char *line)
{
	unsigned long long s, us;
	int len = 0;

	if (*line != '[' || !isdigit((unsigned char)line[1 + strspn(line + 1, " ")]) ||
	    sscanf(line, "[%llu.%6llu%n", &s, &us, &len) != 2 || !len || s >= 1ULL << 32)
		return NULL;
	line += len;
	line = after_delta(line + strspn(line, " "));
	if (*line != ']')
		return NULL;
	log->stamp.time_ns = s * 1000000000 + us * 1000;
	return line + 1;
}

/*
 * dmesg -T: [Fri Nov 27 18:00:00 2026], with -d also <    0.1> before the end; dmesg -H:
 * [Nov27 18:00]. Its other forms tell no time: [<    0.1>], [  +0.1]
 */
static const char *after_clock_time(struct klog *log, const char *line)
{
	const char *end = strchr(line, ']'), *at, *date;

	if (!end)
		return NULL;
	for (at = line + 1; at < end; at++) {
		date = match(at, "00:00:00 0000") ?: match(at, "0 00:00");
		if (date && after_delta(date + strspn(date, " ")) == end) {
			set_date(log, line + 1, date - line - 1);
			return end + 1;
		}
	}
	at = line + 1 + strspn(line + 1, " ");
	if (*at == '+' && isdigit((unsigned char)at[1]))
		return end + 1;
	at = after_delta(line + 1);
	return at > line + 1 && *at == ']' ? at + 1 : NULL;
}

const char *klog_after_beginning(const char *line)
{
	const char *at = after_iso(line) ?: after_ctime(line) ?: after_syslog_date(line);

	if (!at)
		return after_stamp(line);
	at = after_program(NULL, at);
	return at ? after_stamp(at + strspn(at, " ")) ?: at : NULL;
}

/* A task's name has 15 bytes at most. */
#define MOST_OF_NAME 15

/*
 * grep writes FILE: before a line of several files, and FILE- before those around it; with -n, a
 * number and another such mark follow. cat -n has a number and a tab. The line itself if it has
 * none of them.
 */
static const char *after_file(const char *line)
{
	size_t i, word = strcspn(line, " [");
	const char *found = line, *end;

	if (after_iso(line))
		return line;
	for (i = 1; i < word + 1; i++) {
		if (!strchr(":-\t", line[i - 1]))
			continue;
		end = klog_after_beginning(line + i);
		if (end && end - line > MOST_OF_NAME)
			found = line + i;
	}
	return found;
}

/*
 * With CONFIG_PRINTK_CALLER the task or the CPU follows: [  T123], [    C0]. Some vendors
 * have CPU, name and pid there: [1:    kworker/1:1:   45]
 */
static const char *after_caller(const char *line)
{
	const char *begin = line + strspn(line, " "), *at;
	const char *end = *begin == '[' ? strchr(begin, ']') : NULL;

	if (!end)
		return line;
	at = begin + 1 + strspn(begin + 1, " ");
	if ((*at == 'T' || *at == 'C') && at[1] != ']' && after_digits(at + 1) == end)
		return end + 1;
	return line;
}

static const char *after_vendor(const char *line)
{
	const char *end = *line == '[' ? strchr(line, ']') : NULL;

	return end && end - line >= 24 && *after_digits(line + 1) == ':' ? end + 1 : line;
}

/*
 * /dev/kmsg: 6,1234,5678901,-;text, with level, number, us since boot and flags before the text;
 * newer kernels may have more fields after these. NULL: the line has another form.
 */
static const char *after_record(struct klog *log, const char *line)
{
	unsigned long long us;
	int len = 0;

	if (sscanf(line, "%*5u,%*20u,%20llu,%n", &us, &len) != 1 || !len ||
	    us >= 1ULL << 52 || !isdigit((unsigned char)*line))
		return NULL;
	line += len;
	line += strcspn(line, "; ");
	if (*line != ';')
		return NULL;
	log->stamp.time_ns = us * 1000;
	return line + 1;
}

/* The kernel escapes bytes in a record of /dev/kmsg as \xNN: ends of lines are among them. */
static void unescape(char *text)
{
	char *to = text;
	unsigned int byte;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] == 'x' && isxdigit((unsigned char)text[2]) &&
		    isxdigit((unsigned char)text[3]) && sscanf(text + 2, "%2x", &byte) == 1 &&
		    byte) {
			*to++ = byte;
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/*
 * Once a line has been a record of /dev/kmsg all are. The lines between them, which begin with a
 * space, tell the device of a message. NULL: no record.
 */
static char *message_of_record(struct klog *log, char *line)
{
	const char *at = after_record(log, line);

	if (!log->prefix.decided)
		log->prefix.records = at && at - line > MOST_OF_NAME;
	if (!log->prefix.records || !at)
		return NULL;
	log->prefix.decided = true;
	line += at - line;
	unescape(line);
	return line;
}

/* Kernels of some phones have the CPU and the pid there, without brackets: c0 1234 message */
static const char *after_cpu(const char *line)
{
	const char *at = line + strspn(line, " "), *end;

	end = *at == 'c' ? after_digits(at + 1) : at;
	if (end - at < 2 || *end != ' ')
		return NULL;
	at = end + strspn(end, " ");
	end = after_digits(at);
	return end > at && *end == ' ' ? end : NULL;
}

/*
 * journalctl -o short-monotonic: the first line that has a time tells that all have a host. It
 * also tells whether all have a CPU.
 */
static const char *after_host(struct klog *log, const char *line)
{
	const char *host = line + strspn(line, " ");
	const char *at = match(host + strcspn(host, " "), " kernel: ");

	if (!log->prefix.decided) {
		log->prefix.monotonic = at;
		log->prefix.cpu = after_cpu(line);
	}
	log->prefix.decided = true;
	if (log->prefix.cpu)
		return after_cpu(line) ?: line;
	if (log->prefix.monotonic && at)
		klog_set_host(&log->stamp.host, host, strcspn(host, " "));
	return log->prefix.monotonic ? at : line;
}

/* dmesg --color=always: ESC [ digits and ; m */
static void drop_colours(char *line)
{
	char *to = line, *at = line, *end;

	for (; *at; at++) {
		end = at[0] == '\033' && at[1] == '[' ? at + 2 + strspn(at + 2, "0123456789;") : at;
		if (end > at && *end == 'm')
			at = end;
		else
			*to++ = *at;
	}
	*to = '\0';
}

const char *klog_message(struct klog *log, char *line)
{
	size_t len;
	const char *at = line, *next, *begin, *first;

	log->bare = false;
	log->indented = false;
	log->stamp = (struct stamp) {
		.time_ns = OOMWATCH_UNKNOWN_U64, .real_ns = OOMWATCH_UNKNOWN_U64,
	};
	/* It colours the time. A task's name may have such bytes, too. */
	if (*line == '\033')
		drop_colours(line);
	len = strlen(line);
	while (len && line[len - 1] == '\r')
		line[--len] = '\0';
	next = message_of_record(log, line);
	log->is_kernel = log->is_kernel || next;
	if (next || log->prefix.records)
		return next;
	/* A mail or a form quotes, or sets in. */
	at += strspn(at, ">| \t\r");
	first = at;
	log->indented = at - line >= 2 && isspace((unsigned char)at[-1]) &&
		isspace((unsigned char)at[-2]);
	at = after_file(at);
	if (match(at, "<0>") || match(at, "<00>") || match(at, "<000>"))
		at = strchr(at, '>') + 1;
	begin = at;
	at = after_date(log, at);
	if (!at)
		return NULL;
	/* The time is one of several things that stand in brackets. */
	if (at[strspn(at, " ")] == '[')
		at += strspn(at, " ");
	at = after_facility(at);
	next = klog_after_time(log, at);
	if (next)
		at = after_host(log, after_caller(next));
	else if (*at == '[')
		at = after_caller(after_clock_time(log, at) ?: at);
	if (at && next && at[0] == ' ')
		at = after_vendor(at + 1) == at + 1 ? at : after_vendor(at + 1);
	log->is_kernel = log->is_kernel || (at && at > begin + strspn(begin, " "));
	log->bare = at == first;
	return at && *at == ' ' ? at + 1 : at;
}
