/* Once a second: what the operator, the history and the journal get; commands and
 * acknowledgements. */
#include "controller/base/log.h"
#include "controller/dispatch/park_host.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

wall_t host_wall(const struct host *h)
{
    return clock_wall(loop_clock(h->loop));
}

bool host_send(struct host *h, struct msg_head head, const void *data)
{
    enum err rc = msg_send(h->link, head, data);
    if (rc != ERR_OK && head.to == ROLE_STORE) {
        h->store_dropped++;
    }
    return rc == ERR_OK;
}

uint32_t host_keep(struct host *h, const char *key, const void *data, size_t len)
{
    struct msg_state *s = (void *)h->frame;
    if (sizeof *s + len > HOST_FRAME_MAX) {
        return 0;
    }
    memset(s, 0, sizeof *s);
    snprintf(s->key, sizeof s->key, "%s", key);
    s->len = (uint32_t)len;
    memcpy(s + 1, data, len);
    uint32_t seq = ++h->seq;
    return host_send(h, msg_to(ROLE_STORE, MSG_STATE_PUT, seq, sizeof *s + len), s) ? seq : 0;
}

static void keep_dr(struct host *h, const struct msg_dr_event *e, uint32_t *seq)
{
    char key[64];
    snprintf(key, sizeof key, "dr/%s", e->id);
    *seq = host_keep(h, key, e, sizeof *e);
}

static void show_dr(struct host *h)
{
    const struct dr *r = &h->core->dr;
    host_send(h, msg_to(ROLE_WEB, MSG_DR_LIST, 0, (size_t)r->n * sizeof r->event[0]), r->event);
}

/* Who is in manual: shown and, as soon as it changes, kept over a restart. */
static void show_manual(struct host *h)
{
    struct core *c = h->core;
    if (!c->restored || (!c->manual_changed && !h->web_new)) {
        return;
    }
    size_t len = (size_t)manual_list(c, h->manual) * sizeof *h->manual;
    host_send(h, msg_to(ROLE_WEB, MSG_MANUAL, 0, len), h->manual);
    c->manual_changed = c->manual_changed && host_keep(h, "manual", h->manual, len) == 0;
}

static void show_image(struct host *h)
{
    struct msg_image_row *row = (void *)h->frame;
    mono_t now = loop_now(h->loop);
    for (int i = 0; i < h->park->points; i++) {
        const struct reading *r = &h->core->frozen.reading[i];
        bool known = r->quality != QUALITY_MISSING;
        row[i] = (struct msg_image_row){
            .value = known ? r->value : NAN,
            .quality = (uint32_t)r->quality,
            .age_ms = known ? (uint32_t)(mono_sub(now, r->at).us / 1000) : 0};
    }
    host_send(h, msg_to(ROLE_WEB, MSG_IMAGE, 0, (size_t)h->park->points * sizeof *row), row);
}

static void show_orders(struct host *h)
{
    struct msg_order *m = (void *)h->frame;
    bool changed = false;
    for (int i = 0; i < h->core->orders.n; i++) {
        struct order_run *r = &h->core->orders.run[i];
        if (r->changed) {
            char key[64];
            snprintf(key, sizeof key, "order/%s", r->m.id);
            changed = true;
            (void)host_keep(h, key, &r->m, sizeof r->m);
            r->changed = false;
        }
    }
    if (changed || h->web_new || h->fast % 300 == 0) {
        for (int i = 0; i < h->core->orders.n; i++) {
            m[i] = h->core->orders.run[i].m;
        }
        host_send(h, msg_to(ROLE_WEB, MSG_ORDERS, 0, (size_t)h->core->orders.n * sizeof *m), m);
    }
}

/* History: each point every 15 s of park time. */
static void keep_samples(struct host *h)
{
    struct msg_sample *s = (void *)h->frame;
    wall_t wall = host_wall(h);
    uint32_t n = 0;
    for (int i = 0; i < h->park->points; i++) {
        const struct reading *r = &h->core->frozen.reading[i];
        if (r->quality == QUALITY_MISSING) {
            continue;
        }
        s[n++] = (struct msg_sample){.point = (uint32_t)i,
                                     .quality = (uint32_t)r->quality,
                                     .value = r->value,
                                     .at = wall};
        if (n == MSG_ROWS_MAX) {
            host_send(h, msg_to(ROLE_STORE, MSG_SAMPLES, 0, n * sizeof *s), s);
            n = 0;
        }
    }
    if (n > 0) {
        host_send(h, msg_to(ROLE_STORE, MSG_SAMPLES, 0, n * sizeof *s), s);
    }
}

static void send_events(struct host *h)
{
    struct core *c = h->core;
    bool dr = false;
    for (int i = 0; i < c->events; i++) {
        const struct msg_event *e = &c->event[i];
        host_send(h, msg_to(ROLE_STORE, MSG_EVENT, 0, sizeof *e), e);
        log_line(e->severity == SEVERITY_INFO ? LOG_INFO : LOG_WARN, e->what, "source=%s %s",
                 e->source, e->text);
        dr = dr || strcmp(e->source, "dr") == 0;
    }
    c->events = 0;
    if (dr) {
        for (int i = 0; i < c->dr.n; i++) {
            uint32_t seq = 0;
            if (c->dr.event[i].state != DR_RECEIVED) {
                keep_dr(h, &c->dr.event[i], &seq);
            }
        }
        show_dr(h);
    }
}

static void answer(struct host *h, uint32_t seq, enum err rc, const struct msg_dr_event *e,
                   const char *why)
{
    struct msg_command_done d = {.err = (uint32_t)rc};
    if (e != NULL) {
        d.dr = *e;
    }
    snprintf(d.text, sizeof d.text, "%s", why);
    host_send(h, msg_to(ROLE_WEB, MSG_COMMAND_DONE, seq, sizeof d), &d);
}

static void trigger(struct host *h, uint32_t seq, const struct msg_command *m)
{
    char why[MSG_TEXT] = "";
    struct msg_dr_event *e = NULL;
    enum err rc = core_dr_trigger(h->core, &m->dr, host_wall(h), &e, why);
    if (rc != ERR_OK || e->state != DR_RECEIVED) {
        answer(h, seq, rc, e, why);
        return;
    }
    for (int i = 0; i < HOST_WAITING_MAX; i++) {
        struct host_waiting *w = &h->waiting[i];
        if (w->store_seq == 0) {
            keep_dr(h, e, &w->store_seq);
            w->web_seq = seq;
            w->since_us = clock_real_us();
            memcpy(w->id, e->id, sizeof w->id);
            if (w->store_seq != 0) {
                return;
            }
            break;
        }
    }
    dr_forget(&h->core->dr, e->id);
    answer(h, seq, ERR_BUSY, NULL, "the event cannot be made durable now; try again");
}

void host_command(struct host *h, uint32_t seq, const struct msg_command *m)
{
    char why[MSG_TEXT] = "";
    if (m->type == COMMAND_DR_TRIGGER) {
        trigger(h, seq, m);
        return;
    }
    enum err rc = core_command(h->core, m, host_wall(h), why);
    struct msg_dr_event *e = m->type == COMMAND_DR_CANCEL ? dr_find(&h->core->dr, m->id) : NULL;
    if (e != NULL && rc == ERR_OK) {
        core_event(h->core, SEVERITY_INFO, "dr", "dr_state", "id=%s state=%s by=%s", e->id,
                   dr_state_name((enum dr_state)e->state), m->actor);
        show_dr(h);
    }
    answer(h, seq, rc, e, why);
}

static void stored(struct host *h, uint32_t seq, enum err rc)
{
    for (int i = 0; i < HOST_WAITING_MAX; i++) {
        struct host_waiting *w = &h->waiting[i];
        if (w->store_seq == 0 || w->store_seq != seq) {
            continue;
        }
        w->store_seq = 0;
        if (rc == ERR_OK) {
            dr_committed(&h->core->dr, w->id);
            core_event(h->core, SEVERITY_INFO, "dr", "dr_state", "id=%s state=committed",
                       w->id);
            show_dr(h); /* before the answer: who has it may ask for the event at once */
            answer(h, w->web_seq, ERR_OK, dr_find(&h->core->dr, w->id), "");
        } else {
            dr_forget(&h->core->dr, w->id);
            answer(h, w->web_seq, rc, NULL, "the event could not be made durable; try again");
        }
    }
}

/* Events that the store did not take in 3 real seconds are refused, not half kept. */
static void expire_waiting(struct host *h)
{
    for (int i = 0; i < HOST_WAITING_MAX; i++) {
        const struct host_waiting *w = &h->waiting[i];
        bool late = !host_lockstep(h) && clock_real_us() - w->since_us > 3000000;
        if (w->store_seq != 0 && late) {
            stored(h, w->store_seq, ERR_TIMEOUT);
        }
    }
}

static void restore(struct host *h, const struct msg_state *s, const void *data)
{
    struct core *c = h->core;
    if (strncmp(s->key, "dr/", 3) == 0 && s->len == sizeof(struct msg_dr_event)) {
        dr_restore(&c->dr, data);
    } else if (strncmp(s->key, "order/", 6) == 0 && s->len == sizeof(struct msg_order)) {
        orders_restore(&c->orders, data);
    } else if (strcmp(s->key, "bill") == 0) {
        if (bill_restore(&h->ledger.bill, data, s->len) != ERR_OK) {
            log_line(LOG_WARN, "books_dropped", "reason=\"%s\"", "other layout");
        }
    } else if (strcmp(s->key, "demand") == 0 && s->len == sizeof c->demand) {
        demand_restore(&c->demand, data, loop_now(h->loop));
    } else if (strcmp(s->key, "manual") == 0) {
        manual_restore(c, data, (int)(s->len / sizeof *h->manual), host_wall(h));
    } else if (strcmp(s->key, "plan") == 0) {
        const struct plan *pl = data;
        wall_t wall = host_wall(h);
        double age_s = plan_received(pl, s->len) == ERR_OK
                           ? wall_diff_s((wall_t){pl->start_ms}, wall)
                           : -1;
        if (age_s >= 0 && age_s < PLAN_AGE_S_MAX) {
            mono_t made = mono_sub(loop_now(h->loop), MONO_S(age_s));
            core_plan(c, pl, made, (wall_t){pl->start_ms});
        }
    }
}

void host_from_store(struct host *h, const struct msg_head *head, const void *payload)
{
    const struct msg_state *s = payload;
    if (head->type == MSG_STORED && head->len == sizeof(struct msg_stored)) {
        stored(h, head->seq, (enum err)((const struct msg_stored *)payload)->err);
    } else if (head->type == MSG_STATE && head->len >= sizeof *s &&
               head->len - sizeof *s >= s->len && !h->load_done) {
        if (h->core->orders.n == 0) {
            orders_expand(&h->core->orders, host_wall(h));
        }
        restore(h, s, s + 1);
    } else if (head->type == MSG_STATE_END) {
        h->load_done = true;
    }
}

void host_write_result(struct host *h, const struct msg_write_result *w)
{
    static const char *const words[] = {"ok", "refused", "failed", "mismatch", "reverted"};
    char name[2 * NAME_LEN];
    if (w->outcome == WRITE_OK || w->point >= (uint32_t)h->park->points ||
        w->outcome >= sizeof words / sizeof words[0]) {
        return;
    }
    park_point_name(h->park, (int)w->point, name, sizeof name);
    core_event(h->core, SEVERITY_WARNING, h->park->device[h->park->point_device[w->point]].name,
               "write", "point=%s outcome=%s value=%g", name, words[w->outcome], w->value);
}

void host_second(struct host *h)
{
    struct core *c = h->core;
    struct msg_status status;
    /* in lock-step the store has answered before time moves, or the guard says that it is stuck
     */
    bool waited = !host_lockstep(h) && clock_real_us() - h->load_asked > HOST_RESTORE_REAL_US;
    if (!h->load_done && !h->load_begun) {
        /* the store may not have been there when it was asked before */
        host_send(h, msg_to(ROLE_STORE, MSG_STATE_LOAD, 0, 0), NULL);
    }
    if (!c->restored && (h->load_done || waited)) {
        c->restored = true;
        h->load_done = true;
        log_line(LOG_INFO, "restored", "dr=%d plan_steps=%u waited=%d", c->dr.n, c->plan->steps,
                 waited);
        show_dr(h);
    }
    host_send(h, msg_to(ROLE_SUPERVISOR, PROC_MSG_TICK, 0, 0), NULL);
    ledger_second(&h->ledger, c, host_wall(h));
    core_status(c, host_wall(h), &status);
    bill_status(&h->ledger.bill, &status);
    status.loop_lag_us = (uint32_t)fmin((double)loop_lag_us(h->loop), 4e9);
    status.ticks_missed = loop_missed(h->loop);
    host_send(h, msg_to(ROLE_WEB, MSG_STATUS, 0, sizeof status), &status);
    show_image(h);
    if (c->alarms.changed) {
        host_send(
            h, msg_to(ROLE_WEB, MSG_ALARMS, 0, (size_t)c->alarms.n * sizeof c->alarms.alarm[0]),
            c->alarms.alarm);
        c->alarms.changed = false;
    }
    if (h->links_changed) {
        host_send(h,
                  msg_to(ROLE_WEB, MSG_LINK_TABLE, 0,
                         (size_t)h->park->devices * sizeof c->live.link[0]),
                  c->live.link);
        h->links_changed = false;
    }
    send_events(h);
    show_orders(h);
    show_manual(h);
    if (h->web_new) {
        show_dr(h);
        h->web_new = false;
    }
    expire_waiting(h);
    host_plan_second(h);
    if (h->fast % 75 == 0) {
        keep_samples(h);
    }
    if (h->fast % 300 == 0 && c->restored) {
        (void)host_keep(h, "bill", &h->ledger.bill, sizeof h->ledger.bill);
        (void)host_keep(h, "demand", &c->demand, sizeof c->demand);
        show_dr(h);
    }
}
