/* SQLite behind one file. Runs in the store role; owns connections and statements. Every
 * connection is the only one on its file (locking_mode EXCLUSIVE), refuses extensions and
 * writes to its own schema. */
#include "controller/store/db.h"
#include "controller/base/clock.h"
#include "controller/base/log.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 2000, PROGRESS_STEPS = 2000, BAD_NAMES_MAX = 1000 };

struct db {
    sqlite3 *sqlite;
    int64_t deadline_us; /* 0 = none */
};

static sqlite3_stmt *stmt_of(struct db_query *q)
{
    return (sqlite3_stmt *)(void *)q;
}

static enum err err_of(int rc)
{
    static const struct {
        int rc;
        enum err err;
    } table[] = {
        {SQLITE_OK,        ERR_OK      },
        {SQLITE_ROW,       ERR_OK      },
        {SQLITE_DONE,      ERR_OK      },
        {SQLITE_FULL,      ERR_LIMIT   },
        {SQLITE_BUSY,      ERR_BUSY    },
        {SQLITE_LOCKED,    ERR_BUSY    },
        {SQLITE_NOMEM,     ERR_NOMEM   },
        {SQLITE_INTERRUPT, ERR_TIMEOUT },
        {SQLITE_TOOBIG,    ERR_RANGE   },
        {SQLITE_CORRUPT,   ERR_PROTOCOL},
        {SQLITE_NOTADB,    ERR_PROTOCOL},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].rc == (rc & 0xff)) {
            return table[i].err;
        }
    }
    return ERR_IO;
}

static int on_progress(void *arg)
{
    const struct db *d = arg;
    return d->deadline_us != 0 && clock_real_us() > d->deadline_us;
}

void db_deadline(struct db *d, int64_t real_us)
{
    d->deadline_us = real_us;
    sqlite3_progress_handler(d->sqlite, real_us != 0 ? PROGRESS_STEPS : 0, on_progress, d);
}

const char *db_why(const struct db *d)
{
    return sqlite3_errmsg(d->sqlite);
}

enum err db_exec(struct db *d, const char *sql)
{
    return err_of(sqlite3_exec(d->sqlite, sql, NULL, NULL, NULL));
}

enum err db_begin(struct db *d)
{
    return db_exec(d, "BEGIN IMMEDIATE");
}

void db_rollback(struct db *d)
{
    /* A full disk may have rolled back by itself. */
    if (sqlite3_get_autocommit(d->sqlite) == 0) {
        (void)sqlite3_exec(d->sqlite, "ROLLBACK", NULL, NULL, NULL);
    }
}

enum err db_commit(struct db *d)
{
    enum err rc = db_exec(d, "COMMIT");
    if (rc != ERR_OK) {
        db_rollback(d);
    }
    return rc;
}

/* ---- Opening ---- */

/* First value of a statement as an integer; `otherwise` if it fails. */
static int64_t ask_int(struct db *d, const char *sql, int64_t otherwise)
{
    sqlite3_stmt *s = NULL;
    int64_t value = otherwise;
    if (sqlite3_prepare_v2(d->sqlite, sql, -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW) {
        value = sqlite3_column_int64(s, 0);
    }
    (void)sqlite3_finalize(s);
    return value;
}

/* ERR_OK when sound, ERR_PROTOCOL when damaged, else why it could not be looked at. */
static enum err look(struct db *d, struct db_note *note)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(d->sqlite, "PRAGMA quick_check(1)", -1, &s, NULL);
    rc = rc == SQLITE_OK ? sqlite3_step(s) : rc;
    enum err e = err_of(rc);
    if (rc == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(s, 0);
        bool sound = text != NULL && strcmp(text, "ok") == 0;
        (void)snprintf(note->why, sizeof note->why, "%s", sound || text == NULL ? "" : text);
        e = sound ? ERR_OK : ERR_PROTOCOL;
    } else {
        (void)snprintf(note->why, sizeof note->why, "%s", sqlite3_errmsg(d->sqlite));
    }
    (void)sqlite3_finalize(s);
    return e;
}

static enum err connect_to(const char *path, struct db **out)
{
    struct db *d = calloc(1, sizeof *d);
    if (d == NULL) {
        return ERR_NOMEM;
    }
    int rc =
        sqlite3_open_v2(path, &d->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (rc != SQLITE_OK) {
        enum err e = err_of(rc);
        db_close(d);
        return e != ERR_OK ? e : ERR_IO;
    }
    (void)sqlite3_extended_result_codes(d->sqlite, 1);
    (void)sqlite3_busy_timeout(d->sqlite, BUSY_MS);
    (void)sqlite3_db_config(d->sqlite, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    (void)sqlite3_db_config(d->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(d->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_limit(d->sqlite, SQLITE_LIMIT_ATTACHED, 0);
    *out = d;
    return ERR_OK;
}

static enum err migrate(struct db *d, const struct db_spec *spec, struct db_note *note)
{
    char sql[48];
    int64_t have = ask_int(d, "PRAGMA user_version", -1);
    if (have < 0 || have > spec->versions) {
        (void)snprintf(note->why, sizeof note->why,
                       "schema version %lld; this program knows 1 to %d", (long long)have,
                       spec->versions);
        return ERR_VERSION;
    }
    for (int v = (int)have; v < spec->versions; v++) {
        (void)snprintf(sql, sizeof sql, "PRAGMA user_version=%d", v + 1);
        enum err rc = db_begin(d);
        rc = rc == ERR_OK ? db_exec(d, spec->schema[v]) : rc;
        rc = rc == ERR_OK ? db_exec(d, sql) : rc;
        if (rc != ERR_OK) {
            (void)snprintf(note->why, sizeof note->why, "schema version %d: %s", v + 1,
                           db_why(d));
            db_rollback(d);
            return rc;
        }
        rc = db_commit(d);
        if (rc != ERR_OK) {
            return rc;
        }
    }
    return ERR_OK;
}

/* Renames the file and what belongs to it out of the way, so that somebody can look at it
 * later. */
static enum err move_aside(const char *path, struct db_note *note)
{
    static const char *const tails[] = {"", "-wal", "-shm", "-journal"};
    char from[DB_PATH_LEN + 16];
    char to[DB_PATH_LEN + 32];
    int n = 1;
    for (; n < BAD_NAMES_MAX; n++) {
        (void)snprintf(to, sizeof to, "%s.bad-%d", path, n);
        if (access(to, F_OK) != 0) {
            break;
        }
    }
    (void)snprintf(note->moved_to, sizeof note->moved_to, "%s.bad-%d", path, n);
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        (void)snprintf(from, sizeof from, "%s%s", path, tails[i]);
        (void)snprintf(to, sizeof to, "%s%s", note->moved_to, tails[i]);
        if (rename(from, to) != 0 && i == 0) {
            return ERR_IO;
        }
    }
    return ERR_OK;
}

static enum err open_sound(const struct db_spec *spec, struct db **out, struct db_note *note)
{
    struct db *d = NULL;
    enum err rc = connect_to(spec->path, &d);
    if (rc != ERR_OK) {
        (void)snprintf(note->why, sizeof note->why, "%s", err_text(rc));
        return rc;
    }
    rc = look(d, note);
    if (rc == ERR_OK) {
        rc = db_exec(d, "PRAGMA locking_mode=EXCLUSIVE");
        rc = rc == ERR_OK ? db_exec(d, spec->pragmas) : rc;
        if (rc != ERR_OK) {
            (void)snprintf(note->why, sizeof note->why, "%s", db_why(d));
        }
    }
    rc = rc == ERR_OK ? migrate(d, spec, note) : rc;
    if (rc != ERR_OK) {
        db_close(d);
        return rc;
    }
    *out = d;
    return ERR_OK;
}

enum err db_open(const struct db_spec *spec, struct db **out, struct db_note *note)
{
    *note = (struct db_note){.moved_to = ""};
    if (strlen(spec->path) >= DB_PATH_LEN - 32) {
        (void)snprintf(note->why, sizeof note->why, "the path is too long");
        return ERR_RANGE;
    }
    enum err rc = open_sound(spec, out, note);
    if (rc == ERR_PROTOCOL) {
        rc = move_aside(spec->path, note);
        char why[sizeof note->why];
        memcpy(why, note->why, sizeof why);
        rc = rc == ERR_OK ? open_sound(spec, out, note) : rc;
        if (rc == ERR_OK) {
            memcpy(note->why, why, sizeof why);
        }
    }
    return rc;
}

void db_close(struct db *d)
{
    if (d == NULL) {
        return;
    }
    sqlite3_stmt *s = d->sqlite != NULL ? sqlite3_next_stmt(d->sqlite, NULL) : NULL;
    while (s != NULL) {
        (void)sqlite3_finalize(s);
        s = sqlite3_next_stmt(d->sqlite, NULL);
    }
    (void)sqlite3_close(d->sqlite);
    free(d);
}

/* ---- Statements ---- */

enum err db_prepare(struct db *d, const char *sql, struct db_query **out)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v3(d->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL);
    if (rc != SQLITE_OK) {
        return err_of(rc);
    }
    *out = (struct db_query *)(void *)s;
    return ERR_OK;
}

/* A wrong parameter number or a bind in mid-step is our own bug. */
static void bound(int rc)
{
    must(rc == SQLITE_OK);
}

void db_bind_int(struct db_query *q, int at, int64_t value)
{
    bound(sqlite3_bind_int64(stmt_of(q), at, value));
}

void db_bind_number(struct db_query *q, int at, double value)
{
    bound(sqlite3_bind_double(stmt_of(q), at, value));
}

void db_bind_text(struct db_query *q, int at, const char *text)
{
    bound(sqlite3_bind_text(stmt_of(q), at, text, -1, SQLITE_STATIC));
}

void db_bind_bytes(struct db_query *q, int at, const void *bytes, size_t len)
{
    bound(sqlite3_bind_blob64(stmt_of(q), at, bytes, len, SQLITE_STATIC));
}

void db_bind_null(struct db_query *q, int at)
{
    bound(sqlite3_bind_null(stmt_of(q), at));
}

enum err db_step(struct db_query *q, bool *row)
{
    int rc = sqlite3_step(stmt_of(q));
    if (rc == SQLITE_ROW) {
        *row = true;
        return ERR_OK;
    }
    (void)sqlite3_reset(stmt_of(q));
    if (rc == SQLITE_DONE) {
        *row = false;
        return ERR_OK;
    }
    return err_of(rc);
}

enum err db_run(struct db_query *q)
{
    bool row = false;
    enum err rc = db_step(q, &row);
    if (rc == ERR_OK && row) {
        db_reset(q);
    }
    return rc;
}

void db_reset(struct db_query *q)
{
    (void)sqlite3_reset(stmt_of(q));
}

int64_t db_int(struct db_query *q, int column)
{
    return sqlite3_column_int64(stmt_of(q), column);
}

double db_number(struct db_query *q, int column)
{
    return sqlite3_column_double(stmt_of(q), column);
}

bool db_is_null(struct db_query *q, int column)
{
    return sqlite3_column_type(stmt_of(q), column) == SQLITE_NULL;
}

const char *db_text(struct db_query *q, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt_of(q), column);
    return text != NULL ? (const char *)text : "";
}

const void *db_bytes(struct db_query *q, int column, size_t *len)
{
    const void *bytes = sqlite3_column_blob(stmt_of(q), column);
    *len = bytes != NULL ? (size_t)sqlite3_column_bytes(stmt_of(q), column) : 0;
    return bytes != NULL ? bytes : "";
}

int db_changes(const struct db *d)
{
    return sqlite3_changes(d->sqlite);
}
