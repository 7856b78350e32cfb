/* Values by name from world and referee. Runs in scenarios. */
#include "sim/truth.h"
#include "sim/body.h"
#include <math.h>
#include <string.h>

double truth_mean_kw(const struct judge *j)
{
    int64_t n = j->whole_s < JUDGE_WINDOW_S ? j->whole_s : JUDGE_WINDOW_S;
    return n > 0 ? j->window_sum / (double)n : NAN;
}

static double mean_15min_kw(const struct judge *j)
{
    return j->whole_s < JUDGE_WINDOW_S ? NAN : truth_mean_kw(j);
}

/* Bus sign. */
static double kind_kw(const struct judge *j, enum kind kind)
{
    double kw = 0;
    for (int i = 0; i < j->park->devices; i++) {
        kw += j->park->device[i].kind == kind ? world_body(j->world, i)->kw : 0;
    }
    return kw;
}

static double pv_kw(const struct judge *j)
{
    return kind_kw(j, KIND_PV);
}

static double battery_kw(const struct judge *j)
{
    return kind_kw(j, KIND_BATTERY);
}

static double charger_kw(const struct judge *j)
{
    return kind_kw(j, KIND_CHARGER);
}

static double kiln_kw(const struct judge *j)
{
    return kind_kw(j, KIND_KILN);
}

static double import_kwh(const struct judge *j)
{
    return j->import_kwh;
}

static double export_kwh(const struct judge *j)
{
    return j->export_kwh;
}

static double export_event_kwh(const struct judge *j)
{
    return j->export_kwh_worst;
}

static double curtailed_kwh(const struct judge *j)
{
    return j->curtailed_kwh;
}

static double unserved_heat_kwh(const struct judge *j)
{
    struct body_tank_truth t = {0};
    if (j->park->tank >= 0) {
        body_tank_truth(world_body(j->world, j->park->tank), &t);
    }
    return t.unserved_kwh;
}

static double orders_done(const struct judge *j)
{
    int n = 0;
    for (int i = 0; i < j->park->orders; i++) {
        n += j->order[i].done;
    }
    return n;
}

static double orders_late(const struct judge *j)
{
    int n = 0;
    for (int i = 0; i < j->park->orders; i++) {
        n += j->order[i].late + j->order[i].missed;
    }
    return n;
}

static double firings(const struct judge *j)
{
    return j->firings;
}

static double vehicles(const struct judge *j, bool missed)
{
    int n = 0;
    for (int i = 0; i < j->park->devices; i++) {
        struct body_charger_truth t;
        if (j->park->device[i].kind == KIND_CHARGER) {
            body_charger_truth(world_body(j->world, i), &t);
            n += missed ? t.left - t.satisfied : t.left;
        }
    }
    return n;
}

static double vehicles_left(const struct judge *j)
{
    return vehicles(j, false);
}

static double vehicles_short(const struct judge *j)
{
    return vehicles(j, true);
}

static double relay_trips(const struct judge *j)
{
    return j->relay_trips;
}

static double breaches(const struct judge *j)
{
    return j->breaches;
}

static const struct figure {
    const char *name, *unit;
    double (*value)(const struct judge *j);
} figures[] = {
    {"mean_15min_kw",     "kW",  mean_15min_kw    },
    {"pv_kw",             "kW",  pv_kw            },
    {"battery_kw",        "kW",  battery_kw       },
    {"charger_kw",        "kW",  charger_kw       },
    {"kiln_kw",           "kW",  kiln_kw          },
    {"import_kwh",        "kWh", import_kwh       },
    {"export_kwh",        "kWh", export_kwh       },
    {"export_event_kwh",  "kWh", export_event_kwh },
    {"curtailed_kwh",     "kWh", curtailed_kwh    },
    {"unserved_heat_kwh", "kWh", unserved_heat_kwh},
    {"orders_done",       "-",   orders_done      },
    {"orders_late",       "-",   orders_late      },
    {"firings",           "-",   firings          },
    {"vehicles_left",     "-",   vehicles_left    },
    {"vehicles_short",    "-",   vehicles_short   },
    {"relay_trips",       "-",   relay_trips      },
    {"breaches",          "-",   breaches         },
};
enum { FIGURES = sizeof figures / sizeof *figures };

static const struct point_def *point_of(const struct park *p, struct truth t)
{
    return &dict_kind(p->device[t.device].kind)->point[t.row];
}

enum err truth_find(const struct park *p, const char *name, struct truth *out)
{
    for (int i = 0; i < FIGURES; i++) {
        if (strncmp(name, "park.", 5) == 0 && strcmp(name + 5, figures[i].name) == 0) {
            *out = (struct truth){-1, i};
            return ERR_OK;
        }
    }
    int point = park_point_from_name(p, name);
    if (point < 0) {
        return ERR_NOT_FOUND;
    }
    int d = p->point_device[point];
    *out = (struct truth){d, point - p->device[d].first_point};
    return ERR_OK;
}

const char *truth_unit(const struct park *p, struct truth t)
{
    return t.device < 0 ? figures[t.row].unit : point_of(p, t)->unit;
}

bool truth_whole(const struct park *p, struct truth t)
{
    bool bare = strcmp(truth_unit(p, t), "-") == 0;
    return bare && (t.device < 0 || strcmp(point_of(p, t)->name, "pf") != 0);
}

double truth_value(const struct judge *j, struct truth t)
{
    return t.device < 0 ? figures[t.row].value(j) : world_get(j->world, t.device, t.row);
}

const char *truth_names(void)
{
    return "mean_15min_kw pv_kw battery_kw charger_kw kiln_kw import_kwh export_kwh "
           "export_event_kwh curtailed_kwh unserved_heat_kwh orders_done orders_late firings "
           "vehicles_left vehicles_short relay_trips breaches";
}
