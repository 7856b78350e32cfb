/* Tests of sim/snapshot.c on the reference park: a run that goes on from a snapshot is the one
 * that was not interrupted, to the bit, with faults on, kilns firing, vehicles charging and
 * setpoints on their way; a snapshot of another run, or a damaged one, is refused and changes
 * nothing. */
#include "sim/record.h"
#include "sim/snapshot.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { JSON_LEN = 1 << 18, SAVED_S = 900, END_S = 2400, FILE_MAX = 1 << 24 };
#define CERAMICS "etc/parks/ceramics.yaml"

struct rig {
    struct arena arena;
    struct setup_ask ask;
    struct setup set;
    struct record *record;
    struct snapshot_of of;
};

static void rig_open(struct rig *r, const char *park, uint64_t seed)
{
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 256u << 20);
    r->ask = (struct setup_ask){.who = "test",
                                .park = park,
                                .devices = "etc/devices",
                                .start = "2025-07-14T08:00:00+08:00",
                                .seed = seed,
                                .dt_s = 0.5};
    assert_int_equal(setup_load(&r->set, &r->arena, &r->ask), 0);
    assert_int_equal(setup_build(&r->set, &r->arena, &r->ask), ERR_OK);
    assert_int_equal(record_open(&r->record, &r->arena, 1), ERR_OK);
    assert_int_equal(snapshot_init(&r->of, &r->set, &r->ask, NULL), ERR_OK);
}

static void rig_close(struct rig *r)
{
    record_close(r->record);
    arena_fini(&r->arena);
}

static void write_point(struct rig *r, const char *name, double value)
{
    int point = park_point_from_name(r->set.park, name);
    assert_true(point >= 0);
    int device = r->set.park->point_device[point];
    int row = point - r->set.park->device[device].first_point;
    assert_int_equal(device_write(&r->set.devices, device, row, value), ERR_OK);
}

static void inject(struct rig *r, const char *device, const char *fault, double for_s)
{
    char why[FAULT_WHY_LEN] = "";
    int n = faults_inject(&r->set.faults, park_device(r->set.park, device), fault, for_s, why);
    assert_true(n > 0);
}

/* What is done to the park, by the second; before the snapshot, across it and after it. */
static void act(struct rig *r, int second)
{
    static const struct {
        int at_s;
        const char *point;
        double value;
    } writes[] = {
        {5,       "k3.program",    1   },
        {6,       "k3.run",        1   },
        {10,      "bess1.run",     1   },
        {11,      "bess1.set_kw",  -300},
        {30,      "pv_a.limit_on", 1   },
        {31,      "pv_a.limit_pu", 0.6 },
        {700,     "bess2.set_kw",  200 },
        {SAVED_S, "pv_a.limit_pu", 0.3 }, /* latched when the snapshot is made */
        {1000,    "bess1.set_kw",  400 },
        {1500,    "k3.run",        2   },
    };
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        if (writes[i].at_s == second) {
            write_point(r, writes[i].point, writes[i].value);
        }
    }
    if (second == 300) {
        campaign_begin(
            &r->set.campaign,
            &(struct campaign_ask){.per_hour = 60, .least_s = 5, .most_s = 60, .seed = 3});
    } else if (second == 600) {
        inject(r, "pv_a", "inverter_derated:0.1", 700);
        inject(r, "bess1", "freeze", 500);
    } else if (second == 1200) {
        world_cloud(r->set.world, 0.7, 120);
    }
}

/* What all devices show, as if it had been read. */
static void look(struct rig *r)
{
    const struct park *p = r->set.park;
    static double shown[8192];
    size_t n = 0;
    for (int d = 0; d < p->devices; d++) {
        for (int row = 0; row < dict_kind(p->device[d].kind)->points; row++) {
            shown[n++] = device_shown(&r->set.devices, d, row);
        }
    }
    struct record_bytes b = {(const uint8_t *)shown, n * sizeof *shown};
    record_exchange(r->record, 0, MONO_S(world_elapsed_s(r->set.world)), &b, &b);
    record_truth(r->record, r->set.world);
}

/* From the present second up to, without, `end`; acts of the second the snapshot is made in
 * come before it. */
static void run(struct rig *r, int from, int end)
{
    for (int t = from; t < end; t++) {
        if (t != from || from == 0) {
            act(r, t);
        }
        setup_step(&r->set);
        setup_step(&r->set);
        look(r);
    }
    act(r, end);
}

static void path_of(char *out, size_t cap, const char *name)
{
    (void)snprintf(out, cap, "/tmp/kilnwatt_%s_%d", name, (int)getpid());
}

static struct rig first, second;
static char judged[2][JSON_LEN];

static void goes_on(void **state)
{
    (void)state;
    char path[64], why[SNAPSHOT_WHY_LEN], digest[3][RECORD_HEX];
    path_of(path, sizeof path, "snapshot");
    rig_open(&first, CERAMICS, 7);
    rig_open(&second, CERAMICS, 7);
    run(&first, 0, SAVED_S);
    assert_int_equal(snapshot_save(&first.of, path, why), ERR_OK);
    record_digest(first.record, digest[2]);
    record_anew(first.record);
    run(&first, SAVED_S, END_S);
    record_digest(first.record, digest[0]);
    assert_true(judge_json(&first.set.judge, judged[0], JSON_LEN) > 100);

    assert_int_equal(snapshot_load(&second.of, path, (mono_t){0}, why), ERR_OK);
    assert_true(world_elapsed_s(second.set.world) == SAVED_S);
    run(&second, SAVED_S, END_S);
    record_digest(second.record, digest[1]);
    assert_true(judge_json(&second.set.judge, judged[1], JSON_LEN) > 100);
    assert_string_equal(digest[0], digest[1]);
    assert_string_equal(judged[0], judged[1]);
    assert_string_not_equal(digest[0], digest[2]);
    assert_non_null(strstr(judged[0], "\"k3\"")); /* it did fire */
    assert_int_equal(remove(path), 0);
    rig_close(&first);
    rig_close(&second);
}

/* A simulator into which nothing was loaded is another one from there on. */
static void state_matters(void **state)
{
    (void)state;
    char digest[2][RECORD_HEX];
    rig_open(&first, CERAMICS, 7);
    rig_open(&second, CERAMICS, 7);
    run(&first, 0, 60);
    record_anew(first.record);
    run(&first, 60, 120);
    for (int i = 0; i < 120; i++) {
        setup_step(&second.set);
    }
    run(&second, 60, 120);
    record_digest(first.record, digest[0]);
    record_digest(second.record, digest[1]);
    assert_string_not_equal(digest[0], digest[1]);
    rig_close(&first);
    rig_close(&second);
}

/* ---- Refused ---- */

static uint8_t bytes[FILE_MAX];

static size_t slurp(const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, sizeof bytes, f);
    assert_int_equal(fclose(f), 0);
    assert_true(n > 1000 && n < sizeof bytes);
    return n;
}

static void spill(const char *path, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void refused(struct rig *r, const char *path, enum err wanted, const char *word)
{
    char why[SNAPSHOT_WHY_LEN] = "", before[RECORD_HEX], after[RECORD_HEX];
    record_anew(r->record);
    record_truth(r->record, r->set.world);
    record_digest(r->record, before);
    assert_int_equal(snapshot_load(&r->of, path, (mono_t){0}, why), wanted);
    assert_non_null(strstr(why, word));
    record_anew(r->record);
    record_truth(r->record, r->set.world);
    record_digest(r->record, after);
    assert_string_equal(before, after);
}

static void damaged(void **state)
{
    (void)state;
    char path[64], bad[64], why[SNAPSHOT_WHY_LEN];
    path_of(path, sizeof path, "whole");
    path_of(bad, sizeof bad, "bad");
    rig_open(&first, CERAMICS, 7);
    run(&first, 0, 20);
    assert_int_equal(snapshot_save(&first.of, path, why), ERR_OK);
    size_t n = slurp(path);
    static const double places[] = {0.01, 0.3, 0.7, 0.9999999};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        uint8_t *b = &bytes[(size_t)((double)n * places[i])];
        *b ^= 0x10;
        spill(bad, n);
        refused(&first, bad, ERR_SYNTAX, "damaged");
        *b ^= 0x10;
    }
    spill(bad, n - 1);
    refused(&first, bad, ERR_SYNTAX, "damaged");
    spill(bad, 100);
    refused(&first, bad, ERR_SYNTAX, "snapshot");
    memcpy(bytes, "time,pv1.available_kw\n", 22);
    spill(bad, n);
    refused(&first, bad, ERR_SYNTAX, "no snapshot");
    refused(&first, "/tmp/no/such/file", ERR_IO, "No such file");
    assert_int_equal(remove(bad), 0);
    assert_int_equal(remove(path), 0);
    rig_close(&first);
}

static void of_another_run(void **state)
{
    (void)state;
    char path[64], why[SNAPSHOT_WHY_LEN] = "";
    path_of(path, sizeof path, "other");
    rig_open(&first, CERAMICS, 7);
    run(&first, 0, 20);
    assert_int_equal(snapshot_save(&first.of, path, why), ERR_OK);
    rig_open(&second, CERAMICS, 8);
    refused(&second, path, ERR_CONFLICT, "--seed 7");
    rig_close(&second);
    rig_open(&second, "etc/parks/small.yaml", 7);
    refused(&second, path, ERR_CONFLICT, "another park");
    rig_close(&second);
    rig_open(&second, CERAMICS, 7);
    second.of.id.build[0] ^= 1; /* as another executable would have it */
    refused(&second, path, ERR_CONFLICT, "another build");
    second.of.id.build[0] ^= 1;
    assert_int_equal(snapshot_load(&second.of, path, MONO_S(20.5), why), ERR_STATE);
    assert_non_null(strstr(why, "20.000 s after the start"));
    assert_int_equal(snapshot_load(&second.of, path, MONO_S(20), why), ERR_OK);
    assert_int_equal(snapshot_save(&second.of, "/tmp/no/such/folder", why), ERR_IO);
    assert_int_equal(remove(path), 0);
    rig_close(&first);
    rig_close(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on),
        cmocka_unit_test(state_matters),
        cmocka_unit_test(damaged),
        cmocka_unit_test(of_another_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
