// SPDX-License-Identifier: GPL-2.0
/*
 * Knobs: the table of knobs.h, as sysctls and as parameters of the module.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <linux/sysctl.h>

#include "compat.h"
#include "internal.h"

struct knob {
	const char *name;
	unsigned int *value;
	unsigned int least;
	unsigned int most;
	int (*apply)(unsigned int value);	/* NULL: the value is only stored */
};

/* The variables, written under knob_lock. */
#define KNOB(name, value, ...) unsigned int knob_##name = value
#include "knobs.h"
#undef KNOB

#define KNOB(name, value, least, most, apply, meaning) \
	static struct knob name##_knob = { #name, &knob_##name, least, most, apply }
#include "knobs.h"
#undef KNOB

static DEFINE_MUTEX(knob_lock);		/* writers of knobs */

/* -EINVAL for anything but one number within the knob's range. */
static int knob_parse(const struct knob *knob, const char *text, unsigned int *value)
{
	if (kstrtouint(text, 0, value) || *value < knob->least || *value > knob->most)
		return -EINVAL;
	return 0;
}

static int knob_write(const struct knob *knob, const char *text)
{
	unsigned int value;
	int err;

	err = knob_parse(knob, text, &value);
	if (err)
		return err;
	err = mutex_lock_interruptible(&knob_lock);
	if (err)
		return err;
	if (knob->apply)
		err = knob->apply(value);
	if (!err)
		WRITE_ONCE(*knob->value, value);
	mutex_unlock(&knob_lock);
	return err;
}

/* --- sysctls -------------------------------------------------------------- */

/* The kernel's own handlers would store the 1 of "1 and rubbish". */
static int knob_sysctl(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
		       loff_t *ppos)
{
	const struct knob *knob = table->extra1;

	if (!write)
		return proc_douintvec((struct ctl_table *)table, write, buffer, lenp, ppos);
	if (*ppos || strnlen(buffer, *lenp) != *lenp)
		return -EINVAL;
	return knob_write(knob, strim(buffer));
}

/* In older kernels a handler takes the table without const. */
static int knob_sysctl_mutable(struct ctl_table *table, int write, void *buffer, size_t *lenp,
			       loff_t *ppos)
{
	return knob_sysctl(table, write, buffer, lenp, ppos);
}

#define KNOB_HANDLER \
	__builtin_choose_expr(HANDLER_FITS(knob_sysctl), knob_sysctl, knob_sysctl_mutable)

/* Its size is the number of rows. */
struct knob_places {
#define KNOB(name, ...) char name
#include "knobs.h"
#undef KNOB
};

/* The last entry stays empty: it ends the table in older kernels. */
static struct ctl_table knob_table[sizeof(struct knob_places) + 1];
static struct ctl_table_header *knob_header;

static void fill_entry(struct ctl_table *entry, struct knob *knob)
{
	*entry = (struct ctl_table) {
		.procname = knob->name,
		.data = knob->value,
		.maxlen = sizeof(*knob->value),
		.mode = 0644,
		.proc_handler = KNOB_HANDLER,
		.extra1 = knob,
	};
}

/**
 * knobs_add() - make the sysctls
 *
 * Context: task context. From here on knobs may be written.
 * Return: 0, also if this kernel has no sysctls, or -ENOMEM.
 */
int knobs_add(void)
{
	struct ctl_table *entry = knob_table;

#define KNOB(name, ...) fill_entry(entry++, &name##_knob)
#include "knobs.h"
#undef KNOB
	knob_header = register_knobs("vm/" KBUILD_MODNAME, knob_table, entry - knob_table);
	if (!knob_header && !IS_ENABLED(CONFIG_SYSCTL))
		pr_warn("no sysctl: knobs can only be set as parameters at load\n");
	return knob_header || !IS_ENABLED(CONFIG_SYSCTL) ? 0 : -ENOMEM;
}

/**
 * knobs_remove() - remove the sysctls; no knob is written any more
 *
 * Context: task context, may sleep.
 */
void knobs_remove(void)
{
	unregister_sysctl_table(knob_header);
}

/* --- parameters ----------------------------------------------------------- */

/* At load there is nothing to apply yet. The log is the only place to say what is wrong. */
static int knob_param_set(const char *text, const struct kernel_param *param)
{
	const struct knob *knob = param->arg;
	unsigned int value;

	if (!text || knob_parse(knob, text, &value)) {
		pr_err("%s=%s: must be a number from %u to %u\n", knob->name, text ?: "",
		       knob->least, knob->most);
		return -EINVAL;
	}
	*knob->value = value;
	return 0;
}

static const struct kernel_param_ops knob_param_ops = { .set = knob_param_set };

#define KNOB(name, ...) module_param_cb(name, &knob_param_ops, &name##_knob, 0)
#include "knobs.h"
#undef KNOB

#define KNOB(name, ...) __MODULE_PARM_TYPE(name, "uint")
#include "knobs.h"
#undef KNOB

#define KNOB(name, value, least, most, apply, meaning) \
	MODULE_PARM_DESC(name, meaning " (" __stringify(least) " to " __stringify(most) \
			 ", default " __stringify(value) ")")
#include "knobs.h"
#undef KNOB
