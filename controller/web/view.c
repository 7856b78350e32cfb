/* The last message of each kind. Runs in the web role. */
#include "controller/web/view.h"
#include "controller/base/log.h"
#include <string.h>

const char *view_part_name(enum view_part p)
{
    static const char *const names[VIEW_PARTS] = {"alarms", "dr", "plan", "links", "orders"};
    return p < VIEW_PARTS ? names[p] : "unknown";
}

enum err view_init(struct view *v, struct arena *a, const struct park *p,
                   const struct tariff *t, const struct clock *c)
{
    memset(v, 0, sizeof *v);
    v->park = p;
    v->tariff = t;
    v->clock = c;
    v->image = arena_take(a, (size_t)p->points, sizeof *v->image);
    v->link = arena_take(a, (size_t)p->devices, sizeof *v->link);
    v->manual = arena_take(a, (size_t)p->devices, sizeof *v->manual);
    v->plan = arena_take(a, 1, sizeof *v->plan);
    bool all = v->image != NULL && v->link != NULL && v->manual != NULL && v->plan != NULL;
    return all ? ERR_OK : ERR_NOMEM;
}

/* Rows in a payload, -1 if it does not hold whole rows or more than max. */
static int rows_in(size_t len, size_t row, size_t max)
{
    return len % row == 0 && len / row <= max ? (int)(len / row) : -1;
}

static bool take_rows(struct view *v, void *into, const void *payload, const size_t size[3],
                      int *n)
{
    int rows = rows_in(size[0], size[1], size[2]);
    if (rows < 0) {
        v->refused++;
        return false;
    }
    memcpy(into, payload, size[0]);
    *n = rows;
    return true;
}

static void take_alarms(struct view *v, const void *payload, size_t len)
{
    const size_t size[3] = {len, sizeof v->alarm[0], ALARMS_MAX};
    v->revision[VIEW_ALARMS] += take_rows(v, v->alarm, payload, size, &v->alarms);
}

static void take_dr(struct view *v, const void *payload, size_t len)
{
    const size_t size[3] = {len, sizeof v->dr[0], DR_EVENTS_MAX};
    v->revision[VIEW_DR] += take_rows(v, v->dr, payload, size, &v->drs);
}

static void take_orders(struct view *v, const void *payload, size_t len)
{
    const size_t size[3] = {len, sizeof v->order[0], ORDER_INSTANCES_MAX};
    v->revision[VIEW_ORDERS] += take_rows(v, v->order, payload, size, &v->orders);
}

/* Rows name their device; a short table tells only what changed. */
static void take_links(struct view *v, const void *payload, size_t len)
{
    const struct msg_link_state *l = payload;
    int n = rows_in(len, sizeof *l, (size_t)v->park->devices);
    for (int i = 0; i < n; i++) {
        if (l[i].device < v->park->devices) {
            v->link[l[i].device] = l[i];
        }
    }
    v->revision[VIEW_LINKS] += n >= 0;
    v->refused += n < 0;
}

/* Shown with the devices, as their links are. */
static void take_manual(struct view *v, const void *payload, size_t len)
{
    const size_t size[3] = {len, sizeof v->manual[0], (size_t)v->park->devices};
    v->revision[VIEW_LINKS] += take_rows(v, v->manual, payload, size, &v->manuals);
    for (int i = 0; i < v->manuals; i++) {
        v->manual[i].point[sizeof v->manual[i].point - 1] = '\0';
    }
}

static void take_image(struct view *v, const void *payload, size_t len)
{
    const size_t size[3] = {len, sizeof v->image[0], (size_t)v->park->points};
    int n = 0;
    bool whole = len == size[1] * size[2];
    v->refused += !whole;
    v->has_image = (whole && take_rows(v, v->image, payload, size, &n)) || v->has_image;
}

static void take_status(struct view *v, const void *payload, size_t len)
{
    if (len != sizeof v->status) {
        v->refused++;
        return;
    }
    memcpy(&v->status, payload, len);
    v->status.reason[sizeof v->status.reason - 1] = '\0';
    v->status_us = clock_real_us();
    v->has_status = true;
}

static void take_plan(struct view *v, const void *payload, size_t len)
{
    const struct plan *p = payload;
    if (plan_received(p, len) != ERR_OK) {
        v->refused++;
        log_line(LOG_WARN, "plan_refused", "bytes=%zu", len);
        return;
    }
    plan_copy(v->plan, p);
    v->revision[VIEW_PLAN]++;
}

bool view_take(struct view *v, uint16_t type, const void *payload, size_t len)
{
    static const struct {
        uint16_t type;
        void (*take)(struct view *v, const void *payload, size_t len);
    } table[] = {
        {MSG_IMAGE,      take_image },
        {MSG_STATUS,     take_status},
        {MSG_ALARMS,     take_alarms},
        {MSG_DR_LIST,    take_dr    },
        {MSG_PLAN_NOW,   take_plan  },
        {MSG_LINK_TABLE, take_links },
        {MSG_ORDERS,     take_orders},
        {MSG_MANUAL,     take_manual},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].type == type) {
            table[i].take(v, payload, len);
            return true;
        }
    }
    return false;
}

bool view_fresh(const struct view *v)
{
    return v->has_status && clock_real_us() - v->status_us < VIEW_STALE_S * 1000000LL;
}

const struct msg_dr_event *view_dr(const struct view *v, const char *id)
{
    for (int i = 0; i < v->drs; i++) {
        if (strncmp(v->dr[i].id, id, sizeof v->dr[i].id) == 0) {
            return &v->dr[i];
        }
    }
    return NULL;
}
