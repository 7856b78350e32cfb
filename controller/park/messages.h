/* What the roles say to each other: message numbers and their payloads, plain structs of
 * bounded size (see base/msg.h for the frame). Arrays are sent with as many rows as they have.
 * Used in every role. */
#ifndef KILNWATT_PARK_MESSAGES_H
#define KILNWATT_PARK_MESSAGES_H

#include "controller/park/reading.h"

enum message {
    /* field -> park */
    MSG_READINGS = 16, /* struct msg_reading[], at most MSG_ROWS_MAX */
    MSG_LINKS,         /* struct msg_link_state[], one row per device whose state changed */
    MSG_WRITES,        /* struct msg_write_result[] */
    /* park -> field */
    MSG_SETPOINTS = 24, /* struct msg_setpoint[] */
    /* park -> store; every row is acknowledged by MSG_STORED with the same seq */
    MSG_SAMPLES = 32, /* struct msg_sample[]: history, may be lost under pressure */
    MSG_EVENT,        /* struct msg_event */
    MSG_STATE_PUT,    /* struct msg_state + bytes: durable before it is acknowledged */
    MSG_STATE_LOAD,   /* empty: asks for all states; answered by MSG_STATE rows, then
                         MSG_STATE_END */
    MSG_PLAN_PUT,     /* plan bytes (optimizer/plan.h): kept as the day's plans */
    /* store -> park */
    MSG_STORED = 40, /* struct msg_stored */
    MSG_STATE,       /* struct msg_state + bytes */
    MSG_STATE_END,
    /* web <-> store */
    MSG_HISTORY_ASK = 44, /* struct msg_history_ask */
    MSG_HISTORY,          /* struct msg_history_row[]; an empty one ends the answer */
    MSG_EVENTS_ASK,       /* struct msg_events_ask */
    MSG_EVENTS,           /* struct msg_event[], newest first */
    /* park -> web */
    MSG_IMAGE = 48, /* struct msg_image_row[] of all points, in point order, each second */
    MSG_STATUS,     /* struct msg_status, each second */
    MSG_ALARMS,     /* struct msg_alarm[] of all alarms that stand, after each change */
    MSG_DR_LIST,    /* struct msg_dr_event[] after each change */
    MSG_PLAN_NOW,   /* plan bytes, after each new plan */
    MSG_LINK_TABLE, /* struct msg_link_state[] of all devices, after each change */
    MSG_ORDERS,     /* struct msg_order[] of today's and tomorrow's orders, after each change */
    MSG_MANUAL,     /* struct msg_manual[] of the devices in manual, after each change */
    /* web -> park, answered by MSG_COMMAND_DONE with the same seq */
    MSG_COMMAND = 56, /* struct msg_command */
    MSG_COMMAND_DONE, /* struct msg_command_done */
    /* 64.. are the optimizer's (optimizer/plan_msg.h) */
};

enum { MSG_ROWS_MAX = 512, MSG_TEXT = 160, MSG_NAME = 32 };

struct msg_reading {
    uint32_t point;
    uint32_t quality; /* enum quality */
    double value;
    mono_t at;
};

struct msg_link_state {
    uint16_t device;
    uint8_t online;  /* answers */
    uint8_t trusted; /* one complete valid read since it came online, identity matched */
    uint32_t good, failed, timeouts, reconnects; /* since start */
    uint32_t missed;                             /* turns of polls that went by unasked */
    uint32_t latency_us;                         /* smoothed */
    uint32_t period_us;                          /* smoothed poll period, process time */
};

enum write_outcome {
    WRITE_OK,       /* written and read back */
    WRITE_REFUSED,  /* outside range, or before a complete valid read */
    WRITE_FAILED,   /* device did not take it */
    WRITE_MISMATCH, /* read back another value */
    WRITE_REVERTED  /* lease ran out: the revert value was written */
};
struct msg_write_result {
    uint32_t point;
    uint32_t outcome; /* enum write_outcome */
    double value;     /* as written */
    uint32_t cause;   /* as in the setpoint */
    uint32_t pad;
};

struct msg_setpoint {
    uint32_t point;
    uint32_t cause;    /* number of the decision in the journal */
    double value;      /* engineering units, bus sign */
    uint32_t lease_ms; /* process time; 0 = give up the lease now and revert */
    uint32_t pad;
};

/* A setpoint in a person's hands; its device gets no other command. Also kept as a state: by
 * name, so that it outlives a change of the park file. */
struct msg_manual {
    char point[2 * MSG_NAME]; /* "bess1.set_kw" */
    double value;             /* in the point's unit */
    wall_t until;             /* 0 = until told */
};

struct msg_sample {
    uint32_t point;
    uint32_t quality;
    double value;
    wall_t at;
};

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ALARM };
struct msg_event {
    wall_t at;
    uint32_t severity;
    uint32_t pad;
    char source[MSG_NAME]; /* role, device or user */
    char what[MSG_NAME];   /* one word: "dr_active", "link_down" */
    char text[MSG_TEXT];   /* details, key=value */
};

struct msg_state {
    char key[64]; /* "dr/…", "firing/…", "books" */
    uint32_t len; /* of the bytes that follow; 0 deletes the key */
    uint32_t pad;
};
struct msg_stored {
    uint32_t err; /* enum err; ERR_OK = durable */
    uint32_t pad;
};

struct msg_history_ask {
    uint32_t point;
    uint32_t step_s; /* mean per step */
    wall_t from, to;
};
struct msg_history_row {
    wall_t at;
    double value;
};
struct msg_events_ask {
    wall_t from, to;
    uint32_t limit;
    uint32_t pad;
};

struct msg_image_row {
    double value;
    uint32_t quality;
    uint32_t age_ms;
};

enum mode {
    MODE_STARTING,
    MODE_NORMAL,
    MODE_LIMITED,
    MODE_FAILSAFE,
    MODE_STOPPING,
    MODE_COUNT
};
struct msg_status {
    wall_t at;
    uint32_t mode;        /* enum mode */
    uint32_t plan_origin; /* enum plan_origin, or ~0 when no plan is in force */
    wall_t plan_made;
    double plan_gap_pu, plan_cost_yuan;
    double pcc_kw, plan_pcc_kw;               /* import positive */
    double import_limit_kw, export_limit_kw;  /* in force now */
    double demand_15min_kw, demand_target_kw; /* sliding mean now; target of the month */
    double month_peak_kw;
    double pv_kw, wind_kw, battery_kw, load_kw,
        heat_kw; /* sums; battery in bus sign, load a magnitude */
    double residual_kw;
    double today_import_kwh, today_export_kwh, today_pv_kwh, today_yuan, today_kgco2;
    double self_consumption_pu;
    uint64_t ticks, ticks_missed;
    uint32_t loop_lag_us;  /* worst of the last second, real */
    uint32_t fallback;     /* 0 plan, 1 shifted, 2 rule, 3 safe actions */
    char reason[MSG_TEXT]; /* why this step of the ladder, or "" */
};

struct msg_alarm {
    wall_t since;
    uint32_t severity;
    uint32_t acked;
    char source[MSG_NAME], what[MSG_NAME];
    char text[MSG_TEXT];
};

struct msg_dr_event {
    char id[MSG_NAME];
    uint32_t state;      /* enum dr_state, controller/dr/dr_event.h */
    uint32_t direction;  /* enum dr_direction */
    double kw;           /* asked, magnitude */
    double baseline_kw;  /* frozen; NaN before */
    double cap_kw;       /* import cap in force; NaN before */
    double delivered_kw; /* mean over the event so far */
    wall_t start, end, created;
    char program[MSG_NAME], actor[MSG_NAME];
    char reason[MSG_TEXT];
};

struct msg_order {
    char id[MSG_NAME + 16]; /* "glost_k3@2025-07-14" */
    uint16_t device;
    uint16_t state; /* enum order_state, controller/dispatch/orders.h */
    uint32_t type;  /* enum order_type */
    wall_t window_from, window_to, due;
    wall_t planned, started, ended; /* 0 = not yet */
    double energy_kwh, done_kwh;
};

enum command_type {
    COMMAND_DR_TRIGGER, /* dr */
    COMMAND_DR_CANCEL,  /* id, text = reason */
    COMMAND_SET,        /* point, value, for_s: a person's setpoint; device goes to manual */
    COMMAND_AUTO,       /* device back to automatic */
    COMMAND_ACK,        /* id = "source/what" of an alarm, or "" for all */
    COMMAND_REPLAN,
    COMMAND_TYPE_COUNT
};
struct msg_command {
    uint32_t type;
    uint32_t point;  /* set */
    uint32_t device; /* auto */
    uint32_t pad;
    double value;
    double for_s; /* set: 0 = until auto */
    struct msg_dr_event
        dr; /* trigger: id ("" = make one), direction, kw, start (0 = now), end, program */
    char id[MSG_NAME + 16];
    char actor[MSG_NAME];
    char text[MSG_TEXT];
};
struct msg_command_done {
    uint32_t err; /* enum err */
    uint32_t pad;
    struct msg_dr_event dr; /* trigger and cancel: the event as it stands */
    char text[MSG_TEXT];    /* what is wrong and what would be right; "" when done */
};

#endif
