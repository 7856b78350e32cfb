/* MBAP frames of the simulator's Modbus server, and what a unit answers to any frame. Unit 0
 * and 255 mean the only unit where there is only one. Runs in the simulator; owns nothing. */
#include "sim/modbus_server_own.h"
#include <string.h>

static struct fault_set *set_of(const struct server *s, const struct regs_unit *u, int binding)
{
    return &s->faults->of[u->binding[binding].device];
}

struct mangle unit_faults(const struct server *s, const struct regs_unit *u)
{
    struct mangle out = {0};
    for (int i = 0; i < u->bindings; i++) {
        mangle_add(&out, set_of(s, u, i));
    }
    return out;
}

/* Spoils an answer (MBAP header and PDU, n bytes) as the faults say; returns its new length. */
static size_t spoil(const struct server *s, const struct regs_unit *u, const struct mangle *f,
                    uint8_t *out, size_t n)
{
    uint8_t junk[MANGLE_JUNK_MAX];
    if (!u) {
        return n;
    }
    mangle_pdu(f, out + MBAP_LEN, n - MBAP_LEN);
    mangle_mbap(f, out);
    size_t more = mangle_junk(f, &set_of(s, u, 0)->rng, junk);
    memmove(out + more, out, n);
    memcpy(out, junk, more);
    return n + more;
}

/* Unit 0 and 255 mean the only unit where there is only one. */
static struct regs_unit *find_unit(const struct port *p, int id)
{
    struct regs_unit *u = p->unit[id];
    for (int i = 0; !u && p->units == 1 && (id == 0 || id == 255) && i < UNIT_IDS; i++) {
        u = p->unit[i];
    }
    return u;
}

size_t unit_answer(struct server *s, struct regs_unit *u, const uint8_t *pdu, size_t len,
                   uint8_t *rsp)
{
    int code = PDU_OK;
    for (int i = 0; i < u->bindings; i++) {
        device_frame(s->devices, u->binding[i].device);
        code = code ? code : mangle_refuses(set_of(s, u, i), pdu, len);
    }
    if (code) {
        return pdu_exception(pdu[0], code, rsp);
    }
    return pdu_answer(&regs_space, u, pdu, len, rsp);
}

/* A write to unit 0 of a shared line: everybody acts, nobody answers. */
static void broadcast(struct port *p, const uint8_t *pdu, size_t len)
{
    uint8_t rsp[PDU_LEN_MAX];
    for (int i = 1; i < UNIT_IDS; i++) {
        if (p->unit[i]) {
            (void)unit_answer(p->server, p->unit[i], pdu, len, rsp);
        }
    }
}

/* From the unit number on: transaction numbers are the client's affair. */
static void record(const struct conn *c, const uint8_t *asked, size_t asked_len,
                   const struct record_bytes *answered)
{
    const struct server *s = c->port->server;
    struct record_bytes request = {asked + MBAP_LEN - 1, asked_len - MBAP_LEN + 1};
    if (s->record) {
        record_exchange(s->record, (int)(c->port - s->port), loop_now(s->loop), &request,
                        answered);
    }
}

/* frame: MBAP header and PDU, checked for protocol and length. */
static enum verdict on_frame(struct conn *c, const uint8_t *frame, size_t len)
{
    struct port *p = c->port;
    struct server *s = p->server;
    struct said r = {.asked = len};
    uint8_t *out = r.adu;
    const uint8_t *pdu = frame + MBAP_LEN;
    size_t n, pdu_len = len - MBAP_LEN;
    struct regs_unit *u = find_unit(p, frame[6]);
    enum link_way way = link_hears(&p->link);
    s->stats.requests++;
    r.fault = u ? unit_faults(s, u) : r.fault;
    if (r.fault.reset || way == LINK_BREAKS) {
        return RESET;
    }
    c->silent = r.fault.silent || way == LINK_LOST;
    if (c->silent) {
        record(c, frame, len, &(struct record_bytes){out, 0});
        return GO_ON;
    }
    if (u) {
        n = unit_answer(s, u, pdu, pdu_len, out + MBAP_LEN);
    } else if (frame[6] == 0) {
        if (pdu_writes(pdu[0])) {
            broadcast(p, pdu, pdu_len);
            record(c, frame, len, &(struct record_bytes){out, 0});
        }
        return GO_ON;
    } else {
        n = pdu_exception(pdu[0], PDU_GATEWAY_TARGET, out + MBAP_LEN);
    }
    s->stats.exceptions += (out[MBAP_LEN] & 0x80) != 0;
    memcpy(out, frame, 4);
    out[4] = (uint8_t)((n + 1) >> 8);
    out[5] = (uint8_t)(n + 1);
    out[6] = frame[6];
    record(c, frame, len, &(struct record_bytes){out + MBAP_LEN, n});
    r.len = spoil(s, u, &r.fault, out, n + MBAP_LEN);
    return conn_say(c, &r);
}

enum verdict mbap_take(struct conn *c, bool *took)
{
    uint8_t frame[ADU_LEN_MAX];
    size_t have = stream_peek(c->stream, frame, MBAP_LEN);
    *took = false;
    if (have >= 4 && (frame[2] || frame[3])) {
        c->port->server->stats.closed_bad++;
        return CLOSE;
    }
    if (have < 6) {
        return GO_ON;
    }
    size_t len = (size_t)(frame[4] << 8 | frame[5]);
    if (len < 2 || len > 254) {
        c->port->server->stats.closed_bad++;
        return CLOSE;
    }
    if (stream_ready(c->stream) < 6 + len) {
        return GO_ON;
    }
    *took = true;
    stream_take(c->stream, frame, 6 + len);
    return on_frame(c, frame, 6 + len);
}
