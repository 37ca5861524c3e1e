// SPDX-License-Identifier: GPL-2.0
/*
 * Kept memory: the parameter keep names memory that outlives the machine's crash. The ring is there
 * then, and the next load of the module finds what this one has recorded.
 *
 * The memory begins with a header, which says whose records these are. Then come the lanes. A
 * record is followed by a sum, and the header has, for each lane, where its records are: see
 * lane_keep_places(). So what the crash has torn, and what the memory has not held, is known.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/utsname.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "internal.h"

static char *keep;
module_param(keep, charp, 0400);
MODULE_PARM_DESC(keep, "memory that outlives a crash: SIZE@ADDRESS, kept free by memmap=SIZE$ADDRESS, or the name of a reserve_mem=");

/* Raised if the header or what follows it changes, and if records are packed in another way. */
#define KEEP_LAYOUT	3
#define KEEP_MAGIC	"oomwatch keeps"
#define KEEP_MOST	SZ_64M
/* Bytes of the header, with room to grow. */
#define KEEP_HEADER	SZ_4K

/* Where a lane is, in bytes from the header on. */
struct persist_room {
	u64 at;
	u64 size;
};

/* @sum is of all that comes before it. */
struct persist_header {
	char magic[16];
	u32 layout;
	u32 records;		/* the sum of the records' structures */
	u64 size;		/* bytes of all */
	u64 load;		/* of the module: oomwatch_start.load */
	u64 text;		/* the address of a function of the kernel */
	struct persist_room room[RING_LANES];
	u8 start[START_MAX];	/* the START record of that load */
	u32 sum;
	u32 unused;
	struct kept_lane lane[RING_LANES][2];
};

/* The memory. */
static struct {
	phys_addr_t at;
	size_t size;
	bool claimed;		/* it has an entry in /proc/iomem */
	void *map;
} memory;

/* What an earlier load has kept there. */
static struct {
	struct ring ring;
	bool found;
	bool same_kernel;	/* so addresses in it moved by a fixed distance */
	u64 moved;
	u64 missing;
	union {
		struct oomwatch_start start;
		u8 bytes[START_MAX];
	};
} before;

/* --- the memory ----------------------------------------------------------- */

static bool persist_is_name(const char *text)
{
	return !isdigit(*text);
}

/* The kernel has set the memory of a name apart: reserve_mem=SIZE:ALIGN:NAME. */
static int persist_find_name(void)
{
	phys_addr_t size;

	if (!find_reserved(keep, &memory.at, &size)) {
		pr_err("keep=%s: the kernel has reserved no memory of that name: boot with reserve_mem=2M:4096:%s, which needs Linux 6.12, or give keep=SIZE@ADDRESS\n",
		       keep, keep);
		return -EINVAL;
	}
	memory.size = size;
	return 0;
}

/* Memory that the kernel uses must not be written. */
static int persist_find_address(void)
{
	char *end;
	u64 at, last, size = memparse(keep, &end);

	at = *end == '@' ? memparse(end + 1, &end) : 0;
	if (*end || !at || !size || check_add_overflow(at, size - 1, &last) ||
	    last != (phys_addr_t)last || size != (size_t)size) {
		pr_err("keep=%s: must be SIZE@ADDRESS, as 2M@0x40000000, or the name of a reserve_mem=\n",
		       keep);
		return -EINVAL;
	}
	memory.at = at;
	memory.size = size;
	if (region_intersects(at, size, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) !=
	    REGION_DISJOINT) {
		pr_err("keep=%s: the kernel uses this memory: keep it free by memmap=%#zx$%#llx on the kernel's command line\n",
		       keep, memory.size, at);
		return -EBUSY;
	}
	return 0;
}

/* What the ring of kills can't have. */
static size_t persist_others(void)
{
	return KEEP_HEADER +
	       (knob_adj_ring_kb + NOBODY_RING_KB + knob_storm_ring_kb) * SZ_1K;
}

static int persist_check_range(void)
{
	/* The least that ring_kb takes. */
	size_t least = persist_others() + SZ_64K;

	if (memory.at % PAGE_SIZE || memory.size % PAGE_SIZE || memory.size > KEEP_MOST) {
		pr_err("keep=%s: must be whole pages, and at most %u MiB\n",
		       keep, KEEP_MOST / SZ_1M);
		return -EINVAL;
	}
	if (memory.size < least) {
		pr_err("keep=%s: too little: with adj_ring_kb=%u and storm_ring_kb=%u it needs %zu KiB\n",
		       keep, knob_adj_ring_kb, knob_storm_ring_kb, least / SZ_1K);
		return -EINVAL;
	}
	return 0;
}

/*
 * Caches are not written back by a reset. So memory of no other use is written past them; memory
 * that the kernel has mapped can't be.
 */
static int persist_map(void)
{
	bool name = persist_is_name(keep);

	if (!name && !request_mem_region(memory.at, memory.size, KBUILD_MODNAME)) {
		pr_err("keep=%s: another driver uses this memory: see /proc/iomem\n", keep);
		return -EBUSY;
	}
	memory.claimed = !name;
	memory.map = map_memory(memory.at, memory.size, name ? MEMREMAP_WB : MEMREMAP_WC);
	if (memory.map)
		return 0;
	pr_err("keep=%s: this memory can't be mapped\n", keep);
	if (memory.claimed)
		release_mem_region(memory.at, memory.size);
	return -ENOMEM;
}

static void persist_unmap(void)
{
	unmap_memory(memory.map);
	if (memory.claimed)
		release_mem_region(memory.at, memory.size);
	memory.map = NULL;
}

/* --- what an earlier load has left ---------------------------------------- */

/* Records of structures that this module does not have can't be read by it. */
static u32 persist_records_sum(void)
{
	u32 sum = KEEP_LAYOUT;
	int type;

	for (type = 0; type < __OOMWATCH_TYPE_MAX; type++)
		sum = jhash_2words(record_types[type].size, record_types[type].nr_fields, sum);
	return sum;
}

static bool persist_has_start(const struct persist_header *header)
{
	const struct oomwatch_start *start = (const struct oomwatch_start *)header->start;

	return start->head.type == OOMWATCH_TYPE_START && start->head.len <= START_MAX &&
	       start->head.len >= sizeof(*start) && start->major == OOMWATCH_MAJOR;
}

static bool persist_fits(const struct persist_room *room)
{
	return room->at % sizeof(u64) == 0 && room->size % sizeof(u64) == 0 &&
	       room->at >= KEEP_HEADER && room->size >= 2 * OOMWATCH_RECORD_MAX &&
	       room->at < memory.size && room->size <= memory.size - room->at;
}

/* Why there is nothing to read; NULL if there is. */
static const char *persist_refuse(const struct persist_header *header)
{
	int i;

	if (memcmp(header->magic, KEEP_MAGIC, sizeof(KEEP_MAGIC)))
		return "no earlier load has left records there";
	if (header->layout != KEEP_LAYOUT)
		return "what is there is of another version of oomwatch, and can't be read";
	if (header->sum != kept_sum(header, offsetof(struct persist_header, sum), 0))
		return "the header of what an earlier load has left is damaged";
	if (header->records != persist_records_sum() || !persist_has_start(header))
		return "what is there is of another version of oomwatch, and can't be read";
	if (header->size != memory.size)
		return "an earlier load had another size";
	for (i = 0; i < RING_LANES; i++)
		if (!persist_fits(&header->room[i]))
			return "the header of what an earlier load has left is damaged";
	return NULL;
}

static int recover_lane(struct persist_header *header, int i, struct oomwatch_head *rec)
{
	const struct persist_room *room = &header->room[i];
	u64 clock_ns = 0;
	struct lane from;
	void *buf;

	buf = __vmalloc(room->size, GFP_NO_KILL);
	if (!buf)
		return -ENOMEM;
	lane_set_up(&before.ring.lane[i], buf, room->size, (struct lane_cursor) { });
	if (!lane_find(&from, (void *)header + room->at, room->size, header->lane[i],
		       header->load, &clock_ns)) {
		pr_warn("keep: of lane %d of an earlier load it can't be told where its records are\n",
			i);
		return 0;
	}
	before.missing += lane_recover(&before.ring.lane[i], &from, rec);
	/* The clock may have been set after the load. */
	if (before.start.head.time_ns + clock_ns > before.start.realtime_ns)
		before.start.realtime_ns = before.start.head.time_ns + clock_ns;
	return 0;
}

static bool same_text(const u8 *start, struct oomwatch_ref ref, const char *text)
{
	return ref.len == strlen(text) && ref.off + ref.len <= START_MAX &&
	       !memcmp(start + ref.off, text, ref.len);
}

static void recover_start(const struct persist_header *header)
{
	memcpy(before.bytes, header->start, sizeof(before.bytes));
	before.same_kernel =
		same_text(before.bytes, before.start.release, init_utsname()->release) &&
		same_text(before.bytes, before.start.version, init_utsname()->version);
	before.moved = (unsigned long)schedule - header->text;
}

/* Returns 0, or an error if there is not enough memory. */
static int persist_recover(struct persist_header *header)
{
	struct oomwatch_head *rec = kmalloc(OOMWATCH_RECORD_MAX, GFP_KERNEL);
	u64 held = 0, end = 1;
	int i, err = rec ? 0 : -ENOMEM;

	recover_start(header);
	for (i = 0; i < RING_LANES && !err; i++) {
		err = recover_lane(header, i, rec);
		held += before.ring.lane[i].at.next;
		end = max(end, before.ring.lane[i].at.end);
	}
	kfree(rec);
	if (err) {
		ring_destroy(&before.ring);
		return err;
	}
	ring_start(&before.ring, end);
	before.found = held || before.missing;
	if (before.found)
		pr_info("keep: an earlier load has left %llu records, and %llu were torn or damaged: see before/records in debugfs, and oomwatch list\n",
			held, before.missing);
	else
		pr_info("keep: an earlier load has left no records\n");
	return 0;
}

/* --- beginning and end ---------------------------------------------------- */

static void persist_begin(struct ring *ring)
{
	const size_t sizes[RING_LANES] = {
		[RING_MAIN] = memory.size - persist_others(),
		[RING_ADJ] = knob_adj_ring_kb * SZ_1K,
		[RING_NOBODY] = NOBODY_RING_KB * SZ_1K,
		[RING_STORM] = knob_storm_ring_kb * SZ_1K,
	};
	struct persist_header *header = memory.map;
	u64 at = KEEP_HEADER;
	int i;

	BUILD_BUG_ON(sizeof(*header) > KEEP_HEADER);
	memset(header, 0, sizeof(*header));
	header->layout = KEEP_LAYOUT;
	header->records = persist_records_sum();
	header->size = memory.size;
	header->load = record_load();
	header->text = (unsigned long)schedule;
	record_start((struct oomwatch_start *)header->start);
	for (i = 0; i < RING_LANES; i++, at += sizes[i - 1]) {
		struct lane *lane = &ring->lane[i];

		header->room[i] = (struct persist_room) { at, sizes[i] };
		lane_set_up(lane, memory.map + at, sizes[i], (struct lane_cursor) { });
		lane_keep(lane, header->lane[i], header->load);
		lane_tell_pages(lane, memory.at + at);
	}
	memcpy(header->magic, KEEP_MAGIC, sizeof(KEEP_MAGIC));
	header->sum = kept_sum(header, offsetof(struct persist_header, sum), 0);
	ring_start(ring, 1);
	knob_ring_kb = sizes[RING_MAIN] / SZ_1K;
}

/**
 * persist_init() - put the ring in the memory that the parameter keep names
 * @ring: the ring; untouched if there is no such parameter
 *
 * Recovers what an earlier load has left there.
 *
 * Context: task context, may sleep.
 * Return: 1 if the ring is there, 0 if there is no parameter, or an error, which it has said.
 */
int persist_init(struct ring *ring)
{
	const char *why;
	int err;

	if (!keep)
		return 0;
	if (!IS_ENABLED(CONFIG_HAS_IOMEM)) {
		pr_err("keep=%s: this kernel can't map such memory\n", keep);
		return -EOPNOTSUPP;
	}
	err = persist_is_name(keep) ? persist_find_name() : persist_find_address();
	err = err ?: persist_check_range() ?: persist_map();
	if (err)
		return err;
	why = persist_refuse(memory.map);
	if (why)
		pr_info("keep: %s\n", why);
	else
		err = persist_recover(memory.map);
	if (err) {
		pr_err("keep: no memory for the records of an earlier load: they are left as they are\n");
		persist_unmap();
		return err;
	}
	persist_begin(ring);
	return 1;
}

/**
 * persist_exit() - free what persist_init() has set up, after ring_destroy()
 *
 * What is kept stays in its memory.
 *
 * Context: task context, may sleep.
 */
void persist_exit(void)
{
	ring_destroy(&before.ring);
	if (memory.map)
		persist_unmap();
}

/* --- reading it ----------------------------------------------------------- */

/**
 * persist_before() - the ring of what an earlier load has left
 *
 * Return: NULL if there is none.
 */
struct ring *persist_before(void)
{
	return before.found ? &before.ring : NULL;
}

/**
 * persist_start() - the START record of the earlier load
 * @start: START_MAX bytes and more
 *
 * Context: any.
 */
void persist_start(struct oomwatch_start *start)
{
	memcpy(start, before.bytes, before.start.head.len);
}

/**
 * persist_complete() - complete a record of the earlier load for readers
 * @rec: the record, unpacked, in OOMWATCH_RECORD_MAX bytes of memory
 * @symbols: the reader's
 *
 * Context: task context.
 */
void persist_complete(struct oomwatch_head *rec, struct symbols *symbols)
{
	if (rec->type == OOMWATCH_TYPE_OOM && before.same_kernel)
		memory_name_gfp((struct oomwatch_oom *)rec);
	if (rec->type == OOMWATCH_TYPE_STACK)
		stack_to_symbols((struct oomwatch_stack *)rec, before.same_kernel ?
				 STACK_SAME_KERNEL : STACK_OTHER_KERNEL, before.moved, symbols);
}
