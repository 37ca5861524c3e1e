// SPDX-License-Identifier: GPL-2.0
#include "tool.h"

int command_html(const struct options *options)
{
	(void)options;
	die(EXIT_FAILED, "not there yet");
}
