// SPDX-License-Identifier: GPL-2.0
/*
 * The only program of a kernel that scripts/bench-native has built: makes as many processes as
 * crowd= on the command line says, of 16 to 60 KiB, and shows how long walks over them take.
 */

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

static void sit(size_t kb)
{
	char *memory = mmap(NULL, kb << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (memory == MAP_FAILED)
		err(1, "mmap");
	memset(memory, 1, kb << 10);
	for (;;)
		pause();
}

static void show_walks(void)
{
	char text[4096];
	int fd = open("/debug/walks", O_RDONLY);
	ssize_t n;

	while ((n = read(fd, text, sizeof(text))) > 0)
		fwrite(text, 1, n, stdout);
	close(fd);
}

int main(void)
{
	const char *wanted = getenv("crowd");
	unsigned int i, nr = wanted ? atoi(wanted) : 1000;

	mkdir("/debug", 0755);
	if (mount("debugfs", "/debug", "debugfs", 0, NULL))
		err(1, "debugfs");
	for (i = 0; i < nr; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		/* Sizes in no order. */
		if (!pid)
			sit(16 + (i * 2654435761U >> 16) % 12 * 4);
	}
	/* So that all have their memory. */
	sleep(3 + nr / 1000);
	for (i = 0; i < 3; i++)
		show_walks();
	fflush(stdout);
	reboot(RB_POWER_OFF);
}
