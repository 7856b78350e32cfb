/* The table of faults as text, for the control socket and `kilnwatt sim --faults`. Runs in the
 * simulator. */
#include "sim/fault_table.h"
#include <math.h>
#include <string.h>

const char *faults_name(int n)
{
    return fault_table[n].name;
}

const char *faults_effect(int n)
{
    return fault_table[n].effect;
}

/* Appends to a text that is cut at cap. */
static void add(char *out, size_t cap, const char *between, const char *text)
{
    size_t n = strlen(out);
    if (n + 1 < cap) {
        (void)snprintf(out + n, cap - n, "%s%s", n ? between : "", text);
    }
}

void faults_use(int n, char *out, size_t cap)
{
    const struct fault_def *d = &fault_table[n];
    (void)snprintf(out, cap, "%s%s%s", d->id, *d->id ? " " : "", d->name);
    for (int i = 0; i < FAULT_ARGS && d->arg[i].name; i++) {
        bool may = !isnan(d->arg[i].usual);
        add(out, cap, may ? (i ? "[," : "[:") : (i ? "," : ":"), d->arg[i].name);
        add(out, cap, "", may ? "]" : "");
    }
}

void faults_kinds(int n, char *out, size_t cap)
{
    uint32_t kinds = fault_table[n].kinds;
    *out = 0;
    if (kinds == (1u << KIND_COUNT) - 1) {
        add(out, cap, "", "any");
        return;
    }
    for (int k = 0; k < KIND_COUNT; k++) {
        if (kinds >> k & 1) {
            add(out, cap, " ", dict_kind((enum kind)k)->name);
        }
    }
}

void faults_args(int n, char *out, size_t cap)
{
    *out = 0;
    for (int i = 0; i < FAULT_ARGS && fault_table[n].arg[i].name; i++) {
        const struct fault_param *p = &fault_table[n].arg[i];
        char one[96];
        (void)snprintf(one, sizeof one, "%s %.10g..%.10g %s", p->name, p->lo, p->hi, p->unit);
        add(out, cap, ", ", one);
        if (!isnan(p->usual)) {
            (void)snprintf(one, sizeof one, " (%.10g)", p->usual);
            add(out, cap, "", one);
        }
    }
}

void faults_print(FILE *to)
{
    fprintf(to, "Faults of the simulated devices: `inject DEVICE FAULT[:ARGUMENT[,ARGUMENT]] "
                "[for SECONDS]`\non the control socket, by id or name. In brackets what counts "
                "where nothing is given.\n\n");
    for (int i = 0; i < FAULT_COUNT; i++) {
        char args[160], kinds[240];
        faults_args(i, args, sizeof args);
        faults_kinds(i, kinds, sizeof kinds);
        fprintf(to, "%-4s%-21s%s\n", fault_table[i].id, fault_table[i].name,
                fault_table[i].effect);
        if (*args) {
            fprintf(to, "%25s%s\n", "", args);
        }
        fprintf(to, "%25son: %s\n", "", kinds);
    }
}
