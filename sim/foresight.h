/* Perfect foresight for a study: what its park's sky, loads and heat demand will really do, as
 * the series that a forecast takes in place of its own guesses. Found by running the very same
 * plants, with the same seed and series, ahead of the study: their draws are a function of
 * seed, device and time alone, so what nobody commands comes out the same again, to the bit.
 *
 * Foreseen: PV and wind as they could be without a limit, loads, roller kilns, chillers,
 * compressors, pumps, waste heat behind roller kilns, heat demand. Not foreseen, because it
 * hangs on what is commanded or on orders: waste heat behind a kiln that is fired by order and
 * an ORC's power, vehicles beyond what their orders say. Runs in studies before the first step;
 * the result lies in the caller's arena. */
#ifndef KILNWATT_SIM_FORESIGHT_H
#define KILNWATT_SIM_FORESIGHT_H

#include "sim/setup.h"

enum { FORESIGHT_STEP_S = 300 };

/* set: files read, plants not yet built (setup_load()); it stays untouched. seconds: from its
 * start on. Columns `<device>.available_kw`, `load.<device>_kw`, `heat.hot_water_kw`, rows of
 * FORESIGHT_STEP_S, means. ERR_NOMEM, and what setup_build() returns. */
must_check enum err foresight_make(struct series_file **out, struct arena *a,
                                   const struct setup *set, const struct setup_ask *ask,
                                   double seconds);

#endif
