/* Bodies of batch kilns: the park's recipes in their programmers, programme n being the n-th
 * recipe of the park file if the kiln's elements are strong enough for it. The kiln's size
 * follows from its nameplate and the energy of the recipe that its orders name. Runs in the
 * simulator. */
#include "sim/body.h"
#include "sim/plant_kiln.h"
#include <math.h>

struct programmer {
    struct plant_kiln kiln;
    int fitted;                                   /* recipe whose energy sized it */
    int loaded;                                   /* programmes */
    struct plant_kiln_recipe recipe[RECIPES_MAX]; /* segments 0: does not fit */
    enum plant_kiln_run asked;
};

static void load_recipe(const struct recipe *from, struct plant_kiln_recipe *to)
{
    to->segments = from->segments;
    for (int i = 0; i < from->segments; i++) {
        to->segment[i] = (struct plant_kiln_segment){
            from->segment[i].to_degc, from->segment[i].minutes, from->segment[i].hold_min};
    }
}

static bool fits(const struct body *b, const struct recipe *r)
{
    return recipe_peak_kw(r) <= b->device->rating.rated_kw;
}

/* The recipe that this kiln's orders fire, else the first that fits; -1 if none does. */
static int usual_recipe(const struct body *b)
{
    for (int i = 0; i < b->park->orders; i++) {
        const struct order *o = &b->park->order[i];
        if (o->type == ORDER_FIRING && o->device == b->index) {
            return o->recipe;
        }
    }
    for (int i = 0; i < b->park->recipes; i++) {
        if (fits(b, &b->park->recipe[i])) {
            return i;
        }
    }
    return -1;
}

/* A kiln before this one with the same elements and recipe has the same size: fitting takes
 * time. */
static const struct programmer *twin(const struct body *b, int recipe)
{
    for (int i = 0; i < b->index; i++) {
        const struct body *o = &b->all[i];
        const struct programmer *p = o->plant;
        if (o->device->kind == KIND_KILN && p->fitted == recipe &&
            o->device->rating.rated_kw == b->device->rating.rated_kw) {
            return p;
        }
    }
    return NULL;
}

static enum err kiln_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    enum err e = body_take(b, a, sizeof(struct programmer));
    if (e) {
        return e;
    }
    struct programmer *p = b->plant;
    p->fitted = usual_recipe(b);
    if (p->fitted < 0) {
        return ERR_MISSING; /* no recipe fits this kiln */
    }
    p->loaded = b->park->recipes;
    for (int i = 0; i < p->loaded; i++) {
        if (fits(b, &b->park->recipe[i]) || i == p->fitted) {
            load_recipe(&b->park->recipe[i], &p->recipe[i]);
        }
    }
    struct plant_kiln_params par;
    const struct programmer *same = twin(b, p->fitted);
    if (same) {
        par = same->kiln.par;
    } else {
        e = plant_kiln_params_for(b->device->rating.rated_kw,
                                  b->park->recipe[p->fitted].energy_kwh, &p->recipe[p->fitted],
                                  &par);
    }
    return e ? e : plant_kiln_init(&p->kiln, &par, 25);
}

/* A stopped programmer starts at each `run`, cannot hold, and starts no programme that it has
 * not. */
static void kiln_command(struct body *b, int row)
{
    struct programmer *p = b->plant;
    if (row != KILN_RUN) {
        return;
    }
    enum plant_kiln_run want = b->cmd[KILN_RUN] >= 1.5   ? PLANT_KILN_HOLD
                               : b->cmd[KILN_RUN] >= 0.5 ? PLANT_KILN_RUN
                                                         : PLANT_KILN_STOP;
    bool stopped = p->kiln.state == PLANT_KILN_STOPPED;
    int n = (int)b->cmd[KILN_PROGRAM] - 1;
    bool known = n >= 0 && n < p->loaded && p->recipe[n].segments > 0;
    if (stopped && (want == PLANT_KILN_HOLD || (want == PLANT_KILN_RUN && !known))) {
        return;
    }
    if (stopped && want == PLANT_KILN_RUN) {
        p->kiln.asked = PLANT_KILN_STOP; /* the edge that a firing begins with */
    }
    p->asked = want;
}

static void kiln_step(struct body *b, const struct env *e, double h_s)
{
    struct programmer *p = b->plant;
    int n = (int)b->cmd[KILN_PROGRAM] - 1;
    bool known = n >= 0 && n < p->loaded && p->recipe[n].segments > 0;
    struct plant_kiln_in in = {.run = p->asked,
                               .recipe = known ? &p->recipe[n] : NULL,
                               .ambient_degc = e->outdoor_degc,
                               .trip = body_tripped(b),
                               .lost_pu = fault_arg(b->fault, FAULT_ELEMENT_BROKEN, 0),
                               .door_open = fault_is(b->fault, FAULT_DOOR_OPEN)};
    plant_kiln_step(&p->kiln, &in, h_s);
    b->kw = p->kiln.kw;
}

static double kiln_get(const struct body *b, int row)
{
    const struct plant_kiln *k = &((const struct programmer *)b->plant)->kiln;
    switch (row) {
    case P_KW:
        return k->kw;
    case KILN_DEGC:
        return k->degc;
    case KILN_TARGET_DEGC:
        return k->target_degc;
    case KILN_OUT_PU:
        return k->out_pu;
    case KILN_STATE:
        return k->state;
    case KILN_SEGMENT:
        return k->segment;
    case KILN_SEGMENT_MIN:
        return k->segment_min;
    case KILN_RUN:
        return k->state == PLANT_KILN_STOPPED   ? PLANT_KILN_STOP
               : k->state == PLANT_KILN_HOLDING ? PLANT_KILN_HOLD
                                                : PLANT_KILN_RUN;
    case KILN_PROGRAM:
        return b->cmd[KILN_PROGRAM];
    default:
        return NAN;
    }
}
const struct body_def body_kiln = {false, kiln_init, kiln_step, kiln_get, kiln_command};

void body_kiln_truth(const struct body *b, struct body_kiln_truth *out)
{
    const struct programmer *p = b->plant;
    const struct plant_kiln_quality *q = &p->kiln.quality;
    *out = (struct body_kiln_truth){.firings = p->kiln.firings,
                                    .deviation_k = q->deviation_k_max,
                                    .rate_error_k_per_h = q->rate_error_k_per_h_max,
                                    .peak_degc = q->peak_degc,
                                    .paused_min = q->pause_min_max,
                                    .paused_wrong = q->paused_wrong,
                                    .energy_kwh = q->energy_kwh,
                                    .running = p->kiln.state != PLANT_KILN_STOPPED};
}
