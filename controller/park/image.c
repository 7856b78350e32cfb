/* The live image and its frozen copy. Runs in the park role; owns its arrays in the boot arena.
 * Pure. */
#include "controller/park/image.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { STALE_POLLS = 3, SLOW_POLLS = 10 };

/* A measured power cannot be beyond twice its engineering range. */
static double most_of(const struct park *p, int point)
{
    const struct point_def *def = park_point_def(p, point);
    if (def->writable || def->of == OF_ONE) {
        return DBL_MAX;
    }
    double lo, hi;
    park_point_range(p, point, &lo, &hi);
    return 2 * fmax(fabs(lo), fabs(hi));
}

/* Three periods of the point's poll class. Measured powers are polled at the device's period,
 * everything else may be polled ten times as rarely (adapters/profile.h). */
static mono_t stale_after(const struct park *p, int point)
{
    const struct point_def *def = park_point_def(p, point);
    bool fast = !def->writable && strcmp(def->unit, "kW") == 0;
    double poll_s = p->device[p->point_device[point]].poll_s;
    return MONO_S(STALE_POLLS * poll_s * (fast ? 1 : SLOW_POLLS));
}

enum err image_init(struct image *im, struct arena *a, const struct park *p)
{
    struct image n = {.park = p};
    n.reading = arena_take(a, (size_t)p->points + 1, sizeof *n.reading);
    n.link = arena_take(a, (size_t)p->devices + 1, sizeof *n.link);
    n.bounds = arena_take(a, (size_t)p->points + 1, sizeof *n.bounds);
    n.good_us = arena_take(a, (size_t)p->points + 1, sizeof *n.good_us);
    if (n.reading == NULL || n.link == NULL || n.bounds == NULL || n.good_us == NULL) {
        return ERR_NOMEM;
    }
    for (int d = 0; d < p->devices; d++) {
        n.link[d].device = (uint16_t)d;
    }
    for (int i = 0; i < p->points; i++) {
        n.bounds[i] = (struct image_bounds){most_of(p, i), stale_after(p, i)};
        n.good_us[i] = INT64_MAX;
    }
    *im = n; /* zeroed readings are missing */
    return ERR_OK;
}

void image_update(struct image *im, const struct msg_reading *r)
{
    if (r->point >= (uint32_t)im->park->points || r->quality >= QUALITY_COUNT) {
        return;
    }
    struct reading *held = &im->reading[r->point];
    if (held->quality != QUALITY_MISSING && mono_before(r->at, held->at)) {
        return;
    }
    const struct image_bounds *b = &im->bounds[r->point];
    *held = (struct reading){r->value, (enum quality)r->quality, r->at};
    if (!(fabs(r->value) <= b->most) && reading_usable(held)) { /* nor is NaN */
        held->quality = QUALITY_BAD;
    }
    im->good_us[r->point] =
        held->quality == QUALITY_GOOD ? mono_add(r->at, b->stale).us : INT64_MAX;
}

void image_freeze(const struct image *live, struct image *frozen, mono_t now)
{
    const struct park *p = live->park;
    must(frozen->park == p);
    memcpy(frozen->link, live->link, (size_t)p->devices * sizeof *live->link);
    memcpy(frozen->reading, live->reading, (size_t)p->points * sizeof *live->reading);
    frozen->frozen_at = now;
    for (int i = 0; i < p->points; i++) {
        if (live->good_us[i] < now.us) {
            frozen->reading[i].quality = QUALITY_STALE;
        }
    }
}
