/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An HTML page. It loads nothing and runs no script.
 *
 * An attacker may have chosen the names of processes and cgroups. Only text_put() may write them,
 * which escapes them, and no attribute may be made of them.
 */
#ifndef HTML_H
#define HTML_H

#include "kill.h"

#define MAX_BARS 40		/* more bars would not be read; the table has all rows */

/* One page at a time. */
void page_begin(FILE *to, const char *title);
FILE *page_divert(FILE *to);
void page_end(void);

/* Arguments are constant strings and numbers only: nothing is escaped. */
void markup(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void text_put(const char *text);
void element_put(const char *name, const char *text);
void fact_put(const char *name, const char *text);
/* Labels are constant, captions are escaped. */
void table_put(struct table *table, const char *label, const char *caption);
void rows_begin(const struct table *table, const char *label, const char *caption);
void cell_begin(const struct column *column);
void rows_end(void);

/* --- drawings ------------------------------------------------------------------------- */

struct scale {
	double from, until;
};

double share(const struct scale *scale, double value);
void svg_begin(unsigned int height, const char *title);
void svg_end(void);
void svg_rect(const char *class, const struct scale *scale, double from, double until,
	      unsigned int top, unsigned int height);
void svg_line(const char *class, double x, unsigned int top, unsigned int bottom);
void svg_text(const char *class, double x, unsigned int y, const char *text);
void key_put(const char *class, const char *text);

/* --- kills ------------------------------------------------------------------------------ */

unsigned int episode_kind(const struct episode *episode);

/*
 * html-kills.c: the timeline of all kills, or of one and its neighbours; the kills by cgroup and
 * cause; the list of all kills.
 */

/* Links go to these and all that are newer: the page explains them. */
struct explained {
	const struct episode *kills, *nobody;
};

void timeline_put(const struct capture *capture, const struct episode *here,
		  const struct explained *explained);
void groups_put(const struct capture *capture);
void list_put(const struct capture *capture, const struct explained *explained);

/* html-kill.c: all about one kill, which may be alone on the page; facts of its machine. */
void stream_put(const struct stream *stream);
void episode_put(const struct capture *capture, const struct episode *episode, bool alone);

#endif /* HTML_H */
