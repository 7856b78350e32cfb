/* A plan as one page for a browser: charts, schedule, bill and reasons, in Chinese and English,
 * light and dark, without any other file or network. Used by the command line only. */
#ifndef KILNWATT_CLI_PLAN_PLOT_H
#define KILNWATT_CLI_PLAN_PLOT_H

#include "controller/base/json.h"

/* Writes the page. plan: plan_json() with `compare` and `explain` where asked for; question:
 * plan_page_question(). Both stay the caller's. ERR_IO, ERR_NOMEM. */
must_check enum err plan_plot(json_t *plan, json_t *question, const char *path);

#endif
