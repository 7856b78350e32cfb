/* Rules that run a park without a plan: the last but one step of the fallback ladder, and the
 * policy `rule` by choice. Ordinary practice of a park without optimisation: firings, mills and
 * charging as soon as their windows open, heat by tank level, the battery by tariff band. Pure.
 */
#ifndef KILNWATT_DISPATCH_RULE_H
#define KILNWATT_DISPATCH_RULE_H

#include "controller/dispatch/orders.h"
#include "controller/dispatch/unit.h"

struct rule_facts {
    const struct park *park;
    const struct image *image; /* frozen */
    struct orders *orders;
    wall_t wall;
    double price;                /* of import now, yuan/kWh */
    double price_min, price_max; /* over the local day */
    double rest_kw;              /* import that would remain without the steered units */
    double net_kw;               /* ... less what steered sources give, batteries not counted */
    double batteries_kw;         /* rated, of the steered batteries together */
    double import_kw_max;        /* ceiling in force */
    double guard_kw;
};

/* Sets want_kw, want_on and want_heat_kw of one device. */
void rule_want(struct unit *u, int device, const struct rule_facts *f);
/* Gives every waiting firing whose window is open its planned start: now, or later where the
 * import ceiling leaves no room for its peak. */
void rule_orders(const struct rule_facts *f);

#endif
