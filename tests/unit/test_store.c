/* Tests of controller/store: states and events that survive, means of samples, and the role
 * itself over its message socket. */
#include "controller/base/proc.h"
#include "controller/store/history.h"
#include "controller/store/journal.h"
#include "controller/store/store_role.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char park_file[] = "etc/parks/small.yaml";
static const wall_t start = {1752451200000}; /* 2025-07-14T00:00Z */

struct bench {
    char dir[64];
    struct arena arena;
    struct park *park;
    struct doc_errors errors;
};

static int make_bench(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    snprintf(b->dir, sizeof b->dir, "%s/store-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/var/tmp");
    arena_init(&b->arena, 16u << 20);
    *state = b;
    bool ok = mkdtemp(b->dir) != NULL &&
              park_load(&b->arena, park_file, &b->park, &b->errors) == ERR_OK;
    return ok ? 0 : -1;
}

static int drop_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int drop_bench(void **state)
{
    struct bench *b = *state;
    arena_fini(&b->arena);
    int rc = nftw(b->dir, drop_one, 8, FTW_DEPTH | FTW_PHYS);
    free(b);
    return rc;
}

/* ---- Journal ---- */

static struct msg_state state_of(const char *key, const char *bytes)
{
    struct msg_state s = {.len = (uint32_t)strlen(bytes)};
    snprintf(s.key, sizeof s.key, "%s", key);
    return s;
}

static void put(struct journal *j, const char *key, const char *bytes)
{
    struct msg_state s = state_of(key, bytes);
    assert_int_equal(journal_put(j, &s, bytes, start), ERR_OK);
}

static bool gather(const struct msg_state *s, const void *bytes, void *arg)
{
    char *text = arg;
    size_t len = strlen(text);
    snprintf(text + len, 256 - len, "%s=%.*s;", s->key, (int)s->len, (const char *)bytes);
    return true;
}

static void test_states_are_kept_replaced_and_dropped(void **state)
{
    struct bench *b = *state;
    struct journal j;
    struct db_note note;
    char text[256] = "";
    assert_int_equal(journal_open(&j, b->dir, 0, &note), ERR_OK);
    put(&j, "dr/a", "one");
    put(&j, "dr/b", "two");
    put(&j, "dr/a", "three");
    assert_int_equal(journal_commit(&j), ERR_OK);
    put(&j, "dr/b", "");
    assert_int_equal(journal_commit(&j), ERR_OK);
    put(&j, "dr/c", "never committed");
    db_rollback(j.db);
    journal_close(&j);
    assert_int_equal(journal_open(&j, b->dir, 0, &note), ERR_OK);
    assert_int_equal(journal_states(&j, gather, text), ERR_OK);
    assert_string_equal(text, "dr/a=three;");
    journal_close(&j);
}

static void test_events_come_newest_first(void **state)
{
    struct bench *b = *state;
    struct journal j;
    struct db_note note;
    struct msg_event out[4];
    int n = 0;
    assert_int_equal(journal_open(&j, b->dir, 0, &note), ERR_OK);
    for (int i = 0; i < 10; i++) {
        struct msg_event e = {.at = wall_add_s(start, i), .severity = SEVERITY_WARNING};
        snprintf(e.source, sizeof e.source, "dev%d", i);
        assert_int_equal(journal_event(&j, &e), ERR_OK);
    }
    assert_int_equal(journal_commit(&j), ERR_OK);
    struct msg_events_ask ask = {.from = start, .to = wall_add_s(start, 8), .limit = 3};
    assert_int_equal(journal_events(&j, &ask, out, 4, &n), ERR_OK);
    assert_int_equal(n, 3);
    assert_string_equal(out[0].source, "dev7");
    assert_string_equal(out[2].source, "dev5");
    ask.limit = 100;
    assert_int_equal(journal_events(&j, &ask, out, 4, &n), ERR_OK);
    assert_int_equal(n, 4);
    journal_close(&j);
}

static void test_a_full_journal_refuses_and_reads_on(void **state)
{
    struct bench *b = *state;
    struct journal j;
    struct db_note note;
    static char big[20000];
    char text[256] = "";
    enum err rc = ERR_OK;
    memset(big, 'x', sizeof big - 1);
    assert_int_equal(journal_open(&j, b->dir, 40, &note), ERR_OK);
    put(&j, "kept", "yes");
    assert_int_equal(journal_commit(&j), ERR_OK);
    for (int i = 0; i < 100 && rc == ERR_OK; i++) {
        char key[16];
        snprintf(key, sizeof key, "big/%d", i);
        struct msg_state s = state_of(key, big);
        rc = journal_put(&j, &s, big, start);
    }
    assert_int_equal(rc, ERR_LIMIT);
    assert_int_equal(journal_states(&j, gather, text), ERR_OK);
    assert_string_equal(text, "kept=yes;");
    put(&j, "small", "fits");
    assert_int_equal(journal_commit(&j), ERR_OK);
    journal_close(&j);
}

/* ---- History ---- */

static enum err open_history(struct bench *b, const struct park *p, struct history *h)
{
    struct history_spec spec = {.park = p, .dir = b->dir};
    struct db_note note;
    return history_open(h, &b->arena, &spec, &note);
}

static void sample(struct history *h, int point, double at_s, double value, enum quality q)
{
    struct msg_sample s = {.point = (uint32_t)point,
                           .quality = (uint32_t)q,
                           .value = value,
                           .at = wall_add_s(start, at_s)};
    assert_int_equal(history_sample(h, &s), ERR_OK);
}

static int ask(struct history *h, int point, double from_s, double to_s, int step_s,
               struct msg_history_row *out)
{
    int n = -1;
    struct msg_history_ask q = {.point = (uint32_t)point,
                                .step_s = (uint32_t)step_s,
                                .from = wall_add_s(start, from_s),
                                .to = wall_add_s(start, to_s)};
    assert_int_equal(history_ask(h, &q, out, 100, &n), ERR_OK);
    return n;
}

static void test_means_are_weighted_by_time(void **state)
{
    struct bench *b = *state;
    struct history h;
    struct msg_history_row row[100];
    assert_int_equal(open_history(b, b->park, &h), ERR_OK);
    sample(&h, 0, 0, 10, QUALITY_GOOD);
    sample(&h, 0, 45, 50, QUALITY_GOOD); /* 45 s at 10, 15 s at 50 */
    sample(&h, 0, 60, 20, QUALITY_GOOD);
    sample(&h, 0, 90, 7, QUALITY_BAD); /* from here on nothing is known */
    assert_int_equal(history_commit(&h), ERR_OK);
    assert_int_equal(ask(&h, 0, 0, 180, 60, row), 2);
    assert_float_equal(row[0].value, (45 * 10 + 15 * 50) / 60.0, 1e-9);
    assert_int_equal(row[0].at.ms, start.ms);
    assert_float_equal(row[1].value, 20, 1e-9);
    /* the value from before the asked time holds into it */
    assert_int_equal(ask(&h, 0, 30, 60, 30, row), 1);
    assert_float_equal(row[0].value, 30, 1e-9);
    history_close(&h);
}

static void test_steady_values_cost_one_row_and_gaps_stay_gaps(void **state)
{
    struct bench *b = *state;
    struct history h;
    struct msg_history_row row[100];
    struct db_query *q = NULL;
    bool have = false;
    assert_int_equal(open_history(b, b->park, &h), ERR_OK);
    for (int t = 0; t <= 600; t += 15) {
        sample(&h, 3, t, 5, QUALITY_GOOD);
    }
    sample(&h, 3, 3600, 9, QUALITY_GOOD);
    assert_int_equal(history_commit(&h), ERR_OK);
    assert_int_equal(db_prepare(h.db, "SELECT count(*) FROM sample", &q), ERR_OK);
    assert_int_equal(db_step(q, &have), ERR_OK);
    assert_int_equal(db_int(q, 0), 4); /* at 0, 300, 600, 3600 */
    db_reset(q);
    /* 600 s + gap of 420 s: known until 1020 s, then from 3600 s on */
    assert_int_equal(ask(&h, 3, 0, 3900, 300, row), 5);
    assert_float_equal(row[3].value, 5, 1e-9);
    assert_int_equal(row[3].at.ms, start.ms + 900 * 1000);
    assert_int_equal(row[4].at.ms, start.ms + 3600 * 1000);
    history_close(&h);
}

static void test_points_keep_their_names(void **state)
{
    struct bench *b = *state;
    struct history h;
    struct msg_history_row row[100];
    assert_int_equal(open_history(b, b->park, &h), ERR_OK);
    sample(&h, park_point_from_name(b->park, "bess1.soc_pu"), 0, 0.5, QUALITY_GOOD);
    assert_int_equal(history_commit(&h), ERR_OK);
    history_close(&h);
    /* the same file read with a park whose points are numbered otherwise */
    struct park *other = NULL;
    assert_int_equal(park_load(&b->arena, "etc/parks/ceramics.yaml", &other, &b->errors),
                     ERR_OK);
    assert_int_equal(open_history(b, other, &h), ERR_OK);
    int point = park_point_from_name(other, "bess1.soc_pu");
    assert_int_not_equal(point, park_point_from_name(b->park, "bess1.soc_pu"));
    assert_int_equal(ask(&h, point, 0, 60, 60, row), 1);
    assert_float_equal(row[0].value, 0.5, 1e-9);
    history_close(&h);
}

static void test_old_samples_and_wrong_questions(void **state)
{
    struct bench *b = *state;
    struct history h;
    struct msg_history_row row[100];
    int n = 0;
    assert_int_equal(open_history(b, b->park, &h), ERR_OK);
    sample(&h, 0, 0, 1, QUALITY_GOOD);
    sample(&h, 0, 36.0 * 86400, 2, QUALITY_GOOD);
    sample(&h, 99999, 0, 1, QUALITY_GOOD);
    assert_int_equal(h.lost, 1);
    assert_int_equal(history_trim(&h, wall_add_s(start, 36.0 * 86400)), ERR_OK);
    assert_int_equal(history_commit(&h), ERR_OK);
    assert_int_equal(ask(&h, 0, 0, 60, 60, row), 0);
    assert_int_equal(ask(&h, 0, 36.0 * 86400, 36.0 * 86400 + 60, 60, row), 1);
    struct msg_history_ask q = {
        .point = 0, .step_s = 1, .from = start, .to = wall_add_s(start, 101)};
    assert_int_equal(history_ask(&h, &q, row, 100, &n), ERR_RANGE);
    q.step_s = 0;
    assert_int_equal(history_ask(&h, &q, row, 100, &n), ERR_RANGE);
    q.point = 99999;
    assert_int_equal(history_ask(&h, &q, row, 100, &n), ERR_NOT_FOUND);
    for (int i = 0; i < HISTORY_PLANS_MAX + 20; i++) {
        assert_int_equal(history_plan(&h, "plan", 4, wall_add_s(start, i)), ERR_OK);
    }
    assert_int_equal(history_commit(&h), ERR_OK);
    struct db_query *count = NULL;
    bool have = false;
    assert_int_equal(db_prepare(h.db, "SELECT count(*) FROM plan", &count), ERR_OK);
    assert_int_equal(db_step(count, &have), ERR_OK);
    assert_int_equal(db_int(count, 0), HISTORY_PLANS_MAX);
    db_reset(count);
    history_close(&h);
}

/* ---- The role ---- */

struct child {
    pid_t pid;
    int fd;
};

static struct child start_role(const struct bench *b)
{
    struct child c = {0};
    int ends[2];
    char fd[16];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    snprintf(fd, sizeof fd, "%d", ends[1]);
    c.fd = ends[0];
    c.pid = fork();
    if (c.pid == 0) {
        char *argv[] = {(char *)"store",
                        (char *)"--fd",
                        fd,
                        (char *)"--clock",
                        (char *)"live",
                        (char *)"--park",
                        (char *)park_file,
                        (char *)"--state",
                        (char *)b->dir,
                        NULL};
        (void)close(ends[0]);
        _exit(store_role_main(9, argv));
    }
    (void)close(ends[1]);
    return c;
}

static void tell(const struct child *c, uint16_t type, uint32_t seq, const void *data,
                 size_t len)
{
    struct msg_head head = msg_from(ROLE_PARK, msg_to(ROLE_STORE, type, seq, len));
    assert_int_equal(msg_send_blocking(c->fd, head, data), ERR_OK);
}

static struct msg_head hear(const struct child *c, void *buf, size_t cap)
{
    struct msg_head head;
    assert_int_equal(msg_recv_blocking(c->fd, &head, buf, cap), ERR_OK);
    return head;
}

static void stop_role(struct child *c)
{
    int status = 0;
    tell(c, PROC_MSG_STOP, 0, NULL, 0);
    assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    (void)close(c->fd);
}

static void put_state(const struct child *c, uint32_t seq, const char *key, const char *bytes)
{
    static unsigned char frame[4096];
    struct msg_state *s = (void *)frame;
    struct msg_stored stored;
    *s = state_of(key, bytes);
    memcpy(s + 1, bytes, s->len);
    tell(c, MSG_STATE_PUT, seq, frame, sizeof *s + s->len);
    struct msg_head head = hear(c, &stored, sizeof stored);
    assert_int_equal(head.type, MSG_STORED);
    assert_int_equal(head.seq, seq);
    assert_int_equal(stored.err, ERR_OK);
}

static void test_an_acknowledged_state_survives_a_kill(void **state)
{
    struct bench *b = *state;
    static unsigned char frame[4096];
    struct child c = start_role(b);
    put_state(&c, 11, "dr/x", "precious");
    assert_int_equal(kill(c.pid, SIGKILL), 0);
    assert_int_equal(waitpid(c.pid, NULL, 0), c.pid);
    (void)close(c.fd);
    c = start_role(b);
    tell(&c, MSG_STATE_LOAD, 12, NULL, 0);
    struct msg_head head = hear(&c, frame, sizeof frame);
    struct msg_state *s = (void *)frame;
    assert_int_equal(head.type, MSG_STATE);
    assert_string_equal(s->key, "dr/x");
    assert_memory_equal(s + 1, "precious", 8);
    head = hear(&c, frame, sizeof frame);
    assert_int_equal(head.type, MSG_STATE_END);
    stop_role(&c);
}

static void test_answers_about_the_past(void **state)
{
    struct bench *b = *state;
    static struct msg_sample s[700];
    static struct msg_history_row rows[MSG_ROWS_MAX];
    struct msg_event event = {
        .at = start, .severity = SEVERITY_ALARM, .source = "pcc", .what = "lost"};
    struct msg_event back[4];
    struct child c = start_role(b);
    for (int i = 0; i < 700; i++) {
        s[i] = (struct msg_sample){
            .point = 1, .quality = QUALITY_GOOD, .value = i, .at = wall_add_s(start, i * 10)};
    }
    tell(&c, MSG_SAMPLES, 0, s, 350 * sizeof s[0]);
    tell(&c, MSG_SAMPLES, 0, s + 350, 350 * sizeof s[0]);
    struct msg_history_ask q = {
        .point = 1, .step_s = 10, .from = start, .to = wall_add_s(start, 7000)};
    tell(&c, MSG_HISTORY_ASK, 5, &q, sizeof q);
    struct msg_head head = hear(&c, rows, sizeof rows);
    assert_int_equal(head.len, sizeof rows);
    assert_float_equal(rows[9].value, 9, 1e-9);
    head = hear(&c, rows, sizeof rows);
    assert_int_equal(head.len, (700 - MSG_ROWS_MAX) * sizeof rows[0]);
    head = hear(&c, rows, sizeof rows);
    assert_int_equal(head.type, MSG_HISTORY);
    assert_int_equal(head.seq, 5);
    assert_int_equal(head.len, 0);
    tell(&c, MSG_EVENT, 0, &event, sizeof event);
    struct msg_events_ask e = {.from = start, .to = wall_add_s(start, 1), .limit = 4};
    tell(&c, MSG_EVENTS_ASK, 6, &e, sizeof e);
    head = hear(&c, back, sizeof back);
    assert_int_equal(head.type, MSG_EVENTS);
    assert_int_equal(head.len, sizeof back[0]);
    assert_string_equal(back[0].what, "lost");
    stop_role(&c);
}

static void test_a_damaged_file_is_an_event(void **state)
{
    struct bench *b = *state;
    char path[128];
    struct msg_event back[4];
    snprintf(path, sizeof path, "%s/history.db", b->dir);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (int i = 0; i < 1000; i++) {
        (void)fputs("no database ", f);
    }
    assert_int_equal(fclose(f), 0);
    struct child c = start_role(b);
    struct msg_events_ask e = {.from = {0}, .to = {INT64_MAX}, .limit = 4};
    tell(&c, MSG_EVENTS_ASK, 6, &e, sizeof e);
    struct msg_head head = hear(&c, back, sizeof back);
    assert_int_equal(head.len, sizeof back[0]);
    assert_string_equal(back[0].what, "damaged");
    assert_non_null(strstr(back[0].text, "history.db.bad-1"));
    stop_role(&c);
}

int main(void)
{
#define AT_BENCH(f) cmocka_unit_test_setup_teardown(f, make_bench, drop_bench)
    const struct CMUnitTest tests[] = {
        AT_BENCH(test_states_are_kept_replaced_and_dropped),
        AT_BENCH(test_events_come_newest_first),
        AT_BENCH(test_a_full_journal_refuses_and_reads_on),
        AT_BENCH(test_means_are_weighted_by_time),
        AT_BENCH(test_steady_values_cost_one_row_and_gaps_stay_gaps),
        AT_BENCH(test_points_keep_their_names),
        AT_BENCH(test_old_samples_and_wrong_questions),
        AT_BENCH(test_an_acknowledged_state_survives_a_kill),
        AT_BENCH(test_answers_about_the_past),
        AT_BENCH(test_a_damaged_file_is_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
