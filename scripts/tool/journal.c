// SPDX-License-Identifier: GPL-2.0
/*
 * Kills as entries of the systemd journal, by its native protocol: systemd.journal-fields(7), and
 * https://systemd.io/JOURNAL_NATIVE_PROTOCOL.
 *
 * An entry is sent when the store has the kill, and what was sent is written down after that. So a
 * crash of this program in between sends an entry twice, and none is missing.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"
#include "kill.h"
#include "tool.h"

#define SOCKET "/run/systemd/journal/socket"

/* Of oomwatch.catalog. */
#define ID_KILL "5a8e1b88e48f4a80863135708d961131"
#define ID_NOBODY "7cdbde983a2d4c22b3a47e1a478d03a3"

/* --- an entry ---------------------------------------------------------------------------- */

struct entry {
	FILE *to;
	char *bytes;
	size_t len;
	bool has_json;
};

/* With the length before the value: it may have any bytes. */
static void put_field(struct entry *entry, const char *name, const char *value)
{
	__u64 len = htole64(strlen(value));

	if (!*value || !strcmp(value, "-"))
		return;
	fprintf(entry->to, "%s\n", name);
	fwrite(&len, sizeof(len), 1, entry->to);
	fprintf(entry->to, "%s\n", value);
}

static void put_number(struct entry *entry, const char *name, __u64 number)
{
	if (is_known(number))
		put_field(entry, name, format_words("%llu", number));
}

static void put_kib(struct entry *entry, const char *name, const struct record *rec, __u64 pages)
{
	if (is_known(pages))
		put_number(entry, name, pages * rec->stream->page_size / 1024);
}

/* The next name of a path, which goes on after it; "" at its end. */
static const char *next_name(const char **path)
{
	size_t len;

	*path += strspn(*path, "/");
	len = strcspn(*path, "/");
	*path += len;
	return format_words("%.*s", (int)len, *path - len);
}

/* As systemd does: the first name that is no slice. What is below is the unit's own to name. */
static const char *next_unit(const char **path)
{
	const char *name;

	do
		name = next_name(path);
	while (is_slice_name(name));
	return is_unit_name(name) ? name : "";
}

/*
 * journalctl -u UNIT takes OBJECT_SYSTEMD_UNIT= from root. The PID is no OBJECT_PID=: journald
 * would look at the process that has it now.
 */
static void put_units(struct entry *entry, struct bytes memcg)
{
	const char *path = words_printable(memcg), *unit = next_unit(&path);

	put_field(entry, "OBJECT_SYSTEMD_UNIT", unit);
	if (!strncmp(unit, "user@", 5))
		put_field(entry, "OBJECT_SYSTEMD_USER_UNIT", next_unit(&path));
}

static void put_victim(struct entry *entry, const struct record *victim)
{
	const struct oomwatch_process *process = &victim->victim.process;
	struct bytes path = ref_bytes(victim, process->memcg);
	struct container container = container_of_path(path);
	struct pod_names names = names_of(&container);

	put_field(entry, "OOMWATCH_VICTIM_PID", words_pid(process));
	put_field(entry, "OOMWATCH_VICTIM_COMM", words_comm(process->comm));
	if (process->uid != OOMWATCH_UNKNOWN_U32)
		put_field(entry, "OOMWATCH_VICTIM_UID", words_uid(process->uid));
	put_field(entry, "OOMWATCH_VICTIM_MEMCG", words_printable(path));
	put_kib(entry, "OOMWATCH_SIZE_KB", victim, own_pages(victim));
	if (container.runtime)
		put_field(entry, "OOMWATCH_CONTAINER_ID", container.id);
	put_field(entry, "OOMWATCH_POD_UID", container.pod);
	put_field(entry, "OOMWATCH_POD_NAMESPACE", names.namespace);
	put_field(entry, "OOMWATCH_POD_NAME", names.pod);
	put_field(entry, "OOMWATCH_CONTAINER_NAME", names.container);
	put_units(entry, path);
}

static void put_limit(struct entry *entry, const struct episode *episode)
{
	const struct record *rec = episode->oom;

	put_field(entry, "OOMWATCH_KIND", kind_name(rec->oom.kind));
	put_field(entry, "OOMWATCH_CAUSE", words_cause_name(episode));
	put_field(entry, "OOMWATCH_MEMCG", words_printable(ref_bytes(rec, rec->oom.memcg)));
	put_kib(entry, "OOMWATCH_LIMIT_KB", rec, rec->oom.memcg_limit);
}

static unsigned int nr_json;	/* entries with JSON that the journal took in these seconds */

/*
 * A storm of kills, which anybody can make in a cgroup of his own, must not fill the journal: it
 * has the JSON of ten kills in five seconds, as the kernel's log has ten reports.
 */
static bool has_room_for_json(void)
{
	static struct timespec begin;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!nr_json || now.tv_sec - begin.tv_sec >= 5) {
		begin = now;
		nr_json = 0;
	}
	return nr_json < 10;
}

static void put_json(struct entry *entry, const struct episode *episode)
{
	struct json_object *object;

	entry->has_json = has_room_for_json();
	if (!entry->has_json)
		return;
	object = json_of_episode(episode);
	put_field(entry, "OOMWATCH_JSON", json_text(object, JSON_C_TO_STRING_PLAIN));
	json_object_put(object);
}

static void make_entry(struct entry *entry, const struct episode *episode)
{
	const struct record *victim = main_victim(episode);

	*entry = (struct entry) { };
	entry->to = text_begin(&entry->bytes, &entry->len);
	put_field(entry, "MESSAGE", words_headline(episode));
	put_field(entry, "MESSAGE_ID", is_nobody(episode) ? ID_NOBODY : ID_KILL);
	put_field(entry, "PRIORITY", "3");
	put_field(entry, "SYSLOG_IDENTIFIER", "oomwatch");
	put_field(entry, "OOMWATCH_ID", words_episode(episode->id));
	put_number(entry, "OOMWATCH_SEQ", episode->of[0]->head.seq);
	/* With the offset from UTC: journals of many machines are gathered. */
	if (is_known(episode_ns(episode)))
		put_field(entry, "OOMWATCH_TIME", words_iso_time(episode_ns(episode)));
	if (episode->oom)
		put_limit(entry, episode);
	if (victim)
		put_victim(entry, victim);
	put_json(entry, episode);
	text_end(entry->to);
}

/* --- the socket ---------------------------------------------------------------------------- */

static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SOCKET };

/* What is too large for a datagram goes as a file in memory that nobody can change any more. */
static ssize_t send_file(int fd, const struct entry *entry)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { };
	struct msghdr message = {
		.msg_name = (void *)&address, .msg_namelen = sizeof(address),
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int file = memfd_create("oomwatch", MFD_ALLOW_SEALING | MFD_CLOEXEC), wrong;
	ssize_t n = -1;

	if (file < 0)
		return -1;
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(file));
	memcpy(CMSG_DATA(&control.head), &file, sizeof(file));
	/* A write of a part sets no error. */
	errno = ENOMEM;
	if (write(file, entry->bytes, entry->len) == (ssize_t)entry->len &&
	    !fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL))
		n = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	wrong = errno;
	close(file);
	errno = wrong;
	return n;
}

/* Never waits: a journal that is full or begins anew is asked again later. */
static bool send_entry(const struct entry *entry)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), wrong;
	ssize_t n;

	if (fd < 0)
		return false;
	n = sendto(fd, entry->bytes, entry->len, MSG_NOSIGNAL | MSG_DONTWAIT,
		   (const struct sockaddr *)&address, sizeof(address));
	if (n < 0 && (errno == EMSGSIZE || errno == ENOBUFS))
		n = send_file(fd, entry);
	wrong = errno;
	close(fd);
	errno = wrong;
	return n >= 0;
}

/* --- what was told -------------------------------------------------------------------------- */

#define TOLD "%020llu %020llu %020llu\n"

void journal_open(struct journal *to, int lock)
{
	unsigned long long load, kill, nobody;
	char text[80] = "";

	*to = (struct journal) { .fd = lock, .load = OOMWATCH_UNKNOWN_U64 };
	if (pread(lock, text, sizeof(text) - 1, 0) < 0 ||
	    sscanf(text, "%llu %llu %llu", &load, &kill, &nobody) != 3)
		return;
	to->load = load;
	to->kill = kill;
	to->nobody = nobody | OOMWATCH_NOBODY;
}

static void write_told(struct journal *to)
{
	char text[80];
	int len = snprintf(text, sizeof(text), TOLD, to->load, to->kill,
			   to->nobody & ~OOMWATCH_NOBODY);
	bool done = pwrite(to->fd, text, len, 0) == len;

	if (!done && !to->forgets)
		complain("which kills the journal has can't be written down, so a restart may tell them again: %s",
			 why_not(errno));
	to->forgets = !done;
}

static __u64 *told(struct journal *to, __u64 oom)
{
	return oom & OOMWATCH_NOBODY ? &to->nobody : &to->kill;
}

/* Whether it may be taken later: the journal is full or starts again, or memory is short. */
static bool may_pass(int wrong)
{
	return wrong == EAGAIN || wrong == ECONNREFUSED || wrong == ENOBUFS || wrong == ENOMEM ||
		wrong == ENFILE || wrong == EMFILE;
}

static void say_refused(struct journal *to, int wrong)
{
	/* A machine without a journal has no socket. */
	if (!to->refused && wrong != ENOENT)
		complain("the journal does not take kills now%s: %s: %s",
			 may_pass(wrong) ? ", and gets them later" : "", SOCKET, why_not(wrong));
	to->refused = wrong != ENOENT;
}

/* Returns false if the entry is to be sent again later. */
static bool tell(struct journal *to, const struct episode *episode)
{
	struct entry entry;
	int wrong;

	words_scope();
	make_entry(&entry, episode);
	wrong = send_entry(&entry) ? 0 : errno;
	free(entry.bytes);
	if (wrong)
		say_refused(to, wrong);
	else
		to->refused = false;
	nr_json += !wrong && entry.has_json;
	if (may_pass(wrong))
		return false;
	*told(to, episode->id) = episode->id;
	write_told(to);
	return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

void journal_begin(struct journal *to, const __u8 *start, size_t len, __u64 load)
{
	if (to->fd < 0)
		return;
	if (load != to->load) {
		to->load = load;
		to->kill = 0;
		to->nobody = 0;
	}
	capture_begin(&to->capture, SOCKET);
	capture_add(&to->capture, start, len);
}

/* The module gives all that it holds each time: what was told is not kept. */
void journal_add(struct journal *to, const __u8 *bytes, size_t len)
{
	struct capture *capture = &to->capture;
	size_t kept = capture->nr_records, i;
	struct record *rec;

	if (to->fd < 0)
		return;
	capture_add(capture, bytes, len);
	for (i = kept; i < capture->nr_records; i++) {
		rec = capture->records[i];
		if (rec->head.oom && rec->head.oom > *told(to, rec->head.oom))
			capture->records[kept++] = rec;
		else
			free(rec);
	}
	capture->nr_records = kept;
}

/* The last kill may go on. A call that found nobody ends with the record of the processes. */
static bool is_complete(const struct capture *capture, const struct episode *episode)
{
	if (is_nobody(episode))
		return episode->excluded;
	return main_victim(episode) &&
		(episode->end || episode < capture->episodes + capture->nr_episodes - 1);
}

static bool tell_all(struct journal *to, const struct episode *episode, size_t nr)
{
	for (; nr; episode++, nr--)
		if (is_complete(&to->capture, episode) && !tell(to, episode))
			return false;
	return true;
}

bool journal_end(struct journal *to)
{
	const struct capture *capture = &to->capture;
	bool all;

	if (to->fd < 0)
		return true;
	capture_sort(&to->capture);
	all = tell_all(to, capture->episodes, capture->nr_episodes) &&
		tell_all(to, capture->nobody, capture->nr_nobody);
	capture_free(&to->capture);
	return all;
}
