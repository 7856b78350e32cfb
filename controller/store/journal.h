/* state.db: what must survive a power cut: states by key and the journal of events. Durable
 * once journal_commit() says so (journal TRUNCATE, synchronous EXTRA). Runs in the store role;
 * a struct journal owns its database. */
#ifndef KILNWATT_STORE_JOURNAL_H
#define KILNWATT_STORE_JOURNAL_H

#include "controller/park/messages.h"
#include "controller/store/db.h"

struct journal {
    struct db *db;
    struct db_query *put, *drop, *all, *event, *events, *trim;
    bool open;      /* a transaction is open */
    uint32_t added; /* events since the last trim */
};

/* Events kept; the oldest go first. */
enum { JOURNAL_EVENTS_MAX = 500000, JOURNAL_TRIM_EACH = 1000 };

/* dir: state directory. page_max: bound on the file in pages of 4 KiB, 0 = none. Errors and
 * note as in db_open(). */
must_check enum err journal_open(struct journal *j, const char *dir, int page_max,
                                 struct db_note *note);
void journal_close(struct journal *j);

/* Add to the open transaction (one is begun when there is none). After an error everything
 * since the last commit has been rolled back. at: when, for the record. */
must_check enum err journal_put(struct journal *j, const struct msg_state *s, const void *bytes,
                                wall_t at);
must_check enum err journal_event(struct journal *j, const struct msg_event *e);
/* Makes all that was added durable; ERR_OK when nothing is open. */
must_check enum err journal_commit(struct journal *j);

/* Called once per state. bytes: s->len of them, valid during the call. Return false to stop. */
typedef bool journal_state_fn(const struct msg_state *s, const void *bytes, void *arg);
must_check enum err journal_states(struct journal *j, journal_state_fn *fn, void *arg);
/* The newest events in from <= at < to, newest first; at most max (and ask->limit). *n: how
 * many. */
must_check enum err journal_events(struct journal *j, const struct msg_events_ask *ask,
                                   struct msg_event *out, int max, int *n);

#endif
