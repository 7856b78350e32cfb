/* The door to SQLite: one file, one connection, prepared statements with typed parameters, no
 * SQL from outside. Opening checks the file, moves a damaged one aside and brings the schema up
 * to date. Runs in the store role, the only writer; a struct db owns its connection and its
 * statements. */
#ifndef KILNWATT_STORE_DB_H
#define KILNWATT_STORE_DB_H

#include "controller/base/err.h"
#include <stddef.h>
#include <stdint.h>

struct db;
struct db_query;

/* What a file is to be. All pointers must outlive the call of db_open() only. */
struct db_spec {
    const char *path;
    const char *pragmas; /* SQL run at each opening: journal mode, synchronous, bounds */
    const char *const
        *schema;  /* SQL of each version; schema[0] makes version 1 of an empty file */
    int versions; /* rows of schema; kept in user_version */
};

enum { DB_PATH_LEN = 512 };
/* What happened while opening, for the journal. */
struct db_note {
    char moved_to[DB_PATH_LEN]; /* where a damaged file was put; "" when it was sound */
    char why[160];              /* of the last failure or damage; "" */
};

/* Opens or makes the file. A damaged one (quick_check) is renamed to `path.bad-N` together with
 * its journals and a fresh one is made. ERR_VERSION: the file is of a newer program. ERR_IO,
 * ERR_LIMIT (disk full), ERR_NOMEM; note->why then says what SQLite says. */
must_check enum err db_open(const struct db_spec *spec, struct db **out, struct db_note *note);
/* NULL is allowed. Statements go with it. */
void db_close(struct db *d);
/* The last failure in SQLite's words; valid until the next call. */
const char *db_why(const struct db *d);

/* Runs SQL without parameters. ERR_LIMIT: disk full; ERR_BUSY; ERR_IO: anything else. */
must_check enum err db_exec(struct db *d, const char *sql);
/* Transactions. A failed commit has been rolled back. */
must_check enum err db_begin(struct db *d);
must_check enum err db_commit(struct db *d);
void db_rollback(struct db *d);

/* A prepared statement, closed with its database. */
must_check enum err db_prepare(struct db *d, const char *sql, struct db_query **out);
/* Parameters count from 1. Texts and bytes must stay until db_reset(). */
void db_bind_int(struct db_query *q, int at, int64_t value);
void db_bind_number(struct db_query *q, int at, double value);
void db_bind_text(struct db_query *q, int at, const char *text);
void db_bind_bytes(struct db_query *q, int at, const void *bytes, size_t len);
void db_bind_null(struct db_query *q, int at);
/* Goes to the next row; *row = false at the end (the statement is then reset). Errors as above,
 * and ERR_TIMEOUT past db_deadline(). */
must_check enum err db_step(struct db_query *q, bool *row);
/* Runs a statement that gives no rows, and resets it. */
must_check enum err db_run(struct db_query *q);
void db_reset(struct db_query *q);
/* Columns of the present row count from 0. */
int64_t db_int(struct db_query *q, int column);
double db_number(struct db_query *q, int column);
bool db_is_null(struct db_query *q, int column);
/* Never NULL; valid until the next step or reset. */
const char *db_text(struct db_query *q, int column);
const void *db_bytes(struct db_query *q, int column, size_t *len);
/* Rows changed by the last statement. */
int db_changes(const struct db *d);

/* Statements end with ERR_TIMEOUT once CLOCK_MONOTONIC passes real_us (see clock_real_us()); 0
 * = no deadline. */
void db_deadline(struct db *d, int64_t real_us);

#endif
