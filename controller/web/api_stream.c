/* Live values as server-sent events: once a real second the status and what has changed. Runs
 * in the web role. A client that does not read is dropped. */
#include "controller/web/show.h"
#include "controller/web/web.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_MS = 950 };

static bool same(const struct msg_image_row *a, const struct msg_image_row *b)
{
    return a->quality == b->quality &&
           (a->value == b->value || (!isfinite(a->value) && !isfinite(b->value)));
}

/* One message: status, revisions of what is read again on change, and values. all: of all
 * points. */
static json_t *message(const struct web *w, bool all)
{
    const struct view *v = &w->view;
    json_t *o = json_object();
    json_t *revision = json_object();
    json_t *values = json_object();
    json_t *quality = json_object();
    for (int i = 0; i < VIEW_PARTS; i++) {
        (void)json_object_set_new(revision, view_part_name((enum view_part)i),
                                  json_integer(v->revision[i]));
    }
    for (int i = 0; i < v->park->points; i++) {
        char name[2 * NAME_LEN];
        const struct msg_image_row *now = &v->image[i];
        const struct msg_image_row *then = &w->sent[i];
        if (!all && same(now, then)) {
            continue;
        }
        park_point_name(v->park, i, name, sizeof name);
        (void)json_object_set_new(values, name, show_value(now));
        if (all || now->quality != then->quality) {
            (void)json_object_set_new(quality, name,
                                      json_string(quality_name((enum quality)now->quality)));
        }
    }
    (void)json_object_set_new(o, "status", show_status(v));
    (void)json_object_set_new(o, "revision", revision);
    (void)json_object_set_new(o, "values", values);
    (void)json_object_set_new(o, "quality", quality);
    return o;
}

/* Text of a message in memory of malloc(), NULL without it. */
static char *text_of(const struct web *w, bool all)
{
    json_t *o = message(w, all);
    char *text = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(8));
    json_decref(o);
    return text;
}

void get_stream(struct web *w, struct http_call *c, const char *param)
{
    (void)param;
    for (int i = 0; i < HTTP_STREAMS_MAX; i++) {
        struct stream_client *s = &w->stream[i];
        if (s->call != NULL) {
            continue;
        }
        if (http_stream(c) != ERR_OK) {
            break;
        }
        char *text = text_of(w, true);
        s->call = c;
        if (text != NULL && http_stream_send(c, text, strlen(text)) != ERR_OK) {
            s->call = NULL;
        }
        free(text);
        return;
    }
    answer_problem(c, 503, ERR_FULL, "stream: %d are open already; close one",
                   HTTP_STREAMS_MAX);
}

void stream_tell(struct web *w)
{
    int64_t now_us = clock_real_us();
    char *text = NULL;
    if (now_us - w->streamed_us < STREAM_MS * 1000LL) {
        return;
    }
    w->streamed_us = now_us;
    for (int i = 0; i < HTTP_STREAMS_MAX; i++) {
        struct stream_client *s = &w->stream[i];
        if (s->call == NULL) {
            continue;
        }
        if (text == NULL && (text = text_of(w, false)) == NULL) {
            return;
        }
        if (http_stream_send(s->call, text, strlen(text)) != ERR_OK) {
            s->call = NULL;
        }
    }
    free(text);
    memcpy(w->sent, w->view.image, (size_t)w->park->points * sizeof *w->sent);
}
