/* The longest answer of the simulator's control socket: dump. Runs in the simulator. */
#include "sim/control_own.h"

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
