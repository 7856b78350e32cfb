/* Locks the state folder and tries the web address. Runs in the supervisor before the roles. */
#include "controller/cli/alone.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

static int lock_state(const char *state_dir)
{
    char path[PATH_LEN + 8];
    (void)snprintf(path, sizeof path, "%s/lock", state_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        (void)fprintf(stderr, "%s: %s; give a --state DIR that can be written\n", path,
                      strerror(errno));
        return 3;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)fprintf(stderr,
                      "%s: is locked: a controller runs on this state already; end it, or give "
                      "another --state DIR\n",
                      path);
        (void)close(fd);
        return 3;
    }
    return 0; /* the descriptor is the lock */
}

/* The park's web address stands for the park: each has its own. */
static int try_address(const char *host, int port)
{
    static const int on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &at.sin_addr) != 1) {
        return 0; /* the web role says what is wrong with it */
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        (void)fprintf(stderr, "kilnwatt run: no socket: %s\n", strerror(errno));
        return 3;
    }
    /* only a listener counts, not what an ended one has left behind */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    int failed = bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ? errno : 0;
    (void)close(fd);
    if (failed != 0) {
        (void)fprintf(stderr,
                      "web.listen: %s:%d: %s; if another controller runs on this park, end it, "
                      "else give another address\n",
                      host, port, strerror(failed));
        return 3;
    }
    return 0;
}

int alone_claim(const struct park *p, const char *state_dir)
{
    int status = try_address(p->listen_host, p->listen_port);
    return status == 0 ? lock_state(state_dir) : status;
}
