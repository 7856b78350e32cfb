/* The view as JSON. Each function gives a new reference, NULL without memory. Runs in the web
 * role; pure but for the allocations of jansson. */
#ifndef KILNWATT_WEB_SHOW_H
#define KILNWATT_WEB_SHOW_H

#include "controller/base/json.h"
#include "controller/web/view.h"

json_t *show_status(const struct view *v);
json_t *show_point(const struct view *v, int point);
json_t *show_points(const struct view *v);
json_t *show_devices(const struct view *v);
json_t *show_alarms(const struct view *v);
json_t *show_dr_event(const struct msg_dr_event *e);
json_t *show_dr(const struct view *v);
json_t *show_orders(const struct view *v);
json_t *show_event(const struct msg_event *e);
/* The plan as in interfaces.md, "Plan as JSON"; null before the first one. */
json_t *show_plan(const struct view *v);
/* Price bands in from <= t < to. */
json_t *show_tariff(const struct view *v, wall_t from, wall_t to);
/* "2025-07-14T08:00:00+08:00"; null for 0. */
json_t *show_time(wall_t at);
/* Fixed-size text that may lack its ending 0. */
json_t *show_text(const char *text, size_t cap);
/* "normal" …; never NULL. */
const char *show_mode(uint32_t mode);
/* Value of an image row for a reader: null unless usable or stale. */
json_t *show_value(const struct msg_image_row *r);
const char *show_severity(uint32_t severity);

#endif
