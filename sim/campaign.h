/* Random faults at a rate: nobody chooses what breaks, when and for how long. What comes is
 * drawn from one stream, so that equal seeds in equal parks break the same things at the same
 * seconds. Faults clear themselves.
 *
 * Gaps between two faults are exponential (a Poisson process), lengths are uniform in their
 * logarithm between two bounds, devices and faults are equally likely; a draw that would affect
 * nothing is drawn anew, and given up after CAMPAIGN_DRAWS.
 *
 * Runs in the simulator and in scenarios; part of struct setup. */
#ifndef KILNWATT_SIM_CAMPAIGN_H
#define KILNWATT_SIM_CAMPAIGN_H

#include "sim/faults.h"
#include "sim/rng.h"

enum {
    CAMPAIGN_FAULTS_MAX = 16,
    CAMPAIGN_SPARED_MAX = 16,
    CAMPAIGN_WORD = 64,
    CAMPAIGN_DRAWS = 50
};

struct campaign_ask {
    double per_hour;        /* faults, in (0, 3600] */
    double least_s, most_s; /* how long one lasts; 0 < least_s <= most_s */
    uint64_t seed;
    int faults; /* 0: every row of the table with its usual arguments */
    char fault[CAMPAIGN_FAULTS_MAX][CAMPAIGN_WORD]; /* as faults_inject() takes them */
    int spared;
    int spare[CAMPAIGN_SPARED_MAX]; /* devices that nothing happens to */
};

struct campaign {
    struct campaign_ask ask;
    bool on;
    struct rng rng;
    double next_s; /* until the next one */
    int begun;     /* faults so far */
    int given_up;  /* draws that found nothing to break */
};

/* Begins; the first fault comes after a random gap. */
void campaign_begin(struct campaign *c, const struct campaign_ask *ask);
/* No more faults; those that are on clear themselves in their time. */
void campaign_end(struct campaign *c);
/* Simulated time goes on by dt_s. Returns how many faults began. */
int campaign_step(struct campaign *c, struct faults *f, double dt_s);

#endif
