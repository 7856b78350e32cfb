/* Faults of the simulated devices' firmware: what they show that is not so, what they do not
 * take. Runs in the simulator and in studies; owns no state but struct firmware's. */
#include "sim/device.h"
#include <math.h>
#include <string.h>

static const struct point_def *point_of(const struct devices *d, int device, int row)
{
    return &dict_kind(d->park->device[device].kind)->point[row];
}

static bool has_unit(const struct point_def *p, const char *unit)
{
    return strcmp(p->unit, unit) == 0;
}

static bool is_counter(const struct point_def *p)
{
    return !p->writable && (strcmp(p->name, "hours_h") == 0 ||
                            (has_unit(p, "kWh") && strncmp(p->name, "session", 7) != 0 &&
                             strncmp(p->name, "wanted", 6) != 0));
}

static double shown_power(const struct fault_set *f, const struct point_def *p, double v)
{
    bool power = !p->writable && (has_unit(p, "kW") || has_unit(p, "kvar"));
    bool flips = strcmp(p->name, "kw") == 0 || strcmp(p->name, "kvar") == 0;
    v = power ? v * fault_arg(f, FAULT_WRONG_SCALE, 1) : v;
    return flips && fault_is(f, FAULT_SIGN_FLIPPED) ? -v : v;
}

/* A value as the firmware has it at this moment. */
static double shown_now(const struct devices *d, int device, int row)
{
    const struct fault_set *f = world_faults(d->world, device);
    const struct point_def *p = point_of(d, device, row);
    double v = device_value(d, device, row);
    if (isnan(v)) {
        return v;
    }
    if (fault_is(f, FAULT_SENTINEL) && !p->writable && !has_unit(p, "-")) {
        return NAN;
    }
    if (fault_is(f, FAULT_THERMOCOUPLE_BROKEN) && row == KILN_DEGC) {
        return INFINITY;
    }
    if (fault_is(f, FAULT_SOC_JUMP) && row == BATTERY_SOC_PU) {
        return fmin(fmax(v + fault_arg(f, FAULT_SOC_JUMP, 0), 0), 1);
    }
    if (fault_is(f, FAULT_COUNTER_RESET) && is_counter(p)) {
        return v - d->of[device].base[row] + fault_arg(f, FAULT_COUNTER_RESET, 0);
    }
    return shown_power(f, p, v);
}

double device_shown(const struct devices *d, int device, int row)
{
    const struct fault_set *f = world_faults(d->world, device);
    if (!f->active) {
        return device_value(d, device, row);
    }
    if (fault_is(f, FAULT_REBOOT)) {
        return isnan(device_value(d, device, row)) ? NAN : 0;
    }
    return fault_is(f, FAULT_FREEZE) ? d->of[device].kept[row] : shown_now(d, device, row);
}

void device_show(const struct devices *d, int device, const int *row, int n, double *out)
{
    bool sound = world_sound(d->world) || world_faults(d->world, device)->active == 0;
    if (d->latched > 0 || !sound) {
        for (int i = 0; i < n; i++) {
            out[i] = device_shown(d, device, row[i]);
        }
        return;
    }
    bool all = world_get_rows(d->world, device, row, n, out);
    for (int i = 0; i < n && !all; i++) {
        out[i] = isnan(out[i]) ? d->of[device].held[row[i]] : out[i];
    }
}

int device_freeze(struct devices *d, int device)
{
    int n = 0, rows = dict_kind(d->park->device[device].kind)->points;
    for (int r = 0; r < rows; r++) {
        d->of[device].kept[r] = shown_now(d, device, r);
        n += !isnan(d->of[device].kept[r]);
    }
    d->of[device].kept_s = 0;
    return n;
}

int device_count_anew(struct devices *d, int device)
{
    int n = 0, rows = dict_kind(d->park->device[device].kind)->points;
    for (int r = 0; r < rows; r++) {
        double v = device_value(d, device, r);
        bool counts = is_counter(point_of(d, device, r)) && !isnan(v);
        d->of[device].base[r] = counts ? v : 0;
        n += counts && v != 0;
    }
    return n;
}

/* What was written and had not acted yet. */
static void drop_latched(struct devices *d, int device)
{
    int kept = 0;
    for (int i = 0; i < d->latched; i++) {
        if (d->latch[i].device == device) {
            d->of[device].pending[d->latch[i].row] = NAN;
        } else {
            d->latch[kept++] = d->latch[i];
        }
    }
    d->latched = kept;
}

void device_reboot(struct devices *d, int device)
{
    struct firmware *fw = &d->of[device];
    double fallback = 0;
    int rows = dict_kind(d->park->device[device].kind)->points;
    int guarded = device_guarded(d, device, &fallback);
    for (int r = 0; r < rows; r++) {
        if (point_of(d, device, r)->revert != REVERT_VALUE) {
            continue;
        }
        double to = r == guarded ? fallback
                                 : park_point_revert(d->park, park_point(d->park, device, r));
        fw->held[r] = to;
        world_command(d->world, device, r, to);
    }
    fw->left_s = NAN;
    drop_latched(d, device);
}

void device_fault_step(struct devices *d, int device, double dt_s)
{
    double every_s = fault_arg(world_faults(d->world, device), FAULT_FREEZE, 0);
    if (every_s <= 0) {
        return;
    }
    d->of[device].kept_s += dt_s;
    if (d->of[device].kept_s >= every_s - 1e-9) {
        (void)device_freeze(d, device);
    }
}

/* Setpoints that some firmware cuts without a word: not switches, not times. */
static double clamped(const struct devices *d, int device, int row, double value, double share)
{
    double lo, hi;
    const struct point_def *p = point_of(d, device, row);
    if (has_unit(p, "-") || has_unit(p, "s")) {
        return value;
    }
    park_point_range(d->park, park_point(d->park, device, row), &lo, &hi);
    return fmin(fmax(value, share * fmin(lo, 0)), share * hi);
}

enum err device_write(struct devices *d, int device, int row, double value)
{
    const struct fault_set *f = world_faults(d->world, device);
    struct firmware *fw = &d->of[device];
    if (fault_is(f, FAULT_LOCAL_MODE) || fault_is(f, FAULT_REBOOT) ||
        (fault_is(f, FAULT_EEPROM_WORN) &&
         fw->writes++ >= fault_arg(f, FAULT_EEPROM_WORN, 0))) {
        return ERR_STATE;
    }
    if (fault_is(f, FAULT_WRITES_IGNORED)) {
        return ERR_OK;
    }
    double share = fault_arg(f, FAULT_WRITES_CLAMPED, NAN);
    return device_set(d, device, row,
                      isnan(share) ? value : clamped(d, device, row, value, share));
}
