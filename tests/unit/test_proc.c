/* Tests of controller/base/proc and child. This executable is its own set of
 * roles: as `test_proc role NAME ...` it plays one, whose behaviour the first extra argument
 * names, and writes what happens to it into a journal in the state directory. */
#include "controller/base/proc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HELLO = 20, BIG = 21, BIG_BYTES = 1024 * 1024, BIGS = 40 };

/* ---- The roles ---- */

static void note(const struct proc_role *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void note(const struct proc_role *r, const char *fmt, ...)
{
    char path[300];
    char line[200];
    (void)snprintf(path, sizeof path, "%s/journal", r->state_dir);
    int n = snprintf(line, sizeof line, "%s ", role_name(r->role));
    va_list args;
    va_start(args, fmt);
    n += vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, args);
    va_end(args);
    line[n++] = '\n';
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (write(fd, line, (size_t)n) != n) {
        _exit(90);
    }
    (void)close(fd);
}

static int fds_open(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        n += e->d_name[0] != '.';
    }
    (void)closedir(d);
    return n - 1; /* without the directory's own */
}

static void say(const struct proc_role *r, enum role self, enum role to, uint16_t type)
{
    if (msg_send_blocking(r->fd, msg_from(self, msg_to(to, type, 0, 0)), NULL) != ERR_OK) {
        _exit(91);
    }
}

static void kill_ask(const struct proc_role *r, enum role victim)
{
    uint32_t role = victim;
    struct msg_head head =
        msg_from(r->role, msg_to(ROLE_SUPERVISOR, PROC_MSG_KILL, 0, sizeof role));
    if (msg_send_blocking(r->fd, head, &role) != ERR_OK) {
        _exit(92);
    }
}

static void flood(const struct proc_role *r)
{
    void *bytes = calloc(1, BIG_BYTES);
    struct msg_head head = msg_from(r->role, msg_to(ROLE_WEB, BIG, 0, BIG_BYTES));
    for (int i = 0; i < BIGS; i++) {
        if (msg_send_blocking(r->fd, head, bytes) != ERR_OK) {
            _exit(93);
        }
    }
    free(bytes);
    note(r, "flooded");
    say(r, r->role, ROLE_SUPERVISOR, PROC_MSG_TICK);
}

static void on_state(const struct proc_role *r, const char *mode, const struct proc_state *s)
{
    bool all = true;
    for (int i = ROLE_PARK; i < ROLE_COUNT; i++) {
        all = all && s->role[i].pid != 0;
    }
    if (all) {
        note(r, "all-up web-restarts=%u", s->role[ROLE_WEB].restarts);
    }
    if (all && strcmp(mode, "kill") == 0 && s->role[ROLE_WEB].restarts < 10) {
        kill_ask(r, ROLE_WEB);
    }
}

/* What a role does when it has started; may not return. */
static void begin(const struct proc_role *r, const char *mode)
{
    struct stat in;
    note(r, "start pid=%d", (int)getpid());
    (void)fstat(STDIN_FILENO, &in);
    note(r, "fds=%d null=%d notify=%d", fds_open(), S_ISCHR(in.st_mode),
         getenv("NOTIFY_SOCKET") != NULL);
    char wanted[40];
    (void)snprintf(wanted, sizeof wanted, "crash-%s", role_name(r->role));
    if (strcmp(mode, wanted) == 0) {
        _exit(7);
    }
    if (strcmp(mode, "spoof") == 0 && r->role == ROLE_FIELD) {
        say(r, ROLE_PARK, ROLE_SUPERVISOR, PROC_MSG_TICK);
        say(r, ROLE_PARK, ROLE_STORE, HELLO);
        return;
    }
    if (r->role == ROLE_PARK && strcmp(mode, "spoof") != 0) {
        say(r, r->role, ROLE_SUPERVISOR, PROC_MSG_TICK);
        say(r, r->role, ROLE_STORE, HELLO);
    }
    if (r->role == ROLE_WEB && strcmp(mode, "slow") == 0) {
        note(r, "sleeps");
        for (;;) {
            (void)pause(); /* never reads */
        }
    }
    if (r->role == ROLE_WEB && strcmp(mode, "garbage") == 0) {
        char garbage[64];
        memset(garbage, 0xee, sizeof garbage);
        (void)send(r->fd, garbage, sizeof garbage, MSG_NOSIGNAL);
    }
}

static int play(int argc, char **argv)
{
    static unsigned char buf[BIG_BYTES];
    struct proc_role r;
    if (proc_role_init(&r, argc, argv) != ERR_OK || r.argc != 2 ||
        strcmp(r.argv[1], "last") != 0) {
        return 94;
    }
    const char *mode = r.argv[0];
    begin(&r, mode);
    struct msg_head h;
    while (msg_recv_blocking(r.fd, &h, buf, sizeof buf) == ERR_OK) {
        if (h.type == PROC_MSG_STOP && h.from == ROLE_SUPERVISOR) {
            note(&r, "stop");
            if (strcmp(mode, "deaf") == 0 && r.role == ROLE_WEB) {
                continue;
            }
            return 0;
        }
        if (h.type == HELLO) {
            note(&r, "hello from=%s", role_name((enum role)h.from));
        }
        if (h.type == PROC_MSG_STATE && h.len == sizeof(struct proc_state)) {
            struct proc_state s;
            memcpy(&s, buf, sizeof s);
            on_state(&r, mode, &s);
            if (strcmp(mode, "slow") == 0 && s.role[ROLE_WEB].pid != 0) {
                mode = "slow-done";
                flood(&r);
            }
        }
    }
    note(&r, "closed");
    if (strcmp(mode, "garbage") == 0) {
        for (;;) {
            (void)pause(); /* only a kill ends it */
        }
    }
    return 0;
}

/* ---- The bench: a supervisor in a process of its own ---- */

struct bench {
    char dir[32];
    pid_t pid;
    int notify; /* datagram socket */
    char heard[8192];
    size_t heard_len;
};

static char exe[500];

static void bench_open(struct bench *b, const char *mode, double speed)
{
    memset(b, 0, sizeof *b);
    memcpy(b->dir, "/tmp/kilnwatt-XXXXXX", 21);
    assert_non_null(mkdtemp(b->dir));
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/notify", b->dir);
    b->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK,
                       0); /* leaks into the supervisor on purpose */
    assert_int_equal(bind(b->notify, (struct sockaddr *)&at, sizeof at), 0);
    (void)fflush(NULL);
    b->pid = fork();
    if (b->pid != 0) {
        return;
    }
    char *extra[] = {(char *)(uintptr_t)mode, (char *)(uintptr_t) "last", NULL};
    char path[64];
    struct clock clock;
    (void)snprintf(path, sizeof path, "%s/stderr", b->dir);
    int err = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (dup2(err, STDERR_FILENO) < 0 || setenv("NOTIFY_SOCKET", at.sun_path, 1) != 0 ||
        clock_init_scaled(&clock, speed, (wall_t){1752451200000}) != ERR_OK) {
        _exit(95);
    }
    struct proc_spec spec = {.exe = exe,
                             .park_file = "park.yaml",
                             .state_dir = b->dir,
                             .clock = &clock,
                             .extra = extra};
    exit(proc_supervise(&spec)); /* not _exit(): leaks are looked for */
}

static void hear(struct bench *b)
{
    ssize_t n = 0;
    while ((n = recv(b->notify, b->heard + b->heard_len, sizeof b->heard - b->heard_len - 2,
                     0)) > 0) {
        b->heard_len += (size_t)n;
        b->heard[b->heard_len++] = ' ';
        b->heard[b->heard_len] = '\0';
    }
}

static const char *content(struct bench *b, const char *name)
{
    static char text[256 * 1024];
    char path[64];
    (void)snprintf(path, sizeof path, "%s/%s", b->dir, name);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    (void)close(fd);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static int count(const char *text, const char *what)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what)) {
        n++;
    }
    return n;
}

/* Waits at most ten seconds until the journal says something n times. */
static void wait_for(struct bench *b, const char *what, int n)
{
    for (int i = 0; i < 1000 && count(content(b, "journal"), what) < n; i++) {
        (void)usleep(10000);
    }
    if (count(content(b, "journal"), what) < n) {
        print_error("%s\n%s\n", content(b, "journal"), content(b, "stderr"));
    }
    assert_true(count(content(b, "journal"), what) >= n);
    hear(b);
}

/* The supervisor's exit status; cleans up. */
static int ended(struct bench *b)
{
    int status = 0;
    assert_int_equal(waitpid(b->pid, &status, 0), b->pid);
    hear(b);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void bench_close(struct bench *b)
{
    static const char *const names[] = {"journal", "stderr", "notify"};
    char path[64];
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", b->dir, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(b->dir), 0);
    (void)close(b->notify);
}

static int stop(struct bench *b)
{
    assert_int_equal(kill(b->pid, SIGTERM), 0);
    return ended(b);
}

static double now_s(void)
{
    return (double)clock_real_us() / 1e6;
}

/* ---- The supervisor ---- */

static void test_life_in_good_order(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, "calm", 1.0);
    wait_for(&b, "store hello from=park", 1);
    wait_for(&b, "park all-up", 1);
    assert_int_equal(stop(&b), 0);
    const char *journal = content(&b, "journal");
    assert_int_equal(count(journal, " start pid="), 5);
    assert_int_equal(count(journal, " fds=4 null=1 notify=0"), 5);
    assert_int_equal(count(journal, " stop\n"), 5);
    /* The store goes last. */
    const char *last = strstr(journal, "store stop\n");
    assert_non_null(last);
    assert_string_equal(last, "store stop\n");
    assert_non_null(strstr(b.heard, "READY=1 WATCHDOG=1 "));
    assert_non_null(strstr(b.heard, "STOPPING=1 "));
    bench_close(&b);
}

static void test_crashing_park_uses_up_its_budget(void **state)
{
    (void)state;
    struct bench b;
    double start = now_s();
    bench_open(&b, "crash-park", 1.0);
    assert_int_equal(ended(&b), 3);
    /* 50 + 100 + 200 + 400 + 800 + 1600 ms of waiting, real ones. */
    assert_true(now_s() - start >= 3.15);
    assert_int_equal(count(content(&b, "journal"), "park start"), 1 + 6);
    assert_int_equal(count(content(&b, "journal"), "store stop\n"), 1);
    assert_null(strstr(b.heard, "READY=1"));
    assert_int_equal(count(content(&b, "stderr"), "event=restarts_used_up of=park"), 1);
    bench_close(&b);
}

static void test_back_off_is_real_time(void **state)
{
    (void)state;
    struct bench b;
    double start = now_s();
    bench_open(&b, "crash-field", 1000.0);
    assert_int_equal(ended(&b), 3);
    assert_true(now_s() - start >= 3.15);
    bench_close(&b);
}

static void test_crashing_web_is_no_reason_to_end(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, "crash-web", 1.0);
    wait_for(&b, "web start", 1 + 6);
    (void)usleep(500000);
    assert_int_equal(count(content(&b, "journal"), "web start"), 1 + 6);
    assert_int_equal(
        count(content(&b, "stderr"), "restarts_used_up of=web restarts=6 next_s=10"), 1);
    assert_int_equal(stop(&b), 0);
    assert_int_equal(count(content(&b, "journal"), " stop\n"), 4);
    bench_close(&b);
}

static void test_asked_kills_cost_no_budget(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, "kill", 1.0);
    wait_for(&b, "web-restarts=10", 1);
    assert_int_equal(stop(&b), 0);
    assert_int_equal(count(content(&b, "stderr"), "event=role_started of=web"), 1 + 10);
    assert_int_equal(count(content(&b, "stderr"), "restarts_used_up"), 0);
    bench_close(&b);
}

static void test_killed_role_comes_back_soon(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, "calm", 1.0);
    wait_for(&b, "store hello", 1);
    wait_for(&b, "park start", 1);
    const char *at = strstr(content(&b, "journal"), "park start pid=");
    pid_t park = (pid_t)strtol(at + strlen("park start pid="), NULL, 10);
    double start = now_s();
    assert_int_equal(kill(park, SIGKILL), 0);
    wait_for(&b, "park start", 2);
    wait_for(&b, "store hello", 2); /* and is reachable again */
    assert_true(now_s() - start < 2.0);
    assert_int_equal(stop(&b), 0);
    bench_close(&b);
}

static void test_deaf_role_is_killed(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, "deaf", 1.0);
    wait_for(&b, "park all-up", 1);
    wait_for(&b, "web start", 1);
    double start = now_s();
    assert_int_equal(stop(&b), 0);
    assert_true(now_s() - start >= 3.0);
    assert_true(now_s() - start < 5.0);
    assert_int_equal(count(content(&b, "stderr"), "event=role_killed of=web"), 1);
    bench_close(&b);
}

static void test_roles_die_with_the_supervisor(void **state)
{
    (void)state;
    struct bench b;
    pid_t pids[5];
    bench_open(&b, "deaf", 1.0);
    wait_for(&b, " start pid=", 5);
    const char *at = content(&b, "journal");
    for (int i = 0; i < 5; i++) {
        at = strstr(at, " start pid=") + strlen(" start pid=");
        pids[i] = (pid_t)strtol(at, NULL, 10);
    }
    assert_int_equal(kill(b.pid, SIGKILL), 0);
    assert_int_equal(ended(&b), 128 + SIGKILL);
    for (int i = 0; i < 5; i++) {
        char path[40];
        char stat_line[300] = "";
        (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pids[i]);
        bool alive = true;
        for (int n = 0; n < 300 && alive; n++) {
            int fd = open(path, O_RDONLY | O_CLOEXEC);
            ssize_t got = fd < 0 ? 0 : read(fd, stat_line, sizeof stat_line - 1);
            alive = got > 0 && strstr(stat_line, ") Z ") == NULL;
            (void)close(fd);
            (void)usleep(10000);
        }
        assert_false(alive);
    }
    bench_close(&b);
}

static void test_senders_are_stamped(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, "spoof", 1.0);
    wait_for(&b, "store hello from=field", 1);
    assert_int_equal(count(content(&b, "journal"), "from=park"), 0);
    assert_int_equal(stop(&b), 0);
    assert_null(strstr(b.heard, "READY=1")); /* only park's tick makes it ready */
    bench_close(&b);
}

static void test_slow_role_holds_nobody_up(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, "slow", 1.0);
    wait_for(&b, "web sleeps", 1);
    wait_for(&b, "park flooded", 1); /* 40 MiB, of which 8 fit */
    assert_int_equal(stop(&b), 0);
    assert_true(count(b.heard, "WATCHDOG=1") >= 2);
    assert_true(count(content(&b, "stderr"), "of=web") >= 2);
    bench_close(&b);
}

static void test_garbage_ends_the_role(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, "garbage", 1.0);
    wait_for(&b, "web start", 3);
    assert_true(count(content(&b, "stderr"), "event=frame_refused") >= 2);
    assert_int_equal(stop(&b), 0);
    bench_close(&b);
}

static void test_exe_that_is_not_there(void **state)
{
    (void)state;
    struct bench b;
    char kept[sizeof exe];
    memcpy(kept, exe, sizeof exe);
    (void)snprintf(exe, sizeof exe, "/nowhere");
    bench_open(&b, "calm", 1.0);
    memcpy(exe, kept, sizeof exe);
    assert_int_equal(ended(&b), 3);
    assert_true(count(content(&b, "stderr"), "event=role_ended of=park") == 7);
    bench_close(&b);
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "role") == 0) {
        return play(argc - 2, argv + 2);
    }
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life_in_good_order),
        cmocka_unit_test(test_crashing_park_uses_up_its_budget),
        cmocka_unit_test(test_back_off_is_real_time),
        cmocka_unit_test(test_crashing_web_is_no_reason_to_end),
        cmocka_unit_test(test_asked_kills_cost_no_budget),
        cmocka_unit_test(test_killed_role_comes_back_soon),
        cmocka_unit_test(test_deaf_role_is_killed),
        cmocka_unit_test(test_roles_die_with_the_supervisor),
        cmocka_unit_test(test_senders_are_stamped),
        cmocka_unit_test(test_slow_role_holds_nobody_up),
        cmocka_unit_test(test_garbage_ends_the_role),
        cmocka_unit_test(test_exe_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
