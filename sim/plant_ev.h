/* Chargers for vehicles: a group of equal plugs behind one limit (one DC station, twenty AC
 * posts, the forklifts' six). Runs in `kilnwatt sim` and in studies; state is the caller's.
 *
 * - session: arrives, wants energy, leaves; one that finds no free plug waits in the queue
 * - power: constant up to SOC 0.8, then falling in proportion to 1 - SOC (CC-CV), never
 *   below the floor until the wanted energy is in; SOC from the vehicle's capacity, full_pu
 *   when the wish is met
 * - limit: shared so that all plugs get the same unless they want less; a plug whose share
 *   would be under the floor pauses, latest arrivals first (floor 1.5 kW DC: alpitronic
 *   1,547 W in evcc; 1.4 kW AC: 6 A)
 * - answer: first-order lag; 1.3 s means 90 % in 3 s (2 to 5 s in the field)
 * Sessions come from the caller. */
#ifndef KILNWATT_SIM_PLANT_EV_H
#define KILNWATT_SIM_PLANT_EV_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

enum { PLANT_EV_PLUGS = 32, PLANT_EV_QUEUE = 96 };

struct plant_ev_params {
    int plugs;          /* 1..PLANT_EV_PLUGS */
    double plug_kw;     /* > 0 */
    double group_kw;    /* > 0, of all together */
    double floor_kw;    /* [0, plug_kw) */
    double lag_s;       /* >= 0 */
    double battery_kwh; /* > 0, of a vehicle */
    double full_pu;     /* (0, 1]: SOC at which its wish is met; 0.9 usual at DC, 1 overnight */
};

struct plant_ev_session {
    double arrive_s, depart_s; /* virtual time, arrive < depart */
    double wanted_kwh;         /* > 0, at most full_pu of the battery */
};

struct plant_ev_in {
    double now_s;    /* virtual time at the beginning of the step */
    double limit_kw; /* of the group, magnitude */
    bool trip;
};

struct plant_ev_plug {
    bool taken;
    bool met; /* has what it wanted */
    struct plant_ev_session session;
    double got_kwh;
    double kw; /* magnitude */
};

struct plant_ev {
    struct plant_ev_params par;
    struct plant_lag lag;
    struct plant_ev_plug plug[PLANT_EV_PLUGS];
    struct plant_ev_session queue[PLANT_EV_QUEUE]; /* by arrival */
    int queued;
    enum plant_state state;
    double kw; /* bus sign, <= 0 */
    int connected, charging;
    double session_kwh; /* got by those connected */
    double wanted_kwh;  /* still wanted by those connected */
    double draw_kwh;
    int done, satisfied, missed; /* left; of these with 98 % of the wish; never found a plug */
    double asked_kwh, short_kwh; /* of those that left */
};

must_check enum err plant_ev_init(struct plant_ev *ev, const struct plant_ev_params *par);
/* Adds one session, kept in order of arrival. ERR_FULL if the queue is full, ERR_RANGE if it
 * makes no sense. */
must_check enum err plant_ev_add(struct plant_ev *ev, const struct plant_ev_session *session);
void plant_ev_step(struct plant_ev *ev, const struct plant_ev_in *in, double h_s);

#endif
