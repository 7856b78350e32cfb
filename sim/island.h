/* The park without its grid: when the grid is gone and a storage that forms one runs, the
 * switch at the PCC opens and the bus goes on as an island (sim/plant_island.h: swing and droop
 * at 1 ms); without one, or when it is lost, nothing on the bus has power. Part of the world;
 * steps with it.
 *
 * - sources: storages with `forms_grid`, as virtual machines of their rated power, within what
 *   they can give and take now; set to 0 kW, so that droop shares the load between them. They
 *   do not follow their setpoints meanwhile
 * - the others help by what they see of the frequency: sun, wind and storages that discharge
 * give less when it is high, storages that charge take less when it is low, linearly from
 *   HELP_HZ_FROM off the nominal one down to nothing at HELP_HZ_TO, with a lag of 0.5 s (the
 *   form of IEEE 1547-2018 6.5.2.7; ends and lag are assumed). Nobody has to tell them of a
 * surplus or a lack
 * - return: the switch closes ISLAND_SYNC_S after the grid is back (assumed), or at once if the
 *   island was lost */
#ifndef KILNWATT_SIM_ISLAND_H
#define KILNWATT_SIM_ISLAND_H

#include "controller/park/park.h"
#include "sim/plant_island.h"

struct body;
struct body_grid;

#define HELP_HZ_FROM 0.2
#define HELP_HZ_TO 1.4
enum { ISLAND_SYNC_S = 10 };

struct island {
    struct plant_island bus;
    int sources;
    int device[PLANT_ISLAND_SOURCES];
    bool on;   /* cut off and alive */
    bool lost; /* it was, and the grid is not back yet */
    int sync_s;
    double give_pu, take_pu; /* of the others, with their lag */
};

/* ERR_RANGE with more than PLANT_ISLAND_SOURCES storages that form a grid. */
must_check enum err island_init(struct island *i, const struct park *p);
/* Once a second, before anything on the bus steps. all: of the park. Returns whether the bus
 * has power. */
bool island_second(struct island *i, struct body *all, bool grid_gone);
/* While it is on, after the bus has stepped over h_s: other_kw, other_kvar flow into it from
 * all that does not form it. Sets what its sources give in the next step. */
void island_step(struct island *i, struct body *all, double other_kw, double other_kvar,
                 double h_s);
/* What the bodies see of it. */
void island_show(const struct island *i, struct body_grid *grid);

#endif
