/* sd_notify's protocol. Runs in the supervisor. */
#include "controller/base/notify.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void notify_init(struct notify *n)
{
    *n = (struct notify){.at.sun_family = AF_UNIX};
    const char *name = getenv("NOTIFY_SOCKET");
    size_t len = name == NULL ? 0 : strlen(name);
    if (len >= 2 && len < sizeof n->at.sun_path && (name[0] == '/' || name[0] == '@')) {
        memcpy(n->at.sun_path, name, len);
        n->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
        if (name[0] == '@') {
            n->at.sun_path[0] = '\0'; /* abstract: exactly len bytes, no end mark */
        } else {
            n->len++;
        }
    }
    (void)unsetenv("NOTIFY_SOCKET");
}

void notify_send(const struct notify *n, const char *text)
{
    if (n->len == 0) {
        return;
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return;
    }
    (void)sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&n->at, n->len);
    (void)close(fd);
}
