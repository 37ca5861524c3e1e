// SPDX-License-Identifier: GPL-2.0
/* kbuild can't link an oomwatch.o out of an oomwatch.o of the same folder. */
#include "../oomwatch.c"
