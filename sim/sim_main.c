/* `kilnwatt sim`: boots the whole simulated park (plants, firmware, Modbus server, control
 * socket, referee) and steps it along a clock that runs N times faster than the machine's. One
 * process, one loop, no threads. */
#include "sim/sim_main.h"
#include "controller/base/civil.h"
#include "controller/base/log.h"
#include "controller/base/sched.h"
#include "sim/control.h"
#include "sim/options.h"
#include "sim/setup.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum {
    ARENA_MAX = 512 * 1024 * 1024,
    REPORT_MAX = 512 * 1024,
    STEPS_AT_ONCE = 64,
    FINE_SPEED_MAX = 100 /* up to it the finest sub-step */
};

struct sim {
    struct sim_options o;
    struct arena arena;
    struct setup set;
    struct clock clock;
    struct loop *loop;
    struct loop_timer *timer;
    struct server *server;
    struct control *control;
    struct lockstep lock;
    struct snapshot_of snapshot;
    struct wire *wire; /* [o.wires] */
    double behind_s;   /* worst lag of the plant behind the clock, simulated seconds */
};

/* The electrical sub-step: 0.1 s while a 200 ms governor is to be exercised in earnest; longer
 * where one core could not keep up with a large park. */
static double step_for(double speed)
{
    return speed <= FINE_SPEED_MAX ? 0.1 : speed <= 400 ? 0.2 : 0.5;
}

static void stop(int sig, void *arg)
{
    (void)sig;
    struct sim *s = arg;
    loop_stop(s->loop);
}

static bool over(const struct sim *s)
{
    return s->o.hours > 0 && world_elapsed_s(s->set.world) >= s->o.hours * 3600 - 1e-6;
}

/* Steps up to a time, so many at most. */
static void catch_up(struct sim *s, double now_s, int most)
{
    double dt = world_dt_s(s->set.world);
    struct record *record = server_record(s->server);
    for (int i = 0; i < most && world_elapsed_s(s->set.world) + dt <= now_s + 1e-9 && !over(s);
         i++) {
        setup_step(&s->set);
        if (record && world_second(s->set.world)) {
            record_truth(record, s->set.world);
        }
    }
}

static void on_granted(void *arg, mono_t now)
{
    catch_up(arg, mono_s(now), INT_MAX);
}

static bool on_over(void *arg)
{
    return over(arg);
}

/* Catches up with the clock, a bounded number of steps at a time so that the wire is served. */
static void on_tick(void *arg)
{
    struct sim *s = arg;
    double now = mono_s(loop_now(s->loop)), dt = world_dt_s(s->set.world);
    catch_up(s, now, STEPS_AT_ONCE);
    s->behind_s = fmax(s->behind_s, now - world_elapsed_s(s->set.world) - dt);
    if (over(s)) {
        loop_stop(s->loop);
    }
}

static enum err build(struct sim *s, const struct setup_ask *ask)
{
    enum err e = setup_build(&s->set, &s->arena, ask);
    if (e == ERR_OK && s->o.lockstep) {
        clock_init_granted(&s->clock, s->set.start);
    } else if (e == ERR_OK) {
        e = clock_init_scaled(&s->clock, s->o.speed, s->set.start);
    }
    return e;
}

/* 0, or the exit status to end with. */
static int read_wires(struct sim *s)
{
    s->wire = arena_take(&s->arena, WIRES_MAX, sizeof *s->wire);
    for (int i = 0; s->wire && i < s->o.wires; i++) {
        if (wire_read(&s->wire[i], s->set.park, &s->o.wire[i]) != ERR_OK) {
            return 2;
        }
    }
    return s->wire ? 0 : 3;
}

/* Faults have come or gone. */
static void obey(void *arg)
{
    server_obey(((struct sim *)arg)->server);
}

static enum err open_wire(struct sim *s, const struct setup_ask *ask)
{
    enum err e = loop_open(&s->loop, &s->clock);
    if (e == ERR_OK) {
        struct server_of of = {.loop = s->loop,
                               .devices = &s->set.devices,
                               .faults = &s->set.faults,
                               .profile = s->set.profile,
                               .recorded = s->o.lockstep,
                               .seed = s->o.seed,
                               .wires = s->o.wires,
                               .wire = s->wire};
        e = server_open(&of, &s->arena, &s->server);
        faults_wire(&s->set.faults, obey, s);
    }
    if (e == ERR_OK && s->o.control) {
        struct control_of of = {
            s->loop,          &s->clock, &s->set.devices, &s->set.faults,
            &s->set.campaign, s->server, &s->set.judge,   s->o.lockstep ? &s->lock : NULL,
            &s->snapshot};
        struct lockstep_plant plant = {on_granted, on_over, s};
        e = s->o.lockstep ? lockstep_open(&s->lock, s->loop, &s->clock, &plant) : ERR_OK;
        e = e ? e : snapshot_init(&s->snapshot, &s->set, ask, s->server);
        e = e ? e : control_open(&of, &s->arena, s->o.control, &s->control);
        if (e) {
            fprintf(stderr, "kilnwatt sim: control socket %s: %s\n", s->o.control,
                    strerror(errno));
        }
    }
    if (e == ERR_OK) {
        e = loop_signal(s->loop, SIGINT, stop, s);
    }
    if (e == ERR_OK) {
        e = loop_signal(s->loop, SIGTERM, stop, s);
    }
    if (e == ERR_OK) {
        e = loop_timer_open(s->loop, on_tick, s, &s->timer);
    }
    return e;
}

/* The referee's JSON with the recording's digest behind it; its length. */
static size_t report_json(struct sim *s, char *text)
{
    size_t n = judge_json(&s->set.judge, text, REPORT_MAX - RECORD_HEX - 32);
    const struct record *r = server_record(s->server);
    char hex[RECORD_HEX];
    if (!r || n < 3) {
        return n;
    }
    record_digest(r, hex);
    return n - 1 + (size_t)snprintf(text + n - 1, RECORD_HEX + 32, ",\"record\":\"%s\"}", hex);
}

static int report(struct sim *s)
{
    char *text = arena_take(&s->arena, REPORT_MAX, 1);
    if (!s->o.quiet) {
        judge_print(&s->set.judge, stdout);
        printf("  the plant was at most %.2f s behind its clock\n", s->behind_s);
    }
    if (!s->o.report) {
        return 0;
    }
    FILE *f = text ? fopen(s->o.report, "w") : NULL;
    if (!f) {
        fprintf(stderr, "kilnwatt sim: %s: %s\n", s->o.report, strerror(errno));
        return 3;
    }
    size_t n = report_json(s, text);
    bool good = fwrite(text, 1, n, f) == n && fputc('\n', f) != EOF;
    good = fclose(f) == 0 && good;
    if (!good) {
        fprintf(stderr, "kilnwatt sim: %s: %s\n", s->o.report, strerror(errno));
    }
    return good ? 0 : 3;
}

static void announce(const struct sim *s)
{
    char at[40];
    civil_format(world_wall(s->set.world), at, sizeof at);
    if (!s->o.quiet) {
        server_print(s->server);
    }
    char speed[24] = "in lock-step";
    if (!s->o.lockstep) {
        (void)snprintf(speed, sizeof speed, "at x%g", s->o.speed);
    }
    printf("simulating %s from %s %s, step %.1f s, seed %llu%s%s\n", s->set.park->name, at,
           speed, world_dt_s(s->set.world), (unsigned long long)s->o.seed,
           s->o.control ? ", control socket " : "", s->o.control ? s->o.control : "");
    fflush(stdout);
}

static int run(struct sim *s)
{
    const struct setup_ask ask = {.who = "kilnwatt sim",
                                  .park = s->o.park,
                                  .devices = s->o.devices,
                                  .start = s->o.start,
                                  .series = s->o.series,
                                  .series_n = s->o.series_n,
                                  .seed = s->o.seed,
                                  .dt_s = step_for(s->o.speed)};
    int status = setup_load(&s->set, &s->arena, &ask);
    status = status ? status : read_wires(s);
    if (status) {
        return status;
    }
    enum err e = build(s, &ask);
    if (e == ERR_OK) {
        e = open_wire(s, &ask);
    }
    if (e == ERR_OK) {
        announce(s);
        if (!s->o.lockstep) {
            /* the plant waits for nobody; beyond, a core might not suffice */
            (void)(s->o.speed <= FINE_SPEED_MAX && sched_claim(URGENCY_CONTROL));
            loop_timer_every(s->timer, MONO_S(world_dt_s(s->set.world)));
        }
        loop_run(s->loop);
        status = report(s);
        status = status == 0 && s->lock.stuck ? 3 : status;
    } else {
        fprintf(stderr, "kilnwatt sim: could not start: %s\n", err_text(e));
        status = 3;
    }
    if (s->control) {
        control_close(s->control);
    }
    if (s->server) {
        server_close(s->server);
    }
    lockstep_close(&s->lock);
    if (s->timer) {
        loop_timer_close(s->timer);
    }
    if (s->loop) {
        loop_close(s->loop);
    }
    return status;
}

/* One descriptor per connection: as many as the machine lets us have. */
static void want_descriptors(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &r);
    }
}

int sim_main(int argc, char **argv)
{
    struct arena boot;
    arena_init(&boot, 4 * 1024 * 1024);
    struct sim *s = arena_take(&boot, 1, sizeof *s);
    if (!s) {
        return 3;
    }
    int status = sim_options_read(&s->o, argc, argv);
    if (status < 0) {
        want_descriptors();
        arena_init(&s->arena, ARENA_MAX);
        log_setup("sim", NULL, LOG_INFO);
        status = run(s);
        arena_fini(&s->arena);
    }
    arena_fini(&boot);
    return status;
}
