/* `inject DEVICE|all L1:200 [for S]` and `clear DEVICE|all [FAULT]` on the simulator's control
 * socket: faults of links by id or name. Runs in the simulator. */
#include "sim/control_own.h"

enum { FOR_S_MAX = 1000000000 }; /* beyond, it lasts until it is cleared */

/* Answers what is wrong with a fault's arguments. */
static void say_use(struct session *s, const struct link_ask *ask, enum err e)
{
    char use[96];
    control_say(s, "error %s: use: %s\n", err_text(e),
                link_fault_use(ask->fault, use, sizeof use));
}

bool control_inject_link(struct session *s, const struct control_devices *of, const char *text,
                         double for_s)
{
    struct link_ask ask;
    mono_t now = loop_now(s->control->of.loop);
    enum err e = link_ask_parse(text, &ask);
    int n = 0, fit = 0;
    if (e == ERR_UNKNOWN_KEY) {
        return false;
    }
    if (e) {
        say_use(s, &ask, e);
        return true;
    }
    ask.until = for_s < FOR_S_MAX ? mono_add(now, MONO_S(for_s)) : ask.until;
    for (int d = of->first; d < of->end; d++) {
        int could;
        n += server_link_set(s->control->of.server, d, &ask, &could);
        fit += could;
    }
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

int control_clear_link(struct session *s, const struct control_devices *of, const char *text)
{
    struct link_ask ask = {.fault = LINK_FAULTS};
    int n = 0;
    if (text && link_ask_parse(text, &ask) == ERR_UNKNOWN_KEY) {
        return 0;
    }
    for (int d = of->first; d < of->end; d++) {
        n += server_link_clear(s->control->of.server, d, ask.fault);
    }
    return n;
}
