/* Energy metrics from totals. */
#include "controller/books/kpi.h"
#include <math.h>

/* Part of a whole, held inside 0..1. */
static double share(double part, double whole)
{
    return whole > 0 ? fmin(fmax(part / whole, 0), 1) : NAN;
}

struct kpi kpi_of(const struct kpi_energy *e)
{
    double g = e->renewable_kwh, available = fmax(e->available_kwh, g);
    double exported = fmin(e->export_kwh, g), used = g - exported;
    double consumption = fmax(e->import_kwh - e->export_kwh + g + e->other_kwh, 0);
    return (struct kpi){.self_consumption_pu = share(used, g),
                        .useful_self_consumption_pu = share(used - e->dumped_kwh, g),
                        .self_sufficiency_pu = share(used, consumption),
                        .curtailment_pu = share(available - g, available),
                        .export_share_pu = share(exported, g),
                        .consumption_kwh = consumption};
}
