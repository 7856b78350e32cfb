/* Messages between roles: typed, versioned, bounded frames over one stream socket per role. The
 * supervisor forwards a frame by its `to`, so that a role that restarts is reachable again
 * without any descriptor being passed. All ends are the same executable, so payloads are plain
 * structs; a frame of another version, type or size is refused and counted. Used in every role.
 */
#ifndef KILNWATT_BASE_MSG_H
#define KILNWATT_BASE_MSG_H

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

/* Event-driven end. Takes over fd. out_max: bytes that may wait to be sent. */
must_check enum err msg_open(struct loop *l, int fd, enum role self, size_t out_max,
                             msg_fn *on_msg, msg_gone_fn *on_gone, void *arg,
                             struct msg_link **out);
void msg_close(struct msg_link *k);
/* ERR_FULL when the queue is full (the frame is dropped and counted), ERR_RANGE when len is too
 * big. */
must_check enum err msg_send(struct msg_link *k, enum role to, uint16_t type, uint32_t seq,
                             const void *payload, size_t len);
/* Sends a frame unchanged (the supervisor's forwarding). */
must_check enum err msg_forward(struct msg_link *k, const struct msg_head *head,
                                const void *payload);
uint64_t msg_dropped(const struct msg_link *k);

/* Blocking end, for the plan role. buf: cap bytes for the payload. ERR_CLOSED at end of file,
 * ERR_PROTOCOL on a bad frame, ERR_RANGE when the payload exceeds cap. */
must_check enum err msg_recv_blocking(int fd, struct msg_head *head, void *buf, size_t cap);
must_check enum err msg_send_blocking(int fd, enum role self, enum role to, uint16_t type,
                                      uint32_t seq, const void *payload, size_t len);

#endif
