// SPDX-License-Identifier: GPL-2.0
/*
 * BTF: the kernel's own description of its types (Documentation/bpf/btf.rst). It has what the
 * headers don't: the layout of structures that are private to a source file.
 */

#include <uapi/linux/btf.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "btf.h"
#include "internal.h"

#define BTF_PATH	"/sys/kernel/btf/vmlinux"
#define BTF_SIZE_MAX	(64 << 20)

/* By number: the headers of a kernel have names only for the kinds that it has itself. */
enum {
	KIND_INT = 1,
	KIND_ARRAY = 3,
	KIND_STRUCT,
	KIND_UNION,
	KIND_ENUM,
	KIND_FUNC_PROTO = 13,
	KIND_VAR,
	KIND_DATASEC,
	KIND_DECL_TAG = 17,
	KIND_ENUM64 = 19,
	NR_KINDS
};

/* What follows struct btf_type: some bytes, and some bytes for each of its members. */
static const struct {
	u8 once;
	u8 each;
} tails[NR_KINDS] = {
	[KIND_INT] = { 4, 0 },
	[KIND_ARRAY] = { sizeof(struct btf_array), 0 },
	[KIND_STRUCT] = { 0, sizeof(struct btf_member) },
	[KIND_UNION] = { 0, sizeof(struct btf_member) },
	[KIND_ENUM] = { 0, sizeof(struct btf_enum) },
	[KIND_FUNC_PROTO] = { 0, sizeof(struct btf_param) },
	[KIND_VAR] = { sizeof(struct btf_var), 0 },
	[KIND_DATASEC] = { 0, sizeof(struct btf_var_secinfo) },
	[KIND_DECL_TAG] = { 4, 0 },
	[KIND_ENUM64] = { 0, 12 },
};

static unsigned int kind_of(const struct btf_type *type)
{
	return BTF_INFO_KIND(type->info);
}

/* The size of a type's description, or 0 if this file doesn't know the kind. */
static size_t size_of(const struct btf_type *type)
{
	unsigned int kind = kind_of(type);

	if (!kind || kind >= NR_KINDS)
		return 0;
	return sizeof(*type) + tails[kind].once +
	       (size_t)tails[kind].each * BTF_INFO_VLEN(type->info);
}

static const char *name_at(const struct btf_image *image, u32 off)
{
	return off < image->strings_len ? image->strings + off : "";
}

/* The type that begins at @at, or NULL at the end and if the rest can't be read. */
static const struct btf_type *type_at(const struct btf_image *image, size_t at)
{
	const struct btf_type *type = image->types + at;
	size_t size;

	if (at > image->types_len || image->types_len - at < sizeof(*type))
		return NULL;
	size = size_of(type);
	return size && size <= image->types_len - at ? type : NULL;
}

static const struct btf_type *find_named(const struct btf_image *image, unsigned int kind,
					 const char *name)
{
	const struct btf_type *type;
	size_t at;

	for (at = 0; (type = type_at(image, at)); at += size_of(type))
		if (kind_of(type) == kind && !strcmp(name_at(image, type->name_off), name))
			return type;
	return NULL;
}

/* Types are counted from 1. */
static const struct btf_type *find_numbered(const struct btf_image *image, u32 id)
{
	const struct btf_type *type;
	size_t at;

	for (at = 0; (type = type_at(image, at)); at += size_of(type))
		if (!--id)
			return type;
	return NULL;
}

/**
 * btf_image_struct() - find a structure
 * @image: the types
 * @name: its name
 *
 * Context: any; walks over all types.
 * Return: the structure or NULL.
 */
const struct btf_type *btf_image_struct(const struct btf_image *image, const char *name)
{
	return find_named(image, KIND_STRUCT, name);
}

/**
 * btf_image_enum() - find an enumeration
 * @image: the types
 * @name: its name
 *
 * Context: any; walks over all types.
 * Return: the enumeration or NULL.
 */
const struct btf_type *btf_image_enum(const struct btf_image *image, const char *name)
{
	return find_named(image, KIND_ENUM, name);
}

static const struct btf_member *find_member(const struct btf_image *image,
					    const struct btf_type *structure, const char *name)
{
	const struct btf_member *at = (const struct btf_member *)(structure + 1);
	const struct btf_member *end = at + BTF_INFO_VLEN(structure->info);

	for (; at < end; at++)
		if (!strcmp(name_at(image, at->name_off), name))
			return at;
	return NULL;
}

/**
 * btf_image_offset() - where a structure has a member
 * @image: the types
 * @structure: of btf_image_struct(), or NULL
 * @name: the member's name
 *
 * Context: any.
 * Return: the offset in bytes, or -ENOENT.
 */
int btf_image_offset(const struct btf_image *image, const struct btf_type *structure,
		     const char *name)
{
	const struct btf_member *member = structure ? find_member(image, structure, name) : NULL;

	return member ? BTF_MEMBER_BIT_OFFSET(member->offset) / BITS_PER_BYTE : -ENOENT;
}

/**
 * btf_image_length() - the number of elements of a structure's member
 * @image: the types
 * @structure: of btf_image_struct(), or NULL
 * @name: the member's name
 *
 * Context: any; walks over all types.
 * Return: the number, or 0 if there is no such member or it is no array.
 */
unsigned int btf_image_length(const struct btf_image *image, const struct btf_type *structure,
			      const char *name)
{
	const struct btf_member *member = structure ? find_member(image, structure, name) : NULL;
	const struct btf_type *type = member ? find_numbered(image, member->type) : NULL;

	if (!type || kind_of(type) != KIND_ARRAY)
		return 0;
	return ((const struct btf_array *)(type + 1))->nelems;
}

/**
 * btf_image_value() - the value of an enumerator
 * @image: the types
 * @enumeration: of btf_image_enum(), or NULL
 * @name: the enumerator's name
 *
 * Context: any.
 * Return: the value, or -ENOENT.
 */
int btf_image_value(const struct btf_image *image, const struct btf_type *enumeration,
		    const char *name)
{
	const struct btf_enum *at = (const struct btf_enum *)(enumeration + 1);
	const struct btf_enum *end;

	if (!enumeration)
		return -ENOENT;
	for (end = at + BTF_INFO_VLEN(enumeration->info); at < end; at++)
		if (!strcmp(name_at(image, at->name_off), name))
			return at->val;
	return -ENOENT;
}

/* --- reading it ----------------------------------------------------------- */

/* Sets the image's parts. Returns false if they don't lie within it. */
static bool image_divide(struct btf_image *image, size_t size)
{
	const struct btf_header *head = image->data;
	size_t rest;

	if (size < sizeof(*head) || head->magic != BTF_MAGIC || head->hdr_len > size)
		return false;
	rest = size - head->hdr_len;
	if (head->type_off > rest || head->type_len > rest - head->type_off ||
	    head->str_off > rest || head->str_len > rest - head->str_off || !head->str_len)
		return false;
	image->types = image->data + head->hdr_len + head->type_off;
	image->types_len = head->type_len;
	image->strings = image->data + head->hdr_len + head->str_off;
	image->strings_len = head->str_len;
	return !image->strings[image->strings_len - 1];
}

#ifdef MODULE

static int image_read(struct btf_image *image, struct file *file)
{
	loff_t size = i_size_read(file_inode(file)), pos = 0;
	ssize_t got;

	if (size <= 0 || size > BTF_SIZE_MAX)
		return -EFBIG;
	image->data = __vmalloc(size, GFP_NO_KILL);
	if (!image->data)
		return -ENOMEM;
	while (pos < size) {
		got = kernel_read(file, image->data + pos, size - pos, &pos);
		if (got <= 0)
			return got ?: -EIO;
	}
	return image_divide(image, size) ? 0 : -EINVAL;
}

/**
 * btf_image_read() - read the types of the running kernel
 * @image: where to; for btf_image_free(), also after an error
 *
 * Context: task context, may sleep. The caller's file system must have /sys.
 * Return: 0 or an error.
 */
int btf_image_read(struct btf_image *image)
{
	struct file *file = filp_open(BTF_PATH, O_RDONLY, 0);
	int err;

	*image = (struct btf_image) { };
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = image_read(image, file);
	filp_close(file, NULL);
	return err;
}

#else

/* At boot there is no /sys yet. The linker knows what its file shows. */
int btf_image_read(struct btf_image *image)
{
	size_t size = __stop_BTF - __start_BTF;

	*image = (struct btf_image) { };
	if (!size)
		return -ENOENT;
	image->data = __vmalloc(size, GFP_NO_KILL);
	if (!image->data)
		return -ENOMEM;
	memcpy(image->data, __start_BTF, size);
	return image_divide(image, size) ? 0 : -EINVAL;
}

#endif

/**
 * btf_image_free() - give the memory back
 * @image: of btf_image_read()
 *
 * Context: may sleep.
 */
void btf_image_free(struct btf_image *image)
{
	vfree(image->data);
	image->data = NULL;
}
