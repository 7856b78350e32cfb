/* Telling systemd how the service does: one datagram to NOTIFY_SOCKET (sd_notify(3)), without
 * libsystemd. Runs in the supervisor; owns nothing but the copied address. */
#ifndef KILNWATT_BASE_NOTIFY_H
#define KILNWATT_BASE_NOTIFY_H

#include <sys/socket.h>
#include <sys/un.h>

struct notify {
    struct sockaddr_un at;
    socklen_t len; /* 0: nobody listens */
};

/* Takes NOTIFY_SOCKET out of the environment, so that children do not speak for the service. A
 * path, or
 * "@name" in the abstract name space; anything else counts as nobody. */
void notify_init(struct notify *n);
/* Sends "READY=1" and the like; lost if nobody listens or the socket is full. */
void notify_send(const struct notify *n, const char *text);

#endif
