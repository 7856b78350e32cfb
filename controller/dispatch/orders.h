/* Production orders: each recurring order of the park file becomes an instance per day, with a
 * state machine that is data. Firings are started by us and end by themselves; batches and
 * charging are energies in windows, counted from the device's own meter. Pure; owned by the
 * core. */
#ifndef KILNWATT_DISPATCH_ORDERS_H
#define KILNWATT_DISPATCH_ORDERS_H

#include "controller/park/image.h"

enum order_state {
    ORDER_WAITING,  /* its window has not opened, or its start is still to come */
    ORDER_STARTING, /* start command given, the kiln has not confirmed yet */
    ORDER_RUNNING,
    ORDER_DONE,
    ORDER_MISSED, /* the window closed without a start, or without its energy */
    ORDER_FAILED, /* stopped before its programme was through */
    ORDER_STATE_COUNT
};

enum { ORDER_INSTANCES_MAX = ORDERS_MAX * 3 };

struct order_run {
    struct msg_order m; /* as shown and stored */
    int order;          /* index in the park */
    double counter_kwh; /* device's energy counter when it was last looked at; NaN before */
    mono_t commanded;   /* last start command */
    int tries;
    bool changed; /* to be stored and shown */
};

struct orders {
    const struct park *park;
    int n;
    struct order_run run[ORDER_INSTANCES_MAX];
};

const char *order_state_name(enum order_state s);
void orders_init(struct orders *o, const struct park *p);
/* Makes the instances of yesterday, today and tomorrow that do not exist yet and drops old
 * ones. */
void orders_expand(struct orders *o, wall_t now);
/* A stored instance after a restart; unknown ids are ignored. Call after orders_expand(). */
void orders_restore(struct orders *o, const struct msg_order *m);
/* Moves every instance along from the frozen image: firings running, finished or failed,
 * energies counted, windows closed. */
void orders_observe(struct orders *o, const struct image *im, wall_t now);
/* The firing that should start now on a ready kiln: its planned time has come (or, without a
 * plan, its window is open). NULL when there is none. The caller sends the command and calls
 * orders_started(). */
struct order_run *orders_due(struct orders *o, const struct image *im, wall_t now, mono_t mono);
void orders_started(struct order_run *r, wall_t now, mono_t mono);
/* true if a kiln could begin a firing now: read, stopped, cooled below 150 degC. */
bool orders_kiln_ready(const struct image *im, int device);
/* The open batch or charging order of a device whose window contains now; NULL if none. */
struct order_run *orders_open(struct orders *o, int device, wall_t now);
/* Energy still to be drawn, kWh; not negative. */
double orders_left_kwh(const struct order_run *r);

#endif
