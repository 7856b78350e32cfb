/* Tests of controller/base/proc_role: a role's command line. */
#include "controller/base/proc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static enum err init(struct proc_role *r, char **argv)
{
    int argc = 0;
    while (argv[argc] != NULL) {
        argc++;
    }
    return proc_role_init(r, argc, argv);
}

#define ARGS(...) ((char *[]){__VA_ARGS__, NULL})

static void test_role_arguments(void **state)
{
    (void)state;
    struct proc_role r = {.fd = -5};
    int ends[2];
    char fd[12];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    (void)snprintf(fd, sizeof fd, "%d", ends[0]);
    char bad[12] = "x";
    assert_int_equal(init(&r, ARGS("park")), ERR_SYNTAX);
    assert_int_equal(
        init(&r, ARGS("cook", "--fd", fd, "--clock", "live", "--park", "p", "--state", "s")),
        ERR_SYNTAX);
    assert_int_equal(init(&r, ARGS("supervisor", "--fd", fd, "--clock", "live", "--park", "p",
                                   "--state", "s")),
                     ERR_SYNTAX);
    assert_int_equal(
        init(&r, ARGS("park", "--fd", bad, "--clock", "live", "--park", "p", "--state", "s")),
        ERR_SYNTAX);
    assert_int_equal(
        init(&r, ARGS("park", "--fd", "900", "--clock", "live", "--park", "p", "--state", "s")),
        ERR_SYNTAX);
    assert_int_equal(
        init(&r, ARGS("park", "--fd", fd, "--clock", "soon", "--park", "p", "--state", "s")),
        ERR_SYNTAX);
    assert_int_equal(
        init(&r, ARGS("park", "--fd", fd, "--clock", "live", "--park", "p", "--state")),
        ERR_SYNTAX);
    assert_int_equal(r.fd, -5); /* untouched */
    assert_int_equal(init(&r, ARGS("web", "--fd", fd, "--clock", "2 1 0", "--park", "p",
                                   "--state", "s", "--port", "0")),
                     ERR_OK);
    assert_int_equal(r.role, ROLE_WEB);
    assert_int_equal(r.fd, ends[0]);
    assert_true(r.clock.speed == 2);
    assert_string_equal(r.park_file, "p");
    assert_string_equal(r.state_dir, "s");
    assert_int_equal(r.argc, 2);
    assert_string_equal(r.argv[1], "0");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_role_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
