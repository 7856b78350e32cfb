/* Status, points, devices, alarms, events, orders as JSON. Runs in the web role. */
#include "controller/web/show.h"
#include "controller/base/civil.h"
#include "controller/web/fields.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *show_mode(uint32_t mode)
{
    static const char *const names[MODE_COUNT] = {"starting", "normal", "limited", "failsafe",
                                                  "stopping"};
    return mode < MODE_COUNT ? names[mode] : "unknown";
}

const char *show_severity(uint32_t severity)
{
    static const char *const names[] = {"info", "warning", "alarm"};
    return severity < sizeof names / sizeof names[0] ? names[severity] : "unknown";
}

json_t *show_time(wall_t at)
{
    char text[40];
    if (at.ms == 0) {
        return json_null();
    }
    civil_format(at, text, sizeof text);
    return json_string(text);
}

json_t *show_text(const char *text, size_t cap)
{
    json_t *v = json_stringn(text, strnlen(text, cap));
    return v != NULL ? v : json_string("?"); /* not UTF-8 */
}

json_t *show_value(const struct msg_image_row *r)
{
    bool known = r->quality != QUALITY_MISSING && r->quality != QUALITY_BAD;
    return known ? json_number_or_null(r->value) : json_null();
}

static void put(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

static const char *fallback_name(uint32_t f)
{
    static const char *const names[] = {"plan", "shifted", "rule", "safe"};
    return f < sizeof names / sizeof names[0] ? names[f] : "unknown";
}

static json_t *show_plan_head(const struct msg_status *s)
{
    json_t *p = json_object();
    bool none = s->plan_origin >= PLAN_ORIGIN_COUNT;
    put(p, "origin",
        none ? json_null() : json_string(plan_origin_name((enum plan_origin)s->plan_origin)));
    put(p, "made", none ? json_null() : show_time(s->plan_made));
    (void)json_put_number(
        p, "age_s", none || s->plan_made.ms == 0 ? NAN : wall_diff_s(s->plan_made, s->at));
    put(p, "fallback", json_string(fallback_name(s->fallback)));
    put(p, "reason", show_text(s->reason, sizeof s->reason));
    return p;
}

json_t *show_status(const struct view *v)
{
    json_t *o = json_object();
    const struct msg_status *s = &v->status;
    put(o, "park",
        json_pack("{s:s, s:{s:s, s:s}, s:s}", "name", v->park->name, "title", "zh",
                  v->park->title_zh, "en", v->park->title_en, "zone", v->park->zone));
    put(o, "fresh", json_boolean(view_fresh(v)));
    (void)json_put_number(o, "speed", v->clock->speed);
    if (!v->has_status) {
        put(o, "mode", json_string("starting"));
        put(o, "at", show_time(clock_wall(v->clock)));
        return o;
    }
    put(o, "mode", json_string(show_mode(s->mode)));
    put(o, "at", show_time(s->at));
    put(o, "plan", show_plan_head(s));
    for (int i = 0; i < status_fields_count; i++) {
        (void)json_put_number(o, status_fields[i].name,
                              status_field_value(&status_fields[i], s));
    }
    return o;
}

json_t *show_point(const struct view *v, int point)
{
    char name[2 * NAME_LEN];
    double lo = 0;
    double hi = 0;
    const struct msg_image_row *r = &v->image[point];
    const struct point_def *def = park_point_def(v->park, point);
    json_t *o = json_object();
    park_point_name(v->park, point, name, sizeof name);
    park_point_range(v->park, point, &lo, &hi);
    put(o, "name", json_string(name));
    put(o, "value", show_value(r));
    put(o, "unit", json_string(def->unit));
    put(o, "quality", json_string(quality_name((enum quality)r->quality)));
    (void)json_put_number(o, "age_s", r->quality == QUALITY_MISSING ? NAN : r->age_ms / 1000.0);
    put(o, "writable", json_boolean(def->writable));
    (void)json_put_number(o, "min", lo);
    (void)json_put_number(o, "max", hi);
    put(o, "about", json_pack("{s:s, s:s}", "zh", def->about_zh, "en", def->about_en));
    return o;
}

json_t *show_points(const struct view *v)
{
    json_t *list = json_array();
    for (int i = 0; i < v->park->points; i++) {
        (void)json_array_append_new(list, show_point(v, i));
    }
    return json_pack("{s:o}", "points", list);
}

/* Worst quality of a device's points that were ever read. */
static uint32_t quality_of(const struct view *v, const struct device *d)
{
    uint32_t worst = QUALITY_MISSING;
    for (int i = 0; i < dict_kind(d->kind)->points; i++) {
        uint32_t q = v->image[d->first_point + i].quality;
        bool bad = q == QUALITY_BAD || (q == QUALITY_STALE && worst != QUALITY_BAD);
        if (bad || (worst == QUALITY_MISSING && q != QUALITY_MISSING)) {
            worst = q;
        }
    }
    return worst;
}

/* The setpoint that a person has given a device; null: automatic. */
static json_t *show_manual(const struct view *v, int index)
{
    for (int i = 0; i < v->manuals; i++) {
        const struct msg_manual *m = &v->manual[i];
        int point = park_point_from_name(v->park, m->point);
        if (point >= 0 && v->park->point_device[point] == index) {
            json_t *o = json_pack("{s:s, s:s}", "point", m->point, "unit",
                                  park_point_def(v->park, point)->unit);
            (void)json_put_number(o, "value", m->value);
            put(o, "until", m->until.ms != 0 ? show_time(m->until) : json_null());
            return o;
        }
    }
    return json_null();
}

static json_t *show_device(const struct view *v, int index)
{
    const struct device *d = &v->park->device[index];
    const struct msg_link_state *l = &v->link[index];
    const struct kind_def *k = dict_kind(d->kind);
    json_t *o = json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s}}", "name", d->name, "kind",
                          k->name, "kind_title", "zh", k->zh, "en", k->en, "title", "zh",
                          d->title_zh, "en", d->title_en);
    put(o, "quality", json_string(quality_name((enum quality)quality_of(v, d))));
    (void)json_put_number(o, "rated_kw", d->rating.rated_kw);
    (void)json_put_number(o, "rated_heat_kw", d->rating.rated_heat_kw);
    (void)json_put_number(o, "energy_kwh", d->rating.energy_kwh);
    put(o, "link",
        json_pack("{s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:f, s:f}", "online", (int)l->online,
                  "trusted", (int)l->trusted, "good", (json_int_t)l->good, "failed",
                  (json_int_t)l->failed, "timeouts", (json_int_t)l->timeouts, "reconnects",
                  (json_int_t)l->reconnects, "missed", (json_int_t)l->missed, "latency_ms",
                  l->latency_us / 1000.0, "period_ms", l->period_us / 1000.0));
    put(o, "manual", show_manual(v, index));
    put(o, "pcc", json_boolean(index == v->park->pcc));
    return o;
}

json_t *show_devices(const struct view *v)
{
    json_t *list = json_array();
    for (int i = 0; i < v->park->devices; i++) {
        (void)json_array_append_new(list, show_device(v, i));
    }
    return json_pack("{s:o}", "devices", list);
}

json_t *show_alarms(const struct view *v)
{
    json_t *list = json_array();
    for (int i = 0; i < v->alarms; i++) {
        const struct msg_alarm *a = &v->alarm[i];
        char id[2 * MSG_NAME + 2];
        json_t *o = json_object();
        (void)snprintf(id, sizeof id, "%.*s/%.*s", MSG_NAME - 1, a->source, MSG_NAME - 1,
                       a->what);
        put(o, "id", show_text(id, sizeof id));
        put(o, "since", show_time(a->since));
        put(o, "severity", json_string(show_severity(a->severity)));
        put(o, "acked", json_boolean(a->acked != 0));
        put(o, "source", show_text(a->source, sizeof a->source));
        put(o, "what", show_text(a->what, sizeof a->what));
        put(o, "text", show_text(a->text, sizeof a->text));
        (void)json_array_append_new(list, o);
    }
    return json_pack("{s:o}", "alarms", list);
}

json_t *show_dr_event(const struct msg_dr_event *e)
{
    json_t *o = json_object();
    put(o, "id", show_text(e->id, sizeof e->id));
    put(o, "state", json_string(dr_state_name((enum dr_state)e->state)));
    put(o, "direction", json_string(dr_direction_name((enum dr_direction)e->direction)));
    (void)json_put_number(o, "kw", e->kw);
    (void)json_put_number(o, "baseline_kw", e->baseline_kw);
    (void)json_put_number(o, "cap_kw", e->cap_kw);
    (void)json_put_number(o, "delivered_kw", e->delivered_kw);
    put(o, "start", show_time(e->start));
    put(o, "end", show_time(e->end));
    put(o, "created", show_time(e->created));
    put(o, "program", show_text(e->program, sizeof e->program));
    put(o, "actor", show_text(e->actor, sizeof e->actor));
    put(o, "reason", show_text(e->reason, sizeof e->reason));
    return o;
}

json_t *show_dr(const struct view *v)
{
    json_t *list = json_array();
    for (int i = v->drs - 1; i >= 0; i--) {
        (void)json_array_append_new(list, show_dr_event(&v->dr[i]));
    }
    return json_pack("{s:o}", "events", list);
}

json_t *show_orders(const struct view *v)
{
    static const char *const types[] = {"firing", "batch", "charge"};
    json_t *list = json_array();
    for (int i = 0; i < v->orders; i++) {
        const struct msg_order *m = &v->order[i];
        bool ok = m->device < v->park->devices && m->type < sizeof types / sizeof types[0];
        json_t *o = json_object();
        put(o, "id", show_text(m->id, sizeof m->id));
        put(o, "device", json_string(ok ? v->park->device[m->device].name : "?"));
        put(o, "type", json_string(ok ? types[m->type] : "unknown"));
        put(o, "state", json_string(order_state_name((enum order_state)m->state)));
        put(o, "from", show_time(m->window_from));
        put(o, "to", show_time(m->window_to));
        put(o, "due", show_time(m->due));
        put(o, "planned", show_time(m->planned));
        put(o, "started", show_time(m->started));
        put(o, "ended", show_time(m->ended));
        (void)json_put_number(o, "energy_kwh", m->energy_kwh);
        (void)json_put_number(o, "done_kwh", m->done_kwh);
        (void)json_array_append_new(list, o);
    }
    return json_pack("{s:o}", "orders", list);
}

json_t *show_event(const struct msg_event *e)
{
    json_t *o = json_object();
    put(o, "at", show_time(e->at));
    put(o, "severity", json_string(show_severity(e->severity)));
    put(o, "source", show_text(e->source, sizeof e->source));
    put(o, "what", show_text(e->what, sizeof e->what));
    put(o, "text", show_text(e->text, sizeof e->text));
    return o;
}

json_t *show_tariff(const struct view *v, wall_t from, wall_t to)
{
    enum { BANDS_SHOWN_MAX = 500 };
    json_t *list = json_array();
    const struct tariff *t = v->tariff;
    for (wall_t at = from;
         t != NULL && at.ms < to.ms && json_array_size(list) < BANDS_SHOWN_MAX;) {
        const struct tariff_band *b = &t->band[tariff_band_at(t, at)];
        wall_t next = tariff_next_change(t, at);
        next = next.ms > to.ms || next.ms <= at.ms ? to : next;
        json_t *o = json_object();
        put(o, "from", show_time(at));
        put(o, "to", show_time(next));
        put(o, "band", json_string(b->name));
        (void)json_put_number(o, "yuan_per_kwh", b->yuan_per_kwh);
        (void)json_array_append_new(list, o);
        at = next;
    }
    return json_pack("{s:s, s:o}", "id", t != NULL ? t->id : "", "bands", list);
}
