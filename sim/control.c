/* The simulator's control socket. Runs in the simulator; one table row per command. */
#include "sim/control.h"
#include "controller/base/civil.h"
#include "sim/body.h"
#include "sim/control_own.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void session_close(struct session *s)
{
    struct control *c = s->control;
    struct session **at = &c->open;
    while (*at != s) {
        at = &(*at)->next;
    }
    *at = s->next;
    if (c->of.lock) {
        lockstep_left(c->of.lock, s);
    }
    stream_close(s->stream);
    s->next = c->free;
    c->free = s;
}

void control_say(struct session *s, const char *fmt, ...)
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
int control_want_device(struct session *s, const char *name)
{
    int d = park_device(s->control->park, name);
    if (d < 0) {
        control_say(s, "error no device \"%s\" in this park\n", name);
    }
    return d;
}

/* Splits a park-wide point number into device and row; false after having said what is wrong.
 */
bool control_want_point(struct session *s, const char *name, int *device, int *row)
{
    const struct park *p = s->control->park;
    int point = park_point_from_name(p, name);
    if (point < 0) {
        control_say(
            s, "error no point \"%s\"; points are named DEVICE.POINT, as in bess1.soc_pu\n",
            name);
        return false;
    }
    *device = p->point_device[point];
    *row = point - p->device[*device].first_point;
    return true;
}

bool control_want_number(struct session *s, const char *text, double *out)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end || !isfinite(v)) {
        control_say(s, "error \"%s\" is not a number\n", text);
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
    control_say(s, "ok %s\n", text);
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
    control_say(s,
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
    if (!control_want_point(s, argv[1], &device, &row)) {
        return;
    }
    double v = device_value(s->control->of.devices, device, row);
    if (isnan(v)) {
        control_say(s, "error %s has no value: this plant does not have it\n", argv[1]);
    } else {
        control_say(s, "ok %.17g\n", v);
    }
}

static void do_set(struct session *s, int argc, char **argv)
{
    (void)argc;
    int device, row;
    double v;
    const struct control *c = s->control;
    if (!control_want_point(s, argv[1], &device, &row) ||
        !control_want_number(s, argv[2], &v)) {
        return;
    }
    if (!dict_kind(c->park->device[device].kind)->point[row].writable) {
        control_say(s, "error %s cannot be set\n", argv[1]);
        return;
    }
    enum err e = device_set(c->of.devices, device, row, v);
    if (e) {
        control_say(s, "error %s\n", err_text(e));
    } else {
        control_say(s, "ok %.17g\n", device_value(c->of.devices, device, row));
    }
}

static void do_judge(struct session *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct control *c = s->control;
    size_t n = judge_json(c->of.judge, c->text, JUDGE_LEN);
    control_say(s, "ok ");
    s->gone = s->gone || stream_write(s->stream, c->text, n) != ERR_OK;
    control_say(s, "\n");
}

static void do_record(struct session *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    const struct record *r = server_record(s->control->of.server);
    char hex[RECORD_HEX];
    if (r) {
        record_digest(r, hex);
        control_say(s, "ok %s\n", hex);
    } else {
        control_say(s, "error nothing is recorded: that needs --speed lockstep\n");
    }
}

static void do_stop(struct session *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    control_say(s, "ok\n");
    loop_stop(s->control->of.loop);
}

static const struct command {
    const char *name;
    int args; /* least number */
    const char *use;
    void (*fn)(struct session *s, int argc, char **argv);
} commands[] = {
    {"clock",    0, "clock",                                       do_clock        },
    {"status",   0, "status",                                      do_status       },
    {"get",      1, "get DEVICE.POINT",                            do_get          },
    {"dump",     0, "dump",                                        control_dump    },
    {"set",      2, "set DEVICE.POINT VALUE",                      do_set          },
    {"inject",   2, "inject DEVICE|all FAULT[:ARGS] [for S]",      control_inject  },
    {"clear",    0, "clear [DEVICE|all [FAULT]]",                  control_clear   },
    {"faults",   0, "faults [DEVICE]",                             control_faults  },
    {"campaign", 0, "campaign [off | PER_HOUR [SEED [FAULT...]]]", control_campaign},
    {"judge",    0, "judge",                                       do_judge        },
    {"record",   0, "record",                                      do_record       },
    {"snapshot", 1, "snapshot FILE",                               control_snapshot},
    {"restore",  1, "restore FILE",                                control_restore },
    {"stop",     0, "stop",                                        do_stop         },
};

static void on_line(struct session *s, char *line)
{
    char *argv[WORDS_MAX], *rest = line;
    int argc = 0;
    struct lockstep *lock = s->control->of.lock;
    if (lock && lockstep_line(lock, s, line)) {
        return;
    }
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
            control_say(s, "error use: %s\n", commands[i].use);
        } else {
            commands[i].fn(s, argc, argv);
        }
        return;
    }
    control_say(
        s,
        "error commands: clock status get dump set inject clear faults judge record snapshot "
        "restore stop\n");
}

static void on_data(struct stream *st, void *arg)
{
    struct session *s = arg;
    char buf[LINE_IN_LEN];
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
    struct stream_spec spec = {
        .in_max = 64 * 1024, .out_max = CONTROL_OUT_MAX, .hooks = &hooks, .arg = s};
    if (!s || stream_open(c->of.loop, fd, &spec, &s->stream)) {
        close(fd);
        return;
    }
    c->free = s->next;
    s->next = c->open;
    c->open = s;
    s->control = c;
    s->lock = (struct lockstep_member){.joined = false};
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
    if (of->lock) {
        of->lock->control = c;
    }
    for (int i = 0; i < CONTROL_SESSIONS_MAX; i++) {
        s[i].next = c->free;
        c->free = &s[i];
    }
    struct listener_hook hook = {on_accept, c};
    enum err e = listener_open_unix(of->loop, path, hook, &c->listener);
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
