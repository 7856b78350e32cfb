/* kilnwatt: one executable, one table of sub-commands. */
#include "adapters/field_role.h"
#include "controller/base/role.h"
#include "controller/cli/check.h"
#include "controller/cli/commands.h"
#include "controller/dispatch/park_role.h"
#include "controller/store/store_role.h"
#include "controller/web/web_role.h"
#include "optimizer/plan_role.h"
#include "sim/sim_main.h"
#include <stdio.h>
#include <string.h>

typedef int main_fn(int argc, char **argv);

/* The roles are started by the supervisor only. */
static int role_main(int argc, char **argv)
{
    static main_fn *const roles[ROLE_COUNT] = {
        [ROLE_PARK] = park_role_main, [ROLE_FIELD] = field_role_main,
        [ROLE_PLAN] = plan_role_main, [ROLE_STORE] = store_role_main,
        [ROLE_WEB] = web_role_main,
    };
    enum role r = argc > 1 ? role_from_name(argv[1]) : ROLE_COUNT;
    if (r == ROLE_COUNT || roles[r] == NULL) {
        fprintf(stderr, "kilnwatt role: give park, field, plan, store or web\n");
        return 2;
    }
    return roles[r](argc - 1, argv + 1);
}

static const struct {
    const char *name;
    main_fn *fn;
    const char *about; /* NULL: not listed */
} commands[] = {
    {"run",      run_main,      "the controller on a site"                                   },
    {"sim",      sim_main,      "a whole park over Modbus TCP, for the controller to run on" },
    {"study",    study_main,    "days of a park in virtual time: bill, breaches, orders"     },
    {"scenario", scenario_main, "runs scenario files in virtual time; says what did not hold"},
    {"demo",     demo_main,     "simulator and controller together"                          },
    {"check",    check_main,    "validates park, profile, tariff and scenario files"         },
    {"plan",     plan_main,     "solves once and prints plan, cost, bound and proven gap"    },
    {"weather",  weather_main,  "a year of generated weather as a series file"               },
    {"status",   status_main,   "what a running controller sees and does"                    },
    {"points",   points_main,   "all points of a running controller"                         },
    {"dr",       dr_main,       "demand response: trigger, list, cancel"                     },
    {"set",      set_main,      "gives a setpoint by hand; the device goes to manual"        },
    {"auto",     auto_main,     "gives a device back to automatic"                           },
    {"ack",      ack_main,      "acknowledges an alarm"                                      },
    {"role",     role_main,     NULL                                                         },
};

static int usage(FILE *to, int status)
{
    fprintf(to, "usage: kilnwatt COMMAND ...\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].about != NULL) {
            fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].about);
        }
    }
    fprintf(to, "\nkilnwatt COMMAND --help says more, with examples.\n");
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return usage(stderr, 2);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        return usage(stdout, 0);
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].fn(argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "kilnwatt: no command \"%s\"\n", argv[1]);
    return usage(stderr, 2);
}
