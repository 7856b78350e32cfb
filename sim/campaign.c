/* Draws. */
#include "sim/campaign.h"
#include <math.h>
#include <stdio.h>

static double gap_s(struct campaign *c)
{
    return -log1p(-rng_uniform(&c->rng)) * 3600 / c->ask.per_hour;
}

void campaign_begin(struct campaign *c, const struct campaign_ask *ask)
{
    *c = (struct campaign){.ask = *ask, .on = true};
    rng_init(&c->rng, ask->seed, "", "campaign");
    c->next_s = gap_s(c);
}

void campaign_end(struct campaign *c)
{
    c->on = false;
}

/* A number from 0 to n - 1. */
static int one_of(struct campaign *c, int n)
{
    return (int)(rng_uniform(&c->rng) * n);
}

static bool spared(const struct campaign_ask *a, int device)
{
    for (int i = 0; i < a->spared; i++) {
        if (a->spare[i] == device) {
            return true;
        }
    }
    return false;
}

static bool begin_one(struct campaign *c, struct faults *f)
{
    const struct campaign_ask *a = &c->ask;
    for (int draw = 0; draw < CAMPAIGN_DRAWS; draw++) {
        char why[FAULT_WHY_LEN];
        int device = one_of(c, f->devices);
        const char *fault = a->faults > 0 ? a->fault[one_of(c, a->faults)]
                                          : faults_name(one_of(c, FAULT_COUNT));
        double for_s = a->least_s * exp(rng_uniform(&c->rng) * log(a->most_s / a->least_s));
        if (!spared(a, device) && faults_inject(f, device, fault, for_s, why) > 0) {
            return true;
        }
    }
    return false;
}

int campaign_step(struct campaign *c, struct faults *f, double dt_s)
{
    int begun = 0;
    if (!c->on) {
        return 0;
    }
    for (c->next_s -= dt_s; c->next_s <= 0; c->next_s += gap_s(c)) {
        bool did = begin_one(c, f);
        begun += did;
        c->given_up += !did;
    }
    c->begun += begun;
    return begun;
}
