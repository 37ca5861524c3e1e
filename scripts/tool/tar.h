/* SPDX-License-Identifier: GPL-2.0 */
/* Writes an archive that tar reads. */
#ifndef TAR_H
#define TAR_H

#include <stdio.h>
#include <time.h>

void tar_file(FILE *to, const char *name, const void *bytes, size_t len, time_t when);
void tar_end(FILE *to);

#endif /* TAR_H */
