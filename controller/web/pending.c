/* Calls that wait for park or store. Runs in the web role. */
#include "controller/web/web.h"
#include <string.h>

struct pending *pending_add(struct web *w, struct http_call *c)
{
    for (int i = 0; i < PENDING_MAX; i++) {
        struct pending *p = &w->pending[i];
        if (p->seq != 0) {
            continue;
        }
        w->seq = w->seq == UINT32_MAX ? 1 : w->seq + 1;
        *p = (struct pending){.seq = w->seq,
                              .call = c,
                              .until_us = clock_real_us() + ANSWER_S * 1000000LL,
                              .idem = -1};
        return p;
    }
    answer_problem(c, 503, ERR_FULL, "%d requests wait already; try again in a moment",
                   PENDING_MAX);
    return NULL;
}

struct pending *pending_find(struct web *w, uint32_t seq)
{
    for (int i = 0; i < PENDING_MAX && seq != 0; i++) {
        if (w->pending[i].seq == seq) {
            return &w->pending[i];
        }
    }
    return NULL;
}

void pending_free(struct pending *p)
{
    json_decref(p->series);
    memset(p, 0, sizeof *p);
}

void pending_expire(struct web *w)
{
    int64_t now_us = clock_real_us();
    for (int i = 0; i < PENDING_MAX; i++) {
        struct pending *p = &w->pending[i];
        if (p->seq == 0 || now_us < p->until_us) {
            continue;
        }
        if (p->idem >= 0) {
            w->idem[p->idem].key[0] = '\0';
        }
        answer_problem(p->call, 504, ERR_TIMEOUT,
                       "no answer within %d s; what was asked may still have happened",
                       ANSWER_S);
        pending_free(p);
    }
}
