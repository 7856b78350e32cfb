/* Chargers for vehicles: see plant_ev.h. Pure. */
#include "sim/plant_ev.h"
#include <string.h>

enum err plant_ev_init(struct plant_ev *ev, const struct plant_ev_params *par)
{
    bool good = par->plugs >= 1 && par->plugs <= PLANT_EV_PLUGS && par->plug_kw > 0 &&
                par->group_kw > 0 && par->floor_kw >= 0 && par->floor_kw < par->plug_kw &&
                par->lag_s >= 0 && par->battery_kwh > 0 && par->full_pu > 0 &&
                par->full_pu <= 1;
    if (!good) {
        return ERR_RANGE;
    }
    *ev = (struct plant_ev){.par = *par, .lag = plant_lag_make(par->lag_s)};
    return ERR_OK;
}

enum err plant_ev_add(struct plant_ev *ev, const struct plant_ev_session *session)
{
    bool good = session->arrive_s < session->depart_s && session->wanted_kwh > 0 &&
                session->wanted_kwh <= ev->par.full_pu * ev->par.battery_kwh;
    if (!good) {
        return ERR_RANGE;
    }
    if (ev->queued == PLANT_EV_QUEUE) {
        return ERR_FULL;
    }
    int i = ev->queued++;
    while (i > 0 && ev->queue[i - 1].arrive_s > session->arrive_s) {
        ev->queue[i] = ev->queue[i - 1];
        i--;
    }
    ev->queue[i] = *session;
    return ERR_OK;
}

static void ev_leave(struct plant_ev *ev, struct plant_ev_plug *p)
{
    ev->done++;
    ev->satisfied += p->got_kwh >= 0.98 * p->session.wanted_kwh ? 1 : 0;
    ev->asked_kwh += p->session.wanted_kwh;
    ev->short_kwh += fmax(0, p->session.wanted_kwh - p->got_kwh);
    *p = (struct plant_ev_plug){.taken = false};
}

static struct plant_ev_plug *ev_free(struct plant_ev *ev)
{
    for (int i = 0; i < ev->par.plugs; i++) {
        if (!ev->plug[i].taken) {
            return &ev->plug[i];
        }
    }
    return NULL;
}

/* Those whose time is over leave, those who have arrived take a plug. */
static void ev_traffic(struct plant_ev *ev, double now_s)
{
    for (int i = 0; i < ev->par.plugs; i++) {
        if (ev->plug[i].taken && ev->plug[i].session.depart_s <= now_s) {
            ev_leave(ev, &ev->plug[i]);
        }
    }
    while (ev->queued > 0 && ev->queue[0].arrive_s <= now_s) {
        bool late = ev->queue[0].depart_s <= now_s;
        struct plant_ev_plug *p = late ? NULL : ev_free(ev);
        if (!late && !p) {
            return;
        }
        if (late) {
            ev->missed++;
            ev->asked_kwh += ev->queue[0].wanted_kwh;
            ev->short_kwh += ev->queue[0].wanted_kwh;
        } else {
            *p = (struct plant_ev_plug){.taken = true, .session = ev->queue[0]};
        }
        ev->queued--;
        memmove(&ev->queue[0], &ev->queue[1], (size_t)ev->queued * sizeof ev->queue[0]);
    }
}

/* What a vehicle would draw without a limit. */
static double plug_want_kw(const struct plant_ev *ev, const struct plant_ev_plug *p)
{
    const struct plant_ev_params *par = &ev->par;
    if (!p->taken || p->met) {
        return 0;
    }
    double soc = par->full_pu - (p->session.wanted_kwh - p->got_kwh) / par->battery_kwh;
    double taper = soc > 0.8 ? (1 - soc) / 0.2 : 1;
    return fmax(par->floor_kw, taper * par->plug_kw);
}

/* Pauses the latest arrivals until the rest can have the floor at least; returns how many are
 * left. */
static int ev_pause(const struct plant_ev *ev, double *want, double limit_kw)
{
    int active = 0, room = ev->par.plugs;
    for (int i = 0; i < ev->par.plugs; i++) {
        active += want[i] > 0 ? 1 : 0;
    }
    if (ev->par.floor_kw > 0) {
        room = (int)fmin(room, floor(limit_kw / ev->par.floor_kw + 1e-9));
    }
    for (; active > room; active--) {
        int last = -1;
        for (int i = 0; i < ev->par.plugs; i++) {
            const struct plant_ev_plug *p = ev->plug;
            bool later = last < 0 || p[i].session.arrive_s >= p[last].session.arrive_s;
            last = want[i] > 0 && later ? i : last;
        }
        want[last] = 0;
    }
    return active;
}

/* Shares the limit: everyone at most the same level, as high as the limit allows. want[] is
 * overwritten by what each gets. */
static void ev_share(const struct plant_ev *ev, double *want, double limit_kw)
{
    int active = ev_pause(ev, want, limit_kw);
    double level = active > 0 ? limit_kw / active : 0;
    /* Those who want less than the level leave their rest to the others; the level only rises.
     */
    for (int round = 0; round < active; round++) {
        double small_kw = 0;
        int large = active;
        for (int i = 0; i < ev->par.plugs; i++) {
            bool small = want[i] > 0 && want[i] <= level;
            small_kw += small ? want[i] : 0;
            large -= small ? 1 : 0;
        }
        double next = large > 0 ? (limit_kw - small_kw) / large : level;
        if (next <= level) {
            break;
        }
        level = next;
    }
    for (int i = 0; i < ev->par.plugs; i++) {
        want[i] = fmin(want[i], level);
    }
}

/* Power of one plug over the step, cut so that it gets no more than it wants. */
static void plug_step(struct plant_ev *ev, struct plant_ev_plug *p, double aim_kw, double h_s)
{
    if (!p->taken) {
        return;
    }
    p->kw = p->met ? 0 : plant_lag_step(&ev->lag, p->kw, aim_kw, h_s);
    double left_kwh = p->session.wanted_kwh - p->got_kwh, h = h_s / 3600;
    if (p->kw * h >= left_kwh) {
        p->kw = fmax(0, left_kwh) / h;
        p->met = true;
    }
    p->got_kwh = p->met ? p->session.wanted_kwh : p->got_kwh + p->kw * h;
    ev->kw -= p->kw;
    ev->connected++;
    ev->charging += p->kw > 0.01 ? 1 : 0;
    ev->session_kwh += p->got_kwh;
    ev->wanted_kwh += p->session.wanted_kwh - p->got_kwh;
}

void plant_ev_step(struct plant_ev *ev, const struct plant_ev_in *in, double h_s)
{
    double want[PLANT_EV_PLUGS]; /* of those that there are */
    ev_traffic(ev, in->now_s);
    double sum = 0;
    for (int i = 0; i < ev->par.plugs; i++) {
        want[i] = in->trip ? 0 : plug_want_kw(ev, &ev->plug[i]);
        sum += want[i];
    }
    double limit_kw = plant_clamp(in->limit_kw, 0, ev->par.group_kw);
    if (sum > limit_kw) {
        ev_share(ev, want, limit_kw);
    }
    ev->kw = ev->session_kwh = ev->wanted_kwh = 0;
    ev->connected = ev->charging = 0;
    for (int i = 0; i < ev->par.plugs; i++) {
        ev->plug[i].kw = in->trip ? 0 : ev->plug[i].kw;
        plug_step(ev, &ev->plug[i], want[i], h_s);
    }
    ev->draw_kwh -= ev->kw * h_s / 3600;
    if (in->trip) {
        ev->state = PLANT_FAULT;
    } else if (ev->connected == 0) {
        ev->state = PLANT_OFF;
    } else {
        ev->state = sum > limit_kw ? PLANT_LIMITED : PLANT_ON;
    }
}
