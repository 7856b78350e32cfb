/* The store role: takes samples, events, states and plans from park, answers web's questions
 * about the past. Nobody waits for it in a control loop. Owns state.db and history.db.
 *
 * States and events that arrive within JOURNAL_MS share one durable commit and are acknowledged
 * after it; samples and plans share one commit per second. */
#include "controller/store/store_role.h"
#include "controller/base/lock_role.h"
#include "controller/base/log.h"
#include "controller/store/history.h"
#include "controller/store/journal.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    JOURNAL_MS = 5,
    ACKS_MAX = 256,
    OUT_MAX = 48 * 1024 * 1024, /* all states at once, after a restart of park */
    TRIM_EACH_S = 60
};

struct ack {
    uint32_t seq;
    uint8_t to;
};

struct store {
    struct arena arena;
    struct park *park;
    struct loop *loop;
    struct msg_link *link;
    struct lock_role lock;
    struct loop_timer *soon, *second;
    struct journal journal;
    struct history history;
    struct msg_history_row *rows; /* [HISTORY_ROWS_MAX] */
    struct msg_event *events;     /* [MSG_ROWS_MAX] */
    struct msg_state *state;      /* one message */
    struct ack ack[ACKS_MAX];
    int acks;
    bool soon_set;
    bool history_failing, journal_failing;
    uint64_t seconds;
};

/* A duration of the machine's time in process time. */
static mono_t real_ms(const struct store *s, double ms)
{
    return MONO_S(ms / 1000 * loop_clock(s->loop)->speed);
}

static wall_t now(const struct store *s)
{
    return clock_wall(loop_clock(s->loop));
}

/* Where an answer goes. */
struct address {
    enum role to;
    uint16_t type;
    uint32_t seq;
};

static struct address answer_to(const struct msg_head *head, uint16_t type)
{
    return (struct address){.to = (enum role)head->from, .type = type, .seq = head->seq};
}

static void say(struct store *s, struct address at, const void *data, size_t len)
{
    enum err rc = msg_send(s->link, msg_to(at.to, at.type, at.seq, len), data);
    if (rc != ERR_OK) {
        log_line(LOG_WARN, "answer_lost", "to=%s type=%u reason=%s", role_name(at.to), at.type,
                 err_name(rc));
    }
}

/* Logs the first failure and the recovery, not each second in between. */
static void note_health(bool *failing, const char *file, enum err rc, const char *why)
{
    if (rc != ERR_OK && !*failing) {
        log_line(LOG_ERROR, "store_failing", "file=%s reason=%s sqlite=\"%s\"", file,
                 err_name(rc), why);
    } else if (rc == ERR_OK && *failing) {
        log_line(LOG_WARN, "store_recovered", "file=%s", file);
    }
    *failing = rc != ERR_OK;
}

/* ---- Journal ---- */

static void answer_acks(struct store *s, enum err rc)
{
    struct msg_stored stored = {.err = (uint32_t)rc};
    for (int i = 0; i < s->acks; i++) {
        struct address at = {(enum role)s->ack[i].to, MSG_STORED, s->ack[i].seq};
        say(s, at, &stored, sizeof stored);
    }
    s->acks = 0;
}

static void commit_journal(struct store *s)
{
    enum err rc = journal_commit(&s->journal);
    note_health(&s->journal_failing, "state.db", rc, db_why(s->journal.db));
    answer_acks(s, rc);
}

static void on_soon(void *arg)
{
    struct store *s = arg;
    s->soon_set = false;
    commit_journal(s);
}

/* After an addition to the journal: it is acknowledged with its commit, or with its failure. */
static void journal_added(struct store *s, const struct msg_head *head, enum err rc)
{
    if (head->seq != 0) {
        s->ack[s->acks++] = (struct ack){.seq = head->seq, .to = head->from};
    }
    if (rc != ERR_OK) {
        note_health(&s->journal_failing, "state.db", rc, db_why(s->journal.db));
        answer_acks(s, rc);
    } else if (s->acks == ACKS_MAX) {
        commit_journal(s);
    } else if (!s->soon_set) {
        s->soon_set = true;
        loop_timer_after(s->soon, real_ms(s, JOURNAL_MS));
    }
}

static void on_event(struct store *s, const struct msg_head *head, const void *payload)
{
    const struct msg_event *e = payload;
    for (size_t i = 0; i < head->len / sizeof *e; i++) {
        struct msg_event one = e[i];
        one.source[sizeof one.source - 1] = '\0';
        one.what[sizeof one.what - 1] = '\0';
        one.text[sizeof one.text - 1] = '\0';
        journal_added(s, head, journal_event(&s->journal, &one));
    }
}

static void on_state_put(struct store *s, const struct msg_head *head, const void *payload)
{
    const struct msg_state *m = payload;
    if (head->len < sizeof *m || head->len - sizeof *m < m->len ||
        memchr(m->key, '\0', sizeof m->key) == NULL) {
        journal_added(s, head, ERR_RANGE);
        return;
    }
    journal_added(s, head, journal_put(&s->journal, m, m + 1, now(s)));
}

static bool send_state(const struct msg_state *m, const void *bytes, void *arg)
{
    struct store *s = arg;
    if (m->len > MSG_LEN_MAX - sizeof *m) {
        return true; /* cannot have come from a message */
    }
    *s->state = *m;
    memcpy(s->state + 1, bytes, m->len);
    say(s, (struct address){ROLE_PARK, MSG_STATE, 0}, s->state, sizeof *m + m->len);
    return true;
}

static void on_state_load(struct store *s, const struct msg_head *head, const void *payload)
{
    (void)payload;
    commit_journal(s);
    enum err rc = journal_states(&s->journal, send_state, s);
    if (rc != ERR_OK) {
        log_line(LOG_ERROR, "states_unread", "reason=%s", err_name(rc));
        return; /* park notices that no end came */
    }
    say(s, answer_to(head, MSG_STATE_END), NULL, 0);
}

static void on_events_ask(struct store *s, const struct msg_head *head, const void *payload)
{
    int n = 0;
    if (head->len == sizeof(struct msg_events_ask)) {
        enum err rc = journal_events(&s->journal, payload, s->events, MSG_ROWS_MAX, &n);
        if (rc != ERR_OK) {
            log_line(LOG_WARN, "events_unread", "reason=%s", err_name(rc));
        }
    }
    say(s, answer_to(head, MSG_EVENTS), s->events, (size_t)n * sizeof *s->events);
}

/* ---- History ---- */

static void on_samples(struct store *s, const struct msg_head *head, const void *payload)
{
    const struct msg_sample *m = payload;
    struct msg_stored stored = {.err = ERR_OK};
    for (size_t i = 0; i < head->len / sizeof *m; i++) {
        enum err rc = history_sample(&s->history, &m[i]);
        if (rc != ERR_OK) {
            stored.err = (uint32_t)rc;
            note_health(&s->history_failing, "history.db", rc, db_why(s->history.db));
            break;
        }
    }
    if (head->seq != 0) {
        say(s, answer_to(head, MSG_STORED), &stored, sizeof stored);
    }
}

static void on_plan(struct store *s, const struct msg_head *head, const void *payload)
{
    struct msg_stored stored;
    enum err rc = history_plan(&s->history, payload, head->len, now(s));
    note_health(&s->history_failing, "history.db", rc, db_why(s->history.db));
    stored = (struct msg_stored){.err = (uint32_t)rc};
    if (head->seq != 0) {
        say(s, answer_to(head, MSG_STORED), &stored, sizeof stored);
    }
}

static void on_history_ask(struct store *s, const struct msg_head *head, const void *payload)
{
    int n = 0;
    if (head->len == sizeof(struct msg_history_ask)) {
        enum err rc = history_ask(&s->history, payload, s->rows, HISTORY_ROWS_MAX, &n);
        if (rc != ERR_OK) {
            log_line(LOG_WARN, "history_unread", "reason=%s", err_name(rc));
        }
    }
    for (int at = 0; at < n; at += MSG_ROWS_MAX) {
        int part = n - at < MSG_ROWS_MAX ? n - at : MSG_ROWS_MAX;
        say(s, answer_to(head, MSG_HISTORY), s->rows + at, (size_t)part * sizeof *s->rows);
    }
    say(s, answer_to(head, MSG_HISTORY), NULL, 0);
}

static void on_second(void *arg)
{
    struct store *s = arg;
    s->seconds++;
    enum err rc = ERR_OK;
    if (s->seconds % TRIM_EACH_S == 0) {
        rc = history_trim(&s->history, now(s));
    }
    enum err committed = history_commit(&s->history);
    rc = rc == ERR_OK ? committed : rc;
    if (rc != ERR_OK || s->history_failing) {
        note_health(&s->history_failing, "history.db", rc, db_why(s->history.db));
    }
}

/* ---- The role ---- */

static void on_stop(struct store *s, const struct msg_head *head, const void *payload)
{
    (void)head;
    (void)payload;
    loop_stop(s->loop);
}

static void on_message(struct msg_link *k, const struct msg_head *head, const void *payload,
                       void *arg)
{
    static const struct {
        uint16_t type;
        void (*take)(struct store *s, const struct msg_head *head, const void *payload);
    } table[] = {
        {PROC_MSG_STOP,   on_stop       },
        {MSG_SAMPLES,     on_samples    },
        {MSG_EVENT,       on_event      },
        {MSG_STATE_PUT,   on_state_put  },
        {MSG_STATE_LOAD,  on_state_load },
        {MSG_PLAN_PUT,    on_plan       },
        {MSG_HISTORY_ASK, on_history_ask},
        {MSG_EVENTS_ASK,  on_events_ask },
    };
    (void)k;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].type == head->type) {
            table[i].take(arg, head, payload);
            return;
        }
    }
}

static void on_gone(struct msg_link *k, void *arg)
{
    struct store *s = arg;
    (void)k;
    loop_stop(s->loop);
}

/* A file that was moved aside is an event of its own, in the journal that is sound now. */
static void tell_moved(struct store *s, const struct db_note *note)
{
    struct msg_event e = {.at = now(s), .severity = SEVERITY_ALARM};
    if (note->moved_to[0] == '\0') {
        return;
    }
    log_line(LOG_ERROR, "store_damaged", "moved_to=\"%s\" why=\"%s\"", note->moved_to,
             note->why);
    (void)snprintf(e.source, sizeof e.source, "store");
    (void)snprintf(e.what, sizeof e.what, "damaged");
    (void)snprintf(e.text, sizeof e.text, "moved_to=%.80s why=%.60s", note->moved_to,
                   note->why);
    if (journal_event(&s->journal, &e) != ERR_OK || journal_commit(&s->journal) != ERR_OK) {
        log_line(LOG_ERROR, "event_lost", "what=damaged");
    }
}

static enum err open_files(struct store *s, const char *dir)
{
    struct db_note journal_note;
    struct db_note history_note;
    enum err rc = journal_open(&s->journal, dir, 0, &journal_note);
    if (rc != ERR_OK) {
        log_line(LOG_ERROR, "store_unopened", "file=%s/state.db why=\"%s\"", dir,
                 journal_note.why);
        return rc;
    }
    tell_moved(s, &journal_note);
    struct history_spec spec = {.park = s->park, .dir = dir};
    rc = history_open(&s->history, &s->arena, &spec, &history_note);
    if (rc != ERR_OK) {
        log_line(LOG_ERROR, "store_unopened", "file=%s/history.db why=\"%s\"", dir,
                 history_note.why);
        return rc;
    }
    tell_moved(s, &history_note);
    return ERR_OK;
}

static enum err boot(struct store *s, struct proc_role *role, struct doc_errors *errors)
{
    enum err rc = park_load(&s->arena, role->park_file, &s->park, errors);
    rc = rc == ERR_OK ? loop_open(&s->loop, &role->clock) : rc;
    rc = rc == ERR_OK ? open_files(s, role->state_dir) : rc;
    if (rc != ERR_OK) {
        return rc;
    }
    s->rows = arena_take(&s->arena, HISTORY_ROWS_MAX, sizeof *s->rows);
    s->events = arena_take(&s->arena, MSG_ROWS_MAX, sizeof *s->events);
    s->state = arena_take(&s->arena, 1, MSG_LEN_MAX);
    if (s->rows == NULL || s->events == NULL || s->state == NULL) {
        return ERR_NOMEM;
    }
    rc = loop_timer_open(s->loop, on_soon, s, &s->soon);
    rc = rc == ERR_OK ? loop_timer_open(s->loop, on_second, s, &s->second) : rc;
    struct msg_spec link = {.self = ROLE_STORE,
                            .out_max = OUT_MAX,
                            .arena = &s->arena,
                            .in_max = MSG_LEN_MAX,
                            .on_msg = on_message,
                            .on_gone = on_gone,
                            .arg = s};
    rc = rc == ERR_OK ? msg_open(s->loop, role->fd, &link, &s->link) : rc;
    return rc == ERR_OK ? lock_role_open(&s->lock, role, s->loop, s->link, NULL) : rc;
}

int store_role_main(int argc, char **argv)
{
    static const size_t arena_max = 64u << 20;
    struct proc_role role;
    struct doc_errors errors = {0};
    struct store s = {.acks = 0};
    if (proc_role_init(&role, argc, argv) != ERR_OK) {
        return 2;
    }
    arena_init(&s.arena, arena_max);
    enum err rc = boot(&s, &role, &errors);
    for (int i = 0; i < errors.count && i < DOC_ERRORS_MAX; i++) {
        fprintf(stderr, "%s\n", errors.text[i]);
    }
    if (rc == ERR_OK) {
        loop_timer_every(s.second, real_ms(&s, 1000));
        log_line(LOG_INFO, "started", "points=%d", s.park->points);
        loop_run(s.loop);
        commit_journal(&s);
        on_second(&s);
        log_line(LOG_INFO, "ended", "samples_lost=%" PRIu64, s.history.lost);
        msg_close(s.link);
    } else {
        log_line(LOG_ERROR, "boot_failed", "reason=\"%s\"", err_text(rc));
    }
    history_close(&s.history);
    journal_close(&s.journal);
    if (s.loop != NULL) {
        lock_role_close(&s.lock);
        loop_close(s.loop);
    }
    arena_fini(&s.arena);
    return rc == ERR_OK ? 0 : 3;
}
