/* States and events in state.db. Runs in the store role; owns that database. */
#include "controller/store/journal.h"
#include <stdio.h>
#include <string.h>

static const char *const schema[] = {
    "CREATE TABLE state(key TEXT PRIMARY KEY, at INTEGER NOT NULL, bytes BLOB NOT NULL) "
    "WITHOUT ROWID;"
    "CREATE TABLE event(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, severity INTEGER NOT NULL,"
    " source TEXT NOT NULL, what TEXT NOT NULL, text TEXT NOT NULL);"
    "CREATE INDEX event_at ON event(at);",
};

enum { PAGES_MAX = 1073741823 };

static enum err prepare(struct journal *j)
{
    const struct {
        struct db_query **q;
        const char *sql;
    } table[] = {
        {&j->put,    "INSERT INTO state(key,at,bytes) VALUES(?1,?2,?3)"
                  " ON CONFLICT(key) DO UPDATE SET at=?2,bytes=?3"          },
        {&j->drop,   "DELETE FROM state WHERE key=?1"                                        },
        {&j->all,    "SELECT key,bytes FROM state ORDER BY key"                              },
        {&j->event,  "INSERT INTO event(at,severity,source,what,text) VALUES(?1,?2,?3,?4,?5)"},
        {&j->events, "SELECT at,severity,source,what,text FROM event WHERE at>=?1 AND at<?2"
                     " ORDER BY at DESC,id DESC LIMIT ?3"                },
        {&j->trim,   "DELETE FROM event WHERE id<=(SELECT max(id) FROM event)-?1"            },
    };
    enum err rc = ERR_OK;
    for (size_t i = 0; i < sizeof table / sizeof table[0] && rc == ERR_OK; i++) {
        rc = db_prepare(j->db, table[i].sql, table[i].q);
    }
    return rc;
}

enum err journal_open(struct journal *j, const char *dir, int page_max, struct db_note *note)
{
    char path[DB_PATH_LEN];
    char sql[160];
    memset(j, 0, sizeof *j);
    *note = (struct db_note){.why = "the path is too long"};
    if (snprintf(path, sizeof path, "%s/state.db", dir) >= (int)sizeof path) {
        return ERR_RANGE;
    }
    /* No WAL: at synchronous NORMAL its last commits may be lost with the power, and this file
     * is written a few times a second at most. */
    (void)snprintf(sql, sizeof sql,
                   "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=EXTRA;"
                   "PRAGMA max_page_count=%d; PRAGMA secure_delete=OFF;",
                   page_max > 0 ? page_max : PAGES_MAX);
    struct db_spec spec = {.path = path,
                           .pragmas = sql,
                           .schema = schema,
                           .versions = sizeof schema / sizeof schema[0]};
    enum err rc = db_open(&spec, &j->db, note);
    rc = rc == ERR_OK ? prepare(j) : rc;
    if (rc != ERR_OK) {
        journal_close(j);
    }
    return rc;
}

void journal_close(struct journal *j)
{
    db_close(j->db);
    *j = (struct journal){.db = NULL};
}

static enum err begin(struct journal *j)
{
    if (j->open) {
        return ERR_OK;
    }
    enum err rc = db_begin(j->db);
    j->open = rc == ERR_OK;
    return rc;
}

/* After an error nothing of the transaction may stay: its askers are told so. */
static enum err settle(struct journal *j, enum err rc)
{
    if (rc != ERR_OK) {
        db_rollback(j->db);
        j->open = false;
    }
    return rc;
}

enum err journal_put(struct journal *j, const struct msg_state *s, const void *bytes, wall_t at)
{
    enum err rc = begin(j);
    if (rc != ERR_OK) {
        return rc;
    }
    struct db_query *q = s->len > 0 ? j->put : j->drop;
    db_bind_text(q, 1, s->key);
    if (s->len > 0) {
        db_bind_int(q, 2, at.ms);
        db_bind_bytes(q, 3, bytes, s->len);
    }
    return settle(j, db_run(q));
}

static enum err trim(struct journal *j)
{
    if (j->added < JOURNAL_TRIM_EACH) {
        return ERR_OK;
    }
    j->added = 0;
    db_bind_int(j->trim, 1, JOURNAL_EVENTS_MAX);
    return db_run(j->trim);
}

enum err journal_event(struct journal *j, const struct msg_event *e)
{
    enum err rc = begin(j);
    if (rc != ERR_OK) {
        return rc;
    }
    db_bind_int(j->event, 1, e->at.ms);
    db_bind_int(j->event, 2, e->severity);
    db_bind_text(j->event, 3, e->source);
    db_bind_text(j->event, 4, e->what);
    db_bind_text(j->event, 5, e->text);
    rc = db_run(j->event);
    j->added++;
    rc = rc == ERR_OK ? trim(j) : rc;
    return settle(j, rc);
}

enum err journal_commit(struct journal *j)
{
    if (!j->open) {
        return ERR_OK;
    }
    j->open = false;
    return db_commit(j->db);
}

enum err journal_states(struct journal *j, journal_state_fn *fn, void *arg)
{
    bool row = true;
    enum err rc = db_step(j->all, &row);
    while (rc == ERR_OK && row) {
        struct msg_state s = {.len = 0};
        size_t len = 0;
        (void)snprintf(s.key, sizeof s.key, "%s", db_text(j->all, 0));
        const void *bytes = db_bytes(j->all, 1, &len);
        s.len = (uint32_t)len;
        if (!fn(&s, bytes, arg)) {
            db_reset(j->all);
            return ERR_OK;
        }
        rc = db_step(j->all, &row);
    }
    return rc;
}

enum err journal_events(struct journal *j, const struct msg_events_ask *ask,
                        struct msg_event *out, int max, int *n)
{
    bool row = true;
    int count = 0;
    int limit = ask->limit < (uint32_t)max ? (int)ask->limit : max;
    db_bind_int(j->events, 1, ask->from.ms);
    db_bind_int(j->events, 2, ask->to.ms);
    db_bind_int(j->events, 3, limit);
    enum err rc = db_step(j->events, &row);
    while (rc == ERR_OK && row && count < limit) {
        struct msg_event *e = &out[count++];
        *e = (struct msg_event){.at = {db_int(j->events, 0)},
                                .severity = (uint32_t)db_int(j->events, 1)};
        (void)snprintf(e->source, sizeof e->source, "%s", db_text(j->events, 2));
        (void)snprintf(e->what, sizeof e->what, "%s", db_text(j->events, 3));
        (void)snprintf(e->text, sizeof e->text, "%s", db_text(j->events, 4));
        rc = db_step(j->events, &row);
    }
    if (rc != ERR_OK) {
        return rc;
    }
    if (row) {
        db_reset(j->events);
    }
    *n = count;
    return ERR_OK;
}
