/* SPDX-License-Identifier: GPL-2.0 */
/* kselftest's harness, as the tests of oomwatch use it. */
#ifndef OOMWATCH_HARNESS_H
#define OOMWATCH_HARNESS_H

#include "../kselftest_harness.h"

#include <limits.h>

#include "oomtest.h"

/* Seconds: more than a test takes, unless it hangs, on an emulated debug kernel. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 900

/* As long as it takes: the harness of newer kernels has the time in milliseconds, in an int. */
#define NO_TIMEOUT (INT_MAX / 1000)

#endif /* OOMWATCH_HARNESS_H */
