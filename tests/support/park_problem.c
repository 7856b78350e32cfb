/* The two parks as optimization problems, from the published tables. Where the tables leave a
 * choice (shape of PV, start contents, charging windows) it stands here as a named number. */
#include "tests/support/park_problem.h"
#include <math.h>
#include <stdio.h>

static const double PI = 3.14159265358979323846;
/* Not published; the Sunday's bill is, and only the battery's start content can change it: heat
 * costs nothing on that day. With 0.3 it is met to the yuan. */
static const double BATTERY_START_PU = 0.3;

static const struct {
    const char *name;
    double ghi, rise_h, set_h; /* kWh/m2; local hours */
    int month, sunday;
    double full_yuan, uncoordinated_yuan;
} DAYS[DAY_COUNT] = {
    {"SumClear",  6.5,  6.0,  20.0, 7,  0, 32887, 49748},
    {"SumMed",    4.7,  6.0,  20.0, 7,  0, 39352, 58414},
    {"AutCloud",  1.2,  6.9,  18.7, 10, 0, 50455, 70456},
    {"WinCloud",  0.85, 7.75, 18.2, 1,  0, 54254, 77146},
    {"SprClear",  6.0,  6.5,  19.3, 4,  0, 31856, 48415},
    {"SprSunday", 6.0,  6.5,  19.3, 4,  1, 4261,  9349 },
};

const char *park_day_name(enum park_day d)
{
    return DAYS[d].name;
}

double park_day_full_yuan(enum park_day d)
{
    return DAYS[d].full_yuan;
}

double park_day_uncoordinated_yuan(enum park_day d)
{
    return DAYS[d].uncoordinated_yuan;
}

/* Chongqing 1-10 kV two-part, February 2025. */
static double price(double h, int month)
{
    bool sharp_month = month == 1 || month == 7 || month == 8 || month == 12;
    if (h < 8) {
        return 0.379188;
    }
    if (sharp_month && h >= 12 && h < 14) {
        return 1.3308;
    }
    return (h >= 11 && h < 17) || (h >= 20 && h < 22) ? 1.133067 : 0.762307;
}

static double hour_of(const struct problem *p, uint32_t t)
{
    return fmod((problem_begin_s(p, t) + 0.5 * p->step_s[t]) / 3600.0, 24.0);
}

typedef double shape_fn(double hour, int day);

static struct series make(struct problem *p, shape_fn *f, int day)
{
    double v[PROBLEM_STEPS_MAX];
    struct series s = {0};
    for (uint32_t t = 0; t < p->steps; t++) {
        v[t] = f(hour_of(p, t), day);
    }
    must(problem_series(p, v, &s) == ERR_OK);
    return s;
}

static double price_shape(double h, int d)
{
    return price(h, DAYS[d].month);
}

/* 5,600 kWp at performance ratio 0.83; the day's energy is GHI x kWp x PR; AC limit 4,800 kW.
 * With exponent 1.3 the Sunday has the published 17,567 kWh over a load of 920 kW. */
static double pv_shape(double h, int d)
{
    double a = DAYS[d].rise_h, b = DAYS[d].set_h, x = (h - a) / (b - a);
    double exponent = DAYS[d].ghi > 3 ? 1.3 : 1.0, sum = 0;
    for (int k = 0; k < 96; k++) {
        double y = (k * 0.25 + 0.125 - a) / (b - a);
        sum += y > 0 && y < 1 ? 0.25 * pow(sin(PI * y), exponent) : 0;
    }
    double kw =
        x > 0 && x < 1 ? pow(sin(PI * x), exponent) / sum * DAYS[d].ghi * 5600 * 0.83 : 0;
    return fmin(kw, 4800);
}

static double load_shape(double h, int d)
{
    if (DAYS[d].sunday) {
        return 1010;
    }
    /* Cooling for 9 h: what the published 84 MWh a day leave for it. */
    bool day = h >= 6 && h < 22, cooling = h >= 10 && h < 19 && DAYS[d].month == 7;
    return (day ? 2760 : 1660) + (cooling ? 450 : 0);
}

static double heat_shape(double h, int d)
{
    if (DAYS[d].sunday) {
        return 700;
    }
    double season = DAYS[d].month == 1 ? 300 : DAYS[d].month == 7 ? -200 : 0;
    return (h >= 6 && h < 22 ? 1900 : 1300) + season;
}

static double waste_shape(double h, int d)
{
    (void)h;
    return DAYS[d].sunday ? 450 : 700;
}

static int add_recipe(struct problem *p, const char *name, const double *kw, uint32_t cells)
{
    struct problem_recipe r = {.draw_bus = 0, .give_bus = -1, .give_at = -1, .cells = cells};
    int i = 0;
    problem_name(r.name, name);
    r.step_s = 900;
    must(problem_pool(p, kw, cells, &r.draw_at) == ERR_OK);
    must(problem_add_recipe(p, &r, &i) == ERR_OK);
    return i;
}

/* Shuttle glost firing, 14 h, 2,600 kWh; times scale. */
static int shuttle_recipe(struct problem *p)
{
    static const double part[][2] = {
        {8,  120},
        {12, 200},
        {12, 300},
        {8,  360},
        {4,  180},
        {8,  100},
        {4,  40 }
    };
    double kw[56];
    int n = 0;
    for (int k = 0; k < 7; k++) {
        for (int i = 0; i < (int)part[k][0]; i++) {
            kw[n++] = part[k][1] * 2600.0 / 2880.0;
        }
    }
    return add_recipe(p, "glost", kw, 56);
}

/* Decal firing, 4.5 h, 330 kWh; kilns in parallel. */
static int decal_recipe(struct problem *p, double kilns)
{
    double kw[18];
    for (int i = 0; i < 18; i++) {
        kw[i] = kilns * 330.0 / 4.5;
    }
    int r = add_recipe(p, "decal", kw, 18);
    p->recipe[r].after_s = 3 * 3600;
    return r;
}

static void add_grid(struct problem *p, int d)
{
    problem_grid_init(&p->grid);
    p->grid.present = 1;
    p->grid.import_kw_max = series_const(8000);
    p->grid.import_yuan_per_kwh = make(p, price_shape, d);
    p->grid.kgco2_per_kwh = series_const(0.5227);
    p->grid.demand_so_far_kw = 3000;
    p->grid.demand_target_kw = 1.05 * 4200;
    p->grid.demand_over_yuan_per_kw = 80;
    p->grid.demand_jump_yuan = 0.05 * 4200 * 40;
}

static void add_energy(struct problem *p, int d)
{
    struct problem_source s;
    struct problem_load l;
    problem_source_init(&s, "pv", 0);
    s.available_kw = make(p, pv_shape, d);
    must(problem_add_source(p, &s, NULL) == ERR_OK);
    problem_source_init(&s, "wind", 0); /* its mean: Sunday's published peak is 1,010 - 90 kW */
    s.available_kw = series_const(90);
    must(problem_add_source(p, &s, NULL) == ERR_OK);
    problem_source_init(&s, "waste_heat", 1);
    s.available_kw = make(p, waste_shape, d);
    must(problem_add_source(p, &s, NULL) == ERR_OK);
    problem_source_init(&s, "gas", 2);
    s.available_kw = series_const(10000);
    s.yuan_per_kwh = series_const(3.40 / 9.886);
    s.kgco2_per_kwh = 0.2;
    must(problem_add_source(p, &s, NULL) == ERR_OK);
    problem_load_init(&l, "works", 0);
    l.draw_kw = make(p, load_shape, d);
    must(problem_add_load(p, &l, NULL) == ERR_OK);
    problem_load_init(&l, "hot_water", 1);
    l.draw_kw = make(p, heat_shape, d);
    must(problem_add_load(p, &l, NULL) == ERR_OK);
}

static void add_storages(struct problem *p)
{
    struct problem_storage s;
    problem_storage_init(&s, "bess", 0, 0);
    s.charge_kw_max = s.discharge_kw_max = series_const(2500);
    s.energy_kwh_min = series_const(0.1 * 5016);
    s.energy_kwh_max = series_const(0.9 * 5016);
    s.energy_start_kwh = s.end_kwh_min = BATTERY_START_PU * 5016;
    s.charge_pu = s.discharge_pu = sqrt(0.88);
    s.wear_yuan_per_kwh = 0.10;
    s.exclusive = 1;
    must(problem_add_storage(p, &s, NULL) == ERR_OK);
    problem_storage_init(&s, "brick", 0, 1);
    s.charge_kw_max = series_const(2000);
    s.discharge_kw_max = series_const(1500);
    s.energy_kwh_max = series_const(10000);
    s.energy_start_kwh = s.end_kwh_min = 5000;
    s.charge_pu = 0.98;
    s.loss_pu_per_h = 0.005;
    must(problem_add_storage(p, &s, NULL) == ERR_OK);
    problem_storage_init(&s, "tank", 1, 1);
    s.charge_kw_max = s.discharge_kw_max = series_const(3000);
    s.energy_kwh_max = series_const(6980);
    s.energy_start_kwh = s.end_kwh_min = 3490;
    s.loss_pu_per_h = 0.004;
    must(problem_add_storage(p, &s, NULL) == ERR_OK);
}

static void add_converters(struct problem *p, bool bench)
{
    struct problem_converter c;
    problem_converter_init(&c, "chp", 2);
    c.in_kw_max = series_const(1000 / 0.41);
    c.in_kw_min = series_const(500 / 0.41);
    c.out[0] = (struct problem_output){
        .bus = 0, .gain = series_const(0.41), .offset_kw = series_const(0)};
    c.out[1] = (struct problem_output){
        .bus = 1, .gain = series_const(1.024 * 0.41), .offset_kw = series_const(0)};
    c.min_up_s = 7200;
    c.min_down_s = 3600;
    c.since_s = 36000;
    c.start_yuan = 300;
    c.run_yuan_per_kwh = 0.08 * 0.41;
    must(problem_add_converter(p, &c, NULL) == ERR_OK);
    for (int k = 0; k < (bench ? 1 : 2); k++) {
        problem_converter_init(&c, k ? "hp2" : "hp1", 0);
        c.in_kw_max = series_const(bench ? 800 : 400);
        c.in_kw_min = series_const(bench ? 0 : 120);
        c.out[0] = (struct problem_output){
            .bus = 1, .gain = series_const(3.2), .offset_kw = series_const(0)};
        c.min_up_s = bench ? 0 : 1200;
        c.since_s = 36000;
        must(problem_add_converter(p, &c, NULL) == ERR_OK);
    }
    problem_converter_init(&c, "gas_boiler", 2);
    c.in_kw_max = series_const(2000 / 0.92);
    c.in_kw_min = series_const(bench ? 0 : 400 / 0.92);
    c.out[0] = (struct problem_output){
        .bus = 1, .gain = series_const(0.92), .offset_kw = series_const(0)};
    c.since_s = 36000;
    must(problem_add_converter(p, &c, NULL) == ERR_OK);
}

static void add_orders(struct problem *p, bool bench)
{
    double ok[PROBLEM_STEPS_MAX];
    struct series mask = series_const(1);
    for (uint32_t t = 0; t < p->steps; t++) {
        ok[t] = t % 2 == 0;
    }
    if (bench) {
        must(problem_series(p, ok, &mask) == ERR_OK);
    }
    static const char *const names[] = {"k3", "k4", "k5", "k6", "k7", "k8", "k9", "k10"};
    int groups = bench ? 2 : 4, glost = shuttle_recipe(p),
        decal = decal_recipe(p, bench ? 2 : 1);
    for (int k = 0; k < 4 + groups; k++) {
        struct problem_machine m = {.free_from_s = 0};
        int machine = 0;
        problem_name(m.name, names[k]);
        must(problem_add_machine(p, &m, &machine) == ERR_OK);
        for (int n = 0; n < (k < 4 ? 1 : 2); n++) {
            struct problem_order o;
            char name[PROBLEM_NAME_LEN];
            snprintf(name, sizeof name, "%s %s %s", k < 4 ? "glost" : "decal", n ? "b" : "a",
                     names[k]);
            problem_order_init(&o, name, machine, k < 4 ? glost : decal);
            o.start_ok = mask;
            o.earliest_step = k < 4 ? 0 : 28;
            o.latest_step = k < 4 ? 40 : 74;
            must(problem_add_order(p, &o, NULL) == ERR_OK);
        }
    }
}

static void add_jobs(struct problem *p, bool bench)
{
    struct problem_job j;
    static const char *const names[] = {"mill1", "mill2", "mill3", "mill4"};
    for (int k = 0; k < (bench ? 1 : 4); k++) {
        problem_job_init(&j, bench ? "mills" : names[k], 0);
        j.to_step = 96;
        j.energy_kwh = bench ? 6400 : 1600;
        j.draw_kw_max = series_const(bench ? 640 : 160);
        if (!bench) {
            j.draw_kw_min = 160;
            j.min_run_s = 3600;
            j.pauses_max = 3;
        }
        must(problem_add_job(p, &j, NULL) == ERR_OK);
    }
    problem_job_init(&j, "trucks", 0);
    j.from_step = 32;
    j.to_step = 72;
    j.energy_kwh = 1600;
    j.draw_kw_max = series_const(600);
    must(problem_add_job(p, &j, NULL) == ERR_OK);
    problem_job_init(&j, "forklifts", 0);
    j.from_step = 0;
    j.to_step = 32;
    must(problem_add_job(p, &j, NULL) == ERR_OK);
}

void park_problem(struct problem *p, enum park_day d, bool bench, int hours)
{
    must(problem_init(p, (uint32_t)hours * 4, 900, 1751299200000) == ERR_OK);
    must(problem_add_bus(p, "electricity", BUS_ELECTRICITY, NULL) == ERR_OK);
    must(problem_add_bus(p, "heat", BUS_HEAT, NULL) == ERR_OK);
    must(problem_add_bus(p, "gas", BUS_GAS, NULL) == ERR_OK);
    p->bus[1].dump = 1;
    p->bus[1].dump_yuan_per_kwh = 0.05;
    add_grid(p, (int)d);
    add_energy(p, (int)d);
    add_storages(p);
    add_converters(p, bench);
    if (!DAYS[d].sunday) {
        add_orders(p, bench);
        add_jobs(p, bench);
    }
    struct problem_fault f;
    must(problem_validate(p, &f) == ERR_OK);
}

static double small_load(double h, int sunday)
{
    return sunday ? 60 : (h >= 8 && h < 18 ? 420 : 120);
}

static double small_pv(double h, int sunday)
{
    (void)sunday;
    return h > 6.5 && h < 19.3 ? 350 * pow(sin(PI * (h - 6.5) / 12.8), 1.2) : 0;
}

static double small_heat(double h, int sunday)
{
    return h >= 7 && h < 19 && !sunday ? 90 : 0;
}

static double small_price(double h, int sunday)
{
    (void)sunday;
    return price(h, 4);
}

void small_problem(struct problem *p, bool sunday, int hours)
{
    must(problem_init(p, (uint32_t)hours * 4, 900, 1751299200000) == ERR_OK);
    must(problem_add_bus(p, "electricity", BUS_ELECTRICITY, NULL) == ERR_OK);
    must(problem_add_bus(p, "heat", BUS_HEAT, NULL) == ERR_OK);
    struct problem_source s;
    struct problem_load l;
    struct problem_storage b;
    struct problem_converter c;
    p->grid.present = 1;
    p->grid.import_kw_max = series_const(630);
    p->grid.import_yuan_per_kwh = make(p, small_price, sunday);
    problem_source_init(&s, "pv", 0);
    s.available_kw = make(p, small_pv, sunday);
    s.curtail_yuan_per_kwh = 0.001;
    must(problem_add_source(p, &s, NULL) == ERR_OK);
    problem_load_init(&l, "works", 0);
    l.draw_kw = make(p, small_load, sunday);
    must(problem_add_load(p, &l, NULL) == ERR_OK);
    problem_load_init(&l, "hot_water", 1);
    l.draw_kw = make(p, small_heat, sunday);
    must(problem_add_load(p, &l, NULL) == ERR_OK);
    problem_storage_init(&b, "bess", 0, 0);
    b.charge_kw_max = b.discharge_kw_max = series_const(200);
    b.energy_kwh_min = series_const(43);
    b.energy_kwh_max = series_const(387);
    b.energy_start_kwh = b.end_kwh_min = 215;
    b.charge_pu = b.discharge_pu = sqrt(0.88);
    b.wear_yuan_per_kwh = 0.10;
    b.exclusive = 1;
    must(problem_add_storage(p, &b, NULL) == ERR_OK);
    problem_storage_init(&b, "tank", 1, 1);
    b.charge_kw_max = b.discharge_kw_max = series_const(200);
    b.energy_kwh_max = series_const(350);
    b.energy_start_kwh = b.end_kwh_min = 175;
    b.loss_pu_per_h = 0.004;
    must(problem_add_storage(p, &b, NULL) == ERR_OK);
    problem_converter_init(&c, "hp", 0);
    c.in_kw_max = series_const(60);
    c.in_kw_min = series_const(18);
    c.min_up_s = 1200;
    c.since_s = 36000;
    c.out[0] = (struct problem_output){
        .bus = 1, .gain = series_const(3.0), .offset_kw = series_const(0)};
    must(problem_add_converter(p, &c, NULL) == ERR_OK);
    struct problem_fault f;
    must(problem_validate(p, &f) == ERR_OK);
}
