/* A study as one page for a browser: cost, connection point, powers, contents and firings of
 * each run, and all figures side by side; in Chinese and English, light and dark, without any
 * other file or network. Used by the command line only. */
#ifndef KILNWATT_CLI_STUDY_REPORT_H
#define KILNWATT_CLI_STUDY_REPORT_H

#include "controller/cli/study_show.h"

/* Before the runs: makes the folder where it is missing and sees whether it can be written
 * into. to: a folder, or a file whose name ends in .html. false after a line on stderr. */
bool study_report_ready(const char *to);
/* After them: the page, and in a folder study.json beside it. top: study_show_json(). 0, or the
 * exit status to end with after a line on stderr. */
int study_report_write(const char *to, const struct study_slot *slot, int n, json_t *top);

#endif
