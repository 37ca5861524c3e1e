// SPDX-License-Identifier: GPL-2.0
/*
 * Lines that a mail or a form has wrapped. The rest of a message comes in lines that have nothing
 * before it, such as a time. Where no message has that, as dmesg -t writes it, only a message waits
 * for its rest which lacks what the kernel prints at its end. What a terminal has cut is joined as
 * soon as that is clear; the lines before may have wrong figures.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "klog-report.h"

#define MOST_LINES 32

/* A line may also be cut within a list: rest follows a comma. */
static bool lacks_rest(const struct klog *log, const char *line)
{
	const char *late = klog_late_words(line);
	size_t len;

	line += strspn(line, " ");
	len = strlen(line);
	while (len && line[len - 1] == ' ')
		len--;
	if (late)
		return !strstr(line, late) || (len && line[len - 1] == ',');
	return klog_row_is_cut(log, line);
}

/* Whether a message ends with a name or path, so that what follows is not a part of it. */
static bool is_whole(const struct klog *log, const char *line)
{
	line += strspn(line, " ");
	if (!strncmp(line, "Task in /", 9))
		return strstr(line, " as a result of limit of /");
	return line[0] == '[' && isdigit((unsigned char)line[1 + strspn(line + 1, " ")]) &&
		!klog_row_is_cut(log, line);
}

/* The kernel writes no space within GFP_A|GFP_B. */
static void put(struct waiting *waiting, const char *line, bool is_word)
{
	char last = waiting->len ? waiting->text[waiting->len - 1] : ' ';
	bool space = !is_word && last != ' ' && last != '|';
	size_t len = strlen(line);

	if (waiting->len + space + len >= sizeof(waiting->text))
		return;
	if (space)
		waiting->text[waiting->len++] = ' ';
	memcpy(waiting->text + waiting->len, line, len + 1);
	waiting->len += len;
	waiting->lines++;
}

/* NAME NUMBER: a line of memory.stat, which journalctl sets in below the message's first line. */
static bool is_item(const char *line)
{
	size_t name = strspn(line, "abcdefghijklmnopqrstuvwxyz_0123456789");
	size_t digits = line[name] == ' ' ? strspn(line + name + 1, "0123456789") : 0;

	return islower((unsigned char)*line) && digits && !line[name + 1 + digits];
}

static bool is_rest(const struct klog *log, const char *line)
{
	const struct waiting *waiting = &log->waiting;

	if (!waiting->lines || waiting->lines == MOST_LINES || !log->bare || !*line)
		return false;
	if (waiting->bare)
		return lacks_rest(log, waiting->text) && !klog_begins_message(line);
	if (klog_has_kill(line) && klog_begins_message(waiting->text))
		return false;
	return !is_whole(log, waiting->text) &&
		(lacks_rest(log, waiting->text) || !is_item(line + strspn(line, " ")));
}

/* --- lines that are cut at a width ---------------------------------------------------------- */

/* Fewer may be chance: in a log without times any line may be one of its own. */
#define FEW_CUTS 4

bool klog_is_cut(const struct klog *log)
{
	return log->cuts.at_width >= FEW_CUTS && log->cuts.at_width > log->cuts.shorter;
}

/* Returns whether a line is what a cut has left of the line before. */
static bool note_length(struct klog *log, const char *line)
{
	struct cuts *cuts = &log->cuts;
	bool rest = line && *line && log->bare && log->waiting.lines &&
		(!log->waiting.bare || !klog_begins_message(line)) && cuts->before == cuts->width;

	cuts->at_width += rest;
	cuts->shorter += !rest && line && is_rest(log, line);
	cuts->before = cuts->len;
	if (cuts->len > cuts->width) {
		cuts->width = cuts->len;
		cuts->at_width = 0;
	}
	return rest;
}

/* --- messages ------------------------------------------------------------------------------ */

/* A wrap within the time has left that in the message. */
static void take_time(struct klog *log)
{
	struct waiting *waiting = &log->waiting;
	const char *at = waiting->stamp.time_ns == OOMWATCH_UNKNOWN_U64 ?
		klog_after_time(log, waiting->text) : NULL;

	if (!at)
		return;
	at += *at == ' ';
	waiting->stamp.time_ns = log->stamp.time_ns;
	waiting->len -= at - waiting->text;
	memmove(waiting->text, at, waiting->len + 1);
}

void klog_end_wrapped(struct capture *capture)
{
	struct klog *log = capture->log;
	struct waiting *waiting = &log->waiting;

	if (!waiting->lines)
		return;
	log->stamp = waiting->stamp;
	waiting->lines = 0;
	waiting->len = 0;
	klog_take_message(capture, waiting->text);
}

/* As take_killed() reads it. Other programs write such words when they tell of a kill. */
static bool has_kill(const char *line)
{
	const char *at = strstr(line, KILLED);

	return (at && strstr(at, " total-vm:")) || strstr(line, OLD_KILLED) ||
		strstr(line, INVOKED);
}

/* Takes a message of one line, once its rest is there; NULL: the line is another program's. */
static void klog_take_wrapped(struct capture *capture, char *line)
{
	struct klog *log = capture->log;
	struct waiting *waiting = &log->waiting;
	struct stamp stamp = log->stamp;

	if (note_length(log, line) && klog_is_cut(log)) {
		put(waiting, line + strspn(line, " "), !log->cuts.space);
		take_time(log);
		return;
	}
	if (line && is_rest(log, line)) {
		put(waiting, line + strspn(line, " "), false);
		take_time(log);
		return;
	}
	/* Takes the message before, with the time of that. */
	klog_end_wrapped(capture);
	/* journalctl sets in the further lines of a message, which may be anybody's. */
	log->foreign = !line || (log->foreign && *line && !*stamp.date.text &&
				 (log->bare || log->indented));
	if (log->foreign) {
		log->quoted = log->quoted || (line && has_kill(line));
		return;
	}
	waiting->bare = log->bare;
	waiting->stamp = stamp;
	put(waiting, line, false);
}

/* journalctl puts such a line between boots: -- Boot ID --; before systemd 248: -- Reboot -- */
static bool is_between_boots(const char *line)
{
	return !strncmp(line, "-- Boot ", 8) || !strncmp(line, "-- Reboot --", 12);
}

void klog_take_line(struct capture *capture, char *line)
{
	struct klog *log = capture->log;
	const char *message;

	if (is_between_boots(line)) {
		klog_end_wrapped(capture);
		log->hosts->between_boots = true;
		return;
	}
	line = klog_after_dropped(capture, line);
	if (!line)
		return;
	/* grep writes such a line between matches that are apart. */
	if (!strcmp(line, "--"))
		line += strlen(line);
	log->cuts.len = strcspn(line, "\r");
	log->cuts.space = *line == ' ';
	message = klog_message(log, line);
	if (message && log->cuts.len > MOST_PRINTED && strstr(message, " invoked oom-killer:"))
		log->run_on = true;
	if (!message) {
		klog_take_journald(capture, line);
		log->quoted = log->quoted || has_kill(line);
	}
	klog_take_wrapped(capture, (char *)message);
}

/* --- mails ---------------------------------------------------------------------------------- */

static bool is_hex(char c) { return isdigit((unsigned char)c) || (c >= 'A' && c <= 'F'); }

/* =3D is a byte. */
static void add_decoded(struct mail *mail, const char *line, size_t len)
{
	unsigned int byte;

	for (; len && mail->len < sizeof(mail->line) - 1; line++, len--) {
		byte = (unsigned char)*line;
		if (*line == '=' && len > 2 && is_hex(line[1]) && is_hex(line[2]) &&
		    sscanf(line + 1, "%2x", &byte) == 1) {
			line += 2;
			len -= 2;
		}
		if (byte)
			mail->line[mail->len++] = byte;
	}
	mail->line[mail->len] = '\0';
}

void klog_end_mail(struct capture *capture)
{
	struct mail *mail = &capture->log->mail;

	if (mail->len)
		klog_take_line(capture, mail->line);
	mail->len = 0;
}

/* A paste has the mail's text without its head. */
static bool looks_quoted(const char *line)
{
	return strstr(line, " invoked oom-killer: ") && strstr(line, "gfp_mask=3D0x");
}

/* The head of a mail or of a part of it tells. A line that goes on in the next one ends with =. */
bool klog_is_of_mail(struct capture *capture, char *line)
{
	static const char head[] = "Content-Transfer-Encoding:";
	struct mail *mail = &capture->log->mail;
	size_t len = strcspn(line, "\r");
	bool goes_on;

	if (!strncasecmp(line, head, strlen(head))) {
		klog_end_mail(capture);
		mail->is_quoted = strcasestr(line, "quoted-printable");
		return true;
	}
	mail->is_quoted = mail->is_quoted || looks_quoted(line);
	if (!mail->is_quoted)
		return false;
	goes_on = len && line[len - 1] == '=';
	add_decoded(mail, line, len - goes_on);
	if (goes_on)
		return true;
	klog_take_line(capture, mail->line);
	mail->len = 0;
	mail->line[0] = '\0';
	return true;
}
