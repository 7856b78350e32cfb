/* A device's body: its plant model together with the commands in force and what the bus and the
 * heat network see of it, one table row per kind. Between the world, which knows the bus and
 * the heat network, and the plant models, which know only themselves. Runs in the simulator;
 * the world owns the bodies, their models lie in the boot arena. */
#ifndef KILNWATT_SIM_BODY_H
#define KILNWATT_SIM_BODY_H

#include "sim/env.h"
#include "sim/fault_set.h"
#include "sim/noise.h"
#include <math.h>

struct snap;

/* The grid at the PCC when something is wrong with it. */
struct body_grid {
    bool out;    /* nothing on the bus has power */
    bool weak;   /* its voltage has been out of range for so long that PV and wind have left */
    bool island; /* the bus is cut off and goes on by itself */
    double hz, volt_pu;      /* of an island */
    double give_pu, take_pu; /* shares of their rated power that sources may give and storages
                                take at its frequency */
};

struct body_def;

struct body {
    const struct park *park;
    const struct device *device;
    const struct body_def *def; /* of its kind */
    bool on_bus;
    int index;
    struct body *all;              /* [park->devices], for devices that follow others */
    const struct fault_set *fault; /* what is wrong with it */
    const struct body_grid *grid;
    void *plant; /* the model of its kind */
    size_t plant_size;
    /* seen from outside, held over the last step; looked at each step, so close together */
    double kw, kvar; /* bus sign */
    double heat_kw;  /* into the heat network */
    double gas_m3_per_h;
    double available_kw; /* pv, wind: without a limit */
    double forming_kw;   /* of a storage that holds an island, instead of its setpoint; NaN */
    double trip_left_s;  /* protection open for so long; INFINITY = until cleared */
    double extra_kw;     /* load step by hand, magnitude */
    double given_kw;     /* from a series: available power or load, magnitude; NaN = none */
    double cmd[POINTS_PER_KIND_MAX];   /* writable rows in force */
    double asked[POINTS_PER_KIND_MAX]; /* commanded and shown while the actuator is stuck; NaN =
                                          it is not */
    char column[64];                   /* of the series, "" = none is asked for */
    struct rng rng;
    struct noise slow, fast; /* loads: the two parts of their noise; meter: the first */
    double draw_kwh;         /* counters of kinds whose models have none */
    double import_kwh, export_kwh;
    double degc_in, degc_out; /* gas boiler: outlet; heat pump: source and return */
    double rate;              /* roller kiln: throughput, kg/h */
    double hz;                /* meter */
    bool asleep;              /* pv: deadlocked in standby */
};

struct body_def {
    bool fast; /* steps with the bus, several times a second; the others once a second */
    enum err (*init)(struct body *b, struct arena *a, uint64_t seed);
    void (*step)(struct body *b, const struct env *e, double h_s);
    double (*get)(const struct body *b, int row); /* NaN = not a row of this plant */
    void (*command)(struct body *b, int row);     /* after cmd[row] has changed; may be NULL */
};

/* Of a device; never NULL. */
const struct body_def *body_def(const struct device *d);

/* The rows of the table, by file. */
extern const struct body_def body_meter, body_pv, body_wind, body_battery, body_load,
    body_transformer, body_weather; /* body_power.c */
extern const struct body_def body_chp, body_gas_boiler, body_heat_pump, body_storage_boiler,
    body_tank, body_waste_heat;                                         /* body_heat.c */
extern const struct body_def body_roller_kiln, body_mill, body_charger; /* body_work.c */
extern const struct body_def body_kiln;                                 /* body_kiln.c */
extern const struct body_def body_chiller, body_compressor, body_orc,
    body_pump; /* body_utility.c */
extern const struct body_def body_supercap, body_capacitor_bank,
    body_building; /* body_site.c */

/* Another content of a store at the beginning: see world_begin() (body_begin.c). */
must_check enum err body_begin(struct body *b, int row, double value);
/* ... of supercapacitors (body_site.c). */
must_check enum err body_supercap_begin(struct body *b, double soc_pu);
/* Commands no longer reach the actuator: those of `run`, or those of the setpoints. Returns how
 * many rows stick that did not before. */
int body_stick(struct body *b, bool switches);
/* ... and act again, with the last value. */
void body_unstick(struct body *b, bool switches);
/* Racks of a battery of cells are cut off: see plant_battery.h. */
void body_cut(struct body *b, double share);
/* State of body and model (snap.h): models are plain memory without pointers. */
void body_snap(struct body *b, struct snap *s);
/* Zeroed plant memory. */
must_check enum err body_take(struct body *b, struct arena *a, size_t size);
static inline bool body_tripped(const struct body *b)
{
    bool sky = b->device->kind == KIND_PV || b->device->kind == KIND_WIND;
    return b->trip_left_s > 0 || b->fault->trips > 0 || b->grid->out || (b->grid->weak && sky);
}

/* What a storage could do now, magnitudes. All 0 for another kind. */
struct body_storage {
    double charge_kw_max, discharge_kw_max;
    bool runs;
};
struct body_storage body_storage(const struct body *b);
/* Of the two kinds of battery. */
struct body_storage body_cells_storage(const struct body *b);    /* body_power.c */
struct body_storage body_supercap_storage(const struct body *b); /* body_site.c */
/* The power that it is to give: what holds the bus, or what is commanded. */
static inline double body_storage_kw(const struct body *b)
{
    double rated_kw = b->device->rating.rated_kw;
    double kw = fmin(b->cmd[BATTERY_SET_KW], b->grid->give_pu * rated_kw);
    return isnan(b->forming_kw) ? fmax(kw, -b->grid->take_pu * rated_kw) : b->forming_kw;
}

/* Truth that the referee wants and no register shows. All 0 or NULL where the kind has no such
 * thing. */
/* Of a transformer, magnitude. */
double body_loss_kw(const struct body *b);
struct body_tank_truth {
    double unserved_kwh, refused_kwh, unserved_kw, soc_pu, served_kwh, stored_kwh;
};
void body_tank_truth(const struct body *b, struct body_tank_truth *out);
struct body_charger_truth {
    int left, satisfied, missed; /* vehicles */
    double asked_kwh, short_kwh; /* of those that left */
};
void body_charger_truth(const struct body *b, struct body_charger_truth *out);
struct body_kiln_truth {       /* of the firing under way, or of the last one */
    int firings;               /* finished since the start */
    double deviation_k;        /* greatest |temperature - recipe|, free cooling left out */
    double rate_error_k_per_h; /* greatest, heating */
    double peak_degc, energy_kwh;
    double paused_min; /* longest pause in one segment */
    bool paused_wrong; /* longer than that segment allows */
    bool running;
};
void body_kiln_truth(const struct body *b, struct body_kiln_truth *out);

#endif
