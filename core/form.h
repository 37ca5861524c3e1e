/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Forms: how a field of a record is read, and how it is written as text. For the module and for
 * programs; include it after oomwatch.h and a header that declares memset().
 */
#ifndef OOMWATCH_FORM_H
#define OOMWATCH_FORM_H

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))
#endif

enum form {
	FORM_UNSIGNED,		/* from this form to FORM_COMM, all ones is unknown */
	FORM_HEX,
	FORM_PAGES,		/* text has KiB; "max" if there is no limit */
	FORM_BYTES,		/* text has KiB */
	FORM_AGO,		/* a time; text has the time from it to the record */
	FORM_FLAGS,		/* a bit for each name */
	FORM_COMM,		/* a task's name: any bytes, NUL-terminated */
	FORM_PADDING,		/* unused bytes: 0 */
	FORM_SIGNED,
	FORM_RANK,		/* 0: unknown */
	FORM_ENUM,
	FORM_NAME,		/* the kernel's name of something, NUL-terminated; empty: unknown */
	FORM_TEXT,		/* this and all below: struct oomwatch_ref */
	FORM_FRAMES,		/* text: frames of a stack, separated by semicolons */
	FORM_NODES,		/* a bit for each node, in words of 64 */
	FORM_NUMBERS,		/* __u64 each */
	FORM_SETTER,		/* struct oomwatch_setter */
};

/**
 * struct field - a field of one type of record: a row of fields.h
 * @key: its name in text and JSON; NULL: they don't have it
 * @offset: bytes from the beginning of its structure
 * @size: bytes
 * @form: enum form
 * @in_setter: its structure is the setter that the record refers to, not the record
 * @nr_names: the number of names, for an enum or flags
 * @names: the names of the values or bits
 */
struct field {
	const char *key;
	__u16 offset;
	__u8 size;
	__u8 form;
	__u8 in_setter;
	__u8 nr_names;
	const char * const *names;
};

/**
 * struct record_type - a type of record
 * @size: bytes of its structure
 * @nr_fields: the number of its fields, with those that text does not have
 * @fields: its fields, in the order of the text
 * @blank: room for a record of this type, which the module keeps there with all fields unknown
 */
struct record_type {
	__u16 size;
	__u16 nr_fields;
	const struct field *fields;
	void *blank;
};

extern const struct record_type record_types[__OOMWATCH_TYPE_MAX];

/* Whether a record is a struct oomwatch_task. */
static inline int type_is_task(unsigned int type)
{
	return type == OOMWATCH_TYPE_TASK || type == OOMWATCH_TYPE_PROTECTED;
}

/* Whether a record begins with a head and a struct oomwatch_process. */
static inline int type_is_process(unsigned int type)
{
	return type_is_task(type) || type == OOMWATCH_TYPE_VICTIM;
}

/* Whether a field's value is bytes that the record refers to, written as quoted text. */
static inline int form_is_text(unsigned int form)
{
	return form == FORM_TEXT || form == FORM_FRAMES;
}

static inline int form_is_ref(unsigned int form)
{
	return form >= FORM_TEXT;
}

/* Whether all ones is the unknown value of a form. */
static inline int form_is_ones(unsigned int form)
{
	return form <= FORM_COMM;
}

/**
 * field_set_unknown() - set a field to unknown
 * @field: its row
 * @at: its place in memory
 *
 * An enum is set to 0 if that value is named "-", else to a number that has no name.
 *
 * Context: any.
 */
static inline void field_set_unknown(const struct field *field, void *at)
{
	const __s32 s32 = OOMWATCH_UNKNOWN_S32;
	const __s64 s64 = OOMWATCH_UNKNOWN_S64;

	if (form_is_ones(field->form) ||
	    (field->form == FORM_ENUM && *field->names[0] != '-'))
		memset(at, 0xff, field->size);
	else if (field->form != FORM_SIGNED)
		memset(at, 0, field->size);
	else if (field->size == sizeof(s32))
		memcpy(at, &s32, sizeof(s32));
	else
		memcpy(at, &s64, sizeof(s64));
}

#endif /* OOMWATCH_FORM_H */
