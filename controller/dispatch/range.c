/* Nameplate ranges by kind and the table of guards. */
#include "controller/dispatch/range.h"
#include <math.h>

/* Narrows to [lo, hi]; where nothing is left the end nearer to the old interval remains. */
static void narrow(struct unit *u, double lo, double hi)
{
    double new_lo = fmin(fmax(u->lo_kw, lo), u->hi_kw);
    double new_hi = fmax(fmin(u->hi_kw, hi), u->lo_kw);
    u->lo_kw = new_lo;
    u->hi_kw = fmax(new_hi, new_lo);
}

static void nameplate(struct unit *u)
{
    const struct rating *r = &u->dev->rating;
    switch (u->dev->kind) {
    case KIND_BATTERY:
        u->lo_kw = -r->rated_kw;
        u->hi_kw = r->rated_kw;
        break;
    case KIND_PV:
    case KIND_WIND:
    case KIND_CHP:
        u->lo_kw = 0;
        u->hi_kw = r->rated_kw;
        break;
    case KIND_ROLLER_KILN:
        u->lo_kw = -r->steady_kw;
        u->hi_kw = -r->steady_kw * (1 - r->trim_pu);
        break;
    case KIND_CHARGER:
    case KIND_STORAGE_BOILER:
    case KIND_HEAT_PUMP:
    case KIND_MILL:
        u->lo_kw = -r->rated_kw;
        u->hi_kw = 0;
        break;
    case KIND_METER:
    case KIND_GAS_BOILER:
    case KIND_TANK:
    case KIND_WASTE_HEAT:
    case KIND_KILN:
    case KIND_LOAD:
    case KIND_WEATHER:
    case KIND_TRANSFORMER:
    case KIND_CHILLER:
    case KIND_COMPRESSOR:
    case KIND_ORC:
    case KIND_PUMP:
    case KIND_CAPACITOR_BANK:
    case KIND_BUILDING:
    case KIND_COUNT:
        u->lo_kw = u->hi_kw = u->now_kw;
        break;
    }
}

/* SOC band: full power until 2 % before an end, then linearly to nothing; without an SOC
 * nothing. */
static void guard_soc(struct unit *u, int device, const struct range_facts *f)
{
    const struct reading *soc = image_at(f->image, device, BATTERY_SOC_PU);
    const struct rating *r = &u->dev->rating;
    if (!reading_usable(soc)) {
        narrow(u, 0, 0);
        return;
    }
    double ease = 0.02;
    double down = fmin(fmax((soc->value - r->soc_pu_min) / ease, 0), 1);
    double up = fmin(fmax((r->soc_pu_max - soc->value) / ease, 0), 1);
    narrow(u, -r->rated_kw * up, r->rated_kw * down);
}

/* A battery that charges does not discharge at once, nor if that left no reversal to charge
 * again: export cannot wait. */
static void guard_turns(struct unit *u, int device, const struct range_facts *f)
{
    (void)device;
    if (u->direction < 0 && (unit_turned_within(u, 1, UNIT_REST_S, f->now) ||
                             unit_turned_within(u, UNIT_TURNS_MAX - 1, UNIT_TURNS_S, f->now))) {
        narrow(u, -INFINITY, 0);
    }
}

/* A full core takes no more heat. */
static void guard_core(struct unit *u, int device, const struct range_facts *f)
{
    const struct reading *soc = image_at(f->image, device, SB_SOC_PU);
    if (!reading_usable(soc) || soc->value >= 0.99) {
        narrow(u, 0, 0);
    }
}

/* PCC unknown: storage does not discharge nor charge more, sources stay below the least known
 * load. */
static void guard_blind(struct unit *u, int device, const struct range_facts *f)
{
    (void)device;
    if (f->pcc_known) {
        return;
    }
    const struct rating *r = &u->dev->rating;
    if (u->dev->kind == KIND_BATTERY) {
        narrow(u, isfinite(u->cmd_kw) ? fmin(u->cmd_kw, 0) : 0, 0);
    } else {
        double share = f->pv_rated_kw > 0 ? r->rated_kw / f->pv_rated_kw : 0;
        narrow(u, 0, f->pv_blind_kw * share);
    }
}

/* A CHP that is off cannot be raised at once; one that runs stays above its least power. */
static void guard_chp(struct unit *u, int device, const struct range_facts *f)
{
    double state = image_value(f->image, device, CHP_STATE, RUN_OFF);
    if (state == RUN_ON || state == RUN_LIMITED) {
        narrow(u, u->dev->rating.kw_min, u->dev->rating.rated_kw);
    } else {
        narrow(u, u->now_kw, u->now_kw);
    }
}

/* A heat pump inside its minimum run keeps at least its least power. */
static void guard_min_run(struct unit *u, int device, const struct range_facts *f)
{
    (void)device;
    if (!u->on) {
        return;
    }
    if (mono_s(mono_sub(f->now, u->on_changed)) < u->dev->rating.up_min * 60) {
        narrow(u, -u->dev->rating.rated_kw, -u->dev->rating.kw_min);
    }
}

/* A mill that has just been switched stays as it is for its minimum run or ten minutes of rest.
 */
static void guard_switch(struct unit *u, int device, const struct range_facts *f)
{
    (void)device;
    double since_s = mono_s(mono_sub(f->now, u->on_changed));
    double rest_s = u->on ? u->dev->rating.run_min * 60 : 600;
    if (u->on_changed.us > 0 && since_s < rest_s) {
        double stay = u->on ? -u->dev->rating.rated_kw : 0;
        narrow(u, stay, stay);
    }
}

/* A roller kiln may be trimmed for 15 min, then rests as long. */
static void guard_trim(struct unit *u, int device, const struct range_facts *f)
{
    (void)device;
    double since_s = mono_s(mono_sub(f->now, u->trimmed));
    if (u->trimmed.us > 0 && since_s > 900 && since_s < 1800) {
        narrow(u, -u->dev->rating.steady_kw, -u->dev->rating.steady_kw);
    }
}

typedef void guard_fn(struct unit *u, int device, const struct range_facts *f);
#define OF(kind) (1u << (kind))
_Static_assert(KIND_COUNT <= 32, "a guard's kinds are bits of a word");
static const struct {
    const char *name;
    unsigned kinds; /* that it guards */
    guard_fn *fn;
} guards[] = {
    {"soc",       OF(KIND_BATTERY),                               guard_soc    },
    {"turns",     OF(KIND_BATTERY),                               guard_turns  },
    {"core",      OF(KIND_STORAGE_BOILER),                        guard_core   },
    {"chp",       OF(KIND_CHP),                                   guard_chp    },
    {"min_run",   OF(KIND_HEAT_PUMP),                             guard_min_run},
    {"switch",    OF(KIND_MILL),                                  guard_switch },
    {"trim",      OF(KIND_ROLLER_KILN),                           guard_trim   },
    {"pcc_blind", OF(KIND_BATTERY) | OF(KIND_PV) | OF(KIND_WIND), guard_blind  },
};
#undef OF

int range_guards(void)
{
    return (int)(sizeof guards / sizeof guards[0]);
}

const char *range_guard_name(int i)
{
    return guards[i].name;
}

void range_guard_apply(int i, struct unit *u, int device, const struct range_facts *f)
{
    if (guards[i].kinds >> u->dev->kind & 1) {
        guards[i].fn(u, device, f);
    }
}

void range_set(struct unit *u, int device, const struct range_facts *f)
{
    if (!u->steered) {
        u->lo_kw = u->hi_kw = u->now_kw;
        return;
    }
    nameplate(u);
    for (int i = 0; i < range_guards(); i++) {
        range_guard_apply(i, u, device, f);
    }
}
