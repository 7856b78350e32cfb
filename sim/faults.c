/* Injecting and clearing faults by the rows of the table. Runs in the simulator and in studies.
 */
#include "sim/faults.h"
#include "sim/device.h"
#include "sim/fault_table.h"
#include "sim/snap.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct fault_set fault_none;

enum err faults_init(struct faults *f, struct arena *a, const struct park *p, uint64_t seed)
{
    struct fault_set *of = arena_take(a, (size_t)p->devices, sizeof *of);
    if (!of) {
        return ERR_NOMEM;
    }
    *f = (struct faults){.devices = p->devices, .of = of, .park = p};
    for (int i = 0; i < p->devices; i++) {
        rng_init(&of[i].rng, seed, p->device[i].name, "faults");
    }
    return ERR_OK;
}

void faults_join(struct faults *f, struct world *w, struct devices *d,
                 const struct profile *const *profile)
{
    f->world = w;
    f->firmware = d;
    f->profile = profile;
}

void faults_wire(struct faults *f, void (*changed)(void *arg), void *arg)
{
    f->wired = true;
    f->changed = changed;
    f->arg = arg;
}

static int say(char *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int say(char *why, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(why, FAULT_WHY_LEN, fmt, ap);
    va_end(ap);
    return 0;
}

static void changed(struct faults *f)
{
    device_touch(f->firmware);
    if (f->changed) {
        f->changed(f->arg);
    }
}

/* ---- What a text names ---- */
struct asked {
    enum fault_id id;
    double arg[FAULT_ARGS];
};

/* Row of an id or name before a colon or the end; FAULT_COUNT with a reason. */
static enum fault_id find(const char *text, char *why)
{
    size_t n = strcspn(text, ":");
    for (int i = 0; i < FAULT_COUNT; i++) {
        const struct fault_def *d = &fault_table[i];
        bool by_id = strlen(d->id) == n && strncasecmp(text, d->id, n) == 0;
        if (n && (by_id || (strlen(d->name) == n && strncmp(text, d->name, n) == 0))) {
            return (enum fault_id)i;
        }
    }
    say(why, "no fault \"%.*s\"; `faults` lists them", (int)(n < 60 ? n : 60), text);
    return FAULT_COUNT;
}

/* One number up to a comma or the end, inside the argument's range. */
static bool read_arg(const struct fault_param *p, const char **at, double *out, char *why)
{
    char *end;
    double v = strtod(*at, &end);
    if (end == *at || (*end && *end != ',') || !(v >= p->lo && v <= p->hi) ||
        (p->whole && v != floor(v))) {
        say(why, "%s: a %snumber from %.10g to %.10g would be right, not \"%.40s\"", p->name,
            p->whole ? "whole " : "", p->lo, p->hi, *at);
        return false;
    }
    *out = v;
    *at = *end ? end + 1 : end;
    return true;
}

static bool parse(const char *text, struct asked *out, char *why)
{
    out->id = find(text, why);
    if (out->id == FAULT_COUNT) {
        return false;
    }
    const struct fault_def *d = &fault_table[out->id];
    const char *colon = strchr(text, ':'), *at = colon ? colon + 1 : "";
    for (int i = 0; i < FAULT_ARGS; i++) {
        const struct fault_param *p = &d->arg[i];
        out->arg[i] = p->name ? p->usual : 0;
        if (p->name && (*at || (colon && i == 0))) {
            if (!read_arg(p, &at, &out->arg[i], why)) {
                return false;
            }
        }
        if (isnan(out->arg[i])) {
            say(why, "%s must be given, as in %s:%g", p->name, d->name, fmax(p->lo, 1));
            return false;
        }
    }
    if (*at || (colon && !d->arg[0].name)) {
        say(why, "%s takes %s", d->name,
            !d->arg[0].name   ? "no argument"
            : !d->arg[1].name ? "one argument"
                              : "two arguments");
        return false;
    }
    return true;
}

bool faults_known(const char *text, char *why)
{
    struct asked a;
    return parse(text, &a, why);
}

/* ---- Beginning and ending ---- */
static bool hits(uint32_t kinds, enum kind k)
{
    return kinds >> k & 1;
}

static struct fault_target target(struct faults *f, int device, enum fault_id id)
{
    return (struct fault_target){f, &f->of[device], device, id};
}

static void end(struct faults *f, int device, enum fault_id id)
{
    struct fault_target t = target(f, device, id);
    const struct fault_def *d = &fault_table[id];
    t.set->of[id].on = false;
    t.set->active--;
    t.set->trips -= hits(d->trips, f->park->device[device].kind);
    f->active--;
    if (d->end) {
        d->end(&t);
    }
}

static void start(struct faults *f, int device, const struct asked *a, double for_s)
{
    struct fault_set *s = &f->of[device];
    struct fault_state *st = &s->of[a->id];
    *st = (struct fault_state){.on = true, .left_s = for_s};
    memcpy(st->arg, a->arg, sizeof st->arg);
    if (a->id == FAULT_REBOOT) {
        st->left_s = fmin(for_s, a->arg[0]); /* ends by itself */
    }
    s->active++;
    s->trips += hits(fault_table[a->id].trips, f->park->device[device].kind);
    f->active++;
}

/* Points whose shown value differs from what it was. */
static int points_changed(const struct faults *f, int device, const double *was)
{
    int n = 0, rows = dict_kind(f->park->device[device].kind)->points;
    for (int r = 0; r < rows; r++) {
        double v = device_shown(f->firmware, device, r);
        n += isnan(v) != isnan(was[r]) || (!isnan(v) && v != was[r]);
    }
    return n;
}

/* A fault of what is shown: it must change something now. */
static int begin_reading(struct faults *f, int device, const struct asked *a, double for_s,
                         const char **why)
{
    double was[POINTS_PER_KIND_MAX] = {0};
    struct fault_target t = target(f, device, a->id);
    const struct fault_def *d = &fault_table[a->id];
    int rows = dict_kind(f->park->device[device].kind)->points;
    for (int r = 0; r < rows; r++) {
        was[r] = device_shown(f->firmware, device, r);
    }
    if (d->begin && d->begin(&t, a->arg, why) == 0) {
        return 0;
    }
    start(f, device, a, for_s);
    int n = points_changed(f, device, was);
    if (n == 0) {
        *why = "nothing that it shows would change now";
        end(f, device, a->id);
    }
    return n;
}

static int begin(struct faults *f, int device, const struct asked *a, double for_s, char *why)
{
    const struct fault_def *d = &fault_table[a->id];
    struct fault_target t = target(f, device, a->id);
    const char *reason = "";
    int n = 1;
    if (d->layer == FAULT_OF_READING) {
        n = begin_reading(f, device, a, for_s, &reason);
        return n ? n : say(why, "%s", reason);
    }
    if (d->begin) {
        n = d->begin(&t, a->arg, &reason);
    }
    if (n == 0) {
        return say(why, "%s", reason);
    }
    start(f, device, a, for_s);
    return n;
}

/* After such a fault no answer comes, or none in time. */
static bool mutes(enum fault_id id, const double *arg)
{
    static const bool always[FAULT_COUNT] = {[FAULT_SILENT] = true,
                                             [FAULT_DRIP] = true,
                                             [FAULT_REFUSE] = true,
                                             [FAULT_RESET] = true};
    return always[id] || (id == FAULT_EXCEPTION && arg[1] < 0) ||
           (id == FAULT_LATE && arg[0] >= 1000);
}

bool faults_silence(const struct fault_set *s)
{
    for (int i = 0; s->active && i < FAULT_COUNT; i++) {
        if (s->of[i].on && mutes((enum fault_id)i, s->of[i].arg)) {
            return true;
        }
    }
    return false;
}

int faults_inject(struct faults *f, int device, const char *text, double for_s, char *why)
{
    must(device >= 0 && device < f->devices && f->world && f->firmware);
    struct asked a;
    const struct device *dv = &f->park->device[device];
    if (!parse(text, &a, why)) {
        return 0;
    }
    const struct fault_def *d = &fault_table[a.id];
    const struct fault_state *st = &f->of[device].of[a.id];
    char kinds[FAULT_WHY_LEN];
    faults_kinds(a.id, kinds, sizeof kinds);
    if (!(for_s > 0)) {
        return say(why, "a duration above 0 s would be right");
    }
    if (!hits(d->kinds, dv->kind)) {
        return say(why, "%s is of kind %s; %s hits %s", dv->name, dict_kind(dv->kind)->name,
                   d->name, kinds);
    }
    if (d->layer == FAULT_OF_WIRE && !f->wired && !mutes(a.id, a.arg)) {
        return say(why, "%s is a fault of the wire, and there is none here", d->name);
    }
    if (st->on && st->arg[0] == a.arg[0] && st->arg[1] == a.arg[1]) {
        return say(why, "it has this fault already");
    }
    if (st->on) {
        end(f, device, a.id);
    }
    int n = begin(f, device, &a, for_s, why);
    changed(f);
    return n;
}

int faults_clear(struct faults *f, int device, const char *text, char *why)
{
    must(device >= 0 && device < f->devices);
    int n = 0;
    enum fault_id only = text ? find(text, why) : FAULT_COUNT;
    if (text && only == FAULT_COUNT) {
        return 0;
    }
    for (int i = 0; i < FAULT_COUNT; i++) {
        if (f->of[device].of[i].on && (!text || i == (int)only)) {
            end(f, device, (enum fault_id)i);
            n++;
        }
    }
    if (n == 0) {
        return say(why, text ? "it has no such fault" : "it has no fault");
    }
    changed(f);
    return n;
}

void faults_step(struct faults *f, double dt_s)
{
    bool any = false;
    for (int d = 0; f->active && d < f->devices; d++) {
        struct fault_set *s = &f->of[d];
        for (int i = 0; s->active && i < FAULT_COUNT; i++) {
            if (!s->of[i].on) {
                continue;
            }
            s->of[i].left_s -= dt_s;
            if (s->of[i].left_s <= 1e-9) {
                end(f, d, (enum fault_id)i);
                any = true;
            }
        }
    }
    if (any) {
        changed(f);
    }
}

void faults_snap(struct faults *f, struct snap *s)
{
    SNAP(s, f->active);
    snap_bytes(s, f->of, (size_t)f->devices * sizeof *f->of);
}
