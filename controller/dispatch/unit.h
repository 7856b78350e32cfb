/* Units: how the dispatcher sees each device this second — measured power, reachable range,
 * what the plan wants, what is decided. One row of a table per kind says how it may be steered.
 * Pure; the array belongs to the core. All powers are in bus sign (positive into the park bus),
 * kW. */
#ifndef KILNWATT_DISPATCH_UNIT_H
#define KILNWATT_DISPATCH_UNIT_H

#include "controller/park/image.h"

enum style {
    STYLE_NONE,  /* cannot be steered by power (rigid, or a batch kiln that only starts) */
    STYLE_SET,   /* follows a power setpoint */
    STYLE_LIMIT, /* draws or gives up to a limit; may stay below it */
    STYLE_SWITCH /* on or off */
};

/* How a kind is steered. Orders: lower is used first; 0 = never used by the governor. */
struct steer {
    enum style style;
    int row;                 /* main setpoint's dictionary row */
    int run_row;             /* on/off row, -1 */
    int heat_row;            /* heat setpoint row, -1 */
    int import_order;        /* means against too much import */
    int export_order;        /* means against export */
    double want_pu_per_s;    /* how fast plan and rule move it, of rated; 0 = at once */
    double restore_pu_per_s; /* how fast the governor gives back what it took, of rated */
    double quick_pu;         /* share of rated power that it moves within 2 s */
    double settle_s; /* after this time a device that has not followed is not counted on */
    double lease_s;
};

/* The order from which on sun and wind are taken back, and one more than the highest. */
enum { UNIT_SOURCES = 4, UNIT_ORDERS = 6 };
/* A battery changes its direction at most so often in this time (control.md: 6 in 10 min; a
 * little more, since power lags), and once it charges it does not discharge for so long. */
enum { UNIT_TURNS_MAX = 6, UNIT_TURNS_S = 610, UNIT_REST_S = 30 };

struct unit {
    /* each tick looks at these, so they lie close together */
    const struct device *dev;
    const struct steer *steer;
    bool online;         /* answers and has been read completely */
    bool manual;         /* a person has it */
    bool steered;        /* online, automatic and steerable */
    bool measured;       /* now_kw is a good reading */
    bool want_on;        /* plan or rule */
    bool on;             /* last decided on/off */
    bool lost;           /* has not followed for settle_s */
    bool stuck;          /* nothing comes of what it was told, or not soon */
    bool calm;           /* neither offline nor lost when its alarms were last set */
    int direction;       /* battery: sign of its last decided power, for counting reversals */
    double now_kw;       /* measured, or assumed in the direction that hurts */
    double want_kw;      /* plan or rule */
    double lo_kw, hi_kw; /* reachable this second */
    double base_kw;      /* want with what the governor still holds back */
    double cmd_kw;       /* decided */
    double last_kw;      /* decided the tick before; NaN at first */
    double slack_kw;     /* cmd - want that the governor has taken */
    double ready_kw;     /* sun and wind: limit a little above what flows; INFINITY = none */
    double want_heat_kw;
    mono_t followed; /* last time when measured and decided power agreed */
    double seen_kw;  /* power when it last moved by more than 1 %, and when that was */
    mono_t moved;
    mono_t on_changed;
    /* quick ones only */
    mono_t observed; /* last time looked at */
    double ought_kw; /* where it ought to be by now, and when it last was */
    mono_t obeyed;
    /* of some kinds */
    mono_t trimmed;                /* roller kiln: since when it is trimmed */
    mono_t turned[UNIT_TURNS_MAX]; /* battery: its last reversals, a ring; 0 = none */
    int turns;                     /* reversals so far: the ring's next place */
    /* in a person's hands */
    int manual_row; /* setpoint that the person gave, and its value */
    double manual_value;
    bool manual_given;   /* a command that is given once has been given */
    wall_t manual_until; /* then automatic again; 0 = until told */
};

/* x held to [lo, hi], lo <= hi; lo if it is not a number. Asked hundreds of times a second. */
static inline double unit_between(double x, double lo, double hi)
{
    double most = x > lo ? x : lo;
    return most < hi ? most : hi;
}

/* Never NULL. */
const struct steer *unit_steer(enum kind k);
void unit_init(struct unit *u, const struct device *dev);
/* Refreshes what is known from the frozen image: online, steered, now_kw, followed/lost. */
void unit_observe(struct unit *u, const struct image *im, int device, mono_t now);
/* Counts a reversal if cmd_kw now points the other way than before. */
void unit_note_turn(struct unit *u, mono_t now);
/* true if the k-th last reversal (1 = the last) is less than so long ago. */
bool unit_turned_within(const struct unit *u, int k, double s, mono_t now);
/* true if a limit in force holds the unit back: its power stands at the last decided limit. */
bool unit_binds(const struct unit *u);
/* Expected power two seconds from now if `kw` is commanded. */
double unit_effect_kw(const struct unit *u, double kw);

#endif
