/* What faults of plant and firmware do when they begin and end. Runs in the simulator and in
 * studies. */
#include "sim/body.h"
#include "sim/device.h"
#include "sim/fault_table.h"
#include <math.h>

static int none(const char **why, const char *reason)
{
    *why = reason;
    return 0;
}

static const struct body *body_of(const struct fault_target *t)
{
    return world_body(t->all->world, t->device);
}

static struct firmware *firmware_of(const struct fault_target *t)
{
    return &t->all->firmware->of[t->device];
}

/* ---- Plant ---- */
int fault_begin_light(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    return body_of(t)->available_kw > 0 ? 1
                                        : none(why, "it sees no light now, or does not run");
}

int fault_begin_cloud(const struct fault_target *t, const double *arg, const char **why)
{
    for (int i = 0; i < t->all->devices; i++) {
        if (fault_is(&t->all->of[i], FAULT_CLOUD)) {
            return none(why, "the park has its cloud already");
        }
    }
    int n = world_cloud(t->all->world, arg[0], INFINITY);
    return n ? n : none(why, "no PV sees light now, or all of it is given by a series");
}

void fault_end_cloud(const struct fault_target *t)
{
    (void)world_cloud_over(t->all->world);
}

/* Of lithium; capacitors have neither racks that could be cut off nor a limit of heat here. */
int fault_begin_cells(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    enum cells c = t->all->park->device[t->device].cells;
    return c == CELLS_LFP ? 1 : none(why, "it stores in capacitors");
}

int fault_begin_capacity(const struct fault_target *t, const double *arg, const char **why)
{
    int n = fault_begin_cells(t, arg, why);
    if (n) {
        world_cut(t->all->world, t->device, arg[0]);
    }
    return n;
}

void fault_end_capacity(const struct fault_target *t)
{
    world_cut(t->all->world, t->device, 0);
}

int fault_begin_defrost(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    double state = world_get(t->all->world, t->device, HP_STATE);
    return state == RUN_ON || state == RUN_LIMITED ? 1 : none(why, "it does not run now");
}

int fault_begin_firing(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    bool fires = world_get(t->all->world, t->device, KILN_SEGMENT) > 0;
    return fires ? 1 : none(why, "no firing is under way");
}

int fault_begin_load_step(const struct fault_target *t, const double *arg, const char **why)
{
    int n = world_load_step(t->all->world, t->device, arg[0]);
    return n ? n : none(why, "a step of 0 kW, or one by hand that is just as large");
}

void fault_end_load_step(const struct fault_target *t)
{
    (void)world_load_step(t->all->world, t->device, 0);
}

/* Everything on the bus hangs on the grid; only the meter at the PCC stands for it. */
int fault_begin_grid(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    const struct park *p = t->all->park;
    int n = 0;
    for (int i = 0; i < p->devices; i++) {
        n += dict_kind(p->device[i].kind)->on_bus;
    }
    return t->device == p->pcc ? n : none(why, "only the meter at the PCC stands for the grid");
}

int fault_begin_stuck(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    int n = world_stick(t->all->world, t->device, t->id == FAULT_SWITCH_STUCK);
    return n ? n : none(why, "it has nothing that could stick");
}

void fault_end_stuck(const struct fault_target *t)
{
    world_unstick(t->all->world, t->device, t->id == FAULT_SWITCH_STUCK);
}

/* ---- Firmware ---- */
int fault_begin_watchdog(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    return firmware_of(t)->dog ? 1 : none(why, "it has no watchdog");
}

int fault_begin_reboot(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    (void)why;
    device_reboot(t->all->firmware, t->device);
    return 1;
}

/* Points that can be written over the wire; `cut`: those that have a size. */
static int writable(const struct fault_target *t, bool cut)
{
    int n = 0;
    const struct device *dv = &t->all->park->device[t->device];
    const struct kind_def *k = dict_kind(dv->kind);
    for (int part = 0; part < dv->parts; part++) {
        const struct profile *f = t->all->profile[t->device * PARTS_MAX + part];
        for (int i = 0; i < f->points; i++) {
            const struct profile_point *pt = &f->point[i];
            bool sized = *k->point[pt->row].unit != '-' && *k->point[pt->row].unit != 's';
            n += (pt->write_fc || pt->steps) && (sized || !cut);
        }
    }
    return n;
}

int fault_begin_writable(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    int n = writable(t, false);
    return n ? n : none(why, "nothing of it can be written");
}

int fault_begin_clamp(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    int n = writable(t, true);
    return n ? n : none(why, "it has no setpoint that could be cut");
}

int fault_begin_eeprom(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    const struct device *dv = &t->all->park->device[t->device];
    bool wears = false;
    for (int part = 0; part < dv->parts; part++) {
        const struct profile *f = t->all->profile[t->device * PARTS_MAX + part];
        wears = wears || f->watchdog.class == WATCHDOG_F;
        for (int i = 0; i < f->points; i++) {
            wears = wears || f->point[i].wear_per_day > 0;
        }
    }
    firmware_of(t)->writes = 0;
    return wears ? writable(t, false) : none(why, "it keeps no setpoint in memory that wears");
}

int fault_begin_freeze(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    int n = device_freeze(t->all->firmware, t->device);
    return n ? n : none(why, "it shows nothing");
}

int fault_begin_counters(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    (void)why;
    (void)device_count_anew(t->all->firmware, t->device);
    return 1;
}

int fault_begin_clock(const struct fault_target *t, const double *arg, const char **why)
{
    struct firmware *fw = firmware_of(t);
    if (isnan(fw->left_s) || arg[0] == 0) {
        return none(why, "no watchdog of it runs now, or the clock does not move");
    }
    fw->left_s -= arg[0];
    return 1;
}

void fault_end_clock(const struct fault_target *t)
{
    firmware_of(t)->left_s += t->set->of[FAULT_CLOCK_JUMP].arg[0];
}
