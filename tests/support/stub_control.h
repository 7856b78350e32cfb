/* A small controller that does everything right on tests/data/referee_park.yaml from 11:30 to
 * 19:30 of a day that holds a bit of all: noon sun, a load that trips, an import peak, a
 * firing, a blind PCC meter, a battery that loses its link, a person's hand, demand response.
 * And the same controller with one thing wrong. It is what the referee is tested with: it
 * shares no line with the real controller. Reads and writes in memory, once a second. */
#ifndef KILNWATT_TESTS_STUB_CONTROL_H
#define KILNWATT_TESTS_STUB_CONTROL_H

#include "sim/judge_wire.h"
#include "sim/setup.h"

enum stub_defect {
    STUB_RIGHT,
    STUB_SIGN,            /* battery commanded the wrong way round */
    STUB_FLOOR,           /* holds 30 kW of export instead of import */
    STUB_SLOW,            /* answers by ten-second-old readings */
    STUB_PV_FREE,         /* never limits PV */
    STUB_IMPORT_IGNORED,  /* battery does nothing against import */
    STUB_IMPORT_LATE,     /* only after 20 s */
    STUB_SOC_LOW,         /* empties the battery below its band */
    STUB_SOC_HIGH,        /* fills it above */
    STUB_CLAMP,           /* no clamp to the rating */
    STUB_NAN,             /* writes what it could not compute */
    STUB_RATE,            /* roller kiln trimmed at once instead of 1 % a second */
    STUB_LEASE,           /* does not feed the inverter's watchdog */
    STUB_STORM,           /* writes the same value each second */
    STUB_WEAR,            /* writes a programme number to EEPROM every minute */
    STUB_EARLY,           /* writes before anything has been read */
    STUB_RECONNECT,       /* writes on after the link was lost */
    STUB_FOREIGN,         /* writes to a device that is another one */
    STUB_PLAN,            /* follows a plan for hours */
    STUB_KILN_PAUSE,      /* holds the firing where it must not be held */
    STUB_KILN_LONG_PAUSE, /* holds it longer than it may be held */
    STUB_KILN_STOP,       /* ends it */
    STUB_KILN_PROGRAM,    /* gives it another programme */
    STUB_KILN_LATE,       /* starts it outside its window */
    STUB_CHATTER,         /* battery to and fro each half minute */
    STUB_FLIP,            /* both ways within a second */
    STUB_HP_SHORT_ON,
    STUB_HP_SHORT_OFF,
    STUB_MILL_SHORT,
    STUB_DR_IGNORED,
    STUB_DR_LATE,  /* five minutes */
    STUB_DR_EARLY, /* lets go at half time */
    STUB_DR_LONG,  /* goes on */
    STUB_DR_CAP,   /* holds a cap 20 % too high */
    STUB_BLIND_DISCHARGE,
    STUB_BLIND_PV,
    STUB_HAND, /* overrides a person */
    STUB_DEFECTS
};

struct stub {
    struct setup *set;
    enum stub_defect defect;
    int pv, bess, hp, works, kiln, roller, mill, charger;
    double written[POINTS_PER_KIND_MAX * 16],
        written_s[POINTS_PER_KIND_MAX * 16]; /* by point */
    double pv_limit_kw, discharge_s;         /* since when import is too high */
    double trim_pu, plan_s;
    double old[16]; /* PCC readings, a ring */
};

/* set has been built with the park above; its referee is told of everything from here on. */
void stub_init(struct stub *s, struct setup *set, enum stub_defect defect);
/* Once a second, after the plants have moved. */
void stub_second(struct stub *s);
/* Start of the day and its length. */
#define STUB_START "2025-07-14T11:30:00"
enum { STUB_SECONDS = 8 * 3600 };

#endif
