/* RTU frames of the simulator's Modbus server, on serial buses and over TCP. Unit 0 is for all
 * and never answered; who is not there, and a frame with a bad CRC, is met with silence. Runs
 * in the simulator; owns nothing. */
#include "sim/modbus_server_own.h"
#include <string.h>

/* MBAP or RTU: no frame is longer than `struct said` has room for. */
_Static_assert((int)REPLY_LEN_MAX >= (int)RTU_LEN_MAX, "room for an RTU frame");

/* Behind the unit number, which is there, comes the PDU; then the CRC, right or wrong. */
static void seal(struct port *p, int unit, size_t pdu_len, struct said *out)
{
    out->adu[0] = (uint8_t)unit;
    out->len = rtu_seal(out->adu, 1 + pdu_len);
    if (link_spoils_crc(&p->link, unit)) {
        out->adu[out->len - 1] ^= 0xff;
    }
}

/* Everybody acts. Those at fault (M12) answer; if several do, nobody can read it. */
static void for_all(struct port *p, const uint8_t *pdu, size_t len, struct said *out)
{
    int talk = 0;
    for (int id = 1; id < UNIT_IDS; id++) {
        uint8_t rsp[PDU_LEN_MAX];
        if (!p->unit[id]) {
            continue;
        }
        size_t n = unit_answer(p->server, p->unit[id], pdu, len, rsp);
        if (p->link.broadcast[id] && talk++ == 0) {
            memcpy(out->adu + 1, rsp, n);
            seal(p, id, n, out);
        }
    }
    if (talk > 1) {
        link_garble(&p->link, out->adu, out->len);
    }
}

static void for_one(struct port *p, int id, const uint8_t *pdu, size_t len, struct said *out)
{
    struct regs_unit *u = p->unit[id];
    uint8_t *rsp = out->adu + 1;
    if (!u) {
        return;
    }
    out->fault = unit_faults(p->server, u);
    if (out->fault.silent || out->fault.reset) {
        return;
    }
    size_t n = unit_answer(p->server, u, pdu, len, rsp);
    p->server->stats.exceptions += (rsp[0] & 0x80) != 0;
    mangle_pdu(&out->fault, rsp, n);
    seal(p, id, n, out);
}

/* A frame with a good CRC; out->len stays 0 where nobody answers. false: the link breaks. */
static bool on_frame(struct port *p, const uint8_t *frame, size_t len, struct said *out)
{
    enum link_way way = link_hears(&p->link);
    *out = (struct said){.asked = len};
    p->server->stats.requests++;
    if (way == LINK_PASSES && frame[0] == 0) {
        if (pdu_writes(frame[1])) {
            for_all(p, frame + 1, len - 3, out);
        }
    } else if (way == LINK_PASSES) {
        for_one(p, frame[0], frame + 1, len - 3, out);
    }
    return way != LINK_BREAKS && !out->fault.reset;
}

void rtu_on_bus(void *arg, const uint8_t *frame, size_t len, struct bus_answer *out)
{
    struct port *p = arg;
    struct said r;
    mono_t now = loop_now(p->server->loop), due;
    if (!on_frame(p, frame, len, &r) || r.len == 0) {
        return;
    }
    enum link_way way = link_carries(&p->link, now, r.asked + r.len, &due);
    if (way == LINK_LOST) {
        return;
    }
    if (way == LINK_GARBLED) {
        link_garble(&p->link, r.adu, r.len);
    }
    memcpy(out->data, r.adu, r.len);
    out->len = r.len;
    out->later = mono_add(mono_sub(due, now), MONO_MS(r.fault.late_ms));
    out->apart = r.fault.piece ? MONO_MS(r.fault.gap_ms / r.fault.piece) : (mono_t){0};
}

/* Nothing marks where the next frame begins: all that has come goes. */
static enum verdict drop(struct conn *c)
{
    uint8_t burst[ADU_LEN_MAX];
    c->port->server->stats.bad_frames++;
    while (stream_take(c->stream, burst, sizeof burst) > 0) {
    }
    return GO_ON;
}

enum verdict rtu_take(struct conn *c, bool *took)
{
    uint8_t frame[RTU_LEN_MAX];
    size_t have = stream_peek(c->stream, frame, sizeof frame);
    *took = false;
    if (have < RTU_LEN_MIN) {
        return GO_ON;
    }
    size_t pdu_len = pdu_request_len(frame + 1, have - 1);
    size_t len = pdu_len ? pdu_len + 3 : have; /* of an unknown function: what is there */
    if (len <= RTU_LEN_MAX && have < len) {
        return GO_ON;
    }
    if (!rtu_whole(frame, len)) {
        return drop(c);
    }
    struct said r;
    *took = true;
    stream_take(c->stream, frame, len);
    bool good = on_frame(c->port, frame, len, &r);
    c->silent = r.len == 0;
    return !good ? RESET : r.len ? conn_say(c, &r) : GO_ON;
}
