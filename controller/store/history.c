/* Samples and plans in history.db. Runs in the store role; owns that database. */
#include "controller/store/history.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const schema[] = {
    "CREATE TABLE point(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE sample(point INTEGER NOT NULL, at INTEGER NOT NULL, value REAL, quality "
    "INTEGER,"
    " PRIMARY KEY(point,at)) WITHOUT ROWID;"
    "CREATE TABLE plan(at INTEGER PRIMARY KEY, bytes BLOB NOT NULL);",
};

enum { PAGES_MAX = 1073741823, WAL_BYTES_MAX = 16 * 1024 * 1024, DAY_S = 86400 };

static enum err prepare(struct history *h)
{
    /* quality NULL: good */
    const struct {
        struct db_query **q;
        const char *sql;
    } table[] = {
        {&h->put,       "INSERT OR REPLACE INTO sample(point,at,value,quality) VALUES(?1,?2,?3,?4)"},
        {&h->before,    "SELECT at,value,quality FROM sample WHERE point=?1 AND at<?2 AND at>=?3"
                     " ORDER BY at DESC LIMIT 1"                               },
        {&h->rows,      "SELECT at,value,quality FROM sample WHERE point=?1 AND at>=?2 AND at<?3"
                   " ORDER BY at"                                                },
        {&h->drop,      "DELETE FROM sample WHERE point=?1 AND at<?2"                              },
        {&h->plan,      "INSERT OR REPLACE INTO plan(at,bytes) VALUES(?1,?2)"                      },
        {&h->plan_drop, "DELETE FROM plan WHERE at<(SELECT min(at) FROM"
                        " (SELECT at FROM plan ORDER BY at DESC LIMIT ?1))" },
    };
    enum err rc = ERR_OK;
    for (size_t i = 0; i < sizeof table / sizeof table[0] && rc == ERR_OK; i++) {
        rc = db_prepare(h->db, table[i].sql, table[i].q);
    }
    return rc;
}

/* Numbers of the park's points in this file; new names get new ones. */
static enum err number_points(struct history *h)
{
    struct db_query *find = NULL;
    struct db_query *add = NULL;
    enum err rc = db_prepare(h->db, "SELECT id FROM point WHERE name=?1", &find);
    rc = rc == ERR_OK ? db_prepare(h->db, "INSERT OR IGNORE INTO point(name) VALUES(?1)", &add)
                      : rc;
    rc = rc == ERR_OK ? db_begin(h->db) : rc;
    for (int i = 0; i < h->park->points && rc == ERR_OK; i++) {
        char name[2 * NAME_LEN];
        bool row = false;
        park_point_name(h->park, i, name, sizeof name);
        db_bind_text(add, 1, name);
        rc = db_run(add);
        db_bind_text(find, 1, name);
        rc = rc == ERR_OK ? db_step(find, &row) : rc;
        if (rc == ERR_OK) {
            must(row);
            h->id[i] = db_int(find, 0);
            db_reset(find);
        }
    }
    if (rc != ERR_OK) {
        db_rollback(h->db);
        return rc;
    }
    return db_commit(h->db);
}

enum err history_open(struct history *h, struct arena *a, const struct history_spec *spec,
                      struct db_note *note)
{
    char path[DB_PATH_LEN];
    char sql[200];
    memset(h, 0, sizeof *h);
    *note = (struct db_note){.why = "the path is too long"};
    if (snprintf(path, sizeof path, "%s/history.db", spec->dir) >= (int)sizeof path) {
        return ERR_RANGE;
    }
    const struct park *p = spec->park;
    h->park = p;
    h->id = arena_take(a, (size_t)p->points, sizeof *h->id);
    h->last = arena_take(a, (size_t)p->points, sizeof *h->last);
    if (h->id == NULL || h->last == NULL) {
        return ERR_NOMEM;
    }
    (void)snprintf(
        sql, sizeof sql,
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA max_page_count=%d;"
        "PRAGMA journal_size_limit=%d; PRAGMA secure_delete=OFF;",
        spec->page_max > 0 ? spec->page_max : PAGES_MAX, WAL_BYTES_MAX);
    struct db_spec file = {.path = path,
                           .pragmas = sql,
                           .schema = schema,
                           .versions = sizeof schema / sizeof schema[0]};
    enum err rc = db_open(&file, &h->db, note);
    rc = rc == ERR_OK ? prepare(h) : rc;
    rc = rc == ERR_OK ? number_points(h) : rc;
    if (rc != ERR_OK) {
        history_close(h);
    }
    return rc;
}

void history_close(struct history *h)
{
    db_close(h->db);
    h->db = NULL;
}

static enum err begin(struct history *h)
{
    if (h->open) {
        return ERR_OK;
    }
    enum err rc = db_begin(h->db);
    h->open = rc == ERR_OK;
    return rc;
}

/* What was thought stored is not: every value counts as new again. */
static void forget(struct history *h)
{
    h->open = false;
    memset(h->last, 0, (size_t)h->park->points * sizeof *h->last);
}

static enum err settle(struct history *h, enum err rc)
{
    if (rc != ERR_OK) {
        db_rollback(h->db);
        forget(h);
    }
    return rc;
}

static bool same(const struct history_last *last, const struct msg_sample *s)
{
    return last->at.ms != 0 && last->quality == s->quality && last->value == s->value &&
           s->at.ms > last->at.ms && wall_diff_s(last->at, s->at) < HISTORY_HOLD_S;
}

enum err history_sample(struct history *h, const struct msg_sample *s)
{
    if (s->point >= (uint32_t)h->park->points || s->quality >= QUALITY_COUNT) {
        h->lost++;
        return ERR_OK;
    }
    struct history_last *last = &h->last[s->point];
    if (same(last, s)) {
        return ERR_OK;
    }
    enum err rc = begin(h);
    if (rc != ERR_OK) {
        h->lost++;
        return rc;
    }
    db_bind_int(h->put, 1, h->id[s->point]);
    db_bind_int(h->put, 2, s->at.ms);
    if (isfinite(s->value)) {
        db_bind_number(h->put, 3, s->value);
    } else {
        db_bind_null(h->put, 3);
    }
    if (s->quality == QUALITY_GOOD) {
        db_bind_null(h->put, 4);
    } else {
        db_bind_int(h->put, 4, s->quality);
    }
    rc = settle(h, db_run(h->put));
    if (rc == ERR_OK) {
        *last = (struct history_last){.value = s->value, .at = s->at, .quality = s->quality};
    } else {
        h->lost++;
    }
    return rc;
}

enum err history_plan(struct history *h, const void *plan, size_t len, wall_t at)
{
    enum err rc = begin(h);
    if (rc != ERR_OK) {
        return rc;
    }
    db_bind_int(h->plan, 1, at.ms);
    db_bind_bytes(h->plan, 2, plan, len);
    rc = db_run(h->plan);
    db_bind_int(h->plan_drop, 1, HISTORY_PLANS_MAX);
    rc = rc == ERR_OK ? db_run(h->plan_drop) : rc;
    return settle(h, rc);
}

enum err history_commit(struct history *h)
{
    if (!h->open) {
        return ERR_OK;
    }
    h->open = false;
    enum err rc = db_commit(h->db);
    if (rc != ERR_OK) {
        forget(h);
    }
    return rc;
}

enum err history_trim(struct history *h, wall_t now)
{
    int dropped = 0;
    enum err rc = begin(h);
    for (int i = 0; i < h->park->points && rc == ERR_OK && dropped < HISTORY_DROP_ROWS; i++) {
        db_bind_int(h->drop, 1, h->id[i]);
        db_bind_int(h->drop, 2, now.ms - (int64_t)HISTORY_DAYS * DAY_S * 1000);
        rc = db_run(h->drop);
        dropped += rc == ERR_OK ? db_changes(h->db) : 0;
    }
    return settle(h, rc);
}

/* ---- Means ---- */

/* The walk over the rows of a point: the value that holds now, and the step that is being
 * summed. */
struct walk {
    const struct msg_history_ask *ask;
    struct msg_history_row *out;
    int max, n;
    int64_t at_ms;    /* the walk has come so far */
    int64_t until_ms; /* the value holds at most until here */
    double value;     /* NaN: no usable value */
    double sum, ms;   /* of the present step */
    int64_t step;     /* number of the present step */
};

static void flush(struct walk *w)
{
    if (w->ms > 0 && w->n < w->max) {
        w->out[w->n++] = (struct msg_history_row){
            .at = {w->ask->from.ms + w->step * (int64_t)w->ask->step_s * 1000},
            .value = w->sum / w->ms};
    }
    w->sum = 0;
    w->ms = 0;
}

/* The value holds until to_ms, at most until its gap. */
static void hold(struct walk *w, int64_t to_ms)
{
    int64_t step_ms = (int64_t)w->ask->step_s * 1000;
    int64_t end = to_ms < w->until_ms ? to_ms : w->until_ms;
    while (!isnan(w->value) && w->at_ms < end) {
        int64_t step = (w->at_ms - w->ask->from.ms) / step_ms;
        int64_t edge = w->ask->from.ms + (step + 1) * step_ms;
        int64_t next = edge < end ? edge : end;
        if (step != w->step) {
            flush(w);
            w->step = step;
        }
        w->sum += w->value * (double)(next - w->at_ms);
        w->ms += (double)(next - w->at_ms);
        w->at_ms = next;
    }
    w->at_ms = w->at_ms < to_ms ? to_ms : w->at_ms;
}

static void take(struct walk *w, struct db_query *q)
{
    struct reading r = {.value = db_number(q, 1), .quality = QUALITY_GOOD};
    if (!db_is_null(q, 2)) {
        r.quality = (enum quality)db_int(q, 2);
    }
    w->value = db_is_null(q, 1) ? NAN : reading_or(&r, NAN);
    w->until_ms = db_int(q, 0) + (int64_t)HISTORY_GAP_S * 1000;
}

static enum err walk_rows(struct history *h, struct walk *w, int64_t id)
{
    bool row = false;
    db_bind_int(h->before, 1, id);
    db_bind_int(h->before, 2, w->ask->from.ms);
    db_bind_int(h->before, 3, w->ask->from.ms - (int64_t)HISTORY_GAP_S * 1000);
    enum err rc = db_step(h->before, &row);
    if (rc == ERR_OK && row) {
        take(w, h->before);
        db_reset(h->before);
    }
    db_bind_int(h->rows, 1, id);
    db_bind_int(h->rows, 2, w->ask->from.ms);
    db_bind_int(h->rows, 3, w->ask->to.ms);
    row = rc == ERR_OK;
    while (rc == ERR_OK && row) {
        rc = db_step(h->rows, &row);
        if (rc == ERR_OK && row) {
            hold(w, db_int(h->rows, 0));
            take(w, h->rows);
        }
    }
    return rc;
}

enum err history_ask(struct history *h, const struct msg_history_ask *ask,
                     struct msg_history_row *out, int max, int *n)
{
    if (ask->point >= (uint32_t)h->park->points) {
        return ERR_NOT_FOUND;
    }
    double span_s = wall_diff_s(ask->from, ask->to);
    if (ask->step_s == 0 || span_s <= 0 || span_s / ask->step_s > max) {
        return ERR_RANGE;
    }
    struct walk w = {.ask = ask, .out = out, .max = max, .at_ms = ask->from.ms, .value = NAN};
    db_deadline(h->db, clock_real_us() + (int64_t)HISTORY_ASK_MS * 1000);
    enum err rc = walk_rows(h, &w, h->id[ask->point]);
    db_deadline(h->db, 0);
    if (rc != ERR_OK) {
        return rc;
    }
    hold(&w, ask->to.ms);
    flush(&w);
    *n = w.n;
    return ERR_OK;
}
