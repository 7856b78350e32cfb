/* Tests of controller/base/notify: addresses of systemd's socket. */
#include "controller/base/notify.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_notify_abstract(void **state)
{
    (void)state;
    struct notify n;
    char name[64];
    char buf[32] = "";
    (void)snprintf(name, sizeof name, "@kilnwatt-test-%d", (int)getpid());
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    memcpy(at.sun_path + 1, name + 1, strlen(name) - 1);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    notify_init(&n);
    assert_null(getenv("NOTIFY_SOCKET"));
    notify_send(&n, "READY=1");
    assert_int_equal(recv(fd, buf, sizeof buf, 0), 7);
    assert_string_equal(buf, "READY=1");
    (void)close(fd);
    notify_send(&n, "READY=1"); /* nobody there: no harm */
}

static void test_notify_nobody(void **state)
{
    (void)state;
    struct notify n;
    char name[200];
    notify_init(&n);
    assert_int_equal(n.len, 0);
    memset(name, 'x', sizeof name - 1);
    name[0] = '/';
    name[sizeof name - 1] = '\0';
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    notify_init(&n);
    assert_int_equal(n.len, 0);
    name[sizeof n.at.sun_path] = '\0'; /* one byte too long for the end mark */
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    notify_init(&n);
    assert_int_equal(n.len, 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", "vsock:2:1234", 1), 0);
    notify_init(&n);
    assert_int_equal(n.len, 0);
    notify_send(&n, "READY=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notify_abstract),
        cmocka_unit_test(test_notify_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
