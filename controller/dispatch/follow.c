/* Names to rows once per plan, then plain look-ups. */
#include "controller/dispatch/follow.h"
#include <math.h>
#include <string.h>

enum err follow_init(struct follow *f, struct arena *a, const struct park *p)
{
    memset(f, 0, sizeof *f);
    f->park = p;
    f->row = arena_take(a, (size_t)p->devices, sizeof *f->row);
    return f->row == NULL ? ERR_NOMEM : ERR_OK;
}

void follow_name(const struct order_run *r, char *out)
{
    problem_name(out, r->m.id);
}

static int row_of(const struct plan *plan, const struct device *dev)
{
    switch (dev->kind) {
    case KIND_BATTERY:
    case KIND_STORAGE_BOILER:
    case KIND_TANK:
        return plan_find_storage(plan, dev->name);
    case KIND_HEAT_PUMP:
    case KIND_CHP:
    case KIND_GAS_BOILER:
        return plan_find_converter(plan, dev->name);
    case KIND_METER:
    case KIND_PV:
    case KIND_WIND:
    case KIND_WASTE_HEAT:
    case KIND_KILN:
    case KIND_ROLLER_KILN:
    case KIND_MILL:
    case KIND_LOAD:
    case KIND_CHARGER:
    case KIND_WEATHER:
    case KIND_TRANSFORMER:
    case KIND_CHILLER:
    case KIND_COMPRESSOR:
    case KIND_ORC:
    case KIND_PUMP:
    case KIND_CAPACITOR_BANK:
    case KIND_BUILDING:
    case KIND_COUNT:
        return -1;
    }
    return -1;
}

/* A job is named after its order instance "<order>@<date>". */
static int device_of_job(const struct park *p, const char *job)
{
    for (int i = 0; i < p->orders; i++) {
        size_t len = strlen(p->order[i].id);
        if (strncmp(job, p->order[i].id, len) == 0 && job[len] == '@') {
            return p->order[i].device;
        }
    }
    return -1;
}

void follow_bind(struct follow *f, const struct plan *plan)
{
    f->plan = plan;
    if (plan == NULL) {
        return;
    }
    for (int d = 0; d < f->park->devices; d++) {
        f->row[d] = row_of(plan, &f->park->device[d]);
    }
    for (uint32_t j = 0; j < plan->job_count; j++) {
        f->job_device[j] = device_of_job(f->park, plan->job_name[j]);
    }
}

int follow_step(const struct follow *f, wall_t at)
{
    return f->plan == NULL ? -1 : plan_step_at(f->plan, at.ms);
}

static bool has_job(const struct follow *f, int device)
{
    for (uint32_t j = 0; j < f->plan->job_count; j++) {
        if (f->job_device[j] == device) {
            return true;
        }
    }
    return false;
}

bool follow_knows(const struct follow *f, int device)
{
    return f->plan != NULL && (f->row[device] >= 0 || has_job(f, device));
}

static double at(const struct follow *f, int32_t offset, int step)
{
    return offset == PLAN_NONE ? 0 : plan_read(f->plan, offset)[step];
}

static double job_kw(const struct follow *f, int device, int step)
{
    double kw = 0;
    for (uint32_t j = 0; j < f->plan->job_count; j++) {
        if (f->job_device[j] == device) {
            kw += at(f, f->plan->job_draw_kw[j], step);
        }
    }
    return kw;
}

double follow_kw(const struct follow *f, int device, int step)
{
    const struct device *dev = &f->park->device[device];
    const struct plan *pl = f->plan;
    int row = f->row[device];
    if (row < 0) {
        return -job_kw(f, device, step);
    }
    if (dev->kind == KIND_BATTERY) {
        return at(f, pl->storage_discharge_kw[row], step) -
               at(f, pl->storage_charge_kw[row], step);
    }
    if (dev->kind == KIND_STORAGE_BOILER) {
        return -at(f, pl->storage_charge_kw[row], step);
    }
    if (dev->kind == KIND_CHP) {
        return at(f, pl->converter_in_kw[row], step) * dev->rating.eta_pu;
    }
    return dev->kind == KIND_HEAT_PUMP ? -at(f, pl->converter_in_kw[row], step) : 0;
}

double follow_heat_kw(const struct follow *f, int device, int step)
{
    const struct device *dev = &f->park->device[device];
    int row = f->row[device];
    if (row >= 0 && dev->kind == KIND_STORAGE_BOILER) {
        return at(f, f->plan->storage_discharge_kw[row], step);
    }
    if (row >= 0 && dev->kind == KIND_GAS_BOILER) {
        return at(f, f->plan->converter_in_kw[row], step) * dev->rating.eta_pu;
    }
    return 0;
}

bool follow_on(const struct follow *f, int device, int step)
{
    int row = f->row[device];
    if (row >= 0 && (f->park->device[device].kind == KIND_CHP ||
                     f->park->device[device].kind == KIND_HEAT_PUMP ||
                     f->park->device[device].kind == KIND_GAS_BOILER)) {
        return at(f, f->plan->converter_in_kw[row], step) > 0.5;
    }
    return follow_kw(f, device, step) < -0.5;
}

double follow_pcc_kw(const struct follow *f, int step)
{
    return at(f, f->plan->import_kw, step) - at(f, f->plan->export_kw, step);
}

void follow_orders(const struct follow *f, struct orders *o)
{
    for (int i = 0; i < o->n; i++) {
        struct order_run *r = &o->run[i];
        char name[PROBLEM_NAME_LEN];
        if (r->m.type != ORDER_FIRING || r->m.state != ORDER_WAITING) {
            continue;
        }
        follow_name(r, name);
        int k = plan_find_order(f->plan, name);
        int step = k >= 0 ? f->plan->order_start[k] : PLAN_NONE;
        wall_t planned = {0};
        if (step >= 0) {
            double s = 0;
            for (int t = 0; t < step; t++) {
                s += f->plan->step_s[t];
            }
            planned.ms = f->plan->start_ms + llround(s * 1000);
        }
        if (planned.ms != r->m.planned.ms) {
            r->m.planned = planned;
            r->changed = true;
        }
    }
}
