/* The PCC governor: holds import between a floor and a ceiling by moving the steered units away
 * from what the plan wants, in a fixed order of means. Feed-forward: what cannot be steered is
 * found from the PCC and the units' own measured powers, so that no integrator can wind up;
 * what was taken is given back at each kind's own rate once there has been margin for 10 s. For
 * sun and wind that are held back while storage or loads have room: these then make the margin.
 * Where export is forbidden their limits follow closely above what flows: an inverter moves its
 * limit on a ramp (10 %/s is usual), and one that stands at 100 % does not bind for seconds.
 * The floor is kept with a margin that follows how far import has fallen below the expectation
 * within a tick lately: gusty sky and late readings keep the park further away from export.
 * Pure. */
#ifndef KILNWATT_DISPATCH_GOVERNOR_H
#define KILNWATT_DISPATCH_GOVERNOR_H

#include "controller/dispatch/unit.h"

struct governor {
    mono_t margin_since;  /* since when the import has kept clear of both limits */
    mono_t waiting_since; /* since when storage or loads could take what sources hold back */
    double unused_kw;     /* how much they could */
    bool plenty;          /* import was far above its floor */
    mono_t last;
    double expected_kw; /* import foreseen for this tick the tick before; NaN at first */
    double dip_kw;      /* how far import has lately fallen below what was expected */
    double rest_kw;     /* import that would remain without the steered units */
    double short_kw;    /* what all means together could not reach, of the limits themselves: >
                           0 too much import, < 0 export */
};

struct governor_limits {
    double import_kw_max; /* ceiling of the PCC import; INFINITY = none */
    double import_kw_min; /* floor: -export_kw_max, or the guard where export is forbidden */
    double margin_kw;     /* kept clear before anything is given back */
    double dip_kw_max;    /* the most that recent dips may add to the floor */
};

void governor_init(struct governor *g);
/* What a round is told. */
struct governor_in {
    double pcc_kw; /* measured import */
    struct governor_limits limits;
    mono_t now;
};

/* units: n of them with ranges and wants set; sets cmd_kw and slack_kw
 * of every steered unit. Ceiling and floor in conflict: the floor (no export) wins. */
void governor_run(struct governor *g, struct unit *units, int n, const struct governor_in *in);
/* Without a PCC reading: every steered unit goes to its want, inside its range; a battery that
 * charges leaves off slowly, since what it took would flow out until PV is down. */
void governor_blind(struct governor *g, struct unit *units, int n, mono_t now);

#endif
