/* Commands of people and of aggregators: checked here, decided by park, answered when park has.
 * Runs in the web role. */
#include "controller/base/civil.h"
#include "controller/web/show.h"
#include "controller/web/web.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MINUTES_MAX = 1440, AHEAD_DAYS_MAX = 45, PAST_S_MAX = 60, SET_S_MAX = 7 * 86400 };

/* Reads the body as an object with no other keys than `known`. NULL after the call has been
 * answered. */
static json_t *body_of(struct http_call *c, struct json_ask *ask, const char *const *known,
                       int n)
{
    size_t len = 0;
    const char *text = http_body(c, &len);
    json_t *body = NULL;
    enum err rc = json_read(ask, text, len, HTTP_BODY_MAX, &body);
    if (rc != ERR_OK) {
        answer_problem(c, answer_status(rc), rc, "%s", ask->error);
        return NULL;
    }
    if (!json_is_object(body)) {
        json_complain(ask, NULL, "the body is no object; give {…}");
        rc = ERR_TYPE;
    }
    rc = rc == ERR_OK ? json_keys_known(ask, body, known, n) : rc;
    if (rc != ERR_OK) {
        json_decref(body);
        answer_problem(c, answer_status(rc), rc, "%s", ask->error);
        return NULL;
    }
    return body;
}

/* Sends a command to park; the call is answered in on_command_done(). */
static struct pending *send_command(struct web *w, struct http_call *c, struct msg_command *m)
{
    if (!view_fresh(&w->view)) {
        answer_problem(c, 503, ERR_BUSY, "park is being restarted; try again in a moment");
        return NULL;
    }
    struct pending *p = pending_add(w, c);
    if (p == NULL) {
        return NULL;
    }
    (void)snprintf(m->actor, sizeof m->actor, "operator");
    enum err rc = msg_send(w->link, msg_to(ROLE_PARK, MSG_COMMAND, p->seq, sizeof *m), m);
    if (rc != ERR_OK) {
        pending_free(p);
        answer_problem(c, 503, rc, "park takes no command now; try again");
        return NULL;
    }
    return p;
}

void on_command_done(struct web *w, const struct msg_head *head, const void *payload)
{
    struct pending *p = pending_find(w, head->seq);
    const struct msg_command_done *d = payload;
    if (p == NULL || head->len != sizeof *d) {
        return;
    }
    struct idem *idem = p->idem >= 0 ? &w->idem[p->idem] : NULL;
    if (d->err != ERR_OK) {
        if (idem != NULL) {
            idem->key[0] = '\0';
        }
        enum err rc = d->err < ERR_COUNT ? (enum err)d->err : ERR_PROTOCOL;
        answer_problem(p->call, answer_status(rc), rc, "%.*s", MSG_TEXT,
                       d->text[0] != '\0' ? d->text : err_text(rc));
    } else {
        if (idem != NULL) {
            idem->done = true;
            idem->event = d->dr;
        }
        answer_json(p->call, p->created ? 201 : 200,
                    d->dr.id[0] != '\0' ? show_dr_event(&d->dr) : json_pack("{s:b}", "ok", 1));
    }
    pending_free(p);
}

/* ---- Demand response ---- */

static bool id_ok(const char *id)
{
    static const char known[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return strspn(id, known) == strlen(id);
}

static enum err take_direction(struct json_ask *ask, const json_t *body, uint32_t *out)
{
    char text[16];
    enum err rc = json_take_text(ask, body, "direction", text, sizeof text);
    for (uint32_t d = 0; rc == ERR_OK && d < DR_DIRECTION_COUNT; d++) {
        if (strcmp(text, dr_direction_name((enum dr_direction)d)) == 0) {
            *out = d;
            return ERR_OK;
        }
    }
    char all[96] = "";
    for (int d = 0; d < DR_DIRECTION_COUNT; d++) {
        size_t len = strlen(all);
        (void)snprintf(all + len, sizeof all - len, "%s%s", d > 0 ? " or " : "",
                       dr_direction_name((enum dr_direction)d));
    }
    if (rc == ERR_OK) {
        json_complain(ask, "direction", "\"%s\" is not known; give %s", text, all);
        rc = ERR_RANGE;
    }
    return rc;
}

/* "now" and an absent start become 0: park takes its own clock. */
static enum err take_start(struct json_ask *ask, const json_t *body, wall_t now, wall_t *out)
{
    char text[64] = "now";
    wall_t at = {0};
    enum err rc = json_has(body, "start")
                      ? json_take_text(ask, body, "start", text, sizeof text)
                      : ERR_OK;
    if (rc != ERR_OK || strcmp(text, "now") == 0) {
        *out = (wall_t){0};
        return rc;
    }
    if (civil_parse(text, &at) != ERR_OK) {
        json_complain(ask, "start",
                      "\"%s\" is no time; give \"now\" or one like 2025-07-14T08:00:00+08:00",
                      text);
        return ERR_SYNTAX;
    }
    double ahead_s = wall_diff_s(now, at);
    if (ahead_s < -PAST_S_MAX || ahead_s > AHEAD_DAYS_MAX * 86400.0) {
        json_complain(ask, "start", "%s is out of range; give a time from now to %d days ahead",
                      text, AHEAD_DAYS_MAX);
        return ERR_RANGE;
    }
    *out = at;
    return ERR_OK;
}

static enum err take_name(struct json_ask *ask, const json_t *body, const char *key, char *out)
{
    if (!json_has(body, key)) {
        return ERR_OK;
    }
    enum err rc = json_take_text(ask, body, key, out, MSG_NAME);
    if (rc == ERR_OK && !id_ok(out)) {
        json_complain(ask, key, "\"%s\" has other characters than A-Z a-z 0-9 . _ -", out);
        rc = ERR_RANGE;
    }
    return rc;
}

static enum err dr_from(struct web *w, struct json_ask *ask, const json_t *body,
                        struct msg_dr_event *e)
{
    const double kw_range[2] = {0.1, w->park->import_kw_max};
    static const double minutes_range[2] = {1, MINUTES_MAX};
    double minutes = 0;
    wall_t now = clock_wall(w->view.clock);
    enum err rc = take_direction(ask, body, &e->direction);
    rc = rc == ERR_OK ? json_take_number(ask, body, "kw", kw_range, &e->kw) : rc;
    rc = rc == ERR_OK ? json_take_number(ask, body, "duration_min", minutes_range, &minutes)
                      : rc;
    rc = rc == ERR_OK ? take_start(ask, body, now, &e->start) : rc;
    rc = rc == ERR_OK ? take_name(ask, body, "id", e->id) : rc;
    rc = rc == ERR_OK ? take_name(ask, body, "program", e->program) : rc;
    if (rc == ERR_OK) {
        /* an event that starts now runs its minutes from when it was asked for */
        e->end = wall_add_s(e->start.ms != 0 ? e->start : now, minutes * 60);
        e->baseline_kw = NAN;
        e->cap_kw = NAN;
    }
    return rc;
}

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const char *bytes, size_t len)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < len; i++) {
        h = (h ^ (unsigned char)bytes[i]) * 1099511628211u;
    }
    return h;
}

/* The row of a key that was used before, or -1. */
static int idem_find(const struct web *w, const char *key)
{
    for (int i = 0; i < IDEM_MAX; i++) {
        if (key[0] != '\0' && strcmp(w->idem[i].key, key) == 0) {
            return i;
        }
    }
    return -1;
}

/* Answers a repeated request from memory; false if it is to be carried out. */
static bool idem_answer(struct web *w, struct http_call *c, const char *key, uint64_t body)
{
    int i = idem_find(w, key);
    if (i < 0) {
        return false;
    }
    const struct idem *r = &w->idem[i];
    if (r->body != body) {
        answer_problem(c, 409, ERR_CONFLICT,
                       "Idempotency-Key: %s was used with another body; give a new key", key);
    } else if (!r->done) {
        answer_problem(c, 409, ERR_BUSY, "Idempotency-Key: %s is being worked on; ask again",
                       key);
    } else {
        const struct msg_dr_event *now = view_dr(&w->view, r->event.id);
        answer_json(c, 200, show_dr_event(now != NULL ? now : &r->event));
    }
    return true;
}

static int idem_add(struct web *w, const char *key, uint64_t body)
{
    if (key[0] == '\0') {
        return -1;
    }
    int i = w->idem_next;
    w->idem_next = (i + 1) % IDEM_MAX;
    w->idem[i] = (struct idem){.body = body};
    (void)snprintf(w->idem[i].key, sizeof w->idem[i].key, "%s", key);
    return i;
}

void post_dr_event(struct web *w, struct http_call *c, const char *param)
{
    static const char *const known[] = {"direction",    "kw", "start",
                                        "duration_min", "id", "program"};
    struct json_ask ask = {.where = "POST /api/v1/dr/events"};
    struct msg_command m = {.type = COMMAND_DR_TRIGGER};
    const char *key = http_header(c, "Idempotency-Key");
    size_t len = 0;
    const char *text = http_body(c, &len);
    uint64_t hash = hash_of(text, len);
    (void)param;
    key = key != NULL ? key : "";
    if (strlen(key) > IDEM_KEY_MAX) {
        answer_problem(c, 422, ERR_RANGE, "Idempotency-Key: at most %d characters",
                       IDEM_KEY_MAX);
        return;
    }
    if (idem_answer(w, c, key, hash)) {
        return;
    }
    json_t *body = body_of(c, &ask, known, 6);
    if (body == NULL) {
        return;
    }
    enum err rc = dr_from(w, &ask, body, &m.dr);
    json_decref(body);
    if (rc != ERR_OK) {
        answer_problem(c, answer_status(rc == ERR_SYNTAX ? ERR_RANGE : rc), rc, "%s",
                       ask.error);
        return;
    }
    (void)snprintf(m.dr.actor, sizeof m.dr.actor, "operator");
    struct pending *p = send_command(w, c, &m);
    if (p != NULL) {
        p->created = true;
        p->idem = idem_add(w, key, hash);
    }
}

void delete_dr_event(struct web *w, struct http_call *c, const char *param)
{
    struct msg_command m = {.type = COMMAND_DR_CANCEL};
    if (view_dr(&w->view, param) == NULL) {
        answer_problem(c, 404, ERR_NOT_FOUND, "id: no event %.80s; see /api/v1/dr/events",
                       param);
        return;
    }
    (void)snprintf(m.id, sizeof m.id, "%s", param);
    (void)snprintf(m.text, sizeof m.text, "cancelled by operator");
    (void)send_command(w, c, &m);
}

/* ---- By hand ---- */

/* Point and value against the dictionary; false with ask->error set. */
static enum err set_from(const struct web *w, struct json_ask *ask, const json_t *body,
                         struct msg_command *m)
{
    static const double for_range[2] = {0, SET_S_MAX};
    char name[2 * NAME_LEN];
    double range[2];
    enum err rc = json_take_text(ask, body, "point", name, sizeof name);
    int point = rc == ERR_OK ? park_point_from_name(w->park, name) : -1;
    if (rc == ERR_OK && point < 0) {
        json_complain(ask, "point", "\"%s\" is not known; see /api/v1/points", name);
        return ERR_NOT_FOUND;
    }
    if (rc == ERR_OK && !park_point_def(w->park, point)->writable) {
        json_complain(ask, "point",
                      "\"%s\" cannot be written; see `writable` in /api/v1/points", name);
        return ERR_DENIED;
    }
    if (rc == ERR_OK) {
        park_point_range(w->park, point, &range[0], &range[1]);
        m->point = (uint32_t)point;
        rc = json_take_number(ask, body, "value", range, &m->value);
    }
    if (rc == ERR_OK && json_has(body, "for_s")) {
        rc = json_take_number(ask, body, "for_s", for_range, &m->for_s);
    }
    return rc;
}

void post_set(struct web *w, struct http_call *c, const char *param)
{
    static const char *const known[] = {"point", "value", "for_s"};
    struct json_ask ask = {.where = "POST /api/v1/set"};
    struct msg_command m = {.type = COMMAND_SET};
    (void)param;
    json_t *body = body_of(c, &ask, known, 3);
    if (body == NULL) {
        return;
    }
    enum err rc = set_from(w, &ask, body, &m);
    json_decref(body);
    if (rc != ERR_OK) {
        answer_problem(c, answer_status(rc == ERR_NOT_FOUND ? ERR_RANGE : rc), rc, "%s",
                       ask.error);
        return;
    }
    (void)send_command(w, c, &m);
}

void post_auto(struct web *w, struct http_call *c, const char *param)
{
    static const char *const known[] = {"device"};
    struct json_ask ask = {.where = "POST /api/v1/auto"};
    struct msg_command m = {.type = COMMAND_AUTO};
    char name[NAME_LEN];
    (void)param;
    json_t *body = body_of(c, &ask, known, 1);
    if (body == NULL) {
        return;
    }
    enum err rc = json_take_text(&ask, body, "device", name, sizeof name);
    int device = rc == ERR_OK ? park_device(w->park, name) : -1;
    if (rc == ERR_OK && device < 0) {
        json_complain(&ask, "device", "\"%s\" is not known; see /api/v1/devices", name);
        rc = ERR_RANGE;
    }
    json_decref(body);
    if (rc != ERR_OK) {
        answer_problem(c, answer_status(rc), rc, "%s", ask.error);
        return;
    }
    m.device = (uint32_t)device;
    (void)send_command(w, c, &m);
}

void post_ack(struct web *w, struct http_call *c, const char *param)
{
    static const char *const known[] = {"id"};
    struct json_ask ask = {.where = "POST /api/v1/ack"};
    struct msg_command m = {.type = COMMAND_ACK};
    (void)param;
    json_t *body = body_of(c, &ask, known, 1);
    if (body == NULL) {
        return;
    }
    enum err rc = json_take_text(&ask, body, "id", m.id, sizeof m.id);
    json_decref(body);
    if (rc != ERR_OK) {
        answer_problem(c, answer_status(rc), rc, "%s", ask.error);
        return;
    }
    (void)send_command(w, c, &m);
}

void post_replan(struct web *w, struct http_call *c, const char *param)
{
    struct msg_command m = {.type = COMMAND_REPLAN};
    (void)param;
    (void)send_command(w, c, &m);
}
