/* The longer commands of the simulator's control socket: dump and inject. Runs in the
 * simulator. */
#include "sim/control_own.h"
#include <math.h>
#include <string.h>

/* One line per register that shows the point; false if none does. */
static bool dump_registers(struct session *s, int device, int row, int *lines, bool count)
{
    const struct control *c = s->control;
    bool any = false;
    char name[80];
    park_point_name(c->park, park_point(c->park, device, row), name, sizeof name);
    for (int k = 0; k < c->park->device[device].parts; k++) {
        struct regs_unit *u;
        int binding;
        const struct part *part = &c->park->device[device].part[k];
        if (!server_unit_of(c->of.server, device, k, &u, &binding)) {
            continue;
        }
        const struct profile *f = u->binding[binding].f;
        for (int i = 0; i < f->points; i++) {
            uint16_t word[4];
            int n = f->point[i].row == row ? regs_point_words(u, binding, i, word) : 0;
            *lines += n > 0;
            any = any || n > 0;
            if (!n || count) {
                continue;
            }
            control_say(s, "%s %.17g %s %d %d %d %d", name,
                        device_value(c->of.devices, device, row), part->host, part->port,
                        part->unit, f->point[i].read_fc, f->point[i].addr);
            for (int w = 0; w < n; w++) {
                control_say(s, " %04x", word[w]);
            }
            control_say(s, "\n");
        }
    }
    return any;
}

static int dump_all(struct session *s, bool count)
{
    const struct control *c = s->control;
    int lines = 0;
    for (int d = 0; d < c->park->devices; d++) {
        int rows = dict_kind(c->park->device[d].kind)->points;
        for (int r = 0; r < rows; r++) {
            char name[80];
            if (!device_serves(c->of.devices, d, r) || dump_registers(s, d, r, &lines, count)) {
                continue;
            }
            lines++;
            if (!count) {
                park_point_name(c->park, park_point(c->park, d, r), name, sizeof name);
                control_say(s, "%s %.17g -\n", name, device_value(c->of.devices, d, r));
            }
        }
    }
    return lines;
}

void control_dump(struct session *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    control_say(s, "ok %d\n", dump_all(s, true));
    (void)dump_all(s, false);
}

static void say_count(struct session *s, int n, const char *why_none)
{
    if (n > 0) {
        control_say(s, "ok %d\n", n);
    } else {
        control_say(s, "error 0 affected: %s\n", why_none);
    }
}

static void inject_trip(struct session *s, int argc, char **argv)
{
    double for_s = INFINITY;
    int d = control_want_device(s, argv[2]);
    if (d < 0 || (argc > 3 && !control_want_number(s, argv[3], &for_s))) {
        return;
    }
    say_count(s, for_s > 0 ? world_trip(s->control->of.devices->world, d, for_s) : 0,
              "nothing there can trip, or it has tripped already");
}

static void inject_load_step(struct session *s, int argc, char **argv)
{
    double kw;
    int d = control_want_device(s, argv[2]);
    if (d < 0 || argc < 4 || !control_want_number(s, argv[3], &kw)) {
        if (d >= 0 && argc < 4) {
            control_say(s, "error use: inject load_step DEVICE KW\n");
        }
        return;
    }
    say_count(s, world_load_step(s->control->of.devices->world, d, kw),
              "only a device of kind load has load steps, and each only once");
}

static void inject_cloud(struct session *s, int argc, char **argv)
{
    double depth, for_s;
    if (argc < 4) {
        control_say(s, "error use: inject cloud DEPTH SECONDS, as in inject cloud 0.8 60\n");
        return;
    }
    if (!control_want_number(s, argv[2], &depth) || !control_want_number(s, argv[3], &for_s)) {
        return;
    }
    bool sane = depth > 0 && depth <= 1 && for_s > 0;
    say_count(s, sane ? world_cloud(s->control->of.devices->world, depth, for_s) : 0,
              "depth is in (0, 1], seconds above 0, and PV must see light");
}

/* Brings the words up to date before they freeze. */
static void show_now(const struct control *c, int device)
{
    for (int k = 0; k < c->park->device[device].parts; k++) {
        struct regs_unit *u;
        int binding;
        uint16_t word[4];
        if (server_unit_of(c->of.server, device, k, &u, &binding)) {
            (void)regs_point_words(u, binding, 0, word);
        }
    }
}

static void inject_fault(struct session *s, int argc, char **argv)
{
    struct control *c = s->control;
    bool all = strcmp(argv[1], "all") == 0;
    int n = 0, d = all ? 0 : control_want_device(s, argv[1]);
    double for_s = INFINITY;
    enum err e = ERR_OK;
    if (d < 0 ||
        (argc > 4 && strcmp(argv[3], "for") == 0 && !control_want_number(s, argv[4], &for_s))) {
        return;
    }
    struct control_devices of = {d, all ? c->park->devices : d + 1};
    if (control_inject_link(s, &of, argv[2], for_s)) {
        return;
    }
    for (; d < of.end; d++) {
        show_now(c, d);
        e = faults_set(c->of.faults, d, argv[2]);
        n += e == ERR_OK;
    }
    if (e == ERR_UNKNOWN_KEY || e == ERR_RANGE) {
        control_say(s,
                    "error fault \"%s\": %s; faults: %s; of links (--help): L1..L11 M6 M12\n",
                    argv[2], err_text(e), faults_names());
        return;
    }
    server_obey(c->of.server);
    say_count(s, n, "it has this fault already");
}

void control_inject(struct session *s, int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*fn)(struct session *s, int argc, char **argv);
    } rows[] = {
        {"trip",      inject_trip     },
        {"load_step", inject_load_step},
        {"cloud",     inject_cloud    }
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(argv[1], rows[i].name) == 0) {
            rows[i].fn(s, argc, argv);
            return;
        }
    }
    inject_fault(s, argc, argv);
}
