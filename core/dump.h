/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a dump of the machine's memory has of the ring, for the module and for programs: an anchor,
 * which is found by its magic number, and from it the lanes. So no symbols are needed.
 */
#ifndef OOMWATCH_DUMP_H
#define OOMWATCH_DUMP_H

#include <linux/const.h>
#include <linux/types.h>

#include "../oomwatch.h"

/* Each lane has a buffer of its own, which the records of other lanes can't take. */
enum ring_lane {
	RING_MAIN,
	RING_ADJ,	/* writes of oom_score_adj, which everybody can make at any rate */
	RING_NOBODY,	/* calls that found nobody to kill, which owners of cgroups can cause */
	RING_STORM,	/* kills, and victims of one kill, that come in any number */
	RING_LANES
};

/* Sets of lanes, a bit for each: those that have kills, and all. */
#define RING_KILLS	(_BITUL(RING_MAIN) | _BITUL(RING_STORM))
#define RING_ALL	(_BITUL(RING_LANES) - 1)

/**
 * struct lane_places - where a lane's records are
 * @base: the position that is the buffer's first byte
 * @tail: position of the oldest record
 * @head: position after the newest record
 * @first: number of the oldest record in the lane's own count, @next if there is none
 * @next: number of the next record
 * @gone: above the sequence number of the newest record that the lane had and has no more
 * @end: above the sequence number of the newest record that the lane has had
 */
struct lane_places {
	__u64 base;
	__u64 tail;
	__u64 head;
	__u64 first;
	__u64 next;
	__u64 gone;
	__u64 end;
};

/**
 * struct lane_buffer - a lane's buffer and what is in it
 * @size: bytes of the buffer, a multiple of 8
 * @pages: physical address of a list: the physical address of each page's worth of bytes; 0: none
 * @at: where the records are
 */
struct lane_buffer {
	__u64 size;
	__u64 pages;
	struct lane_places at;
};

/* The most bytes of a START record that the module makes. */
#define START_MAX	512

/* Raised if what follows, a structure above, or the packing of records changes. */
#define DUMP_VERSION	2
#define DUMP_MAGIC	"oomwatch records"

/* An anchor is at a multiple of this, and so in one page. */
#define DUMP_ALIGN	4096

/**
 * struct dump_anchor - where the ring is
 * @magic: DUMP_MAGIC, without the NUL
 * @version: DUMP_VERSION
 * @page_size: bytes
 * @self: physical address of the anchor: a copy of it is not one
 * @clock_ns: CLOCK_REALTIME less CLOCK_BOOTTIME
 * @lane: physical addresses of each lane's struct lane_buffer
 * @after: bytes after each record that are not its own
 * @unused: 0
 * @start: the START record of this load of the module
 */
struct dump_anchor {
	__u8 magic[16];
	__u32 version;
	__u32 page_size;
	__u64 self;
	__u64 clock_ns;
	__u64 lane[RING_LANES];
	__u32 after;
	__u32 unused;
	__u8 start[START_MAX];
};

#endif /* OOMWATCH_DUMP_H */
