/* Energy metrics over a period, from energy totals at the meter. Pure; used by bill, reports,
 * studies. Definitions (fixed for code and screens): G renewable energy generated, A available,
 * X exported, L consumption of the site with storage losses, D heat dumped that renewable
 * electricity made. */
#ifndef KILNWATT_BOOKS_KPI_H
#define KILNWATT_BOOKS_KPI_H

/* All in kWh, magnitudes. */
struct kpi_energy {
    double import_kwh, export_kwh;
    double renewable_kwh; /* PV and wind, generated (G) */
    double available_kwh; /* what they could have given (A); below G counts as G */
    double other_kwh;     /* other generation on the site: CHP */
    double dumped_kwh;    /* D */
};

/* Shares 0..1; NaN where the denominator is 0. */
struct kpi {
    double self_consumption_pu;        /* 自发自用率 (G - X) / G */
    double useful_self_consumption_pu; /* (G - X - D) / G */
    double self_sufficiency_pu;        /* 自给率 (G - X) / L */
    double curtailment_pu;             /* 弃光率、弃风率 (A - G) / A */
    double export_share_pu;            /* 上网比例 X / G */
    double consumption_kwh;            /* L = import - export + G + other */
};

/* Storage needs no term: what it keeps or loses is in the balance of the meter. Export beyond
 * the renewable generation (of a CHP) is not counted against it. */
struct kpi kpi_of(const struct kpi_energy *e);

#endif
