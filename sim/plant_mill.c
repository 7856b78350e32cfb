/* Ball mill: see plant_mill.h. Pure. */
#include "sim/plant_mill.h"

struct plant_mill_params plant_mill_defaults(double rated_kw, double batch_h)
{
    return (struct plant_mill_params){
        .rated_kw = rated_kw,
        .batch_h = batch_h,
        .run_s_min = 3600,
        .soft_s = 5,
        .inrush_pu = 1.5,
        .pf = 0.86,
    };
}

enum err plant_mill_init(struct plant_mill *m, const struct plant_mill_params *par)
{
    bool good = par->rated_kw > 0 && par->batch_h > 0 && par->run_s_min >= 0 &&
                par->soft_s >= 0 && par->inrush_pu >= 1 && par->pf > 0 && par->pf <= 1;
    if (!good) {
        return ERR_RANGE;
    }
    *m = (struct plant_mill){.par = *par};
    return ERR_OK;
}

static void mill_start(struct plant_mill *m)
{
    if (!m->begun) {
        m->begun = true;
        m->batch_h = 0;
        m->pauses = 0;
    }
    m->run_s = 0;
    m->state = PLANT_ON;
}

static void mill_states(struct plant_mill *m, const struct plant_mill_in *in)
{
    bool edge = in->run && !m->asked;
    m->asked = in->run;
    if (in->trip) {
        m->pauses += m->state == PLANT_ON ? 1 : 0;
        m->state = PLANT_FAULT;
    } else if (m->state != PLANT_ON) {
        m->state = PLANT_OFF;
        /* A batch that is done stays done until somebody asks anew. */
        if (edge || (in->run && m->begun)) {
            mill_start(m);
        }
    } else if (m->batch_h >= m->par.batch_h) {
        m->begun = false;
        m->batches++;
        m->state = PLANT_OFF;
    } else if (!in->run && m->run_s >= m->par.run_s_min) {
        m->pauses++;
        m->state = PLANT_OFF;
    }
}

void plant_mill_step(struct plant_mill *m, const struct plant_mill_in *in, double h_s)
{
    const struct plant_mill_params *par = &m->par;
    mill_states(m, in);
    m->draw_kw = 0;
    if (m->state == PLANT_ON) {
        /* The last step of a batch grinds only what is left of it. */
        double left_s = (par->batch_h - m->batch_h) * 3600;
        double share = plant_clamp(left_s / h_s, 0, 1);
        double inrush = m->run_s < par->soft_s ? par->inrush_pu : 1;
        m->draw_kw = par->rated_kw * inrush * share;
        m->run_s += h_s;
        m->batch_h = share < 1 ? par->batch_h : m->batch_h + h_s / 3600;
    }
    m->kw = -m->draw_kw;
    m->kvar = m->kw * sqrt(1 - par->pf * par->pf) / par->pf;
    m->draw_kwh += m->draw_kw * h_s / 3600;
}
