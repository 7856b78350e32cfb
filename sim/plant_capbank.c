/* Capacitor bank: see plant_capbank.h. Pure. */
#include "sim/plant_capbank.h"

struct plant_capbank_params plant_capbank_defaults(int steps, double step_kvar)
{
    return (struct plant_capbank_params){
        .steps = steps,
        .step_kvar = step_kvar,
        .target_pf = 0.95,
        .in_pu = 0.7,
        .out_pu = 0.7,
        .delay_s = 10,
        .discharge_s = 60,
        .loss_w_per_kvar = 0.5,
    };
}

/* kvar over kW at a power factor. */
static double tangent(double pf)
{
    return sqrt(fmax(0, 1 - pf * pf)) / pf;
}

double plant_capbank_kvar_per_kw(double from_pf, double to_pf)
{
    return tangent(from_pf) - tangent(to_pf);
}

enum err plant_capbank_init(struct plant_capbank *c, const struct plant_capbank_params *par)
{
    bool good = par->steps >= 1 && par->steps <= PLANT_CAPBANK_STEPS && par->step_kvar > 0 &&
                par->target_pf > 0 && par->target_pf <= 1 && par->in_pu > 0 &&
                par->in_pu <= 1 && par->out_pu > 0 && par->out_pu <= 1 &&
                par->in_pu + par->out_pu > 1 && par->delay_s >= 0 && par->discharge_s >= 0 &&
                par->loss_w_per_kvar >= 0;
    if (!good) {
        return ERR_RANGE;
    }
    *c = (struct plant_capbank){.par = *par, .pf = 1};
    for (int i = 0; i < par->steps; i++) {
        c->off_s[i] = par->discharge_s;
    }
    return ERR_OK;
}

static void switch_out(struct plant_capbank *c)
{
    c->off_s[c->first_on] = 0;
    c->first_on = (c->first_on + 1) % c->par.steps;
    c->on--;
    c->moves++;
}

static void switch_in(struct plant_capbank *c)
{
    int next = (c->first_on + c->on) % c->par.steps;
    if (c->on < c->par.steps && c->off_s[next] >= c->par.discharge_s) {
        c->on++;
        c->moves++;
    }
}

/* Which move the controller wants: what is missing at the connection, in steps of this voltage.
 */
static int wanted_move(const struct plant_capbank *c, const struct plant_capbank_in *in,
                       double step_kvar)
{
    double allowed_kvar = fabs(in->load_kw) * tangent(c->par.target_pf);
    double lack = (in->load_kvar - c->on * step_kvar - allowed_kvar) / step_kvar;
    if (lack > c->par.in_pu && c->on < c->par.steps) {
        return 1;
    }
    return lack < -c->par.out_pu && c->on > 0 ? -1 : 0;
}

void plant_capbank_step(struct plant_capbank *c, const struct plant_capbank_in *in, double h_s)
{
    const struct plant_capbank_params *par = &c->par;
    double step_kvar = par->step_kvar * in->volt_pu * in->volt_pu;
    for (int i = 0; i < par->steps; i++) {
        c->off_s[i] += h_s;
    }
    if (in->trip || !in->run) {
        while (c->on > 0) {
            switch_out(c);
        }
        c->asked = 0;
    } else {
        int move = wanted_move(c, in, step_kvar);
        c->asked_s = move != 0 && move == c->asked ? c->asked_s + h_s : 0;
        c->asked = move;
        if (move != 0 && c->asked_s >= par->delay_s) {
            if (move > 0) {
                switch_in(c);
            } else {
                switch_out(c);
            }
            c->asked_s = 0;
        }
    }
    c->kvar = c->on * step_kvar;
    c->kw = -c->kvar * par->loss_w_per_kvar / 1000;
    double kva = hypot(in->load_kw - c->kw, in->load_kvar - c->kvar);
    c->pf = kva > 0 ? fabs(in->load_kw - c->kw) / kva : 1;
    if (in->trip) {
        c->state = PLANT_FAULT;
    } else {
        c->state = c->on > 0 ? PLANT_ON : PLANT_OFF;
    }
}
