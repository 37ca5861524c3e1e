// SPDX-License-Identifier: GPL-2.0
/* Fields: the table of fields.h, for the module. */

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "internal.h"
#include "names.h"

#define ROW(type, in_setter, key, form, names, nr_names, member...) \
	{ key, offsetof(struct type, member), sizeof_field(struct type, member), FORM_##form, \
	  in_setter, nr_names, names },
#define FIELD(type, key, member, form, meaning) \
	ROW(oomwatch_##type, 0, key, form, NULL, 0, member)
#define NAMED(type, key, member, form, names, meaning) \
	ROW(oomwatch_##type, 0, key, form, names, sizeof(names) / sizeof(char *), member)
#define SETTER(key, member, form, meaning) \
	ROW(oomwatch_setter, 1, key, form, NULL, 0, member)
#define UNPRINTED(type, member, form, meaning) \
	ROW(oomwatch_##type, 0, NULL, form, NULL, 0, member)
#define UNPRINTED_SETTER(member, form, meaning) \
	ROW(oomwatch_setter, 1, NULL, form, NULL, 0, member)

#include "fields.h"

/**
 * record_type_name() - the name of a type of record in text
 * @type: the type
 *
 * Context: any.
 */
const char *record_type_name(enum oomwatch_type type)
{
	return type_names[type];
}

/**
 * oom_value_name() - the name of a value in an oom record
 * @offset: that of the member
 * @value: its value
 *
 * Context: any.
 * Return: the name, or "-" if the member has no names, or the value none.
 */
const char *oom_value_name(size_t offset, unsigned int value)
{
	const struct record_type *type = &record_types[OOMWATCH_TYPE_OOM];
	const struct field *field = type->fields, *end = field + type->nr_fields;

	while (field < end && field->offset != offset)
		field++;
	return field < end && value < field->nr_names ? field->names[value] : "-";
}
