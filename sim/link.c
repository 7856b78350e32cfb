/* Link faults: the table, and the fate of an exchange. Runs in the simulator; owns nothing. */
#include "sim/link.h"
#include "sim/rtu.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ANY (LINK_TCP | LINK_RTU_TCP | LINK_SERIAL)
#define SOCKETS (LINK_TCP | LINK_RTU_TCP)
#define FRAMED (LINK_RTU_TCP | LINK_SERIAL)
/* An argument that has to be given, or one that nobody wants. */
#define NEEDED NAN

enum { LATE_MS_MAX = 60000 };

struct arg {
    const char *name;
    double min, max;
    double absent; /* where it is not given; NEEDED */
};
static const struct arg latency_args[] = {
    {"MS",        0,   LATE_MS_MAX, NEEDED},
    {"JITTER_MS", 0,   LATE_MS_MAX, 0     },
    {"TAIL",      1.1, 10,          0     },
};
static const struct arg percent_arg = {"PERCENT", 0.1, 100, NEEDED};
static const struct arg always_arg = {"PERCENT", 0.1, 100, 100};
static const struct arg clients_arg = {"CLIENTS", 0, 64, 1};
static const struct arg bytes_arg = {"BYTES_PER_S", 1, 1e6, NEEDED};
static const struct arg baud_arg = {"BAUD", RTU_BAUD_MIN, RTU_BAUD_MAX, NEEDED};
static const struct arg gateway_arg = {"MS", 1, 10000, 50};

/* Of L2: a lost request does nothing, a lost answer has acted. */
static const struct row {
    const char *id, *name;
    unsigned kinds;
    int args;
    const struct arg *arg; /* [args] */
    bool by_unit;
    const char *what;
} rows[] = {
    {"L1",  "latency",           ANY,         3, latency_args, false,
     "round trips are longer; jitter is normal, or with TAIL heavy (Pareto II of this index)"                },
    {"L2",  "loss",              ANY,         1, &percent_arg, false,
     "frames are lost, each way by itself; on TCP behind a gateway"                                          },
    {"L3",  "tcp_reset",         SOCKETS,     1, &always_arg,  false, "requests reset their connection"      },
    {"L4",  "half_open",         SOCKETS,     0, NULL,         false,
     "connections open now are dead without a word; new ones work"                                           },
    {"L5",  "mute",              SOCKETS,     0, NULL,         false, "connects, then says nothing"          },
    {"L6",  "client_limit",      SOCKETS,     1, &clients_arg, false,
     "so many connections at the most, the newest go; 0 refuses"                                             },
    {"L7",  "throttle",          SOCKETS,     1, &bytes_arg,   false,
     "requests and answers share so many bytes a second"                                                     },
    {"L8",  "collision",         FRAMED,      1, &percent_arg, false,
     "a second master spoils exchanges: the request or the answer, evenly"                                   },
    {"L9",  "wrong_baud",        LINK_SERIAL, 1, &baud_arg,    false,
     "devices are set to this speed, at others they hear garbage"                                            },
    {"L10", "bus_short",         ANY,         0, NULL,         false, "no device hears or speaks"            },
    {"L11", "gateway",           SOCKETS,     1, &gateway_arg, false,
     "one exchange after the other for all clients, each taking so long"                                     },
    {"M6",  "bad_crc",           FRAMED,      1, &always_arg,  true,  "the device's answers have a wrong CRC"},
    {"M12", "answers_broadcast", FRAMED,      0, NULL,         true,  "the device answers what is for all"   },
};
_Static_assert(sizeof rows / sizeof *rows == LINK_FAULTS, "a row for each, in order");

void link_init(struct link *l, enum link_kind kind, uint64_t seed, const char *name)
{
    *l = (struct link){.kind = kind};
    rng_init(&l->rng, seed, name, "link");
}

/* ---- The table ---- */

static enum err parse_args(const struct row *r, const char *text, double *out)
{
    double arg[LINK_ARGS_MAX];
    memset(arg, 0, sizeof arg);
    for (int i = 0; i < r->args; i++) {
        const struct arg *a = &r->arg[i];
        arg[i] = a->absent;
        if (*text == (i == 0 ? ':' : ',')) {
            char *end;
            arg[i] = strtod(text + 1, &end);
            if (end == text + 1) {
                return ERR_MISSING;
            }
            text = end;
            if (!(arg[i] >= a->min && arg[i] <= a->max)) {
                return ERR_RANGE;
            }
        }
        if (isnan(arg[i])) {
            return ERR_MISSING;
        }
    }
    if (*text) {
        return ERR_RANGE;
    }
    memcpy(out, arg, sizeof arg);
    return ERR_OK;
}

enum err link_ask_parse(const char *text, struct link_ask *out)
{
    size_t n = strcspn(text, ":");
    for (int i = 0; i < LINK_FAULTS; i++) {
        const struct row *r = &rows[i];
        if ((n == strlen(r->id) && strncasecmp(text, r->id, n) == 0) ||
            (n == strlen(r->name) && strncmp(text, r->name, n) == 0)) {
            out->fault = (enum link_fault)i;
            out->until = (mono_t){INT64_MAX};
            return parse_args(r, text + n, out->arg);
        }
    }
    return ERR_UNKNOWN_KEY;
}

const char *link_fault_use(enum link_fault f, char *out, size_t cap)
{
    const struct row *r = &rows[f];
    int n = snprintf(out, cap, "%s %s", r->id, r->name), open = 0;
    for (int i = 0; i < r->args && n >= 0 && (size_t)n < cap; i++) {
        bool may = !isnan(r->arg[i].absent);
        n += snprintf(out + n, cap - (size_t)n, "%s%c%s", may ? "[" : "", i ? ',' : ':',
                      r->arg[i].name);
        open += may;
    }
    for (; open > 0 && n >= 0 && (size_t)n < cap; open--) {
        n += snprintf(out + n, cap - (size_t)n, "]");
    }
    return out;
}

const char *link_fault_what(enum link_fault f)
{
    return rows[f].what;
}

unsigned link_fault_kinds(enum link_fault f)
{
    return rows[f].kinds;
}

bool link_fault_by_unit(enum link_fault f)
{
    return rows[f].by_unit;
}

static bool same_args(const double *a, const double *b)
{
    bool same = true;
    for (int i = 0; i < LINK_ARGS_MAX; i++) {
        same = same && a[i] == b[i];
    }
    return same;
}

static bool *units_of(struct link *l, enum link_fault f)
{
    return f == LINK_BAD_CRC ? l->bad_crc : l->broadcast;
}

/* true if a unit is hit that was not before. */
static bool set_units(bool *is, const bool *hit)
{
    bool news = false;
    for (int i = 0; i < LINK_UNITS; i++) {
        news = news || (hit[i] && !is[i]);
        is[i] = is[i] || hit[i];
    }
    return news;
}

bool link_set(struct link *l, const struct link_ask *ask, const bool *hit)
{
    enum link_fault f = ask->fault;
    if (!(rows[f].kinds & (unsigned)l->kind)) {
        return false;
    }
    bool news = !l->on[f] || !same_args(l->arg[f], ask->arg);
    if (rows[f].by_unit) {
        bool more = set_units(units_of(l, f), hit);
        news = news || more;
    }
    l->on[f] = true;
    l->until[f] = ask->until;
    memcpy(l->arg[f], ask->arg, sizeof ask->arg);
    return news;
}

int link_clear(struct link *l, enum link_fault f)
{
    bool all = f == LINK_FAULTS;
    int n = 0, from = all ? 0 : (int)f, end = all ? (int)LINK_FAULTS : from + 1;
    for (int i = from; i < end; i++) {
        n += l->on[i];
        l->on[i] = false;
        if (rows[i].by_unit) {
            memset(units_of(l, (enum link_fault)i), 0, sizeof l->bad_crc);
        }
    }
    if (!l->on[LINK_THROTTLE] && !l->on[LINK_GATEWAY]) {
        l->free_at = (mono_t){0};
    }
    return n;
}

/* ---- One exchange ---- */

/* Only faults that are on draw, so that one does not move another's luck. */
static bool happens(struct link *l, enum link_fault f, double share)
{
    return l->on[f] && rng_uniform(&l->rng) < share;
}

static bool by_percent(struct link *l, enum link_fault f)
{
    return happens(l, f, l->arg[f][0] / 100);
}

enum link_way link_hears(struct link *l)
{
    if (l->on[LINK_SHORT] || l->on[LINK_MUTE]) {
        return LINK_LOST;
    }
    if (by_percent(l, LINK_RESET)) {
        return LINK_BREAKS;
    }
    bool lost = by_percent(l, LINK_LOSS);
    bool hit = happens(l, LINK_COLLISION, l->arg[LINK_COLLISION][0] / 200);
    return lost || hit ? LINK_LOST : LINK_PASSES;
}

/* Milliseconds that the round trip takes longer. */
static double late_ms(struct link *l)
{
    const double *a = l->arg[LINK_LATENCY];
    double late = a[0];
    if (!l->on[LINK_LATENCY]) {
        return 0;
    }
    if (a[1] > 0 && a[2] > 0) {
        late += a[1] * (pow(1 - rng_uniform(&l->rng), -1 / a[2]) - 1);
    } else if (a[1] > 0) {
        late += a[1] * rng_normal(&l->rng);
    }
    return fmin(fmax(late, 0), LATE_MS_MAX);
}

enum link_way link_carries(struct link *l, mono_t now, size_t bytes, mono_t *due)
{
    mono_t at = now;
    if (l->on[LINK_THROTTLE] || l->on[LINK_GATEWAY]) {
        double s = l->on[LINK_GATEWAY] ? l->arg[LINK_GATEWAY][0] / 1e3 : 0;
        s += l->on[LINK_THROTTLE] ? (double)bytes / l->arg[LINK_THROTTLE][0] : 0;
        at = mono_add(mono_before(now, l->free_at) ? l->free_at : now, MONO_S(s));
        l->free_at = at;
    }
    *due = mono_add(at, MONO_S(late_ms(l) / 1e3));
    double p = l->arg[LINK_COLLISION][0] / 200; /* half of them were the request's */
    bool lost = by_percent(l, LINK_LOSS);
    bool hit = happens(l, LINK_COLLISION, p / (1 - p));
    return lost ? LINK_LOST : hit ? LINK_GARBLED : LINK_PASSES;
}

void link_garble(struct link *l, uint8_t *data, size_t n)
{
    uint64_t draw = rng_u64(&l->rng);
    size_t from = (size_t)(draw % n);
    for (size_t i = from; i < n; i++) {
        /* two transmitters at once: where they differ the receiver reads either */
        uint64_t noise = rng_u64(&l->rng);
        data[i] ^= (uint8_t)(i == from ? noise | 1 : noise);
    }
}

bool link_spoils_crc(struct link *l, int unit)
{
    return l->bad_crc[unit] && by_percent(l, LINK_BAD_CRC);
}

int link_clients_max(const struct link *l, int own)
{
    if (!l->on[LINK_CLIENTS]) {
        return own;
    }
    int most = (int)l->arg[LINK_CLIENTS][0];
    return most == 0 ? -1 : own && own < most ? own : most;
}
