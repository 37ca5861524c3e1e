// SPDX-License-Identifier: GPL-2.0
/*
 * Dry run: the candidates for a kill if the machine ran out of memory now, or the
 * memory cgroup whose path was written to the file.
 */

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "internal.h"

/* An open file. */
struct dry_run {
	unsigned long swap;		/* all swap space, in pages, when the read began */
	struct mutex lock;		/* guards the rest */
	struct mem_cgroup *memcg;	/* held; NULL: the whole machine */
	struct ranking *ranking;
	char path[PATH_MAX];
	union {
		struct oomwatch_head head;
		struct oomwatch_task task;
		struct oomwatch_excluded excluded;
		u8 bytes[OOMWATCH_RECORD_MAX];
	} rec;
};

/*
 * Bytes of text for as many candidates as there can be. If a buffer is too small, seq_file doubles
 * it and calls dry_run_show() again, which walks over all processes each time; and to allocate it,
 * seq_file may have a process killed. A line has some 500 bytes, without the path of the cgroup.
 */
#define TEXT_SIZE	(CANDIDATES_MAX * 768)

/* Returns false if the path of a v1 cgroup isn't made yet. Context: run->lock held. */
static bool dry_run_walk(struct dry_run *run, struct seq_file *m)
{
	struct oom_domain domain = { .whole = true, .memcg = run->memcg };
	struct oomwatch_head *rec = &run->rec.head;
	unsigned long swap = READ_ONCE(run->swap);
	const struct candidate *candidate;
	enum oomwatch_type type;
	bool complete = true;
	unsigned int i;
	u64 now;

	rcu_read_lock();
	domain.totalpages = run->memcg ? memcg_max_pages(run->memcg, swap) :
			    totalram_pages() + swap;
	ranking_walk(run->ranking, &domain);
	now = ktime_get_boottime_ns();
	for (i = 0; i < run->ranking->nr + run->ranking->nr_protected; i++) {
		candidate = ranking_member(run->ranking, i, &type);
		ranking_build_task(&run->rec.task, type, candidate, run->path, now, 0);
		complete &= memcg_complete(rec);
		render_record(m, rec);
	}
	ranking_build_excluded(&run->rec.excluded, run->ranking, now, 0);
	render_record(m, rec);
	rcu_read_unlock();
	return complete;
}

static int dry_run_show(struct seq_file *m, void *v)
{
	struct dry_run *run = m->private;
	size_t begin;

	mutex_lock(&run->lock);
	seq_printf(m, "# oomwatch %d\n", OOMWATCH_MAJOR);
	begin = m->count;
	if (!dry_run_walk(run, m)) {
		memcg_wait();
		m->count = begin;
		dry_run_walk(run, m);
	}
	mutex_unlock(&run->lock);
	return 0;
}

/* Reads the size of swap: from a seq_file, too, which must not be within dry_run_show(). */
static int dry_run_size_swap(struct dry_run *run)
{
	unsigned long swap;
	int err = meminfo_total_swap(&swap);

	if (!err)
		WRITE_ONCE(run->swap, swap);
	return err;
}

static ssize_t dry_run_read(struct file *file, char __user *to, size_t size, loff_t *ppos)
{
	struct dry_run *run = ((struct seq_file *)file->private_data)->private;
	int err = *ppos ? 0 : dry_run_size_swap(run);

	return err ?: seq_read(file, to, size, ppos);
}

static void dry_run_set(struct dry_run *run, struct mem_cgroup *memcg)
{
	mutex_lock(&run->lock);
	swap(run->memcg, memcg);
	mutex_unlock(&run->lock);
	if (memcg)
		memcg_put(memcg);
}

static int dry_run_open(struct inode *inode, struct file *file)
{
	struct dry_run *run;
	struct seq_file *seq;
	char *text;
	int err;

	err = files_hold_module(file);
	if (err)
		return err;
	err = -ENOMEM;
	run = __vmalloc(sizeof(*run), GFP_NO_KILL | __GFP_ZERO);
	if (!run)
		goto err_module;
	mutex_init(&run->lock);
	/* A read may begin anywhere. */
	err = dry_run_size_swap(run);
	if (err)
		goto err_run;
	err = -ENOMEM;
	run->ranking = ranking_alloc(CANDIDATES_MAX);
	if (!run->ranking)
		goto err_run;
	text = __vmalloc(TEXT_SIZE, GFP_NO_KILL);
	if (!text)
		goto err_ranking;
	err = single_open(file, dry_run_show, run);
	if (err)
		goto err_text;
	seq = file->private_data;
	seq->buf = text;
	seq->size = TEXT_SIZE;
	return 0;

err_text:
	vfree(text);
err_ranking:
	vfree(run->ranking);
err_run:
	vfree(run);
err_module:
	files_release_module(file);
	return err;
}

static int dry_run_release(struct inode *inode, struct file *file)
{
	struct dry_run *run = ((struct seq_file *)file->private_data)->private;

	dry_run_set(run, NULL);
	vfree(run->ranking);
	vfree(run);
	single_release(inode, file);
	files_release_module(file);
	return 0;
}

/* A path as in /proc/PID/cgroup; an empty one is the whole machine again. */
static ssize_t dry_run_write(struct file *file, const char __user *from, size_t size,
			     loff_t *ppos)
{
	struct dry_run *run = ((struct seq_file *)file->private_data)->private;
	struct mem_cgroup *memcg = NULL;
	char *path;

	if (size >= PATH_MAX)
		return -ENAMETOOLONG;
	path = memdup_user_nul(from, size);
	if (IS_ERR(path))
		return PTR_ERR(path);
	if (size && path[size - 1] == '\n')
		path[size - 1] = '\0';
	if (strlen(path) + 1 < size)
		memcg = ERR_PTR(-EINVAL);
	else if (*path)
		memcg = memcg_get_by_path(path);
	kfree(path);
	if (IS_ERR(memcg))
		return PTR_ERR(memcg);
	dry_run_set(run, memcg);
	return size;
}

const struct file_operations dry_run_fops = {
	.open = dry_run_open,
	.read = dry_run_read,
	.write = dry_run_write,
	.llseek = seq_lseek,
	.release = dry_run_release,
};
