/* What the web role knows of the park: the last message of each kind from park, with a revision
 * number each, so that a page knows what to read again. Runs in the web role; arrays live in
 * its boot arena. */
#ifndef KILNWATT_WEB_VIEW_H
#define KILNWATT_WEB_VIEW_H

#include "controller/books/tariff.h"
#include "controller/dispatch/orders.h"
#include "controller/dr/dr.h"
#include "controller/park/alarm.h"
#include "controller/park/messages.h"
#include "controller/park/park.h"
#include "optimizer/plan.h"

/* Things that are read again when they have changed. */
enum view_part { VIEW_ALARMS, VIEW_DR, VIEW_PLAN, VIEW_LINKS, VIEW_ORDERS, VIEW_PARTS };

struct view {
    const struct park *park;
    const struct tariff *tariff; /* NULL: none */
    const struct clock *clock;
    bool has_status, has_image;
    int64_t status_us; /* real, when the last status came */
    struct msg_status status;
    struct msg_image_row *image; /* [park->points] */
    struct msg_link_state *link; /* [park->devices] */
    struct msg_manual *manual;   /* [park->devices] */
    int manuals;
    struct msg_alarm alarm[ALARMS_MAX];
    int alarms;
    struct msg_dr_event dr[DR_EVENTS_MAX];
    int drs;
    struct msg_order order[ORDER_INSTANCES_MAX];
    int orders;
    struct plan *plan; /* steps 0: none yet */
    uint32_t revision[VIEW_PARTS];
    uint64_t refused; /* messages of a wrong size */
};

/* status older than this (real time) is stale: park has stopped or is being restarted. */
enum { VIEW_STALE_S = 5 };

/* "alarms" …; never NULL. */
const char *view_part_name(enum view_part p);
/* Zeroes *v. ERR_NOMEM. */
must_check enum err view_init(struct view *v, struct arena *a, const struct park *p,
                              const struct tariff *t, const struct clock *c);
/* Takes a message from park in; false if its type is not one of the view's. */
bool view_take(struct view *v, uint16_t type, const void *payload, size_t len);
/* true while status messages come. */
bool view_fresh(const struct view *v);
/* An event by id, NULL if unknown. */
const struct msg_dr_event *view_dr(const struct view *v, const char *id);

#endif
