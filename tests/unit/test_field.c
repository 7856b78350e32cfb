/* The fieldbus over real sockets: readings, trust, arming, writes with read-back, leases that
 * revert by themselves, and that silent, dripping and late devices do not hold up the others.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/field.h"
#include "tests/support/modbus_peer.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PCC,
    WORKS,
    BESS,
    PV,
    FIRST_EXTRA,
    EXTRAS = 8,
    PEERS = FIRST_EXTRA + EXTRAS,
    POINTS = 512
};

struct bench {
    struct clock clock;
    struct loop *loop;
    struct arena arena;
    struct park *park;
    const struct profile **profile;
    struct fieldbus bus;
    struct peer peer;
    struct msg_reading last[POINTS];
    int readings[POINTS];
    int outcome[POINTS]; /* last, -1 = none */
    double written[POINTS];
    int results, links;
};

static void on_readings(void *arg, const struct msg_reading *row, int n)
{
    struct bench *b = arg;
    for (int i = 0; i < n; i++) {
        b->last[row[i].point] = row[i];
        b->readings[row[i].point]++;
    }
}

static void on_wrote(void *arg, const struct msg_write_result *row)
{
    struct bench *b = arg;
    b->outcome[row->point] = (int)row->outcome;
    b->written[row->point] = row->value;
    b->results++;
}

static void on_link(void *arg, const struct msg_link_state *row)
{
    struct bench *b = arg;
    (void)row;
    b->links++;
}

static const struct field_hooks hooks = {on_readings, on_wrote, on_link};

static const char head[] =
    "park: {name: bench, title: {zh: b, en: b}, zone: Asia/Shanghai, latitude_deg: 29,\n"
    "  longitude_deg: 105, altitude_m: 300}\n"
    "grid: {import_kw_max: 1000, export_kw_max: 0, guard_kw: 5, demand_margin_pu: 0.02, meter: "
    "pcc,\n"
    "  tariff: none.yaml}\n"
    "devices:\n";

static void write_park(const struct bench *b, FILE *out)
{
    const int *port = b->peer.port;
    fputs(head, out);
    fprintf(out,
            "  - {name: pcc, kind: meter, title: {zh: p, en: p}, profile: dtsu666,\n"
            "     host: 127.0.0.1, port: %d, unit: 1, poll_s: 0.2, rated_kw: 1000}\n",
            port[PCC]);
    fprintf(out,
            "  - {name: works, kind: load, title: {zh: w, en: w}, profile: sdm630,\n"
            "     host: 127.0.0.1, port: %d, unit: 1, poll_s: 0.2, rated_kw: 500, sign: -1,\n"
            "     schedule: [{from: '00:00', kw: 1}]}\n",
            port[WORKS]);
    fprintf(out,
            "  - {name: bess, kind: battery, title: {zh: b, en: b}, host: 127.0.0.1,\n"
            "     port: %d, poll_s: 0.2, rated_kw: 200, energy_kwh: 400, soc_pu_min: 0.1,\n"
            "     soc_pu_max: 0.9, round_trip_pu: 0.88, wear_yuan_per_kwh: 0.1,\n"
            "     parts: [{profile: sinexcel-pws, unit: 1}, {profile: sunspec-battery, unit: "
            "2}]}\n",
            port[BESS]);
    fprintf(
        out,
        "  - {name: pv, kind: pv, title: {zh: p, en: p}, profile: sunspec-inverter,\n"
        "     host: 127.0.0.1, port: %d, unit: 1, rated_kw: 300, dc_kwp: 350, tilt_deg: 8,\n"
        "     azimuth_deg: 180, safe: 0.15, signed_off: bench}\n",
        port[PV]);
    for (int i = 0; i < EXTRAS; i++) {
        fprintf(out,
                "  - {name: x%d, kind: load, title: {zh: x, en: x}, profile: acrel-adw300,\n"
                "     host: 127.0.0.1, port: %d, unit: 1, poll_s: 0.1, rated_kw: 500,\n"
                "     schedule: [{from: '00:00', kw: 1}]}\n",
                i, port[FIRST_EXTRA + i]);
    }
}

/* Registers of fixed content of a device, as its profile gives them. */
static void fill_fixed(struct bench *b, int device, int part, int peer)
{
    const struct profile *f = b->profile[device * PARTS_MAX + part];
    for (int i = 0; i < f->consts; i++) {
        b->peer.shared->reg[peer][f->fixed[i].addr] = f->fixed[i].value;
    }
}

static void load_park(struct bench *b)
{
    static struct doc_errors errors;
    char path[] = "/tmp/kilnwatt-field-XXXXXX";
    FILE *out = fdopen(mkstemp(path), "w");
    memset(&errors, 0, sizeof(errors));
    assert_non_null(out);
    write_park(b, out);
    fclose(out);
    enum err e = park_load(&b->arena, path, &b->park, &errors);
    e = e == ERR_OK ? profile_load_park(&b->arena, b->park, "etc/devices", &b->profile, &errors)
                    : e;
    for (int i = 0; i < errors.count; i++) {
        print_error("%s\n", errors.text[i]);
    }
    unlink(path);
    assert_int_equal(e, ERR_OK);
}

static void open_bench(struct bench *b, double speed)
{
    memset(b, 0, sizeof(*b));
    memset(b->outcome, -1, sizeof(b->outcome));
    peer_start(&b->peer, PEERS);
    arena_init(&b->arena, 256u << 20);
    clock_init_live(&b->clock);
    if (speed != 1) {
        assert_int_equal(clock_init_scaled(&b->clock, speed, (wall_t){1750000000000}), ERR_OK);
    }
    load_park(b);
    fill_fixed(b, 2, 1, BESS);
    fill_fixed(b, 3, 0, PV);
    b->peer.shared->reg[PV][40108] = 4;      /* producing */
    b->peer.shared->reg[BESS][32] = 0x0004;  /* running */
    b->peer.shared->reg[BESS][40081] = 5500; /* SOC */
    assert_int_equal(loop_open(&b->loop, &b->clock), ERR_OK);
    struct field_setup setup = {b->loop, b->park, b->profile, &hooks, b};
    assert_int_equal(field_open(&b->bus, &b->arena, &setup), ERR_OK);
    field_start(&b->bus);
}

static void close_bench(struct bench *b)
{
    field_close(&b->bus);
    loop_close(b->loop);
    arena_fini(&b->arena);
    peer_stop(&b->peer);
}

static void on_end(void *arg)
{
    loop_stop(arg);
}

/* Runs the loop for a time of the machine. */
static void run_ms(struct bench *b, int ms)
{
    struct loop_timer *t;
    assert_int_equal(loop_timer_open(b->loop, on_end, b->loop, &t), ERR_OK);
    loop_timer_after(t, link_real_ms(b->loop, ms));
    loop_run(b->loop);
    loop_timer_close(t);
}

static int point(const struct bench *b, const char *name)
{
    int p = park_point_from_name(b->park, name);
    assert_true(p >= 0 && p < POINTS);
    return p;
}

static void set(struct bench *b, const char *name, double value, unsigned lease_ms)
{
    struct msg_setpoint m = {
        .point = (uint32_t)point(b, name), .cause = 7, .value = value, .lease_ms = lease_ms};
    b->outcome[m.point] = -1;
    field_set(&b->bus, &m, 1);
}

static int outcome(const struct bench *b, const char *name)
{
    return b->outcome[point(b, name)];
}

static void put_f32(struct bench *b, int peer, int addr, float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof(bits));
    b->peer.shared->reg[peer][addr] = (uint16_t)(bits >> 16);
    b->peer.shared->reg[peer][addr + 1] = (uint16_t)bits;
}

static void reads_and_trusts(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 1);
    put_f32(&b, PCC, 0x2012, 1234567.0f);
    put_f32(&b, WORKS, 0x34, 55500.0f);
    set(&b, "bess.set_kw", 50, 1000); /* nothing read yet: refused */
    assert_int_equal(outcome(&b, "bess.set_kw"), WRITE_REFUSED);
    run_ms(&b, 600);
    for (int d = 0; d < b.park->devices; d++) {
        assert_int_equal(field_link(&b.bus, d).trusted, 1);
    }
    const struct msg_reading *kw = &b.last[point(&b, "pcc.kw")];
    assert_int_equal(kw->quality, QUALITY_GOOD);
    assert_true(fabs(kw->value - 123.4567) < 1e-3);
    assert_true(fabs(b.last[point(&b, "works.kw")].value + 55.5) <
                1e-6); /* turned into bus sign */
    assert_true(fabs(b.last[point(&b, "bess.soc_pu")].value - 0.55) < 1e-9);
    assert_int_equal((int)b.last[point(&b, "pv.state")].value, RUN_ON);
    assert_true(b.readings[point(&b, "pcc.kw")] >= 3);
    put_f32(&b, PCC, 0x2012, 9e9f); /* more than any plant */
    run_ms(&b, 300);
    assert_int_equal(b.last[point(&b, "pcc.kw")].quality, QUALITY_BAD);
    close_bench(&b);
}

static void writes_and_reverts(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 1);
    run_ms(&b, 600);
    assert_int_equal(b.peer.shared->reg[BESS][327], 15); /* armed before any setpoint */
    assert_int_equal(b.peer.shared->reg[PV][40157], 60);
    assert_int_equal(b.peer.shared->writes[PV], 1);
    set(&b, "bess.run", 1, 2000);
    set(&b, "bess.set_kw", -75.5, 400);
    set(&b, "pv.limit_pu", 0.4, 2000);
    set(&b, "bess.soc_pu", 0.5, 2000); /* nobody writes this */
    run_ms(&b, 200);
    assert_int_equal(outcome(&b, "bess.set_kw"), WRITE_OK);
    assert_int_equal((int16_t)b.peer.shared->reg[BESS][135], -755);
    assert_int_equal(b.peer.shared->reg[BESS][650], 1);
    assert_int_equal(b.peer.shared->reg[PV][40155], 4000);
    assert_int_equal(b.peer.shared->reg[PV][40159], 1); /* the limit's switch went with it */
    assert_int_equal(outcome(&b, "pv.limit_pu"), WRITE_OK);
    assert_int_equal(outcome(&b, "bess.soc_pu"), WRITE_REFUSED);
    uint32_t writes = b.peer.shared->writes[PV];
    set(&b, "pv.limit_pu", 0.4, 600); /* renewed: not written again */
    set(&b, "bess.set_kw", 900, 400); /* above 200 kW: refused, the old lease runs on */
    assert_int_equal(outcome(&b, "bess.set_kw"), WRITE_REFUSED);
    run_ms(&b, 150);
    assert_int_equal(b.peer.shared->writes[PV], writes);
    run_ms(&b, 400); /* nobody renews the battery's */
    assert_int_equal(b.peer.shared->reg[BESS][135], 0);
    assert_int_equal(outcome(&b, "bess.set_kw"), WRITE_REVERTED);
    assert_int_equal(b.peer.shared->reg[BESS][651], 0); /* run stays: keep */
    run_ms(&b, 500);
    assert_int_equal(b.peer.shared->reg[PV][40155], 1500); /* the park file's safe value */
    close_bench(&b);
}

static void devices_with_a_will(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 1);
    run_ms(&b, 600);
    b.peer.shared->way[BESS] = PEER_STUCK;
    set(&b, "bess.set_kw", 60, 10000);
    run_ms(&b, 1600);
    assert_int_equal(outcome(&b, "bess.set_kw"), WRITE_MISMATCH);
    b.peer.shared->way[BESS] = PEER_GOOD;
    set(&b, "bess.set_kw", 61, 10000);
    run_ms(&b, 200);
    assert_int_equal(outcome(&b, "bess.set_kw"), WRITE_OK);
    b.peer.shared->reg[BESS][135] = 0; /* its own watchdog took it away: it comes back */
    run_ms(&b, 1500);
    assert_int_equal(b.peer.shared->reg[BESS][135], 610);
    field_give_up(&b.bus, false);
    run_ms(&b, 200);
    assert_true(field_settled(&b.bus));
    assert_int_equal(b.peer.shared->reg[BESS][135], 0);
    close_bench(&b);
}

static void sources_first(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 1);
    run_ms(&b, 600);
    set(&b, "bess.set_kw", -60, 10000); /* it charges: a load */
    set(&b, "pv.limit_pu", 0.4, 10000);
    run_ms(&b, 300);
    field_give_up(&b.bus, true);
    run_ms(&b, 200);
    assert_int_equal(b.peer.shared->reg[PV][40155], 1500);
    assert_int_not_equal(b.peer.shared->reg[BESS][135], 0);
    set(&b, "bess.set_kw", 60, 10000); /* now it feeds the park */
    run_ms(&b, 300);
    field_give_up(&b.bus, true);
    run_ms(&b, 200);
    assert_int_equal(b.peer.shared->reg[BESS][135], 0);
    close_bench(&b);
}

static void foreign_device(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 1);
    b.peer.shared->reg[PV][40070] = 101; /* a single-phase inverter has taken its place */
    run_ms(&b, 600);
    set(&b, "pv.limit_pu", 0.4, 2000);
    run_ms(&b, 300);
    assert_int_equal(outcome(&b, "pv.limit_pu"), WRITE_REFUSED);
    assert_int_equal(b.peer.shared->writes[PV], 0);
    assert_int_equal(field_link(&b.bus, 3).trusted, 0);
    close_bench(&b);
}

/* Polls of the good extras over `ms`, while the first three are what `way` says. */
static int good_polls(struct bench *b, int ms, const int way[3])
{
    uint32_t before = 0, after = 0;
    for (int i = 0; i < 3; i++) {
        b->peer.shared->way[FIRST_EXTRA + i] = way[i];
    }
    run_ms(b, 300);
    for (int i = 3; i < EXTRAS; i++) {
        before += b->peer.shared->requests[FIRST_EXTRA + i];
    }
    run_ms(b, ms);
    for (int i = 3; i < EXTRAS; i++) {
        after += b->peer.shared->requests[FIRST_EXTRA + i];
    }
    return (int)(after - before);
}

static void others_do_not_wait(void **state)
{
    static struct bench b;
    const int good[3] = {PEER_GOOD, PEER_GOOD, PEER_GOOD};
    const int bad[3] = {PEER_SILENT, PEER_DRIP, PEER_LATE};
    int64_t call_us = 0;
    (void)state;
    open_bench(&b, 1);
    run_ms(&b, 300);
    int alone = good_polls(&b, 3000, good);
    (void)loop_lag_us(b.loop);
    int beside = good_polls(&b, 3000, bad);
    int64_t lag = loop_lag_us(b.loop);
    for (int i = 0; i < b.bus.lines; i++) {
        call_us =
            b.bus.line[i].link.call_us_max > call_us ? b.bus.line[i].link.call_us_max : call_us;
    }
    print_message(
        "5 good devices: %d polls in 3 s alone, %d beside silent, dripping and late ones; "
        "longest call %lld us, loop lag %lld us\n",
        alone, beside, (long long)call_us, (long long)lag);
    assert_true(beside >= alone * 95 / 100);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(field_link(&b.bus, FIRST_EXTRA + i).online, 0);
        assert_true(b.peer.shared->connects[FIRST_EXTRA + i] <= 8); /* 2/s at the most */
    }
    b.peer.shared->way[FIRST_EXTRA] = PEER_GOOD; /* and it comes back by itself */
    run_ms(&b, 6000);
    assert_int_equal(field_link(&b.bus, FIRST_EXTRA).online, 1);
    close_bench(&b);
}

static void accelerated(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 60);
    put_f32(&b, PCC, 0x2012, 1000000.0f);
    run_ms(&b, 1000); /* a minute */
    int polls = b.readings[point(&b, "pcc.kw")];
    set(&b, "bess.set_kw", 33, 6000);
    run_ms(&b, 50);
    assert_int_equal(outcome(&b, "bess.set_kw"), WRITE_OK);
    run_ms(&b, 150);
    assert_int_equal(b.peer.shared->reg[BESS][135], 0);
    print_message("x60: %d readings of the PCC in a minute of its time\n", polls);
    assert_true(polls > 60);
    assert_int_equal(field_link(&b.bus, PCC).timeouts, 0);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_trusts),    cmocka_unit_test(writes_and_reverts),
        cmocka_unit_test(devices_with_a_will), cmocka_unit_test(sources_first),
        cmocka_unit_test(foreign_device),      cmocka_unit_test(others_do_not_wait),
        cmocka_unit_test(accelerated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
