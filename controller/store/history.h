/* history.db: samples of all points and the plans, for curves and reports. May lose its last
 * second with the power (WAL, synchronous NORMAL). Runs in the store role; a struct history
 * owns its database and borrows the park and the arena.
 *
 * A value is stored when it or its quality changed, and at least every HISTORY_HOLD_S; between
 * two rows it holds. A gap longer than HISTORY_GAP_S is no data. Points are kept by name, so
 * that a changed park file does not mix them up. */
#ifndef KILNWATT_STORE_HISTORY_H
#define KILNWATT_STORE_HISTORY_H

#include "controller/park/messages.h"
#include "controller/park/park.h"
#include "controller/store/db.h"

enum {
    HISTORY_HOLD_S = 300,
    HISTORY_GAP_S = 420,
    HISTORY_DAYS = 35,       /* raw samples */
    HISTORY_PLANS_MAX = 600, /* newest plans kept */
    HISTORY_ROWS_MAX = 5000, /* of one answer */
    HISTORY_ASK_MS = 2000,   /* real time that one answer may take */
    HISTORY_DROP_ROWS = 20000
};

struct history_last {
    double value;
    wall_t at; /* 0 = nothing stored yet */
    uint32_t quality;
};

struct history {
    struct db *db;
    struct db_query *put, *before, *rows, *drop, *plan, *plan_drop;
    const struct park *park;
    int64_t *id;               /* [park->points] numbers in the file */
    struct history_last *last; /* [park->points] */
    bool open;                 /* a transaction is open */
    uint64_t lost;             /* samples that could not be stored */
};

struct history_spec {
    const struct park *park; /* must outlive the history */
    const char *dir;         /* state directory */
    int page_max;            /* as in journal_open() */
};

/* Errors and note as in db_open(); also ERR_NOMEM (arena). */
must_check enum err history_open(struct history *h, struct arena *a,
                                 const struct history_spec *spec, struct db_note *note);
void history_close(struct history *h);

/* Add to the open transaction. Samples of unknown points are counted as lost. An error rolls
 * back. */
must_check enum err history_sample(struct history *h, const struct msg_sample *s);
must_check enum err history_plan(struct history *h, const void *plan, size_t len, wall_t at);
must_check enum err history_commit(struct history *h);
/* Drops some of what is older than HISTORY_DAYS before now; call now and then. */
must_check enum err history_trim(struct history *h, wall_t now);

/* Time-weighted means of a point over steps of step_s from ask->from; only steps that have
 * data. At most max rows. A row's time is its step's start. ERR_NOT_FOUND (point), ERR_RANGE
 * (steps), ERR_TIMEOUT. */
must_check enum err history_ask(struct history *h, const struct msg_history_ask *ask,
                                struct msg_history_row *out, int max, int *n);

#endif
