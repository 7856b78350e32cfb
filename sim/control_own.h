/* What the files of the simulator's control socket share: sessions and the answers to a line
 * (control.c), dump (control_do.c), faults (control_faults.c), snapshots (control_snapshot.c).
 * Private to them. */
#ifndef KILNWATT_SIM_CONTROL_OWN_H
#define KILNWATT_SIM_CONTROL_OWN_H

#include "sim/control.h"

/* LINE_LEN: of an answer. LINE_IN_LEN: of a command, a thousand ports of `held`. */
enum { LINE_LEN = 512, LINE_IN_LEN = 12 * 1024, WORDS_MAX = 8, JUDGE_LEN = 256 * 1024 };

struct session {
    struct session *next; /* in the free list or the list of those open */
    struct control *control;
    struct stream *stream;
    struct lockstep_member lock;
    bool gone;
};
struct control {
    struct control_of of;
    const struct park *park;
    struct listener *listener;
    struct session *free, *open;
    char *text; /* [JUDGE_LEN] */
};

/* Answers a part of a line, at most LINE_LEN bytes; a session that cannot take it is closed
 * later. */
void control_say(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Look-ups of what a line names; on failure they have said what is wrong. */
int control_want_device(struct session *s, const char *name); /* -1 */
bool control_want_point(struct session *s, const char *name, int *device, int *row);
bool control_want_number(struct session *s, const char *text, double *out);
/* Commands: argv[0] is the command, argv[1..] its words. */
void control_dump(struct session *s, int argc, char **argv);
void control_inject(struct session *s, int argc, char **argv);
void control_clear(struct session *s, int argc, char **argv);
void control_faults(struct session *s, int argc, char **argv);
void control_campaign(struct session *s, int argc, char **argv);
void control_snapshot(struct session *s, int argc, char **argv);
void control_restore(struct session *s, int argc, char **argv);
/* Devices first..end-1. */
struct control_devices {
    int first, end;
};
/* Puts the link fault that the text names on devices, for so many seconds of process time
 * (INFINITY = until cleared), and answers; false, and nothing is said, if it names none. */
bool control_inject_link(struct session *s, const struct control_devices *of, const char *text,
                         double for_s);
/* Removes the link fault that the text names from devices, or all if it is NULL; returns how
 * many there were. */
int control_clear_link(struct session *s, const struct control_devices *of, const char *text);

#endif
