/* Look-ups in the loaded park: devices, points, ranges, kinds of day, schedules, recipes. Pure;
 * used in every role. */
#include "controller/park/park.h"
#include "controller/base/civil.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

int park_device(const struct park *p, const char *name)
{
    for (int d = 0; d < p->devices; d++) {
        if (strcmp(p->device[d].name, name) == 0) {
            return d;
        }
    }
    return -1;
}

int park_point_from_name(const struct park *p, const char *name)
{
    const char *dot = strchr(name, '.');
    if (dot == NULL || dot - name >= NAME_LEN) {
        return -1;
    }
    char device[NAME_LEN];
    (void)snprintf(device, sizeof device, "%.*s", (int)(dot - name), name);
    int d = park_device(p, device);
    int row = d < 0 ? -1 : dict_point(p->device[d].kind, dot + 1);
    return row < 0 ? -1 : park_point(p, d, row);
}

/* Device and row of a point number. */
static const struct device *device_of(const struct park *p, int point, int *row)
{
    must(point >= 0 && point < p->points);
    const struct device *d = &p->device[p->point_device[point]];
    *row = point - d->first_point;
    return d;
}

void park_point_name(const struct park *p, int point, char *out, size_t cap)
{
    int row;
    const struct device *d = device_of(p, point, &row);
    (void)snprintf(out, cap, "%s.%s", d->name, dict_kind(d->kind)->point[row].name);
}

const struct point_def *park_point_def(const struct park *p, int point)
{
    int row;
    const struct device *d = device_of(p, point, &row);
    return &dict_kind(d->kind)->point[row];
}

/* What the bounds of a point are multiplied with. */
static double scale_of(const struct device *d, const struct point_def *def)
{
    switch (def->of) {
    case OF_RATED_KW:
        return d->rating.rated_kw;
    case OF_RATED_HEAT_KW:
        return d->rating.rated_heat_kw;
    case OF_ONE:
        break;
    }
    return 1;
}

void park_point_range(const struct park *p, int point, double *lo, double *hi)
{
    int row;
    const struct device *d = device_of(p, point, &row);
    const struct point_def *def = &dict_kind(d->kind)->point[row];
    double scale = scale_of(d, def);
    *lo = def->lo * scale;
    *hi = def->hi * scale;
}

double park_point_rate(const struct park *p, int point)
{
    int row;
    const struct device *d = device_of(p, point, &row);
    const struct point_def *def = &dict_kind(d->kind)->point[row];
    return def->rate_per_s * scale_of(d, def);
}

int park_main_setpoint(enum kind k)
{
    const struct kind_def *def = dict_kind(k);
    int first = -1;
    for (int i = 0; i < def->points; i++) {
        if (def->point[i].revert != REVERT_VALUE) {
            continue;
        }
        if (strcmp(def->point[i].unit, "-") != 0) {
            return i;
        }
        first = first < 0 ? i : first;
    }
    return first;
}

double park_point_revert(const struct park *p, int point)
{
    int row;
    const struct device *d = device_of(p, point, &row);
    if (!isnan(d->safe_value) && row == park_main_setpoint(d->kind)) {
        return d->safe_value;
    }
    const struct point_def *def = &dict_kind(d->kind)->point[row];
    return def->revert_value * scale_of(d, def);
}

enum { DAY_MS_MAX = 26 * 3600 * 1000 };

/* Kind of a day from its weekday and the list of holidays. */
static enum days days_of(const struct park *p, wall_t at, int weekday)
{
    if (weekday == 0) {
        return DAYS_SUNDAY;
    }
    for (int i = 0; i < p->holidays; i++) {
        /* first the cheap look: no day is longer than that */
        int64_t since_ms = at.ms - p->holiday[i].ms;
        bool near = since_ms >= 0 && since_ms < DAY_MS_MAX;
        if (near && p->holiday[i].ms == civil_midnight(at, 0).ms) {
            return DAYS_SUNDAY;
        }
    }
    return DAYS_WORKDAY;
}

enum days park_days(const struct park *p, wall_t at)
{
    struct civil c;
    civil_from_wall(at, &c);
    return days_of(p, at, c.weekday);
}

struct schedule_time schedule_time_of(const struct park *p, wall_t at)
{
    struct civil c;
    civil_from_wall(at, &c);
    return (struct schedule_time){days_of(p, at, c.weekday), c.hour * 60 + c.minute};
}

double schedule_at_kw(const struct schedule *s, const struct schedule_time *t)
{
    int latest = -1;
    double kw = 0;
    for (int i = 0; i < s->n; i++) {
        const struct schedule_row *row = &s->row[i];
        bool applies = row->days == DAYS_ALL || row->days == t->days;
        /* at equal times the row for this kind of day beats the one for all days */
        bool later =
            row->from_min > latest || (row->from_min == latest && row->days != DAYS_ALL);
        if (applies && row->from_min <= t->minute && later) {
            latest = row->from_min;
            kw = row->kw;
        }
    }
    return kw;
}

double schedule_kw(const struct park *p, const struct schedule *s, wall_t at)
{
    struct schedule_time t = schedule_time_of(p, at);
    return schedule_at_kw(s, &t);
}

/* Sum of hours x relative power. */
static double relative_hours(const struct recipe *r)
{
    double sum = 0;
    for (int i = 0; i < r->powers; i++) {
        sum += r->power[i].hours * r->power[i].relative;
    }
    return sum;
}

double recipe_peak_kw(const struct recipe *r)
{
    double peak = 0, sum = relative_hours(r);
    for (int i = 0; i < r->powers; i++) {
        peak = fmax(peak, r->power[i].relative);
    }
    return sum > 0 ? peak * r->energy_kwh / sum : 0;
}

double recipe_hours(const struct recipe *r)
{
    double hours = 0;
    for (int i = 0; i < r->powers; i++) {
        hours += r->power[i].hours;
    }
    return hours;
}

double recipe_kw(const struct recipe *r, double minutes)
{
    double sum = relative_hours(r), from = 0;
    if (minutes < 0 || sum <= 0) {
        return 0;
    }
    for (int i = 0; i < r->powers; i++) {
        double to = from + r->power[i].hours * 60;
        if (minutes < to) {
            return r->power[i].relative * r->energy_kwh / sum;
        }
        from = to;
    }
    return 0;
}
