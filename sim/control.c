/* The simulator's control socket. Runs in the simulator; one table row per command. */
#include "sim/control.h"
#include "controller/base/civil.h"
#include "sim/body.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_LEN = 512, WORDS_MAX = 8, JUDGE_LEN = 256 * 1024 };

struct session {
    struct session *next; /* in the free list or the list of those open */
    struct control *control;
    struct stream *stream;
    bool gone;
};
struct control {
    struct control_of of;
    const struct park *park;
    struct listener *listener;
    struct session *free, *open;
    char *text; /* [JUDGE_LEN] */
};

static void session_close(struct session *s)
{
    struct control *c = s->control;
    struct session **at = &c->open;
    while (*at != s) {
        at = &(*at)->next;
    }
    *at = s->next;
    stream_close(s->stream);
    s->next = c->free;
    c->free = s;
}

static void say(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct session *s, const char *fmt, ...)
{
    char line[LINE_LEN];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    s->gone = s->gone || stream_write(s->stream, line, len) != ERR_OK;
}

/* ---- Looking up what a line names ---- */
static int want_device(struct session *s, const char *name)
{
    int d = park_device(s->control->park, name);
    if (d < 0) {
        say(s, "error no device \"%s\" in this park\n", name);
    }
    return d;
}

/* Splits a park-wide point number into device and row; false after having said what is wrong.
 */
static bool want_point(struct session *s, const char *name, int *device, int *row)
{
    const struct park *p = s->control->park;
    int point = park_point_from_name(p, name);
    if (point < 0) {
        say(s, "error no point \"%s\"; points are named DEVICE.POINT, as in bess1.soc_pu\n",
            name);
        return false;
    }
    *device = p->point_device[point];
    *row = point - p->device[*device].first_point;
    return true;
}

static bool want_number(struct session *s, const char *text, double *out)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end || !isfinite(v)) {
        say(s, "error \"%s\" is not a number\n", text);
        return false;
    }
    *out = v;
    return true;
}

/* ---- Commands: argv[0] is the command. ---- */
static void do_clock(struct session *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    char text[96];
    clock_format(s->control->of.clock, text, sizeof text);
    say(s, "ok %s\n", text);
}

static double sum_kw(const struct control *c, enum kind k)
{
    double sum = 0;
    for (int i = 0; i < c->park->devices; i++) {
        if (c->park->device[i].kind == k) {
            sum += world_body(c->of.devices->world, i)->kw;
        }
    }
    return sum;
}

static void do_status(struct session *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    const struct control *c = s->control;
    const struct world *w = c->of.devices->world;
    char time[40];
    struct server_stats st;
    civil_format(world_wall(w), time, sizeof time);
    server_stats(c->of.server, &st);
    say(s,
        "ok time=%s elapsed_s=%.1f pcc_kw=%.3f loss_kw=%.3f pv_kw=%.3f wind_kw=%.3f "
        "battery_kw=%.3f load_kw=%.3f kiln_kw=%.3f heat_demand_kw=%.3f relay_trips=%d "
        "connections=%d requests=%llu exceptions=%llu commands=%llu\n",
        time, world_elapsed_s(w), world_pcc_kw(w), world_loss_kw(w), sum_kw(c, KIND_PV),
        sum_kw(c, KIND_WIND), sum_kw(c, KIND_BATTERY), sum_kw(c, KIND_LOAD),
        sum_kw(c, KIND_KILN) + sum_kw(c, KIND_ROLLER_KILN), world_heat_demand_kw(w),
        world_relay_trips(w), st.connections, (unsigned long long)st.requests,
        (unsigned long long)st.exceptions, (unsigned long long)c->of.devices->commands);
}

static void do_get(struct session *s, int argc, char **argv)
{
    (void)argc;
    int device, row;
    if (!want_point(s, argv[1], &device, &row)) {
        return;
    }
    double v = device_value(s->control->of.devices, device, row);
    if (isnan(v)) {
        say(s, "error %s has no value: this plant does not have it\n", argv[1]);
    } else {
        say(s, "ok %.17g\n", v);
    }
}

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
            say(s, "%s %.17g %s %d %d %d %d", name, device_value(c->of.devices, device, row),
                part->host, part->port, part->unit, f->point[i].read_fc, f->point[i].addr);
            for (int w = 0; w < n; w++) {
                say(s, " %04x", word[w]);
            }
            say(s, "\n");
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
                say(s, "%s %.17g -\n", name, device_value(c->of.devices, d, r));
            }
        }
    }
    return lines;
}

static void do_dump(struct session *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    say(s, "ok %d\n", dump_all(s, true));
    (void)dump_all(s, false);
}

static void do_set(struct session *s, int argc, char **argv)
{
    (void)argc;
    int device, row;
    double v;
    const struct control *c = s->control;
    if (!want_point(s, argv[1], &device, &row) || !want_number(s, argv[2], &v)) {
        return;
    }
    if (!dict_kind(c->park->device[device].kind)->point[row].writable) {
        say(s, "error %s cannot be set\n", argv[1]);
        return;
    }
    enum err e = device_write(c->of.devices, device, row, v);
    if (e) {
        say(s, "error %s\n", err_text(e));
    } else {
        say(s, "ok %.17g\n", device_value(c->of.devices, device, row));
    }
}

static void say_count(struct session *s, int n, const char *why_none)
{
    if (n > 0) {
        say(s, "ok %d\n", n);
    } else {
        say(s, "error 0 affected: %s\n", why_none);
    }
}

static void inject_trip(struct session *s, int argc, char **argv)
{
    double for_s = INFINITY;
    int d = want_device(s, argv[2]);
    if (d < 0 || (argc > 3 && !want_number(s, argv[3], &for_s))) {
        return;
    }
    say_count(s, for_s > 0 ? world_trip(s->control->of.devices->world, d, for_s) : 0,
              "nothing there can trip, or it has tripped already");
}

static void inject_load_step(struct session *s, int argc, char **argv)
{
    double kw;
    int d = want_device(s, argv[2]);
    if (d < 0 || argc < 4 || !want_number(s, argv[3], &kw)) {
        if (d >= 0 && argc < 4) {
            say(s, "error use: inject load_step DEVICE KW\n");
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
        say(s, "error use: inject cloud DEPTH SECONDS, as in inject cloud 0.8 60\n");
        return;
    }
    if (!want_number(s, argv[2], &depth) || !want_number(s, argv[3], &for_s)) {
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
    (void)argc;
    struct control *c = s->control;
    bool all = strcmp(argv[1], "all") == 0;
    int n = 0, d = all ? 0 : want_device(s, argv[1]);
    enum err e = ERR_OK;
    if (d < 0) {
        return;
    }
    for (int end = all ? c->park->devices : d + 1; d < end; d++) {
        show_now(c, d);
        e = faults_set(c->of.faults, d, argv[2]);
        n += e == ERR_OK;
    }
    if (e == ERR_UNKNOWN_KEY || e == ERR_RANGE) {
        say(s, "error fault \"%s\": %s; faults: %s\n", argv[2], err_text(e), faults_names());
        return;
    }
    server_obey(c->of.server);
    say_count(s, n, "it has this fault already");
}

static void do_inject(struct session *s, int argc, char **argv)
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

static void do_clear(struct session *s, int argc, char **argv)
{
    struct control *c = s->control;
    bool all = argc < 2 || strcmp(argv[1], "all") == 0;
    int n = 0, d = all ? 0 : want_device(s, argv[1]);
    if (d < 0) {
        return;
    }
    for (int end = all ? c->park->devices : d + 1; d < end; d++) {
        n += faults_clear(c->of.faults, d) + world_clear(c->of.devices->world, d);
    }
    device_touch(c->of.devices);
    server_obey(c->of.server);
    say(s, "ok %d\n", n);
}

static void do_judge(struct session *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct control *c = s->control;
    size_t n = judge_json(c->of.judge, c->text, JUDGE_LEN);
    say(s, "ok ");
    s->gone = s->gone || stream_write(s->stream, c->text, n) != ERR_OK;
    say(s, "\n");
}

static void do_stop(struct session *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    say(s, "ok\n");
    loop_stop(s->control->of.loop);
}

static const struct command {
    const char *name;
    int args; /* least number */
    const char *use;
    void (*fn)(struct session *s, int argc, char **argv);
} commands[] = {
    {"clock",  0, "clock",                                              do_clock },
    {"status", 0, "status",                                             do_status},
    {"get",    1, "get DEVICE.POINT",                                   do_get   },
    {"dump",   0, "dump",                                               do_dump  },
    {"set",    2, "set DEVICE.POINT VALUE",                             do_set   },
    {"inject", 2, "inject DEVICE|all FAULT, or trip, load_step, cloud", do_inject},
    {"clear",  0, "clear [DEVICE|all]",                                 do_clear },
    {"judge",  0, "judge",                                              do_judge },
    {"stop",   0, "stop",                                               do_stop  },
};

static void on_line(struct session *s, char *line)
{
    char *argv[WORDS_MAX], *rest = line;
    int argc = 0;
    for (char *w = strsep(&rest, " \t\r"); w; w = strsep(&rest, " \t\r")) {
        if (*w && argc < WORDS_MAX) {
            argv[argc++] = w;
        }
    }
    for (size_t i = 0; argc && i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(argv[0], commands[i].name) != 0) {
            continue;
        }
        if (argc - 1 < commands[i].args) {
            say(s, "error use: %s\n", commands[i].use);
        } else {
            commands[i].fn(s, argc, argv);
        }
        return;
    }
    say(s, "error commands: clock status get dump set inject clear judge stop\n");
}

static void on_data(struct stream *st, void *arg)
{
    struct session *s = arg;
    char buf[LINE_LEN];
    while (!s->gone) {
        size_t n = stream_peek(st, buf, sizeof buf - 1);
        char *end = memchr(buf, '\n', n);
        if (!end) {
            s->gone = n == sizeof buf - 1; /* no line is that long */
            break;
        }
        *end = 0;
        stream_take(st, buf, (size_t)(end - buf) + 1);
        buf[end - buf] = 0;
        on_line(s, buf);
    }
    if (s->gone) {
        session_close(s);
    }
}

static void on_gone(struct stream *st, void *arg)
{
    (void)st;
    session_close(arg);
}

static const struct stream_hooks hooks = {on_data, on_gone};

static void on_accept(int fd, void *arg)
{
    struct control *c = arg;
    struct session *s = c->free;
    if (!s || stream_open(c->of.loop, fd, 64 * 1024, CONTROL_OUT_MAX, &hooks, s, &s->stream)) {
        close(fd);
        return;
    }
    c->free = s->next;
    s->next = c->open;
    c->open = s;
    s->control = c;
    s->gone = false;
}

enum err control_open(const struct control_of *of, struct arena *a, const char *path,
                      struct control **out)
{
    struct control *c = arena_take(a, 1, sizeof *c);
    struct session *s = arena_take(a, CONTROL_SESSIONS_MAX, sizeof *s);
    char *text = arena_take(a, JUDGE_LEN, 1);
    if (!c || !s || !text) {
        return ERR_NOMEM;
    }
    c->of = *of;
    c->park = of->devices->park;
    c->text = text;
    for (int i = 0; i < CONTROL_SESSIONS_MAX; i++) {
        s[i].next = c->free;
        c->free = &s[i];
    }
    enum err e = listener_open_unix(of->loop, path, on_accept, c, &c->listener);
    if (e == ERR_OK) {
        *out = c;
    }
    return e;
}

void control_close(struct control *c)
{
    while (c->open) {
        session_close(c->open);
    }
    listener_close(c->listener);
}
