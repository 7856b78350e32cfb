/* Firmware of the simulated devices: clamps, latches, watchdogs. Runs in the simulator; owns no
 * plant state. */
#include "sim/device.h"
#include "sim/snap.h"
#include <math.h>
#include <string.h>

/* What a register of the firmware holds at first; row -1: there is none. */
static void hold(struct firmware *fw, int row, double value)
{
    if (row >= 0) {
        fw->held[row] = value;
    }
}

static void firmware_init(struct devices *d, int device, const struct profile *const *part)
{
    struct firmware *fw = &d->of[device];
    for (int r = 0; r < POINTS_PER_KIND_MAX; r++) {
        fw->held[r] = fw->pending[r] = fw->kept[r] = NAN;
    }
    fw->left_s = NAN;
    const struct device *dv = &d->park->device[device];
    for (int i = 0; i < dv->parts && !fw->dog; i++) {
        const struct profile_watchdog *w = &part[i]->watchdog;
        fw->dog = w->guards_row >= 0 && w->class != WATCHDOG_F ? part[i] : NULL;
    }
    if (!fw->dog) {
        return;
    }
    const struct profile_watchdog *w = &fw->dog->watchdog;
    hold(fw, w->timeout_row, w->timeout_s);
    if (w->fallback_row >= 0) {
        int point = park_point(d->park, device, w->fallback_row);
        hold(fw, w->fallback_row, park_point_revert(d->park, point));
    }
    hold(fw, w->fallback_on_row, 0); /* until told */
}

enum err device_init(struct devices *d, struct arena *a, struct world *w,
                     const struct profile *const *profile)
{
    const struct park *p = world_park(w);
    struct firmware *of = arena_take(a, (size_t)p->devices, sizeof *of);
    if (!of) {
        return ERR_NOMEM;
    }
    memset(d, 0, sizeof *d);
    d->world = w;
    d->park = p;
    d->of = of;
    d->stamp = 1;
    for (int i = 0; i < p->devices; i++) {
        firmware_init(d, i, profile + (size_t)i * PARTS_MAX);
    }
    return ERR_OK;
}

double device_value(const struct devices *d, int device, int row)
{
    const struct firmware *fw = &d->of[device];
    if (d->latched > 0 && !isnan(fw->pending[row])) { /* pending is what is latched */
        return fw->pending[row];
    }
    double v = world_get(d->world, device, row);
    return isnan(v) ? fw->held[row] : v;
}

bool device_serves(const struct devices *d, int device, int row)
{
    const struct kind_def *k = dict_kind(d->park->device[device].kind);
    return k->point[row].writable || world_serves(d->world, device, row);
}

enum err device_set(struct devices *d, int device, int row, double value)
{
    if (d->latched == DEVICE_LATCH_MAX) {
        return ERR_FULL;
    }
    double lo, hi;
    park_point_range(d->park, park_point(d->park, device, row), &lo, &hi);
    double v = fmin(fmax(value, lo), hi);
    d->latch[d->latched++] = (struct device_latch){device, row, v};
    d->of[device].pending[row] = v;
    d->stamp++;
    return ERR_OK;
}

/* The time that the watchdog runs from a feeding on; 0 = it is switched off. */
static double dog_timeout_s(const struct devices *d, int device)
{
    const struct profile_watchdog *w = &d->of[device].dog->watchdog;
    const struct fault_set *f = world_faults(d->world, device);
    if (fault_is(f, FAULT_WATCHDOG_EARLY)) {
        return fault_arg(f, FAULT_WATCHDOG_EARLY, 0);
    }
    double s = w->timeout_row >= 0 ? device_value(d, device, w->timeout_row) : w->timeout_s;
    return isnan(s) ? w->timeout_s : s;
}

static void dog_feed(struct devices *d, int device)
{
    double s = dog_timeout_s(d, device);
    d->of[device].left_s = s > 0 ? s : NAN;
}

void device_frame(struct devices *d, int device)
{
    const struct firmware *fw = &d->of[device];
    if (fw->dog && fw->dog->watchdog.class == WATCHDOG_C && !isnan(fw->left_s)) {
        dog_feed(d, device);
    }
}

void device_beat(struct devices *d, int device)
{
    const struct firmware *fw = &d->of[device];
    if (fw->dog && fw->dog->watchdog.class == WATCHDOG_B && !isnan(fw->left_s)) {
        dog_feed(d, device);
    }
}

static void apply(struct devices *d, int device, int row, double value)
{
    struct firmware *fw = &d->of[device];
    fw->pending[row] = NAN;
    fw->held[row] = value;
    world_command(d->world, device, row, value);
    d->commands++;
    if (!fw->dog) {
        return;
    }
    const struct profile_watchdog *w = &fw->dog->watchdog;
    /* a write to the setpoint feeds every class; a write to the time restarts a running timer
     */
    if (row == w->guards_row || (row == w->timeout_row && !isnan(fw->left_s))) {
        dog_feed(d, device);
    }
}

static double dog_fallback(const struct devices *d, int device)
{
    const struct profile_watchdog *w = &d->of[device].dog->watchdog;
    return w->fallback_row >= 0 ? d->of[device].held[w->fallback_row] : w->fallback;
}

int device_guarded(const struct devices *d, int device, double *fallback)
{
    if (!d->of[device].dog) {
        return -1;
    }
    *fallback = dog_fallback(d, device);
    return d->of[device].dog->watchdog.guards_row;
}

static void dog_step(struct devices *d, int device, const struct fault_set *f, double dt_s)
{
    struct firmware *fw = &d->of[device];
    if (isnan(fw->left_s)) {
        return;
    }
    fw->left_s -= dt_s;
    if (fault_is(f, FAULT_WATCHDOG_EARLY)) {
        fw->left_s = fmin(fw->left_s, fault_arg(f, FAULT_WATCHDOG_EARLY, INFINITY));
    }
    if (fw->left_s > 1e-9 || fault_is(f, FAULT_WATCHDOG_DEAD)) {
        return;
    }
    int row = fw->dog->watchdog.guards_row;
    double to = dog_fallback(d, device);
    fw->left_s = NAN;
    fw->reversions += device_value(d, device, row) != to;
    fw->held[row] = to;
    world_command(d->world, device, row, to);
    row = fw->dog->watchdog.fallback_on_row;
    int limit_on = dict_point(d->park->device[device].kind, "limit_on");
    if (row >= 0 && limit_on >= 0) {
        world_command(d->world, device, limit_on, fw->held[row]);
    }
}

void device_step(struct devices *d, double dt_s)
{
    for (int i = 0; i < d->latched; i++) {
        const struct device_latch *l = &d->latch[i];
        apply(d, l->device, l->row, l->value);
    }
    d->latched = 0;
    bool sound = world_sound(d->world);
    for (int i = 0; i < d->park->devices; i++) {
        const struct fault_set *f = sound ? &fault_none : world_faults(d->world, i);
        if (d->of[i].dog) {
            dog_step(d, i, f, dt_s);
        }
        if (f->active) {
            device_fault_step(d, i, dt_s);
        }
    }
}

void device_touch(struct devices *d)
{
    d->stamp++;
}

void device_snap(struct devices *d, struct snap *s)
{
    for (int i = 0; i < d->park->devices; i++) {
        SNAP_RANGE(s, &d->of[i], held, dog);
        SNAP_TAIL(s, &d->of[i], left_s);
    }
    SNAP_TAIL(s, d, latched);
}
