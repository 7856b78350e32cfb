/* The wire to one Modbus TCP endpoint: the only file that knows libmodbus. It connects without
 * blocking, lets libmodbus build and send each request, watches the answer arrive without
 * taking it, and lets libmodbus receive it when the whole frame is there, so that no call waits
 * for the other side. Runs in the field role; a struct wire owns its socket and its libmodbus
 * context.
 *
 * Transaction numbers: libmodbus 3.1.6 can send a request without waiting for its answer only
 * with number 0 (modbus_send_raw_request). Late answers are told apart by the connection
 * instead: one request is under way at a time, and a connection on which an answer did not come
 * in time, or on which anything came that was not asked for, is closed. A frame with another
 * number is taken off and thrown away. */
#ifndef KILNWATT_ADAPTERS_MODBUS_WIRE_H
#define KILNWATT_ADAPTERS_MODBUS_WIRE_H

#include "adapters/frame.h"

enum { WIRE_FD_MAX = 900 }; /* libmodbus uses select(), which ends at 1024 */

struct _modbus; /* libmodbus's context */
struct wire {
    struct _modbus *modbus;
    char host[64];
    int port;
    int fd;           /* -1 = not connected */
    int frame;        /* length of the frame that is awaited, once known; else 0 */
    uint32_t drained; /* frames with a foreign transaction number */
};

/* host: numeric IPv4. Takes memory for the context: call while booting. ERR_NOMEM, ERR_RANGE
 * (host). */
must_check enum err wire_init(struct wire *w, const char *host, int port);
/* Hangs up and gives the context back. */
void wire_fini(struct wire *w);
/* Starts connecting; w->fd is then watched for writing. ERR_IO, ERR_LIMIT when the descriptor
 * would be WIRE_FD_MAX or more. */
must_check enum err wire_connect(struct wire *w);
/* The socket has become writable: did it connect? ERR_IO (errno says why). */
must_check enum err wire_connected(struct wire *w);
void wire_hangup(struct wire *w);
/* The TCP port of our end of a connection; 0 if there is none. */
uint16_t wire_port(const struct wire *w);
/* Sends a request. ERR_PROTOCOL when something had come unasked, ERR_IO; hang up on either. */
must_check enum err wire_send(struct wire *w, const struct frame_ask *ask);
/* Has the whole answer arrived? ERR_BUSY: not yet; ERR_CLOSED, ERR_PROTOCOL: hang up. */
must_check enum err wire_ready(struct wire *w);
/* Takes and checks the answer that wire_ready() has seen. ERR_EXCEPTION leaves the connection
 * usable; hang up on ERR_PROTOCOL and ERR_IO. */
must_check enum err wire_receive(struct wire *w, const struct frame_ask *ask,
                                 struct frame_answer *out);

#endif
