// SPDX-License-Identifier: GPL-2.0
/* Prints the time that moment_read() makes of each argument after the first, which is now. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "words.h"

/* The test's makefile call renames the program's main() with -Dmain=... */
#undef main

int main(int argc, char **argv)
{
	__u64 then, now = strtoull(argv[1], NULL, 10);
	int i;

	for (i = 2; i < argc; i++) {
		words_scope();
		if (!moment_read(argv[i], now, &then))
			puts("no time");
		else if (then > 1ULL << 40)
			puts("never");
		else
			printf("%.19s\n", words_time(then * 1000000000));
	}
	return 0;
}
