/* Saving and restoring the simulator by its control socket. Runs in the simulator. */
#include "sim/control_own.h"
#include <math.h>

/* The recording is what has come since. */
static void record_from_here(const struct control *c)
{
    struct record *r = server_record(c->of.server);
    if (r) {
        record_anew(r);
    }
}

void control_snapshot(struct session *s, int argc, char **argv)
{
    const struct control *c = s->control;
    char why[SNAPSHOT_WHY_LEN];
    (void)argc;
    if (snapshot_save(c->of.snapshot, argv[1], why) != ERR_OK) {
        control_say(s, "error %s\n", why);
        return;
    }
    record_from_here(c);
    control_say(s, "ok elapsed_s=%.6f\n", world_elapsed_s(c->of.devices->world));
}

void control_restore(struct session *s, int argc, char **argv)
{
    struct control *c = s->control;
    const struct world *w = c->of.devices->world;
    char why[SNAPSHOT_WHY_LEN];
    (void)argc;
    if (!c->of.lock) {
        control_say(s,
                    "error the machine's clock cannot be moved: that needs --speed lockstep\n");
        return;
    }
    if (snapshot_load(c->of.snapshot, argv[1], c->of.clock->now, why) != ERR_OK) {
        control_say(s, "error %s\n", why);
        return;
    }
    lockstep_moved(c->of.lock, (mono_t){llround(world_elapsed_s(w) * 1e6)});
    server_obey(c->of.server);
    record_from_here(c);
    control_say(s, "ok elapsed_s=%.6f\n", world_elapsed_s(w));
}
