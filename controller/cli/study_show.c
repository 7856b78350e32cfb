/* One row per figure, named by its path in a run's JSON. */
#include "controller/cli/study_show.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct row {
    const char *title, *path;
} rows[] = {
    {"cost of energy, gas, wear, carbon, yuan",  "kpi.cost_yuan"                 },
    {"  energy, yuan",                           "kpi.cost.energy_yuan"          },
    {"  exported, yuan",                         "kpi.cost.export_yuan"          },
    {"  demand charge, its share, yuan",         "kpi.cost.demand_yuan"          },
    {"  gas, yuan",                              "kpi.cost.gas_yuan"             },
    {"  storage wear, yuan",                     "kpi.cost.wear_yuan"            },
    {"  upkeep of the CHP, yuan",                "kpi.cost.om_yuan"              },
    {"  carbon, yuan",                           "kpi.cost.carbon_yuan"          },
    {"left to the next period, yuan",            "kpi.carry_yuan"                },
    {"demand charge of a month like this, yuan", "kpi.month_demand_yuan"         },
    {"drawn by all, kWh",                        "kpi.load_kwh"                  },
    {"grid import, kWh",                         "kpi.import_kwh"                },
    {"PV, kWh",                                  "kpi.pv_kwh"                    },
    {"wind, kWh",                                "kpi.wind_kwh"                  },
    {"CHP, kWh",                                 "kpi.chp_kwh"                   },
    {"ORC, kWh",                                 "kpi.orc_kwh"                   },
    {"gas, m3",                                  "kpi.gas_m3"                    },
    {"grid export, kWh",                         "kpi.export_kwh"                },
    {"curtailed, kWh",                           "kpi.curtailed_kwh"             },
    {"self-consumption, of 1",                   "kpi.self_consumption_pu"       },
    {"  less heat that was dumped",              "kpi.useful_self_consumption_pu"},
    {"self-sufficiency, of 1",                   "kpi.self_sufficiency_pu"       },
    {"CO2, kg",                                  "kpi.co2_kg"                    },
    {"greatest 15-min mean, kW",                 "kpi.peak_sliding_kw"           },
    {"greatest power, kW",                       "kpi.peak_kw"                   },
    {"above the import limit, s",                "import_over.total_s"           },
    {"  the longest, s",                         "import_over.longest_s"         },
    {"above the export limit, s",                "export_over.total_s"           },
    {"  the longest, s",                         "export_over.longest_s"         },
    {"reverse-power relay, trips",               "relay_trips"                   },
    {"heat not served, kWh",                     "kpi.unserved_heat_kwh"         },
    {"charging short, kWh",                      "kpi.charge_short_kwh"          },
    {"firings begun",                            "kpi.firings"                   },
    {"  in their window",                        "kpi.firings_in_window"         },
    {"orders done",                              "kpi.orders_done"               },
    {"orders late or missed",                    "kpi.orders_late"               },
    {"breaches",                                 "breaches_count"                },
};

/* NaN where the run does not say. */
static double at_path(const json_t *run, const char *path)
{
    const json_t *v = run;
    char part[40];
    while (v && *path) {
        size_t n = strcspn(path, ".");
        (void)snprintf(part, sizeof part, "%.*s", (int)n, path);
        v = json_object_get(v, part);
        path += path[n] == '.' ? n + 1 : n;
    }
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static double speed(const struct study_slot *s, const json_t *run)
{
    return at_path(run, "seconds") / fmax(s->wall_s, 1e-6);
}

static void head(const struct study_slot *slot, int n)
{
    printf("%-42s", "policy, seed");
    for (int i = 0; i < n; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "%s %llu", study_policy_name(slot[i].policy),
                       (unsigned long long)slot[i].seed);
        printf(" %16s", text);
    }
}

/* "01 14": the invariants that were broken. */
static void broken_text(const json_t *run, char *out, size_t cap)
{
    const char *name;
    json_t *count, *all = json_object_get(run, "invariants");
    size_t used = 0;
    (void)snprintf(out, cap, "%s", json_object_size(all) ? "" : "none");
    json_object_foreach(all, name, count)
    {
        int n = snprintf(out + used, cap - used, "%s%s", used ? " " : "", name + 4);
        used += n > 0 && (size_t)n < cap - used ? (size_t)n : 0;
    }
}

void study_show_table(const struct study_slot *slot, int n, const json_t *runs)
{
    head(slot, n);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        printf("\n%-42s", rows[r].title);
        for (int i = 0; i < n; i++) {
            double x = at_path(json_array_get(runs, (size_t)i), rows[r].path);
            printf(" %16.2f", x == 0 ? 0 : x);
        }
    }
    printf("\n%-42s", "invariants broken, INV-");
    for (int i = 0; i < n; i++) {
        char text[64];
        broken_text(json_array_get(runs, (size_t)i), text, sizeof text);
        printf(" %16s", text);
    }
    printf("\n%-42s", "plans, not answered");
    for (int i = 0; i < n; i++) {
        printf(" %10d, %4d", slot[i].outcome.plans, slot[i].outcome.failed);
    }
    printf("\n%-42s", "hash");
    for (int i = 0; i < n; i++) {
        const json_t *hash = json_object_get(json_array_get(runs, (size_t)i), "hash");
        printf(" %16s", json_string_value(hash));
    }
    printf("\n%-42s", "times real time");
    for (int i = 0; i < n; i++) {
        printf(" %16.0f", speed(&slot[i], json_array_get(runs, (size_t)i)));
    }
    printf("\n");
}

static void add_facts(const struct study_slot *s, json_t *run)
{
    double x = speed(s, run);
    json_t *plans = json_object();
    (void)json_object_set_new(run, "policy", json_string(study_policy_name(s->policy)));
    (void)json_object_set_new(plans, "solved", json_integer(s->outcome.plans));
    (void)json_object_set_new(plans, "failed", json_integer(s->outcome.failed));
    (void)json_object_set_new(run, "plans", plans);
    (void)json_put_number(run, "wall_s", s->wall_s);
    (void)json_put_number(run, "cpu_s", s->outcome.cpu_s);
    (void)json_put_number(run, "times_real_time", x);
}

enum err study_show_json(const struct study_slot *slot, int n, json_t **out)
{
    json_t *all = json_array(), *top = json_object();
    struct json_ask ask = {.where = "kilnwatt study"};
    enum err e = json_object_set_new(top, "runs", all) == 0 ? ERR_OK : ERR_NOMEM;
    for (int i = 0; i < n && e == ERR_OK; i++) {
        json_t *run = NULL;
        e = json_read(&ask, slot[i].json, strlen(slot[i].json), STUDY_JSON_MAX, &run);
        if (e != ERR_OK) {
            fprintf(stderr, "%s\n", ask.error);
            break;
        }
        add_facts(&slot[i], run);
        e = json_array_append_new(all, run) == 0 ? ERR_OK : ERR_NOMEM;
    }
    if (e != ERR_OK) {
        json_decref(top);
        return e;
    }
    *out = top;
    return ERR_OK;
}
