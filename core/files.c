// SPDX-License-Identifier: GPL-2.0
/*
 * The files in debugfs, which files.h lists. The file candidates is in dryrun.c, the file report in
 * report.c.
 *
 * An open file holds a reference on the module, and the files are removed only when it is unloaded.
 * So debugfs need not guard each call against the removal: debugfs_create_file_unsafe(). The files
 * don't set an owner for this: debugfs would warn if an open met an unload. So release drops the
 * reference itself, and oomwatch_exit() waits until release has returned.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "internal.h"

static struct dentry *debugfs_root;

/* What a file is of, if not of all records: its i_private. */
static char of_newest, of_before;

/* --- events, last: text --------------------------------------------------- */

struct text {
	struct reader reader;
	u64 end;		/* stop before this sequence number */
	bool last;		/* the file last: the newest episode only */
	u64 only;		/* this episode's records only, if not 0 */
	loff_t index;		/* the seq_file's position of the held record */
};

static bool text_wants(const struct text *text, const struct oomwatch_head *rec)
{
	if (!text->only || rec->oom == text->only)
		return true;
	return rec->type == OOMWATCH_TYPE_LOST && reader_missed_kills(&text->reader.rec.lost);
}

static bool text_fetch(struct text *text)
{
	const struct oomwatch_head *rec = &text->reader.rec.head;

	for (; reader_fetch(&text->reader); cond_resched()) {
		if ((s64)(rec->seq - text->end) >= 0)
			break;
		if (text_wants(text, rec))
			return true;
		if (fatal_signal_pending(current))
			break;
	}
	text->reader.held = false;
	return false;
}

/*
 * A read from the beginning starts over, and ends at the record that is the newest now.
 * The end is looked up last, so that it can't be before the start.
 */
static void text_rewind(struct text *text)
{
	struct ring *ring = reader_ring(&text->reader);
	struct ring_cursor newest;

	text->only = 0;
	if (!text->last)
		ring_seek_oldest(ring, &text->reader.cursor);
	else
		text->only = ring_seek_bookmark(ring, RING_KILLS, &text->reader.cursor);
	ring_seek_newest(ring, &newest);
	text->end = newest.seq;
	if (text->last && !text->only)
		text->reader.cursor = newest;
}

static void *text_start(struct seq_file *m, loff_t *index)
{
	struct text *text = m->private;

	if (!*index) {
		text_rewind(text);
		text->reader.held = false;
		text->index = 0;
		return SEQ_START_TOKEN;
	}
	return *index == text->index && text->reader.held ? text : NULL;
}

static void *text_next(struct seq_file *m, void *v, loff_t *index)
{
	struct text *text = m->private;

	text->index = ++*index;
	return text_fetch(text) ? text : NULL;
}

static void text_stop(struct seq_file *m, void *v)
{
}

static int text_show(struct seq_file *m, void *v)
{
	struct text *text = m->private;

	if (v == SEQ_START_TOKEN)
		seq_printf(m, "# oomwatch %d\n", OOMWATCH_MAJOR);
	else
		render_record(m, &text->reader.rec.head);
	return 0;
}

static const struct seq_operations text_seq_ops = {
	.start = text_start,
	.next = text_next,
	.stop = text_stop,
	.show = text_show,
};

static int text_open(struct inode *inode, struct file *file)
{
	struct text *text;
	int err;

	err = files_hold_module(file);
	if (err)
		return err;
	/* So that who reads after a kill has all of it. */
	meminfo_wait();
	err = -ENOMEM;
	text = kvzalloc(sizeof(*text), GFP_KERNEL);
	if (text)
		err = seq_open(file, &text_seq_ops);
	if (err) {
		kvfree(text);
		files_release_module(file);
		return err;
	}
	text->last = inode->i_private == &of_newest;
	text->reader.before = inode->i_private == &of_before;
	((struct seq_file *)file->private_data)->private = text;
	return 0;
}

static int text_release(struct inode *inode, struct file *file)
{
	kvfree(((struct seq_file *)file->private_data)->private);
	seq_release(inode, file);
	files_release_module(file);
	return 0;
}

static const struct file_operations text_fops = {
	.open = text_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = text_release,
};

/* --- records: binary ------------------------------------------------------ */

struct stream {
	struct mutex lock;		/* guards the rest; readers may share an open file */
	struct reader reader;
};

/* For programs that take each number for that of a kill: see OOMWATCH_NOBODY. */
static void stream_mark_nobody(struct oomwatch_head *rec)
{
	if (rec->oom & OOMWATCH_NOBODY)
		rec->type |= OOMWATCH_TYPE_NOBODY;
}

static int records_open(struct inode *inode, struct file *file)
{
	struct stream *stream;
	int err;

	err = files_hold_module(file);
	if (err)
		return err;
	meminfo_wait();
	stream = kvzalloc(sizeof(*stream), GFP_KERNEL);
	if (!stream) {
		files_release_module(file);
		return -ENOMEM;
	}
	mutex_init(&stream->lock);
	stream->reader.before = inode->i_private == &of_before;
	ring_seek_oldest(reader_ring(&stream->reader), &stream->reader.cursor);
	reader_start(&stream->reader);
	file->private_data = stream;
	/* The file can't seek, and a reader that waits doesn't hold the lock of its position. */
	return stream_open(inode, file);
}

static int records_release(struct inode *inode, struct file *file)
{
	kvfree(file->private_data);
	files_release_module(file);
	return 0;
}

static bool records_ready(struct reader *reader)
{
	return READ_ONCE(reader->held) || reader->before ||
	       READ_ONCE(records.next_seq) != READ_ONCE(reader->cursor.seq);
}

/*
 * Waits until a record is held. What an earlier load has kept has an end, and then none is.
 * Context: stream->lock held, released on error.
 */
static int records_wait(struct file *file, struct stream *stream)
{
	struct reader *reader = &stream->reader;
	int err;

	while (!reader->held && !reader_fetch(reader) && !reader->before) {
		mutex_unlock(&stream->lock);
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(record_waiters, records_ready(reader));
		if (err)
			return err;
		err = mutex_lock_interruptible(&stream->lock);
		if (err)
			return err;
	}
	return 0;
}

/*
 * Returns as many whole records as fit, or fewer if a signal is pending. The first that doesn't fit
 * stays for the next read.
 */
static ssize_t records_read(struct file *file, char __user *to, size_t size, loff_t *ppos)
{
	struct stream *stream = file->private_data;
	struct reader *reader = &stream->reader;
	size_t done = 0;
	int err;

	if (!size)
		return 0;
	err = mutex_lock_interruptible(&stream->lock);
	if (err)
		return err;
	err = records_wait(file, stream);
	if (err)
		return err;
	for (; reader->held; reader_fetch(reader)) {
		u32 len = reader->rec.head.len;

		stream_mark_nobody(&reader->rec.head);
		if (len > size - done)
			err = -EINVAL;
		else if (copy_to_user(to + done, reader->rec.bytes, len))
			err = -EFAULT;
		if (err)
			break;
		done += len;
		reader->held = false;
		cond_resched();
		if (signal_pending(current))
			break;
	}
	mutex_unlock(&stream->lock);
	return done ?: err;
}

static __poll_t records_poll(struct file *file, struct poll_table_struct *wait)
{
	struct stream *stream = file->private_data;

	poll_wait(file, &record_waiters, wait);
	/* Pairs with record_is_awaited(). */
	smp_mb();
	return records_ready(&stream->reader) ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations records_fops = {
	.open = records_open,
	.read = records_read,
	.poll = records_poll,
	.release = records_release,
};

/* --- stats ---------------------------------------------------------------- */

/* Set before the files are created. */
static const struct source_stats *sources;

static void stats_show_ring(struct seq_file *m)
{
	u64 held = 0, overwritten = 0, cleared = 0, dropped = 0;
	const struct lane *kills, *adj, *nobody, *storm;
	unsigned long flags;
	struct ring now;
	int i;

	raw_spin_lock_irqsave(&records.lock, flags);
	now = records;
	raw_spin_unlock_irqrestore(&records.lock, flags);
	kills = &now.lane[RING_MAIN];
	adj = &now.lane[RING_ADJ];
	nobody = &now.lane[RING_NOBODY];
	storm = &now.lane[RING_STORM];
	for (i = 0; i < RING_LANES; i++) {
		held += now.lane[i].at.next - now.lane[i].at.first;
		overwritten += now.lane[i].overwritten;
		cleared += now.lane[i].cleared;
		dropped += now.lane[i].resize_dropped;
	}
	seq_printf(m, "records_written: %llu\n", now.next_seq - 1);
	seq_printf(m, "records_held: %llu\n", held);
	seq_printf(m, "records_overwritten: %llu\n", overwritten);
	seq_printf(m, "records_cleared: %llu\n", cleared);
	seq_printf(m, "records_resize_dropped: %llu\n", dropped);
	seq_printf(m, "ring_bytes: %llu\n", kills->size);
	seq_printf(m, "ring_used_bytes: %llu\n", kills->at.head - kills->at.tail);
	seq_printf(m, "ring_held: %llu\n", kills->at.next - kills->at.first);
	seq_printf(m, "ring_overwritten: %llu\n", kills->overwritten);
	seq_printf(m, "adj_ring_bytes: %llu\n", adj->size);
	seq_printf(m, "adj_ring_used_bytes: %llu\n", adj->at.head - adj->at.tail);
	seq_printf(m, "adj_ring_held: %llu\n", adj->at.next - adj->at.first);
	seq_printf(m, "adj_ring_overwritten: %llu\n", adj->overwritten);
	seq_printf(m, "nobody_ring_held: %llu\n", nobody->at.next - nobody->at.first);
	seq_printf(m, "nobody_ring_overwritten: %llu\n", nobody->overwritten);
	seq_printf(m, "storm_ring_bytes: %llu\n", storm->size);
	seq_printf(m, "storm_ring_used_bytes: %llu\n", storm->at.head - storm->at.tail);
	seq_printf(m, "storm_ring_held: %llu\n", storm->at.next - storm->at.first);
	seq_printf(m, "storm_ring_overwritten: %llu\n", storm->overwritten);
}

static int stats_show(struct seq_file *m, void *v)
{
	counters_show(m);
	seq_printf(m, "scope_missed: %d\n", *sources->scope_missed);
	retries_show(m);
	stats_show_ring(m);
	sources->show(m);
	return 0;
}

static int stats_open(struct inode *inode, struct file *file)
{
	int err = files_hold_module(file);

	if (err)
		return err;
	err = single_open(file, stats_show, NULL);
	if (err)
		files_release_module(file);
	return err;
}

static int stats_release(struct inode *inode, struct file *file)
{
	single_release(inode, file);
	files_release_module(file);
	return 0;
}

static const struct file_operations stats_fops = {
	.open = stats_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = stats_release,
};

/* --- clear ---------------------------------------------------------------- */

static ssize_t clear_write(struct file *file, const char __user *from, size_t size, loff_t *ppos)
{
	ring_clear(&records);
	if (persist_before())
		ring_clear(persist_before());
	nobody_forget();
	storm_forget();
	return size;
}

static int clear_open(struct inode *inode, struct file *file)
{
	int err = files_hold_module(file);

	return err ?: nonseekable_open(inode, file);
}

static int clear_release(struct inode *inode, struct file *file)
{
	files_release_module(file);
	return 0;
}

static const struct file_operations clear_fops = {
	.open = clear_open,
	.write = clear_write,
	.release = clear_release,
};

/* --- creating and removing the files -------------------------------------- */

static const struct file_row {
	const char *name;
	umode_t mode;
	void *of;
	const struct file_operations *fops;
} rows[] = {
#define FILE(name, mode, of, fops, meaning) { name, mode, of, &(fops) },
#define BEFORE(name, mode, fops, meaning) { name, mode, &of_before, &(fops) },
#include "files.h"
#undef FILE
#undef BEFORE
};

/**
 * files_add() - create the files
 * @of: what the file stats shows of the event sources
 *
 * Without debugfs the module still records: the knobs log and panic_report use the records.
 *
 * Context: task context. From here on userspace may have files open.
 */
void files_add(const struct source_stats *of)
{
	struct dentry *dir, *before = NULL;
	const struct file_row *row;

	sources = of;
	debugfs_root = debugfs_create_dir(KBUILD_MODNAME, NULL);
	if (IS_ERR(debugfs_root)) {
		pr_warn("no debugfs (%ld): records can only go to the kernel log, see the knob log\n",
			PTR_ERR(debugfs_root));
		return;
	}
	if (persist_before())
		before = debugfs_create_dir("before", debugfs_root);
	for (row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		dir = row->of == &of_before ? before : debugfs_root;
		if (dir)
			debugfs_create_file_unsafe(row->name, row->mode, dir, row->of, row->fops);
	}
}

/**
 * files_remove() - remove the files; some may stay open
 *
 * Context: task context, may sleep.
 */
void files_remove(void)
{
	debugfs_remove(debugfs_root);
}
