/* Further wires of a simulated park, from the command line. Runs while booting; owns nothing.
 */
#include "sim/wires.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1024 };

static const struct rtu_line usual_line = {9600, 'N', 1, 10};

static enum err wrong(const struct wire_ask *ask, enum err e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static enum err wrong(const struct wire_ask *ask, enum err e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "kilnwatt sim: --%s \"%s\": ", ask->serial ? "rtu" : "rtu-tcp", ask->text);
    vfprintf(stderr, fmt, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    return e;
}

/* A whole number of min..max; -1 if it is none. */
static int number(const char *text, int min, int max)
{
    char *end;
    long v = strtol(text, &end, 10);
    return end == text || *end || v < min || v > max ? -1 : (int)v;
}

static bool same_registers(const struct part *a, const struct part *b)
{
    return a->port == b->port && a->unit == b->unit && strcmp(a->host, b->host) == 0;
}

static enum err put_part(struct wire *w, const struct park *park, const struct wire_ask *ask,
                         struct wire_unit at, int unit)
{
    const struct device *d = &park->device[at.device];
    if (unit < 1 || unit > RTU_UNIT_MAX) {
        return wrong(ask, ERR_CONFLICT, "%s would be unit %d; a bus has 1 to %d: say %s:UNIT",
                     d->name, unit, RTU_UNIT_MAX, d->name);
    }
    struct wire_unit *slot = &w->unit[unit];
    if (slot->device >= 0 &&
        !same_registers(&d->part[at.part], &park->device[slot->device].part[slot->part])) {
        return wrong(ask, ERR_CONFLICT, "%s and %s are both unit %d: say %s:UNIT",
                     park->device[slot->device].name, d->name, unit, d->name);
    }
    *slot = slot->device >= 0 ? *slot : at;
    return ERR_OK;
}

/* DEVICE[:UNIT]; the text is cut up. */
static enum err put_device(struct wire *w, const struct park *park, const struct wire_ask *ask,
                           char *text)
{
    char *name = strsep(&text, ":");
    int device = park_device(park, name), first = 0;
    if (device < 0) {
        return wrong(ask, ERR_NOT_FOUND, "no device \"%s\" in this park", name);
    }
    const struct device *d = &park->device[device];
    if (d->parts > 0) {
        first = text ? number(text, 1, RTU_UNIT_MAX) : d->part[0].unit;
    }
    if (text && first < 0) {
        return wrong(ask, ERR_SYNTAX, "unit \"%s\": 1 to %d would be right", text,
                     RTU_UNIT_MAX);
    }
    for (int k = 0; k < d->parts; k++) {
        enum err e = put_part(w, park, ask, (struct wire_unit){device, k},
                              first + d->part[k].unit - d->part[0].unit);
        if (e) {
            return e;
        }
    }
    return ERR_OK;
}

/* PATH, or [HOST:]PORT. */
static enum err put_place(struct wire *w, const struct wire_ask *ask, char *place)
{
    size_t n = strlen(place);
    if (ask->serial) {
        if (n == 0 || n >= sizeof w->path) {
            return wrong(ask, ERR_SYNTAX, "a path of 1 to %zu bytes would be right",
                         sizeof w->path - 1);
        }
        memcpy(w->path, place, n + 1);
        return ERR_OK;
    }
    char *colon = strrchr(place, ':');
    w->port = number(colon ? colon + 1 : place, 1, 65535);
    if (colon) {
        *colon = '\0';
    }
    int len = snprintf(w->host, sizeof w->host, "%s", colon ? place : "127.0.0.1");
    if (w->port < 0 || len < 1 || (size_t)len >= sizeof w->host) {
        return wrong(ask, ERR_SYNTAX, "a port such as 4196 or 127.0.0.1:4196 would be right");
    }
    return ERR_OK;
}

enum err wire_read(struct wire *w, const struct park *park, const struct wire_ask *ask)
{
    char text[TEXT_MAX], *rest = text;
    *w = (struct wire){.serial = ask->serial, .line = usual_line};
    for (int i = 0; i < WIRE_UNITS; i++) {
        w->unit[i].device = -1;
    }
    if (snprintf(text, sizeof text, "%s", ask->text) >= TEXT_MAX || !strchr(text, '=')) {
        return wrong(ask, ERR_SYNTAX, "%s=DEVICE,DEVICE would be right",
                     ask->serial ? "PATH" : "PORT");
    }
    char *place = strsep(&rest, "="), *devices = strsep(&rest, "@");
    if (rest && (!ask->serial || rtu_line_parse(&w->line, rest) != ERR_OK)) {
        return wrong(ask, ERR_SYNTAX, "\"%s\": %s would be right", rest,
                     ask->serial ? "9600,8N1,10 (standard baud, 8N1, turnaround in ms)"
                                 : "nothing behind the devices");
    }
    enum err e = put_place(w, ask, place);
    for (char *one = strsep(&devices, ","); e == ERR_OK && one; one = strsep(&devices, ",")) {
        e = put_device(w, park, ask, one);
    }
    return e;
}

const char *wire_name(const struct wire *w, char *out, size_t cap)
{
    (void)(w->serial ? snprintf(out, cap, "%s", w->path)
                     : snprintf(out, cap, "%s:%d", w->host, w->port));
    return out;
}
