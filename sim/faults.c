/* Communication faults by name. Runs in the simulator; a table says which field each name sets.
 */
#include "sim/faults.h"
#include <stdlib.h>
#include <string.h>

enum { FLAG, NUMBER };
static const struct row {
    const char *name;
    int type;
    size_t offset;
    long min, max; /* NUMBER */
} rows[] = {
    {"silent",    FLAG,   offsetof(struct fault, silent),    0, 0    },
    {"drip",      FLAG,   offsetof(struct fault, drip),      0, 0    },
    {"refuse",    FLAG,   offsetof(struct fault, refuse),    0, 0    },
    {"reset",     FLAG,   offsetof(struct fault, reset),     0, 0    },
    {"freeze",    FLAG,   offsetof(struct fault, freeze),    0, 0    },
    {"late",      NUMBER, offsetof(struct fault, late_ms),   1, 60000},
    {"exception", NUMBER, offsetof(struct fault, exception), 1, 11   },
};
enum { ROWS = sizeof rows / sizeof *rows };

enum err faults_init(struct faults *f, struct arena *a, int devices)
{
    struct fault *of = arena_take(a, (size_t)devices, sizeof *of);
    if (!of) {
        return ERR_NOMEM;
    }
    *f = (struct faults){devices, of};
    return ERR_OK;
}

static enum err parse_number(const struct row *r, const char *text, long *out)
{
    char *end;
    long v = strtol(text, &end, 10);
    if (end == text || *end) {
        return ERR_UNKNOWN_KEY;
    }
    if (v < r->min || v > r->max) {
        return ERR_RANGE;
    }
    *out = v;
    return ERR_OK;
}

static enum err set_row(const struct row *r, struct fault *f, const char *value)
{
    char *field = (char *)f + r->offset;
    if (r->type == FLAG) {
        bool *on = (bool *)(void *)field;
        if (*value) {
            return ERR_UNKNOWN_KEY;
        }
        enum err e = *on ? ERR_STATE : ERR_OK;
        *on = true;
        return e;
    }
    int *number = (int *)(void *)field;
    long v = 0;
    enum err e = *value == ':' ? parse_number(r, value + 1, &v) : ERR_UNKNOWN_KEY;
    if (e) {
        return e;
    }
    e = *number == (int)v ? ERR_STATE : ERR_OK;
    *number = (int)v;
    return e;
}

enum err faults_set(struct faults *f, int device, const char *text)
{
    must(device >= 0 && device < f->devices);
    for (int i = 0; i < ROWS; i++) {
        size_t n = strlen(rows[i].name);
        if (strncmp(text, rows[i].name, n) == 0 && (text[n] == ':' || !text[n])) {
            return set_row(&rows[i], &f->of[device], text + n);
        }
    }
    return ERR_UNKNOWN_KEY;
}

int faults_clear(struct faults *f, int device)
{
    must(device >= 0 && device < f->devices);
    int n = 0;
    for (int i = 0; i < ROWS; i++) {
        const char *field = (const char *)&f->of[device] + rows[i].offset;
        n += rows[i].type == FLAG ? *(const bool *)(const void *)field
                                  : *(const int *)(const void *)field != 0;
    }
    f->of[device] = (struct fault){0};
    return n;
}

const char *faults_names(void)
{
    return "silent drip late:MS refuse reset freeze exception:CODE";
}
