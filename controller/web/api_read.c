/* Answers that come out of the view: status, points, devices, plan, orders, alarms, DR, tariff,
 * files, health and metrics. Runs in the web role. */
#include "controller/base/civil.h"
#include "controller/web/assets.h"
#include "controller/web/fields.h"
#include "controller/web/query.h"
#include "controller/web/show.h"
#include "controller/web/web.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void get_status(struct web *w, struct http_call *c, const char *param)
{
    (void)param;
    answer_json(c, 200, show_status(&w->view));
}

void get_points(struct web *w, struct http_call *c, const char *param)
{
    (void)param;
    answer_json(c, 200, show_points(&w->view));
}

void get_point(struct web *w, struct http_call *c, const char *param)
{
    int point = park_point_from_name(w->park, param);
    if (point < 0) {
        answer_problem(c, 404, ERR_NOT_FOUND, "point: %.80s is not known; see /api/v1/points",
                       param);
        return;
    }
    answer_json(c, 200, show_point(&w->view, point));
}

void get_devices(struct web *w, struct http_call *c, const char *param)
{
    (void)param;
    answer_json(c, 200, show_devices(&w->view));
}

void get_plan(struct web *w, struct http_call *c, const char *param)
{
    (void)param;
    if (w->view.plan->steps == 0) {
        answer_problem(c, 404, ERR_NOT_FOUND,
                       "plan: none yet; status says what is in force instead");
        return;
    }
    answer_json(c, 200, show_plan(&w->view));
}

void get_orders(struct web *w, struct http_call *c, const char *param)
{
    (void)param;
    answer_json(c, 200, show_orders(&w->view));
}

void get_alarms(struct web *w, struct http_call *c, const char *param)
{
    (void)param;
    answer_json(c, 200, show_alarms(&w->view));
}

void get_dr_list(struct web *w, struct http_call *c, const char *param)
{
    (void)param;
    answer_json(c, 200, show_dr(&w->view));
}

void get_dr_event(struct web *w, struct http_call *c, const char *param)
{
    const struct msg_dr_event *e = view_dr(&w->view, param);
    if (e == NULL) {
        answer_problem(c, 404, ERR_NOT_FOUND, "id: no event %.80s; see /api/v1/dr/events",
                       param);
        return;
    }
    answer_json(c, 200, show_dr_event(e));
}

void get_tariff(struct web *w, struct http_call *c, const char *param)
{
    static const char *const known[] = {"from", "to"};
    enum { SPAN_S = 36 * 3600, SPAN_DAYS_MAX = 31 };
    struct query_ask q = {.call = c, .known = known, .n = 2};
    wall_t from = civil_midnight(clock_wall(w->view.clock), 0);
    (void)param;
    if (!query_names(&q) || !query_time(&q, "from", &from)) {
        return;
    }
    wall_t to = wall_add_s(from, SPAN_S);
    if (!query_time(&q, "to", &to)) {
        return;
    }
    if (to.ms <= from.ms || wall_diff_s(from, to) > SPAN_DAYS_MAX * 86400.0) {
        answer_problem(c, 422, ERR_RANGE, "to: give a time after from, at most %d days later",
                       SPAN_DAYS_MAX);
        return;
    }
    answer_json(c, 200, show_tariff(&w->view, from, to));
}

/* ---- Files ---- */

static const struct asset *asset_of(const char *path)
{
    for (const struct asset *a = assets_table; a->path != NULL; a++) {
        if (strcmp(a->path, path) == 0) {
            return a;
        }
    }
    return NULL;
}

static void answer_asset(struct http_call *c, const char *path)
{
    const struct asset *a = asset_of(path);
    if (a == NULL) {
        answer_problem(c, 404, ERR_NOT_FOUND, "file: %.200s is not one of the dashboard's",
                       path);
        return;
    }
    http_answer_header(c, "Cache-Control", "no-cache");
    http_answer(c, 200, a->type, a->data, a->len);
}

void get_asset(struct web *w, struct http_call *c, const char *param)
{
    char path[HTTP_PATH_MAX + 16];
    (void)w;
    (void)snprintf(path, sizeof path, "/%s", param[0] != '\0' ? param : "index.html");
    answer_asset(c, path);
}

void get_openapi(struct web *w, struct http_call *c, const char *param)
{
    (void)w;
    (void)param;
    answer_asset(c, "/openapi.json");
}

/* ---- Health and metrics ---- */

void get_health(struct web *w, struct http_call *c, const char *param)
{
    (void)param;
    bool ok = view_fresh(&w->view) && w->view.status.mode != MODE_FAILSAFE;
    json_t *o =
        json_pack("{s:b, s:b, s:s}", "ok", (int)ok, "fresh", (int)view_fresh(&w->view), "mode",
                  w->view.has_status ? show_mode(w->view.status.mode) : "starting");
    answer_json(c, ok ? 200 : 503, o);
}

struct page {
    char text[64 * 1024];
    size_t len;
};

static void line(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void line(struct page *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(p->text + p->len, sizeof p->text - p->len, fmt, args);
    va_end(args);
    if (n > 0 && p->len + (size_t)n < sizeof p->text) {
        p->len += (size_t)n;
    }
}

static void metric(struct page *p, const char *name, double value, const char *about)
{
    if (isfinite(value)) {
        line(p, "# HELP kilnwatt_%s %s\n# TYPE kilnwatt_%s gauge\nkilnwatt_%s %.10g\n", name,
             about, name, name, value);
    }
}

static void link_metrics(const struct view *v, struct page *p)
{
    enum { LINKS_SHOWN_MAX = 640 };
    int online = 0;
    double failed = 0, missed = 0;
    for (int i = 0; i < v->park->devices; i++) {
        online += v->link[i].online != 0;
        failed += v->link[i].failed;
        missed += v->link[i].missed;
    }
    metric(p, "devices", v->park->devices, "devices of the park");
    metric(p, "devices_online", online, "devices that answer");
    metric(p, "requests_failed", failed, "failed field requests since start");
    metric(p, "polls_missed", missed, "turns of polls that went by unasked since start");
}

void get_metrics(struct web *w, struct http_call *c, const char *param)
{
    struct page p = {.len = 0};
    const struct view *v = &w->view;
    (void)param;
    metric(&p, "up", view_fresh(v), "1 while park speaks");
    for (int i = 0; v->has_status && i < status_fields_count; i++) {
        metric(&p, status_fields[i].name, status_field_value(&status_fields[i], &v->status),
               status_fields[i].about);
    }
    metric(&p, "mode", v->has_status ? v->status.mode : MODE_STARTING,
           "0 starting, 1 normal, 2 limited, 3 failsafe, 4 stopping");
    metric(&p, "alarms", v->alarms, "alarms that stand");
    link_metrics(v, &p);
    metric(&p, "http_requests", (double)w->requests, "requests since start");
    metric(&p, "http_refused", (double)(w->refused + http_refused(w->http)),
           "refused since start");
    metric(&p, "http_connections", http_connections(w->http), "connections open");
    metric(&p, "loop_lag_web_us", (double)loop_lag_us(w->loop),
           "worst lag of web's loop since last asked");
    http_answer(c, 200, "text/plain; version=0.0.4; charset=utf-8", p.text, p.len);
}
