/* The park as configured: devices, grid contract, heat, recipes, orders. Read once from a park
 * file (YAML) into a boot arena and constant afterwards; every role and the simulator read the
 * same file and so number points alike. Pure after loading. */
#ifndef KILNWATT_PARK_PARK_H
#define KILNWATT_PARK_PARK_H

#include "controller/base/doc.h"
#include "controller/park/dict.h"

enum {
    NAME_LEN = 32,
    PARTS_MAX = 2,
    DEVICES_MAX = 640,
    RECIPES_MAX = 32,
    SEGMENTS_MAX = 16,
    ORDERS_MAX = 128,
    SCHEDULE_MAX = 12,
    PATH_LEN = 256
};

/* Kinds of day a row applies to. */
enum days { DAYS_ALL, DAYS_WORKDAY, DAYS_SUNDAY };

/* A step of a daily schedule: from this local minute of the day on. */
struct schedule_row {
    enum days days;
    int from_min; /* 0..1439 */
    double kw;    /* magnitude */
};
struct schedule {
    int n; /* rows; 0 = none */
    struct schedule_row row[SCHEDULE_MAX];
};

/* Where a device (or a part of it) is found on the wire. */
struct part {
    char profile[NAME_LEN]; /* file etc/devices/<profile>.yaml */
    char host[64];          /* numeric IPv4 */
    int port;               /* 1..65535 */
    int unit;               /* 0..255 */
    const char *file;       /* the park file */
    int line, col;          /* of the profile name in it */
};

/* What the nameplate and the contract say; each kind uses the fields that its table names, the
 * others are 0. Powers are magnitudes. */
struct rating {
    double rated_kw;      /* electrical nameplate */
    double kw_min;        /* least running power */
    double rated_heat_kw; /* heat nameplate */
    double energy_kwh;    /* battery, storage boiler */
    double soc_pu_min, soc_pu_max;
    double round_trip_pu; /* battery, AC to AC */
    double eta_pu;        /* chp electric, boiler, storage boiler */
    double cop;           /* heat pump, chiller at design; building */
    double loss_pu_per_h; /* stores */
    double wear_yuan_per_kwh, om_yuan_per_kwh, start_yuan;
    double start_min, up_min, down_min;   /* minutes */
    double ramp_pu_per_s;                 /* of rated power */
    double dc_kwp, tilt_deg, azimuth_deg; /* azimuth clockwise from north, 180 = south */
    double volume_m3, degc_min, degc_max; /* tank; compressor's, pump's volume */
    double source_degc;                   /* orc */
    double head_m;                        /* pump */
    double steps;                         /* contactor steps */
    double steady_kw, keep_kw, trim_pu;   /* roller kiln */
    double batch_h;                       /* mill */
    double pauses_max, run_min;           /* mill: pauses per batch, least minutes of a run */
    double plugs;                         /* charger: connectors behind this device */
    double kva;                           /* transformer */
    double rated_kvar, target_pf;         /* capacitor bank */
    double floor_m2, storeys;             /* building */
    double follow_pu; /* waste heat, orc: heat per kW of the device in `follows` */
};

/* What a battery stores in. */
enum cells { CELLS_LFP, CELLS_SUPERCAPACITOR, CELLS_COUNT };

struct device {
    char name[NAME_LEN]; /* [a-z][a-z0-9_]* */
    char title_zh[64], title_en[64];
    enum kind kind;
    struct rating rating;
    int parts; /* 1..PARTS_MAX */
    struct part part[PARTS_MAX];
    double sign;              /* +1, or -1 where the meter is mounted the other way */
    double poll_s;            /* period of its fast points; 1 by default */
    double safe_value;        /* revert value of its main setpoint; NaN = the dictionary's */
    char signed_off[96];      /* who accepted that it has no safe state of its own; "" */
    struct schedule schedule; /* rigid loads: usual power */
    char follows[NAME_LEN];   /* waste heat, orc: the kiln it follows; "" */
    enum cells cells;         /* battery */
    bool forms_grid;          /* battery: holds the bus when the grid is gone */
    int rank;                 /* merit among its kind, lower first; file order by default */
    int first_point;          /* number of its point 0 in the park */
    int line, col;            /* in the park file */
};

struct recipe_segment {
    double to_degc;
    double minutes;
    double hold_min; /* longest pause allowed inside, 0 = must not be paused */
};
struct recipe_power {
    double hours, relative;
};
struct recipe {
    char name[NAME_LEN];
    double energy_kwh;
    int segments; /* the last ones are cooling where to_degc falls */
    struct recipe_segment segment[SEGMENTS_MAX];
    int powers; /* power profile for the plan, mean shape; scaled to energy_kwh */
    struct recipe_power power[SEGMENTS_MAX];
    double busy_h; /* from start until the kiln can take the next load */
    int line, col;
};

enum order_type { ORDER_FIRING, ORDER_BATCH, ORDER_CHARGE };
/* A recurring production order, expanded for each day on which it applies. */
struct order {
    char id[NAME_LEN];
    enum order_type type;
    int device; /* index */
    int recipe; /* index; firing only, else -1 */
    enum days days;
    int from_min; /* earliest start, minute of the local day */
    int to_min;   /* firing: latest start; batch, charge: end of the window; may pass 1440 */
    int due_min;  /* firing: kiln free again; may pass 1440 */
    double energy_kwh;
    double late_yuan_per_h;
    int line, col;
};

struct park {
    char name[NAME_LEN];
    char title_zh[64], title_en[64], zone[48];
    double latitude_deg, longitude_deg, altitude_m;
    /* grid */
    double import_kw_max;    /* connection limit */
    double export_kw_max;    /* 0 = export not permitted */
    double guard_kw;         /* least import kept where export is not permitted */
    double demand_margin_pu; /* plan and governor stay this far below the demand target */
    int pcc;                 /* device index of the PCC meter */
    char tariff[PATH_LEN];   /* resolved path */
    /* what plans are chosen by, beside cost */
    int absorption_first;             /* 1: as much renewable energy as can be, then cost */
    double carbon_weight_yuan_per_kg; /* beside the tariff's carbon price */
    double unabsorbed_weight_yuan_per_kwh; /* of renewable energy that is not absorbed */
    /* heat */
    int tank; /* device index, -1 = no heat network */
    struct schedule heat_demand;
    /* weather for the simulator and the forecast */
    char weather[PATH_LEN]; /* series file, resolved; "" = none */
    double weather_latitude_deg, weather_longitude_deg, weather_utc_offset_h;
    /* web */
    char listen_host[64];
    int listen_port;
    int devices, recipes, orders;
    struct device *device;
    struct recipe *recipe;
    struct order *order;
    int holidays;
    wall_t *holiday;   /* local midnights */
    int points;        /* of all devices together */
    int *point_device; /* [points] */
};

/* Reads and checks a park file; everything lives in the arena. All errors that were found are
 * in `errors`, each with its place. Profiles and the tariff are checked by their own readers.
 */
must_check enum err park_load(struct arena *a, const char *path, struct park **out,
                              struct doc_errors *errors);
/* Index of a device, -1 if unknown. */
int park_device(const struct park *p, const char *name);
/* Number of a point of device d; row below the kind's points. */
static inline int park_point(const struct park *p, int d, int row)
{
    return p->device[d].first_point + row;
}
/* Number of "bess1.soc_pu", -1 if unknown. */
int park_point_from_name(const struct park *p, const char *name);
/* "bess1.soc_pu" */
void park_point_name(const struct park *p, int point, char *out, size_t cap);
const struct point_def *park_point_def(const struct park *p, int point);
/* Engineering range of a point, scaled by its device's rating. */
void park_point_range(const struct park *p, int point, double *lo, double *hi);
/* Most change per second of a writable point; 0 = no limit. */
double park_point_rate(const struct park *p, int point);
/* Revert value of a writable point. */
double park_point_revert(const struct park *p, int point);
/* Kind of day of a local date: Sundays and holidays are DAYS_SUNDAY. */
enum days park_days(const struct park *p, wall_t at);
/* What schedules know of a time: the kind of its day and its local minute, 0..1439. Worked out
 * once by whoever asks several schedules about one moment. */
struct schedule_time {
    enum days days;
    int minute;
};
struct schedule_time schedule_time_of(const struct park *p, wall_t at);
/* Scheduled power at a time; 0 without a row. */
double schedule_at_kw(const struct schedule *s, const struct schedule_time *t);
double schedule_kw(const struct park *p, const struct schedule *s, wall_t at);
/* Mean power of a recipe's firing `minutes` after its start, kW; 0 outside. */
double recipe_kw(const struct recipe *r, double minutes);
/* Greatest power of the scaled power profile, kW; its length, h. */
double recipe_peak_kw(const struct recipe *r);
double recipe_hours(const struct recipe *r);
/* Row of a kind's main setpoint, the one that `safe` in the park file is for: its first
 * writable point that reverts to a value and has a unit, else the first that reverts to a
 * value; -1 if none. */
int park_main_setpoint(enum kind k);

#endif
