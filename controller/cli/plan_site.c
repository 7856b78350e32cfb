/* Boots a core without a field and asks it once. */
#include "controller/cli/plan_site.h"
#include "controller/base/civil.h"
#include "controller/books/tariff.h"
#include "controller/cli/site.h"
#include "controller/dispatch/core.h"
#include <stdio.h>

/* Process time of the only tick; some time after zero, which means "never" to units. */
static const mono_t BOOT = {60LL * 1000000};

/* What a device at rest shows. Rows that are not named stay unread: the forecast then keeps its
 * own first guess. */
static const struct {
    enum kind kind;
    int row;
    double value;
} rest[] = {
    {KIND_METER,          P_KW,             0           },
    {KIND_BATTERY,        P_KW,             0           },
    {KIND_BATTERY,        BATTERY_SOC_PU,   0.5         },
    {KIND_BATTERY,        BATTERY_STATE,    RUN_ON      },
    {KIND_CHP,            P_KW,             0           },
    {KIND_CHP,            CHP_STATE,        RUN_OFF     },
    {KIND_HEAT_PUMP,      P_KW,             0           },
    {KIND_HEAT_PUMP,      HP_STATE,         RUN_OFF     },
    {KIND_STORAGE_BOILER, P_KW,             0           },
    {KIND_STORAGE_BOILER, SB_SOC_PU,        0.5         },
    {KIND_TANK,           TANK_SOC_PU,      0.5         },
    {KIND_KILN,           P_KW,             0           },
    {KIND_KILN,           KILN_DEGC,        25          },
    {KIND_KILN,           KILN_STATE,       KILN_STOPPED},
    {KIND_MILL,           P_KW,             0           },
    {KIND_MILL,           MILL_STATE,       RUN_OFF     },
    {KIND_MILL,           MILL_DRAW_KWH,    0           },
    {KIND_CHARGER,        P_KW,             0           },
    {KIND_CHARGER,        CHARGER_DRAW_KWH, 0           },
};

static void put_image(struct core *c, const struct park *p)
{
    for (int d = 0; d < p->devices; d++) {
        core_link(c,
                  &(struct msg_link_state){.device = (uint16_t)d, .online = 1, .trusted = 1});
        for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
            if (rest[i].kind == p->device[d].kind) {
                core_reading(
                    c, &(struct msg_reading){.point = (uint32_t)park_point(p, d, rest[i].row),
                                             .quality = QUALITY_SIMULATED,
                                             .value = rest[i].value,
                                             .at = BOOT});
            }
        }
    }
}

static int say(const struct doc_errors *errors, const char *path, enum err e)
{
    for (int i = 0; i < errors->count && i < DOC_ERRORS_MAX; i++) {
        fprintf(stderr, "%s\n", errors->text[i]);
    }
    if (errors->count == 0) {
        fprintf(stderr, "%s: %s\n", path, err_text(e));
    }
    return e == ERR_NOMEM || e == ERR_IO || e == ERR_NOT_FOUND ? 3 : 1;
}

static int take_time(const char *text, wall_t *out)
{
    struct clock live;
    clock_init_live(&live);
    *out = clock_wall(&live);
    if (text != NULL && civil_parse(text, out) != ERR_OK) {
        fprintf(stderr,
                "plan: --at: \"%s\" is no time; 2025-07-14T00:00+08:00 or 2025-07-14 would be "
                "right\n",
                text);
        return 2;
    }
    return 0;
}

int plan_site_question(struct arena *a, const struct plan_site *s, struct problem *out)
{
    struct park *park = NULL;
    struct tariff *tariff = NULL;
    struct series_file *given = NULL;
    struct doc_errors errors = {0};
    wall_t wall = {0};
    int status = site_load(a, s->park_path, &park);
    if (status != 0) {
        return status;
    }
    enum err e = civil_zone_set(park->zone);
    e = e == ERR_OK ? tariff_load(a, park->tariff, &tariff, &errors) : e;
    if (e == ERR_OK && s->series_path != NULL) {
        e = series_load(a, s->series_path, &given, &errors);
    }
    if (e != ERR_OK) {
        return say(&errors, s->park_path, e);
    }
    status = take_time(s->at, &wall);
    struct core *c = arena_take(a, 1, sizeof *c);
    struct prices *prices = arena_take(a, 1, sizeof *prices);
    if (status != 0 || c == NULL || prices == NULL) {
        return status != 0 ? status : say(&errors, s->park_path, ERR_NOMEM);
    }
    tariff_prices(tariff, wall, prices);
    e = core_init(c, a, park, prices, given);
    if (e == ERR_OK) {
        put_image(c, park);
        (void)core_tick(c, BOOT, wall, NULL, 0);
        e = core_question(c, s->hours, out);
    }
    return e == ERR_OK ? 0 : say(&errors, s->park_path, e);
}
