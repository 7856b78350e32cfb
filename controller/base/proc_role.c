/* The beginning of a role: its command line, its log, its tie to the supervisor. Runs in every
 * role. */
#include "controller/base/log.h"
#include "controller/base/proc.h"
#include "controller/base/sched.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum { OPTIONS = 4 };

static enum err fd_parse(const char *text, int *out)
{
    char *end = NULL;
    errno = 0;
    long fd = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || fd < 0 || fd > 1023) {
        return ERR_SYNTAX;
    }
    int type = 0;
    socklen_t len = sizeof type;
    if (getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_STREAM) {
        return ERR_SYNTAX;
    }
    *out = (int)fd;
    return ERR_OK;
}

static enum err refuse(const char *what, const char *value)
{
    log_line(LOG_ERROR, "role_arguments", "problem=\"%s\" value=\"%s\"", what, value);
    return ERR_SYNTAX;
}

/* In lock-step time waits for everybody. */
static void urgency_claim(const struct proc_role *r)
{
    static const enum urgency rows[ROLE_COUNT] = {
        [ROLE_PARK] = URGENCY_CONTROL,    [ROLE_FIELD] = URGENCY_CONTROL,
        [ROLE_PLAN] = URGENCY_BACKGROUND, [ROLE_STORE] = URGENCY_ORDINARY,
        [ROLE_WEB] = URGENCY_ORDINARY,
    };
    if (!r->clock.granted && !sched_claim(rows[r->role])) {
        log_line(LOG_WARN, "not_urgent",
                 "why=\"real-time scheduling is not permitted (CAP_SYS_NICE, LimitRTPRIO)\"");
    }
}

enum err proc_role_init(struct proc_role *r, int argc, char **argv)
{
    static const char *const names[OPTIONS] = {"--fd", "--clock", "--park", "--state"};
    const char *values[OPTIONS] = {NULL};
    struct proc_role made = {.role = argc > 0 ? role_from_name(argv[0]) : ROLE_COUNT};
    if (made.role == ROLE_COUNT || made.role == ROLE_SUPERVISOR) {
        return refuse("no such role", argc > 0 ? argv[0] : "");
    }
    int at = 1;
    for (int i = 0; i < OPTIONS; i++, at += 2) {
        if (at + 1 >= argc || strcmp(argv[at], names[i]) != 0) {
            return refuse("needs --fd N --clock TEXT --park FILE --state DIR in this order",
                          at < argc ? argv[at] : "");
        }
        values[i] = argv[at + 1];
    }
    if (fd_parse(values[0], &made.fd) != ERR_OK) {
        return refuse("--fd is not a stream socket", values[0]);
    }
    if (clock_parse(&made.clock, values[1]) != ERR_OK) {
        return refuse("--clock is neither live nor SPEED ANCHOR WALL", values[1]);
    }
    made.park_file = values[2];
    made.state_dir = values[3];
    made.argc = argc - at;
    made.argv = argv + at;
    /* Set by the supervisor before execv() too; this is for a role that somebody else starts.
     */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* Ctrl-C reaches the whole group: only the supervisor ends a role, by PROC_MSG_STOP. */
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    *r = made;
    log_setup(role_name(r->role), &r->clock, LOG_INFO);
    urgency_claim(r);
    return ERR_OK;
}
