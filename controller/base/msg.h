/* Messages between roles: typed, versioned, bounded frames over one stream socket per role. The
 * supervisor forwards a frame by its `to`, so that a role that restarts is reachable again
 * without any descriptor being passed. All ends are the same executable, so payloads are plain
 * structs; a frame of another version, type or size is refused and counted. Used in every role.
 */
#ifndef KILNWATT_BASE_MSG_H
#define KILNWATT_BASE_MSG_H

#include "controller/base/arena.h"
#include "controller/base/role.h"
#include "controller/base/stream.h"

enum { MSG_VERSION = 1, MSG_LEN_MAX = 4 * 1024 * 1024 };

/* On the wire before each payload; len: payload bytes, 0..MSG_LEN_MAX. seq: a question's
 * number, repeated in its answer; 0 for statements. */
struct msg_head {
    uint16_t version;
    uint16_t type;
    uint8_t from; /* enum role */
    uint8_t to;   /* enum role */
    uint16_t flags;
    uint32_t seq;
    uint32_t len;
};

struct msg_link;
/* payload: head->len bytes, valid during the call, aligned for any type. */
typedef void msg_fn(struct msg_link *k, const struct msg_head *head, const void *payload,
                    void *arg);
typedef void msg_gone_fn(struct msg_link *k, void *arg);

/* How a link is to be. */
struct msg_spec {
    enum role self;       /* which end this is: the sender of what msg_send() sends */
    size_t out_max;       /* bytes that may wait to be sent */
    struct arena *arena;  /* keeps the link and its receive buffer */
    size_t in_max;        /* most payload bytes taken, 0..MSG_LEN_MAX; more break the link */
    msg_fn *on_msg;       /* a whole frame has come; the link may be closed here */
    msg_gone_fn *on_gone; /* the other side has gone or broke the rules; close the link here */
    void *arg;            /* handed to both */
    bool at_once;         /* as of a stream */
};

/* Event-driven end. Takes over fd; on error (ERR_NOMEM: the arena is full) it stays the
 * caller's. The arena must live until the link is closed and its last callback has returned. */
must_check enum err msg_open(struct loop *l, int fd, const struct msg_spec *spec,
                             struct msg_link **out);
/* A look at each frame before on_msg, for what belongs to no role in particular (lock_role.h);
 * returns true when it has taken the frame. */
typedef bool msg_tap_fn(void *arg, const struct msg_head *head, const void *payload);
void msg_tap(struct msg_link *k, msg_tap_fn *fn, void *arg);
/* Closes the descriptor; the memory goes with the arena. NULL and a closed link are allowed. */
void msg_close(struct msg_link *k);

/* The head of a frame of len payload bytes to a role; msg_send() fills in the sender. */
static inline struct msg_head msg_to(enum role to, uint16_t type, uint32_t seq, size_t len)
{
    return (struct msg_head){.version = MSG_VERSION,
                             .type = type,
                             .from = ROLE_COUNT,
                             .to = (uint8_t)to,
                             .seq = seq,
                             .len = (uint32_t)(len <= MSG_LEN_MAX ? len : MSG_LEN_MAX + 1)};
}

/* The same head with its sender, for msg_send_blocking(). */
static inline struct msg_head msg_from(enum role from, struct msg_head head)
{
    head.from = (uint8_t)from;
    return head;
}

/* Queues one frame. payload: head.len bytes. ERR_FULL when the queue is full (the frame is
 * dropped and counted), ERR_RANGE when head.len exceeds MSG_LEN_MAX, ERR_CLOSED. */
must_check enum err msg_send(struct msg_link *k, struct msg_head head, const void *payload);
/* Sends a frame unchanged (the supervisor's forwarding). */
must_check enum err msg_forward(struct msg_link *k, const struct msg_head *head,
                                const void *payload);
uint64_t msg_dropped(const struct msg_link *k);

/* Blocking end, for the plan role. buf: cap bytes for the payload. ERR_CLOSED at end of file,
 * ERR_PROTOCOL on a bad frame, ERR_RANGE when the payload exceeds cap. */
must_check enum err msg_recv_blocking(int fd, struct msg_head *head, void *buf, size_t cap);
/* payload: head.len bytes; head.from must be set. ERR_RANGE when head.len exceeds MSG_LEN_MAX,
 * ERR_CLOSED, ERR_IO. */
must_check enum err msg_send_blocking(int fd, struct msg_head head, const void *payload);

#endif
