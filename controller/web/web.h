/* Internal to the web role: what its handlers share. */
#ifndef KILNWATT_WEB_WEB_H
#define KILNWATT_WEB_WEB_H

#include "controller/base/json.h"
#include "controller/base/lock_role.h"
#include "controller/web/http.h"
#include "controller/web/view.h"

enum {
    PENDING_MAX = 64,
    ANSWER_S = 5, /* real; then 504 */
    HISTORY_POINTS_MAX = 8,
    HISTORY_ROWS_MAX = 5000, /* per point, as the store answers */
    IDEM_MAX = 64,
    IDEM_KEY_MAX = 64,
    TOKEN_LEN = 65 /* 64 hexadecimal digits and the ending 0 */
};

struct web;

/* A call that waits for another role. */
struct pending {
    uint32_t seq; /* 0 = free */
    struct http_call *call;
    int64_t until_us; /* real */
    int idem;         /* row of the idempotency memory, -1 = none */
    bool created;     /* success is 201 */
    /* history: */
    int points, next;
    int point[HISTORY_POINTS_MAX];
    struct msg_history_ask ask;
    json_t *series; /* gathered so far */
    json_t *rows;   /* of the present point, borrowed from series */
};

/* What a key was used for, so that a repeated request makes no second event. */
struct idem {
    char key[IDEM_KEY_MAX + 1]; /* "" = free */
    uint64_t body;              /* hash */
    bool done;
    struct msg_dr_event event;
};

struct stream_client {
    struct http_call *call; /* NULL = free */
};

struct web {
    struct arena arena;
    struct loop *loop;
    struct msg_link *link;
    struct lock_role lock;
    struct park *park;
    struct tariff *tariff;
    struct http *http;
    struct view view;
    char token[TOKEN_LEN];
    uint32_t seq;
    struct pending pending[PENDING_MAX];
    struct idem idem[IDEM_MAX];
    int idem_next;
    struct stream_client stream[HTTP_STREAMS_MAX];
    struct msg_image_row *sent; /* [park->points] as the streams know it */
    int64_t streamed_us;
    uint64_t requests, refused;
};

/* ---- Answers (answer.c) ---- */

/* Sends a JSON value and drops the reference. */
void answer_json(struct http_call *c, int status, json_t *v);
/* problem+json (RFC 9457): detail says what is wrong and what would be right; code is the
 * error's. */
void answer_problem(struct http_call *c, int status, enum err code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* HTTP status that fits an error. */
int answer_status(enum err e);

/* ---- Waiting for other roles (pending.c) ---- */

/* A row for a call, with its deadline set; NULL after the call has been answered 503. */
struct pending *pending_add(struct web *w, struct http_call *c);
/* NULL if nobody waits for it. */
struct pending *pending_find(struct web *w, uint32_t seq);
void pending_free(struct pending *p);
/* Answers 504 where the deadline has passed. */
void pending_expire(struct web *w);

/* ---- Handlers; `param` is what stands for {} in the route's pattern ---- */

void get_health(struct web *w, struct http_call *c, const char *param);
void get_metrics(struct web *w, struct http_call *c, const char *param);
void get_status(struct web *w, struct http_call *c, const char *param);
void get_points(struct web *w, struct http_call *c, const char *param);
void get_point(struct web *w, struct http_call *c, const char *param);
void get_devices(struct web *w, struct http_call *c, const char *param);
void get_plan(struct web *w, struct http_call *c, const char *param);
void get_orders(struct web *w, struct http_call *c, const char *param);
void get_alarms(struct web *w, struct http_call *c, const char *param);
void get_tariff(struct web *w, struct http_call *c, const char *param);
void get_events(struct web *w, struct http_call *c, const char *param);
void get_history(struct web *w, struct http_call *c, const char *param);
void get_dr_list(struct web *w, struct http_call *c, const char *param);
void get_dr_event(struct web *w, struct http_call *c, const char *param);
void get_openapi(struct web *w, struct http_call *c, const char *param);
void get_stream(struct web *w, struct http_call *c, const char *param);
void get_asset(struct web *w, struct http_call *c, const char *param);
void post_dr_event(struct web *w, struct http_call *c, const char *param);
void delete_dr_event(struct web *w, struct http_call *c, const char *param);
void post_set(struct web *w, struct http_call *c, const char *param);
void post_auto(struct web *w, struct http_call *c, const char *param);
void post_ack(struct web *w, struct http_call *c, const char *param);
void post_replan(struct web *w, struct http_call *c, const char *param);

/* ---- Answers of other roles ---- */

void on_command_done(struct web *w, const struct msg_head *head, const void *payload);
void on_history(struct web *w, const struct msg_head *head, const void *payload);
void on_events(struct web *w, const struct msg_head *head, const void *payload);
/* A status has come: at most once a real second the streams get what has changed. */
void stream_tell(struct web *w);

#endif
