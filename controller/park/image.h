/* The live image of the park: the latest reading of every point. Input events only update the
 * live image; the tick freezes a copy and decides on that alone. Lives in the park role; owns
 * its arrays in the boot arena. Pure. */
#ifndef KILNWATT_PARK_IMAGE_H
#define KILNWATT_PARK_IMAGE_H

#include "controller/park/messages.h"
#include "controller/park/park.h"

/* What is worked out of the park file once for each point. */
struct image_bounds {
    double most;  /* greatest magnitude that can be; DBL_MAX = any number can */
    mono_t stale; /* age beyond which a reading is stale */
};
struct image {
    const struct park *park;
    struct reading *reading;     /* [park->points] */
    struct msg_link_state *link; /* [park->devices] */
    struct image_bounds *bounds; /* [park->points] */
    int64_t *good_us; /* [park->points] until when it is good; INT64_MAX: it is not */
    mono_t frozen_at; /* of a frozen copy */
};

must_check enum err image_init(struct image *im, struct arena *a, const struct park *p);
/* Takes a reading in. A value outside twice the engineering range of a read-only power becomes
 * bad; a non-finite value becomes bad. Readings older than the one held are ignored. */
void image_update(struct image *im, const struct msg_reading *r);
/* Copies live to frozen and turns readings older than three poll periods stale. Same park. */
void image_freeze(const struct image *live, struct image *frozen, mono_t now);
/* Look-ups stand here, not in the .c: a tick makes hundreds of them. */
static inline const struct reading *image_at(const struct image *im, int device, int row)
{
    const struct park *p = im->park;
    must(device >= 0 && device < p->devices);
    must(row >= 0 && row < dict_kind(p->device[device].kind)->points);
    return &im->reading[park_point(p, device, row)];
}
/* Value of a device's point if usable, else otherwise. */
static inline double image_value(const struct image *im, int device, int row, double otherwise)
{
    return reading_or(image_at(im, device, row), otherwise);
}
/* PCC import in kW (bus sign) with its quality; the PCC meter's kw. */
static inline const struct reading *image_pcc(const struct image *im)
{
    return image_at(im, im->park->pcc, P_KW);
}

#endif
