/* The field: all lines and stations of a park. Between the park's messages and the wire. Runs
 * in the field role; owns the lines; its stations lie in the boot arena. */
#ifndef KILNWATT_ADAPTERS_FIELD_H
#define KILNWATT_ADAPTERS_FIELD_H

#include "adapters/link.h"
#include "adapters/station.h"

/* Where news go. */
struct field_hooks {
    void (*readings)(void *arg, const struct msg_reading *row, int n);
    void (*wrote)(void *arg, const struct msg_write_result *row);
    /* A device came, went or became trusted. */
    void (*link)(void *arg, const struct msg_link_state *row);
};

/* What a fieldbus is built from; all of it must outlive it. */
struct field_setup {
    struct loop *loop;
    const struct park *park;
    const struct profile *const *profile; /* as profile_load_park() gives them */
    const struct field_hooks *hooks;
    void *arg; /* of the hooks */
};

struct fieldbus;
/* One connection and the stations behind it. */
struct line {
    struct fieldbus *field;
    struct link link;
    struct loop_timer *wake; /* when a station has something to ask again */
    const struct part *at;   /* host and port */
    int stations, turn;
    struct station **station;
    struct station *current; /* whose request is under way */
};

struct fieldbus {
    struct loop *loop;
    const struct park *park;
    const struct field_hooks *hooks;
    void *arg;
    int lines, stations;
    struct line *line;
    struct station *station;
    struct station **of_device; /* [device * PARTS_MAX + part] */
    struct line **line_of;      /* the same for lines */
    uint8_t *shown;             /* [device]: online and trusted as told last */
    struct loop_timer *pass;    /* lets leases run out */
};

/* Builds lines and stations: parts with the same host and port share a line. Nothing is sent
 * before field_start(). */
must_check enum err field_open(struct fieldbus *f, struct arena *a,
                               const struct field_setup *setup);
void field_start(struct fieldbus *f);
void field_close(struct fieldbus *f);
/* Setpoints from the park. Points that no profile can write are refused. */
void field_set(struct fieldbus *f, const struct msg_setpoint *row, int n);
/* Gives all leases up, or only those of what puts power into the park: done first, the rest a
 * little later, so that no load leaves while a source is still at full power. See
 * field_settled(). */
void field_give_up(struct fieldbus *f, bool feeding_only);
/* true when no revert value waits to be written to a device that can be reached. */
bool field_settled(const struct fieldbus *f);
/* For lock-step (base/lock_role.h): ports of the lines on which something is under way, and
 * what the simulator says of ports. */
int field_awaited(void *bus, uint32_t *port, int max);
void field_notice(void *bus, const uint32_t *port, int n, bool moved);
/* State of a device's connection. */
struct msg_link_state field_link(const struct fieldbus *f, int device);

#endif
