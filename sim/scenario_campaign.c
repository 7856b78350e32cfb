/* `campaign` of a scenario: random faults for a while. Its alarms are nobody's surprise. */
#include "controller/park/read.h"
#include "sim/scenario_own.h"
#include <math.h>
#include <string.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

struct campaign_raw {
    double per_hour;
    const struct doc *least, *most, *faults, *spare, *from, *until;
};
#define AT(m) offsetof(struct campaign_raw, m)
static const struct field campaign_keys[] = {
    {"per_hour", FIELD_NUMBER, AT(per_hour), 0, 0.01, 3600, true,  0, "-", NULL,
     "how many faults"                                                                                    },
    {"least",    FIELD_NODE,   AT(least),    0, 0,    0,    true,  0, "-", NULL,
     "how long one lasts at least"                                                                        },
    {"most",     FIELD_NODE,   AT(most),     0, 0,    0,    true,  0, "-", NULL, "... and at the most"    },
    {"faults",   FIELD_NODE,   AT(faults),   0, 0,    0,    false, 0, "-", NULL, "which; all of the table"},
    {"spare",    FIELD_NODE,   AT(spare),    0, 0,    0,    false, 0, "-", NULL, "devices that stay whole"},
    {"from",     FIELD_NODE,   AT(from),     0, 0,    0,    false, 0, "-", NULL, "first moment; the start"},
    {"until",    FIELD_NODE,   AT(until),    0, 0,    0,    false, 0, "-", NULL, "last moment; the end"   },
};
#undef AT

static void read_faults(const struct scenario_reader *r, const struct doc *list,
                        struct campaign_ask *ask)
{
    if (list == NULL || !read_has_rows(list, CAMPAIGN_FAULTS_MAX, r->errors)) {
        return;
    }
    for (const struct doc *d = list->first; d != NULL; d = d->next) {
        char why[FAULT_WHY_LEN] = "a name would be right, not a list or map";
        if (d->kind != DOC_SCALAR || strlen(d->text) >= CAMPAIGN_WORD ||
            !faults_known(d->text, why)) {
            doc_complain(r->errors, d, "%s", why);
            continue;
        }
        memcpy(ask->fault[ask->faults++], d->text, strlen(d->text) + 1);
    }
}

static void read_spared(const struct scenario_reader *r, const struct doc *list,
                        struct campaign_ask *ask)
{
    if (list == NULL || !read_has_rows(list, CAMPAIGN_SPARED_MAX, r->errors)) {
        return;
    }
    for (const struct doc *d = list->first; d != NULL; d = d->next) {
        int device = scenario_read_device(r, d);
        if (device >= 0) {
            ask->spare[ask->spared++] = device;
        }
    }
}

void scenario_read_campaign(struct scenario_reader *r, const struct doc *map)
{
    struct campaign_raw raw;
    struct scenario_campaign *c = &r->s->campaign;
    if (map == NULL ||
        doc_fill(map, campaign_keys, ROWS(campaign_keys), &raw, r->errors) != ERR_OK ||
        !scenario_read_for(r, raw.least, 0, &c->ask.least_s) ||
        !scenario_read_for(r, raw.most, 0, &c->ask.most_s) ||
        !scenario_read_at(r, raw.from, 0, &c->from_s) ||
        !scenario_read_at(r, raw.until, r->s->span.end_s, &c->until_s)) {
        return;
    }
    if (!(c->ask.least_s > 0 && c->ask.least_s <= c->ask.most_s)) {
        doc_complain(r->errors, raw.most,
                     "is less than `least`, or nothing lasts no time; "
                     "least: 5s with most: 5m would be right");
    }
    read_faults(r, raw.faults, &c->ask);
    read_spared(r, raw.spare, &c->ask);
    c->ask.per_hour = raw.per_hour;
    c->ask.seed = r->s->ask.seed;
    c->node = map;
}

void scenario_campaign(const struct scenario_run *r, double t_s)
{
    const struct scenario_campaign *c = &r->s->campaign;
    struct campaign *now = &r->view->set->campaign;
    if (c->node == NULL) {
        return;
    }
    if (fabs(t_s - c->from_s) < 0.5 && now->begun == 0 && !now->on) {
        campaign_begin(now, &c->ask);
    }
    if (t_s >= c->until_s - 1e-6) {
        campaign_end(now);
    }
}

void scenario_campaign_end(struct scenario_run *r)
{
    const struct campaign *c = &r->view->set->campaign;
    if (r->s->campaign.node == NULL) {
        return;
    }
    struct scenario_verdict v = {.kind = "campaign",
                                 .text = "faults",
                                 .node = r->s->campaign.node,
                                 .ok = c->begun > 0,
                                 .at_s = r->s->span.end_s,
                                 .value = c->begun,
                                 .unit = "-"};
    scenario_say(r, &v, "%s", c->begun > 0 ? "" : "nothing was broken");
}
