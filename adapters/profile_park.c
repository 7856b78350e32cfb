/* The profiles of a whole park: each file read once per kind that asks for it. Runs while
 * booting. */
#include "adapters/profile.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PROFILES_MAX = 128 };

struct cache {
    struct arena *arena;
    struct doc_errors *errors;
    const struct profile *profile[PROFILES_MAX];
    int n;
};

static const struct profile *cached(const struct cache *c, const char *name, enum kind kind)
{
    for (int i = 0; i < c->n; i++) {
        if (c->profile[i]->kind == kind && strcmp(c->profile[i]->name, name) == 0) {
            return c->profile[i];
        }
    }
    return NULL;
}

/* The place in the park file that names a profile. */
static void complain(struct doc_errors *errors, const struct part *part, const char *what)
{
    struct doc at = {.kind = DOC_SCALAR,
                     .file = part->file != NULL ? part->file : "park",
                     .line = part->line,
                     .col = part->col,
                     .key = "profile",
                     .key_line = part->line,
                     .key_col = part->col,
                     .text = ""};
    doc_complain(errors, &at, "%s: %s", part->profile, what);
}

static enum err load_one(struct cache *c, const char *dir, const struct part *part,
                         enum kind kind)
{
    char path[PATH_LEN + NAME_LEN + 8];
    struct profile *f;
    if (c->n == PROFILES_MAX) {
        return ERR_FULL;
    }
    snprintf(path, sizeof(path), "%s/%s.yaml", dir, part->profile);
    if (access(path, R_OK) != 0) {
        complain(c->errors, part, "no such file in the folder of profiles");
        return ERR_NOT_FOUND;
    }
    enum err e = profile_load(c->arena, path, kind, &f, c->errors);
    if (e == ERR_CONFLICT) {
        complain(c->errors, part, "is wrong in itself or does not serve this kind of device");
    }
    if (e == ERR_OK) {
        c->profile[c->n++] = f;
    }
    return e;
}

/* Two parts must not both write a point. */
static enum err check_parts(const struct profile *const *f, const struct device *d,
                            struct doc_errors *errors)
{
    for (int i = 0; d->parts == 2 && f[0] != NULL && f[1] != NULL && i < f[1]->points; i++) {
        for (int k = 0; k < f[0]->points; k++) {
            if (f[0]->point[k].row == f[1]->point[i].row) {
                complain(errors, &d->part[1], "maps a point that the device's other part maps");
                return ERR_CONFLICT;
            }
        }
    }
    return ERR_OK;
}

/* With all our processes dead a device must reach its safe value by itself, or somebody has
 * signed that it need not (INV-11). */
static enum err check_safe(const struct park *p, int d, const struct profile *const *f,
                           struct doc_errors *errors)
{
    const struct device *dev = &p->device[d];
    for (int i = 0; i < dev->parts && dev->signed_off[0] == '\0'; i++) {
        const struct profile_watchdog *w = f[i] != NULL ? &f[i]->watchdog : NULL;
        if (w == NULL || w->guards_row < 0) {
            continue;
        }
        double safe = park_point_revert(p, park_point(p, d, w->guards_row));
        bool told = w->fallback_row >= 0; /* the station arms it with the safe value */
        if (w->class == WATCHDOG_F || (!told && fabs(w->fallback) > fabs(safe) + 1e-9)) {
            complain(
                errors, &dev->part[i],
                w->class == WATCHDOG_F
                    ? "keeps its last value when the controller dies; signed_off: by whom and "
                      "why that is accepted"
                    : "falls back above the device's safe value when the controller dies; "
                      "signed_off: by whom and why that is accepted");
            return ERR_CONFLICT;
        }
    }
    return ERR_OK;
}

enum err profile_load_park(struct arena *a, const struct park *p, const char *dir,
                           const struct profile ***out, struct doc_errors *errors)
{
    struct cache c = {.arena = a, .errors = errors};
    enum err first = ERR_OK;
    const struct profile **all = arena_take(a, (size_t)p->devices * PARTS_MAX, sizeof(*all));
    if (all == NULL) {
        return ERR_NOMEM;
    }
    for (int d = 0; d < p->devices; d++) {
        const struct device *dev = &p->device[d];
        for (int i = 0; i < dev->parts; i++) {
            const struct part *part = &dev->part[i];
            enum err e = ERR_OK;
            if (cached(&c, part->profile, dev->kind) == NULL) {
                e = load_one(&c, dir, part, dev->kind);
            }
            all[d * PARTS_MAX + i] = cached(&c, part->profile, dev->kind);
            first = first == ERR_OK ? e : first;
        }
        enum err e = check_parts(&all[d * PARTS_MAX], dev, errors);
        e = e == ERR_OK ? check_safe(p, d, &all[d * PARTS_MAX], errors) : e;
        first = first == ERR_OK ? e : first;
    }
    if (first == ERR_OK) {
        *out = all;
    }
    return first;
}
