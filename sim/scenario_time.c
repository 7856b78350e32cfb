/* Moments and durations. Pure. */
#include "sim/scenario_time.h"
#include "controller/base/civil.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double hour_s = 3600, minute_s = 60, day_s = 86400;

static double unit_s(char unit)
{
    return unit == 'h' ? hour_s : unit == 'm' ? minute_s : unit == 's' ? 1 : 0;
}

/* Seconds of "1h30m"; below 0 if it is none. Each unit once, from great to small. */
static double duration_of(const char *text)
{
    double sum = 0, before = 2 * hour_s;
    if (*text == '\0') {
        return -1;
    }
    while (*text != '\0') {
        char *end;
        double v = strtod(text, &end);
        double unit = end > text && *text >= '0' && *text <= '9' ? unit_s(*end) : 0;
        if (unit <= 0 || unit >= before) {
            return -1;
        }
        sum += v * unit;
        before = unit;
        text = end + 1;
    }
    return sum;
}

/* Seconds of the day of "HH:MM" or "HH:MM:SS"; below 0 if it is none. */
static double clock_of(const char *text)
{
    int h, m, s = 0, n = 0, used = 0;
    n = sscanf(text, "%2d:%2d%n:%2d%n", &h, &m, &used, &s, &used);
    bool good = n >= 2 && used == (int)strlen(text) && h >= 0 && h < 24 && m >= 0 && m < 60 &&
                s >= 0 && s < 60;
    return good ? h * hour_s + m * minute_s + s : -1;
}

enum err scenario_duration(const struct doc *node, double *out_s, struct doc_errors *errors)
{
    double s = node->kind == DOC_SCALAR ? duration_of(node->text) : -1;
    if (s < 0) {
        doc_complain(errors, node, "'%s' is no duration; 90s, 10m or 1h30m would be right",
                     node->kind == DOC_SCALAR ? node->text : "a list or map");
        return ERR_SYNTAX;
    }
    *out_s = s;
    return ERR_OK;
}

enum err scenario_moment(const struct doc *node, const struct scenario_span *span,
                         double *out_s, struct doc_errors *errors)
{
    const char *text = node->kind == DOC_SCALAR ? node->text : "a list or map";
    double s = node->kind != DOC_SCALAR ? -1
               : text[0] == '+'         ? duration_of(text + 1)
                                        : clock_of(text);
    if (s < 0) {
        doc_complain(errors, node,
                     "'%s' is no moment; +1h30m after the start, or a time of day such as "
                     "14:00 would be right",
                     text);
        return ERR_SYNTAX;
    }
    if (text[0] != '+') {
        s -= wall_diff_s(civil_midnight(span->start, 0), span->start);
        s += s < 0 ? day_s : 0;
    }
    if (s > span->end_s) {
        char end[16];
        scenario_clock(span->start, span->end_s, end, sizeof end);
        doc_complain(errors, node, "%s is after the end of the scenario at %s", text, end);
        return ERR_RANGE;
    }
    *out_s = s;
    return ERR_OK;
}

void scenario_clock(wall_t start, double at_s, char *out, size_t cap)
{
    wall_t at = wall_add_s(start, at_s);
    struct civil c;
    civil_from_wall(at, &c);
    double days = wall_diff_s(civil_midnight(start, 0), civil_midnight(at, 0)) / day_s;
    int n = snprintf(out, cap, "%02d:%02d:%02d", c.hour, c.minute, c.second);
    if (days > 0.5 && n > 0 && (size_t)n < cap) {
        (void)snprintf(out + n, cap - (size_t)n, "+%dd", (int)(days + 0.5));
    }
}
