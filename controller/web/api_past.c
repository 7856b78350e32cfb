/* Questions about the past, put to the store: events and history. Runs in the web role. */
#include "controller/web/query.h"
#include "controller/web/show.h"
#include "controller/web/web.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DAY_S = 86400, SPAN_DAYS_MAX = 400 };

/* Sends a question of a pending call; answers 503 if it cannot be sent. */
static void ask_store(struct web *w, struct pending *p, uint16_t type, const void *data,
                      size_t len)
{
    enum err rc = msg_send(w->link, msg_to(ROLE_STORE, type, p->seq, len), data);
    if (rc != ERR_OK) {
        answer_problem(p->call, 503, rc, "the store takes no question now; try again");
        pending_free(p);
    }
}

static bool span_ok(struct http_call *c, wall_t from, wall_t to)
{
    double span_s = wall_diff_s(from, to);
    if (span_s > 0 && span_s <= SPAN_DAYS_MAX * (double)DAY_S) {
        return true;
    }
    answer_problem(c, 422, ERR_RANGE,
                   "query: to: give a time after from, at most %d days later", SPAN_DAYS_MAX);
    return false;
}

void get_events(struct web *w, struct http_call *c, const char *param)
{
    static const char *const known[] = {"from", "to", "limit"};
    static const int limits[2] = {1, MSG_ROWS_MAX};
    struct query_ask q = {.call = c, .known = known, .n = 3};
    int limit = 100;
    wall_t to = wall_add_s(clock_wall(w->view.clock), 60);
    (void)param;
    if (!query_names(&q) || !query_time(&q, "to", &to) ||
        !query_int(&q, "limit", limits, &limit)) {
        return;
    }
    wall_t from = wall_add_s(to, -7.0 * DAY_S);
    if (!query_time(&q, "from", &from) || !span_ok(c, from, to)) {
        return;
    }
    struct pending *p = pending_add(w, c);
    if (p != NULL) {
        struct msg_events_ask ask = {.from = from, .to = to, .limit = (uint32_t)limit};
        ask_store(w, p, MSG_EVENTS_ASK, &ask, sizeof ask);
    }
}

void on_events(struct web *w, const struct msg_head *head, const void *payload)
{
    struct pending *p = pending_find(w, head->seq);
    const struct msg_event *e = payload;
    if (p == NULL) {
        return; /* came too late */
    }
    json_t *list = json_array();
    for (size_t i = 0; i < head->len / sizeof *e; i++) {
        (void)json_array_append_new(list, show_event(&e[i]));
    }
    answer_json(p->call, 200, json_pack("{s:o}", "events", list));
    pending_free(p);
}

/* ---- History ---- */

/* "a.kw,b.kw" into point numbers; answers the call and returns 0 when something is wrong. */
static int points_of(struct web *w, struct http_call *c, const char *text, int *point)
{
    int n = 0;
    for (const char *at = text; *at != '\0';) {
        char name[2 * NAME_LEN];
        size_t len = strcspn(at, ",");
        (void)snprintf(name, sizeof name, "%.*s",
                       (int)(len < sizeof name ? len : sizeof name - 1), at);
        at += len + (at[len] == ',');
        if (n == HISTORY_POINTS_MAX) {
            answer_problem(c, 422, ERR_LIMIT, "query: points: at most %d at once",
                           HISTORY_POINTS_MAX);
            return 0;
        }
        point[n] = park_point_from_name(w->park, name);
        if (point[n] < 0) {
            answer_problem(c, 422, ERR_NOT_FOUND,
                           "query: points: %s is not known; see /api/v1/points", name);
            return 0;
        }
        n++;
    }
    if (n == 0) {
        answer_problem(c, 422, ERR_MISSING,
                       "query: points: is missing; give names like pcc.kw,bess1.soc_pu");
    }
    return n;
}

/* Asks for the next point of a history call. */
static void ask_point(struct web *w, struct pending *p)
{
    char name[2 * NAME_LEN];
    p->ask.point = (uint32_t)p->point[p->next];
    p->rows = json_array();
    park_point_name(w->park, p->point[p->next], name, sizeof name);
    (void)json_object_set_new(p->series, name, p->rows);
    ask_store(w, p, MSG_HISTORY_ASK, &p->ask, sizeof p->ask);
}

void get_history(struct web *w, struct http_call *c, const char *param)
{
    static const char *const known[] = {"points", "from", "to", "step"};
    static const int steps[2] = {1, DAY_S};
    struct query_ask q = {.call = c, .known = known, .n = 4};
    char names[HISTORY_POINTS_MAX * 2 * NAME_LEN] = "";
    int point[HISTORY_POINTS_MAX];
    int step_s = 60;
    wall_t to = clock_wall(w->view.clock);
    (void)param;
    if (!query_names(&q) || !query_text(&q, "points", names, sizeof names) ||
        !query_time(&q, "to", &to) || !query_int(&q, "step", steps, &step_s)) {
        return;
    }
    wall_t from = wall_add_s(to, -DAY_S / 2.0);
    int n = points_of(w, c, names, point);
    if (n == 0 || !query_time(&q, "from", &from) || !span_ok(c, from, to)) {
        return;
    }
    if (wall_diff_s(from, to) / step_s > HISTORY_ROWS_MAX) {
        answer_problem(c, 422, ERR_RANGE,
                       "query: step: %d s would give more than %d rows; give at least %.0f",
                       step_s, HISTORY_ROWS_MAX,
                       ceil(wall_diff_s(from, to) / HISTORY_ROWS_MAX));
        return;
    }
    struct pending *p = pending_add(w, c);
    if (p != NULL) {
        p->points = n;
        memcpy(p->point, point, sizeof point);
        p->ask = (struct msg_history_ask){.step_s = (uint32_t)step_s, .from = from, .to = to};
        p->series = json_object();
        ask_point(w, p);
    }
}

static void history_done(struct pending *p)
{
    json_t *o = json_object();
    (void)json_object_set_new(o, "from", show_time(p->ask.from));
    (void)json_object_set_new(o, "to", show_time(p->ask.to));
    (void)json_object_set_new(o, "step_s", json_integer(p->ask.step_s));
    (void)json_object_set(o, "series", p->series);
    answer_json(p->call, 200, o);
    pending_free(p);
}

void on_history(struct web *w, const struct msg_head *head, const void *payload)
{
    struct pending *p = pending_find(w, head->seq);
    const struct msg_history_row *r = payload;
    size_t n = head->len / sizeof *r;
    if (p == NULL || p->rows == NULL) {
        return; /* came too late */
    }
    for (size_t i = 0; i < n; i++) {
        json_t *row = json_array();
        (void)json_array_append_new(row, json_integer(r[i].at.ms));
        (void)json_array_append_new(row, json_number_or_null(r[i].value));
        (void)json_array_append_new(p->rows, row);
    }
    if (n > 0) {
        return;
    }
    p->next++;
    if (p->next < p->points) {
        ask_point(w, p);
    } else {
        history_done(p);
    }
}
