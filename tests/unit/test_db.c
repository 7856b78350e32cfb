/* Tests of controller/store/db: schema steps, a killed writer, a damaged file, a full disk,
 * deadlines. */
#include "controller/base/clock.h"
#include "controller/store/db.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const two_steps[] = {"CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);",
                                        "ALTER TABLE t ADD COLUMN c INTEGER DEFAULT 7;"};

struct place {
    char dir[64], path[96];
};

static int make_place(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    snprintf(p->dir, sizeof p->dir, "%s/db-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/var/tmp");
    if (mkdtemp(p->dir) == NULL) {
        return -1;
    }
    snprintf(p->path, sizeof p->path, "%s/x.db", p->dir);
    *state = p;
    return 0;
}

static int drop_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int drop_place(void **state)
{
    struct place *p = *state;
    int rc = nftw(p->dir, drop_one, 8, FTW_DEPTH | FTW_PHYS);
    free(p);
    return rc;
}

static struct db *open_steps(const struct place *p, int versions, struct db_note *note)
{
    struct db *d = NULL;
    struct db_spec spec = {.path = p->path,
                           .pragmas = "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=EXTRA;",
                           .schema = two_steps,
                           .versions = versions};
    assert_int_equal(db_open(&spec, &d, note), ERR_OK);
    return d;
}

static int64_t count_of(struct db *d, const char *sql)
{
    struct db_query *q = NULL;
    bool row = false;
    assert_int_equal(db_prepare(d, sql, &q), ERR_OK);
    assert_int_equal(db_step(q, &row), ERR_OK);
    assert_true(row);
    int64_t n = db_int(q, 0);
    db_reset(q);
    return n;
}

static void test_migrates_step_by_step(void **state)
{
    struct db_note note;
    struct db *d = open_steps(*state, 1, &note);
    assert_int_equal(db_exec(d, "INSERT INTO t(b) VALUES('old')"), ERR_OK);
    db_close(d);
    d = open_steps(*state, 2, &note);
    assert_string_equal(note.moved_to, "");
    assert_int_equal(count_of(d, "SELECT c FROM t WHERE b='old'"), 7);
    db_close(d);
    /* an older program must leave the file alone */
    struct place *p = *state;
    struct db_spec spec = {.path = p->path, .pragmas = "", .schema = two_steps, .versions = 1};
    assert_int_equal(db_open(&spec, &d, &note), ERR_VERSION);
    assert_non_null(strstr(note.why, "version 2"));
}

static void test_binds_and_reads(void **state)
{
    struct db_note note;
    struct db *d = open_steps(*state, 2, &note);
    struct db_query *put = NULL;
    struct db_query *get = NULL;
    bool row = false;
    assert_int_equal(db_prepare(d, "INSERT INTO t VALUES(?1,?2,?3)", &put), ERR_OK);
    db_bind_int(put, 1, 5);
    db_bind_text(put, 2, "五");
    db_bind_null(put, 3);
    assert_int_equal(db_run(put), ERR_OK);
    assert_int_equal(db_changes(d), 1);
    assert_int_equal(db_prepare(d, "SELECT b,c,x'0102' FROM t WHERE a=5", &get), ERR_OK);
    assert_int_equal(db_step(get, &row), ERR_OK);
    assert_true(row);
    size_t len = 0;
    assert_string_equal(db_text(get, 0), "五");
    assert_true(db_is_null(get, 1));
    assert_memory_equal(db_bytes(get, 2, &len), "\1\2", 2);
    assert_int_equal(len, 2);
    assert_int_equal(db_step(get, &row), ERR_OK);
    assert_false(row);
    /* no extension may be loaded, whatever a statement says */
    assert_int_not_equal(db_exec(d, "SELECT load_extension('x')"), ERR_OK);
    assert_non_null(strstr(db_why(d), "not authorized"));
    db_close(d);
}

/* A child writes row after row and tells each durable one; it is killed in the middle. */
static int64_t killed_writer(const struct place *p, int after_ms)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct db_note note;
        struct db *d = open_steps(p, 1, &note);
        for (;;) {
            if (db_exec(d, "INSERT INTO t(b) VALUES('row')") == ERR_OK) {
                (void)!write(pipes[1], "x", 1);
            }
        }
    }
    (void)close(pipes[1]);
    (void)usleep((useconds_t)after_ms * 1000);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    char buf[4096];
    int64_t acked = 0;
    for (ssize_t n = 1; n > 0; acked += n > 0 ? n : 0) {
        n = read(pipes[0], buf, sizeof buf);
    }
    (void)close(pipes[0]);
    return acked;
}

static void test_a_killed_writer_loses_nothing_acknowledged(void **state)
{
    struct db_note note;
    int64_t acked = 0;
    for (int i = 0; i < 12; i++) {
        acked += killed_writer(*state, 20 + 7 * i);
        struct db *d = open_steps(*state, 1, &note);
        int64_t have = count_of(d, "SELECT count(*) FROM t");
        assert_string_equal(note.moved_to, "");
        assert_true(have >= acked);
        assert_true(have <= acked + 1); /* written, but killed before it was told */
        acked = have;
        db_close(d);
    }
    assert_true(acked > 12);
}

static void test_moves_a_damaged_file_aside(void **state)
{
    struct place *p = *state;
    struct db_note note;
    struct db *d = open_steps(p, 1, &note);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(db_exec(d, "INSERT INTO t(b) VALUES(hex(randomblob(200)))"), ERR_OK);
    }
    db_close(d);
    FILE *f = fopen(p->path, "r+b");
    assert_non_null(f);
    for (long at = 4096; at < 40000; at += 512) {
        assert_int_equal(fseek(f, at, SEEK_SET), 0);
        assert_int_equal(fwrite("damaged!", 1, 8, f), 8);
    }
    assert_int_equal(fclose(f), 0);
    d = open_steps(p, 1, &note);
    assert_non_null(strstr(note.moved_to, "x.db.bad-1"));
    assert_int_not_equal(note.why[0], '\0');
    assert_int_equal(access(note.moved_to, F_OK), 0);
    assert_int_equal(count_of(d, "SELECT count(*) FROM t"), 0);
    db_close(d);
    /* no database at all */
    f = fopen(p->path, "wb");
    assert_non_null(f);
    for (int i = 0; i < 600; i++) {
        (void)fputs("this is not a database; ", f);
    }
    assert_int_equal(fclose(f), 0);
    d = open_steps(p, 1, &note);
    assert_non_null(strstr(note.moved_to, "x.db.bad-2"));
    db_close(d);
}

static void test_a_full_disk_is_an_error_and_reads_go_on(void **state)
{
    struct db_note note;
    struct db *d = open_steps(*state, 1, &note);
    enum err rc = ERR_OK;
    assert_int_equal(db_exec(d, "INSERT INTO t(b) VALUES('first')"), ERR_OK);
    assert_int_equal(db_exec(d, "PRAGMA max_page_count=20"), ERR_OK);
    for (int i = 0; i < 1000 && rc == ERR_OK; i++) {
        rc = db_begin(d);
        rc = rc == ERR_OK ? db_exec(d, "INSERT INTO t(b) VALUES(hex(zeroblob(1000)))") : rc;
        if (rc == ERR_OK) {
            rc = db_commit(d);
        } else {
            db_rollback(d);
        }
    }
    assert_int_equal(rc, ERR_LIMIT);
    assert_int_equal(count_of(d, "SELECT count(*) FROM t WHERE b='first'"), 1);
    assert_int_equal(db_exec(d, "PRAGMA max_page_count=2000"), ERR_OK);
    assert_int_equal(db_exec(d, "INSERT INTO t(b) VALUES('again')"), ERR_OK);
    db_close(d);
}

static void test_a_deadline_ends_a_long_statement(void **state)
{
    struct db_note note;
    struct db *d = open_steps(*state, 1, &note);
    struct db_query *q = NULL;
    bool row = false;
    assert_int_equal(db_prepare(d,
                                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n)"
                                " SELECT max(i) FROM n",
                                &q),
                     ERR_OK);
    int64_t from = clock_real_us();
    db_deadline(d, from + 50000);
    assert_int_equal(db_step(q, &row), ERR_TIMEOUT);
    assert_true(clock_real_us() - from < 2000000);
    db_deadline(d, 0);
    assert_int_equal(count_of(d, "SELECT 3"), 3);
    db_close(d);
}

int main(void)
{
#define AT_PLACE(f) cmocka_unit_test_setup_teardown(f, make_place, drop_place)
    const struct CMUnitTest tests[] = {
        AT_PLACE(test_migrates_step_by_step),
        AT_PLACE(test_binds_and_reads),
        AT_PLACE(test_a_killed_writer_loses_nothing_acknowledged),
        AT_PLACE(test_moves_a_damaged_file_aside),
        AT_PLACE(test_a_full_disk_is_an_error_and_reads_go_on),
        AT_PLACE(test_a_deadline_ends_a_long_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
