/* SPDX-License-Identifier: GPL-2.0 */
/* kselftest's harness, as the tests of oomwatch use it. */
#ifndef OOMWATCH_HARNESS_H
#define OOMWATCH_HARNESS_H

#include "../kselftest_harness.h"
#include "oomtest.h"

/* Seconds: only what hangs should come near it, also on an emulated or checked kernel. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

#endif /* OOMWATCH_HARNESS_H */
