/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BTF, the kernel's own description of its types.
 */
#ifndef OOMWATCH_BTF_H
#define OOMWATCH_BTF_H

#include <linux/compiler.h>
#include <linux/types.h>

struct btf_type;

/**
 * struct btf_image - the types of a kernel
 * @data: all of it
 * @types: descriptions of types, one after the other
 * @types_len: bytes of @types
 * @strings: the names, NUL-terminated
 * @strings_len: bytes of @strings
 */
struct btf_image {
	void *data;
	const void *types;
	size_t types_len;
	const char *strings;
	size_t strings_len;
};

/* The linker's, for what is built into the kernel; without BTF there is none. */
extern u8 __weak __start_BTF[], __stop_BTF[];

int btf_image_read(struct btf_image *image);
void btf_image_free(struct btf_image *image);
const struct btf_type *btf_image_struct(const struct btf_image *image, const char *name);
const struct btf_type *btf_image_enum(const struct btf_image *image, const char *name);
int btf_image_offset(const struct btf_image *image, const struct btf_type *structure,
		     const char *name);
unsigned int btf_image_length(const struct btf_image *image, const struct btf_type *structure,
			      const char *name);
int btf_image_value(const struct btf_image *image, const struct btf_type *enumeration,
		    const char *name);

#endif /* OOMWATCH_BTF_H */
