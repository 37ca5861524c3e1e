// SPDX-License-Identifier: GPL-2.0
/*
 * Stack: the call chain of the trigger. In the ring a stack record's frames are addresses, u64
 * each: symbols are looked up for the reader, not in the kill path.
 */

#include <linux/hash.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/log2.h>
#include <linux/string.h>

#include "compat.h"
#include "internal.h"

/* Room for the frames of the probe, which come first and are cut off. */
#define PROBE_FRAMES	16

/* Frames to look at, even if the record is to have fewer: who called the OOM killer. */
#define CALLERS		8

/*
 * The trigger's stack: @nr frames from @first on. Static, because the stack may be deep already.
 * Guarded by oom_lock.
 */
static struct {
	unsigned long frames[STACK_MAX + PROBE_FRAMES];
	unsigned int first, nr;
} stack;

/*
 * Whether a frame belongs to the probe. The first frame to keep is in the function that begins
 * at @entry, if that isn't 0, else it is the return address @caller.
 */
static bool is_probe_frame(unsigned long frame, unsigned long entry, unsigned long caller)
{
	/* A breakpoint or a call of ftrace is in the function's first 16 bytes. */
	return entry ? frame - entry >= 16 : frame != caller;
}

static void stack_save(unsigned long entry, unsigned long caller, unsigned int skip)
{
	unsigned int depth = max_t(unsigned int, READ_ONCE(knob_stack_depth), CALLERS);
	unsigned int first = 0, nr;

	nr = save_stack(stack.frames,
			min_t(size_t, depth + PROBE_FRAMES, ARRAY_SIZE(stack.frames)));
	while (first < nr && is_probe_frame(stack.frames[first], entry, caller))
		first++;
	first += skip;
	/* A stack with the frames of the probe is better than none. */
	if (first >= nr)
		first = 0;
	stack.first = first;
	stack.nr = nr - first;
}

/* --- a write of memory.max ------------------------------------------------ */

/* mm/memcontrol.c: memory_max_write(), or 0 if it was not found. Written at load. */
static struct {
	unsigned long begin, size;
} memory_max;

/* A function's address; 0 if there is none of that name, or this kernel has no kprobes. */
static unsigned long __init address_of(const char *name)
{
	struct kprobe probe = { .symbol_name = name, .flags = KPROBE_FLAG_DISABLED };

	if (register_kprobe(&probe))
		return 0;
	unregister_kprobe(&probe);
	return (unsigned long)probe.addr;
}

/**
 * stack_init() - find the functions that are looked for on stacks
 *
 * Context: may sleep.
 */
void __init stack_init(void)
{
	static char text[KSYM_SYMBOL_LEN] __initdata;
	unsigned long at = address_of("memory_max_write"), offset, size;

	if (!at)
		return;
	sprint_symbol(text, at);
	if (sscanf(text, "memory_max_write+%lx/%lx", &offset, &size) != 2)
		return;
	memory_max.begin = at - offset;
	memory_max.size = size;
}

/* --- saving and building -------------------------------------------------- */

/**
 * stack_drop() - drop the saved stack of an earlier call
 *
 * Context: oom_lock held.
 */
void stack_drop(void)
{
	stack.nr = 0;
}

/**
 * stack_enter() - out_of_memory() was called
 * @entry: its address
 *
 * Saves the stack if the kretprobe's trampoline hides it later.
 *
 * Context: the probe of that call; oom_lock held.
 */
void stack_enter(unsigned long entry)
{
	stack_drop();
	if (STACK_ENDS_AT_KRETPROBE)
		stack_save(entry, 0, 0);
}

/**
 * stack_choice() - oom_kill_process() was called
 * @entry: its address
 *
 * Saves the stack from its caller on. The calls after that are the same for each kill.
 *
 * Context: the probe of that call; oom_lock held.
 */
void stack_choice(unsigned long entry)
{
	if (!STACK_ENDS_AT_KRETPROBE)
		stack_save(entry, 0, 1);
}

/**
 * stack_has_memory_max() - whether current is writing a cgroup's memory.max
 *
 * Takes the stack if it is not saved, as at the end of a call that has chosen nobody.
 *
 * Context: within out_of_memory(), oom_lock held.
 * Return: true if it certainly is. False also if there is no stack.
 */
bool stack_has_memory_max(void)
{
	bool saved = stack.nr, found = false;
	unsigned int i;

	if (!saved)
		stack_save(0, 0, 0);
	for (i = 0; i < stack.nr && !found; i++)
		found = stack.frames[stack.first + i] - memory_max.begin < memory_max.size;
	/* With the frames of the probe it is no stack for a record. */
	if (!saved)
		stack_drop();
	return found;
}

/**
 * stack_build() - build the record of current's stack
 * @rec: OOMWATCH_RECORD_MAX bytes
 * @caller: the return address of the calling probe, for a stack that was not saved
 * @now: the record's time
 * @oom: the episode
 *
 * Context: within out_of_memory(), oom_lock held.
 * Return: false if there is no stack.
 */
bool stack_build(struct oomwatch_stack *rec, unsigned long caller, u64 now, u64 oom)
{
	static u64 addresses[STACK_MAX];
	unsigned int i, nr;

	if (!stack.nr)
		stack_save(0, caller, 0);
	nr = min_t(unsigned int, stack.nr, READ_ONCE(knob_stack_depth));
	stack_drop();
	if (!nr)
		return false;
	for (i = 0; i < nr; i++)
		addresses[i] = stack.frames[stack.first + i];
	record_init(&rec->head, OOMWATCH_TYPE_STACK, now, oom);
	rec->nr_frames = nr;
	record_append(&rec->head, &rec->frames, addresses, nr * sizeof(u64));
	return true;
}

/* Whether a frame of a boot has a symbol now. Modules may be elsewhere than at an earlier boot. */
static bool has_symbol(enum stack_boot boot, u64 address)
{
	switch (boot) {
	case STACK_THIS_BOOT:
		return true;
	case STACK_SAME_KERNEL:
		return was_kernel_text(address);
	default:
		return false;
	}
}

/* Prints the symbol of a return address, and returns its length. */
static int print_symbol(char *to, size_t room, u64 address, struct symbols *symbols)
{
	size_t at = hash_64(address, ilog2(ARRAY_SIZE(symbols->slot)));
	char *text = symbols->slot[at].text;
	/* A module's text may be another's tomorrow. */
	bool stays = was_kernel_text(address);
	size_t len;

	if (stays && symbols->slot[at].address == address)
		return scnprintf(to, room, "%s", text);
	len = scnprintf(to, room, "%pB", (void *)(unsigned long)address);
	if (stays && len < sizeof(symbols->slot[at].text) && len + 1 < room) {
		symbols->slot[at].address = address;
		strscpy(text, to, sizeof(symbols->slot[at].text));
	}
	return len;
}

/**
 * stack_to_symbols() - replace the addresses in a stack record by symbols
 * @rec: the record, unpacked, in OOMWATCH_RECORD_MAX bytes of memory
 * @boot: when it was recorded
 * @moved: by how much the kernel's own functions have moved since
 * @symbols: the reader's
 *
 * An address that has no symbol now stays a number.
 *
 * Context: task context.
 */
void stack_to_symbols(struct oomwatch_stack *rec, enum stack_boot boot, u64 moved,
		      struct symbols *symbols)
{
	u64 addresses[STACK_MAX];
	char *text = (char *)(rec + 1);
	size_t room = OOMWATCH_RECORD_MAX - sizeof(*rec), len = 0;
	unsigned int i;

	memcpy(addresses, (u8 *)rec + rec->frames.off, rec->frames.len);
	for (i = 0; i < rec->nr_frames; i++) {
		if (i)
			len += scnprintf(text + len, room - len, ";");
		if (has_symbol(boot, addresses[i]))
			len += print_symbol(text + len, room - len, addresses[i] + moved, symbols);
		else
			len += scnprintf(text + len, room - len, "0x%llx", addresses[i]);
	}
	rec->frames = (struct oomwatch_ref) { .off = sizeof(*rec), .len = len };
	memset(text + len, 0, ALIGN(len, 8) - len);
	rec->head.len = sizeof(*rec) + ALIGN(len, 8);
}
