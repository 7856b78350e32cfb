/* `inject DEVICE|all L1:200` on the simulator's control socket: faults of links by id or name.
 * Runs in the simulator. */
#include "sim/control_own.h"

/* Answers what is wrong with a fault's arguments. */
static void say_use(struct session *s, const struct link_ask *ask, enum err e)
{
    char use[96];
    control_say(s, "error %s: use: %s\n", err_text(e),
                link_fault_use(ask->fault, use, sizeof use));
}

bool control_inject_link(struct session *s, int first, int end, const char *text)
{
    struct link_ask ask;
    enum err e = link_ask_parse(text, &ask);
    int n = 0, fit = 0;
    if (e == ERR_UNKNOWN_KEY) {
        return false;
    }
    if (e) {
        say_use(s, &ask, e);
        return true;
    }
    for (int d = first; d < end; d++) {
        int could;
        n += server_link_set(s->control->of.server, d, &ask, &could);
        fit += could;
    }
    server_obey(s->control->of.server);
    if (n > 0) {
        control_say(s, "ok %d\n", n);
    } else {
        control_say(
            s, "error 0 affected: %s\n",
            fit ? "it has this fault already"
                : "no link there can have it; serial lines come by --rtu and --rtu-tcp");
    }
    return true;
}
