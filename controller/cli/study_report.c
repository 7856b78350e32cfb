/* Numbers of the traces with as many digits as can be seen. */
#include "controller/cli/study_report.h"
#include "controller/cli/page.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MAX_LEN = 1024 };
static const size_t digits = JSON_REAL_PRECISION(12);

/* ---- Numbers ---- */

static json_t *numbers(const double *v, int n, double unit)
{
    json_t *a = json_array();
    for (int i = 0; i < n; i++) {
        double x = round(v[i] / unit) * unit;
        (void)json_array_append_new(a, json_number_or_null(x == 0 ? 0 : x));
    }
    return a;
}

static json_t *layers_json(const struct study_trace *t)
{
    json_t *a = json_array();
    for (int l = 0; l < TRACE_LAYERS; l++) {
        json_t *o = json_object();
        (void)json_object_set_new(o, "name", json_string(trace_layer_name(l)));
        (void)json_object_set_new(o, "up", json_boolean(trace_layer_gives(l)));
        (void)json_object_set_new(o, "kw", numbers(t->kw[l], t->points, 0.1));
        (void)json_array_append_new(a, o);
    }
    return a;
}

static json_t *stores_json(const struct study_trace *t)
{
    json_t *a = json_array();
    for (int i = 0; i < t->stores; i++) {
        const struct trace_store *s = &t->store[i];
        json_t *o = json_object();
        (void)json_object_set_new(o, "name", json_string(s->name));
        (void)json_object_set_new(o, "heat", json_boolean(s->heat));
        (void)json_object_set_new(o, "soc_pu", numbers(s->soc_pu, t->points, 1e-4));
        (void)json_array_append_new(a, o);
    }
    return a;
}

static json_t *trace_json(const struct study_trace *t)
{
    static const double unit[TRACE_LINES] = {[TRACE_PCC_MIN] = 0.1,
                                             [TRACE_PCC_MAX] = 0.1,
                                             [TRACE_CURTAILED] = 0.1,
                                             [TRACE_PRICE] = 1e-6,
                                             [TRACE_COST] = 0.01};
    json_t *o = json_object();
    (void)json_object_set_new(o, "layers", layers_json(t));
    for (int i = 0; i < TRACE_LINES; i++) {
        (void)json_object_set_new(o, trace_line_name(i),
                                  numbers(t->line[i], t->points, unit[i]));
    }
    (void)json_object_set_new(o, "stores", stores_json(t));
    (void)json_object_set_new(o, "stores_left_out", json_integer(t->stores_left_out));
    return o;
}

/* What all runs have in common. */
static json_t *park_json(const struct study_trace *t)
{
    json_t *o = json_object(), *at = json_array();
    bool demand = isfinite(t->demand_free_kw) && t->demand_free_kw > 0;
    (void)json_object_set_new(o, "title_zh", json_string(t->title_zh));
    (void)json_object_set_new(o, "title_en", json_string(t->title_en));
    (void)json_object_set_new(o, "zone", json_string(t->zone));
    (void)json_put_number(o, "import_kw_max", t->import_kw_max);
    (void)json_put_number(o, "export_kw_max", t->export_kw_max);
    (void)json_put_number(o, "demand_free_kw", demand ? t->demand_free_kw : NAN);
    for (int i = 0; i <= t->points; i++) {
        (void)json_array_append_new(at, json_real(study_trace_at_s(t, i)));
    }
    (void)json_object_set_new(o, "at", at);
    return o;
}

static json_t *page_json(const struct study_slot *slot, int n, json_t *top)
{
    json_t *data = json_object(), *traces = json_array();
    for (int i = 0; i < n; i++) {
        (void)json_array_append_new(traces, trace_json(&slot[i].trace));
    }
    (void)json_object_set_new(data, "park", park_json(&slot[0].trace));
    (void)json_object_set_new(data, "traces", traces);
    (void)json_object_set(data, "runs", json_object_get(top, "runs"));
    return data;
}

/* ---- Files ---- */

static int complain(const char *path, const char *what)
{
    fprintf(stderr, "kilnwatt study: --report %s: %s\n", path, what);
    return 3;
}

static bool is_page(const char *to)
{
    size_t n = strlen(to);
    return n > 5 && strcmp(to + n - 5, ".html") == 0;
}

bool study_report_ready(const char *to)
{
    char folder[PATH_MAX_LEN];
    const char *slash = strrchr(to, '/');
    int n = is_page(to) ? (slash ? (int)(slash - to) + 1 : 0) : (int)strlen(to);
    if (n >= PATH_MAX_LEN - 16) {
        (void)complain(to, "the name is too long");
        return false;
    }
    (void)snprintf(folder, sizeof folder, "%.*s", n, n ? to : "");
    bool made = is_page(to) || mkdir(to, 0777) == 0 || errno == EEXIST;
    if (!made || access(n ? folder : ".", W_OK | X_OK) != 0) {
        (void)complain(to, strerror(errno));
        return false;
    }
    return true;
}

int study_report_write(const char *to, const struct study_slot *slot, int n, json_t *top)
{
    char page[PATH_MAX_LEN], json[PATH_MAX_LEN];
    bool alone = is_page(to);
    (void)snprintf(page, sizeof page, alone ? "%s" : "%s/study.html", to);
    (void)snprintf(json, sizeof json, "%s/study.json", to);
    struct page_ask ask = {"/study.html", page, digits};
    enum err e = page_write(&ask, page_json(slot, n, top));
    if (e != ERR_OK) {
        return complain(page, err_text(e));
    }
    if (!alone && json_dump_file(top, json, JSON_INDENT(1) | digits) != 0) {
        return complain(json, err_text(ERR_IO));
    }
    fprintf(stderr, "kilnwatt study: %s\n", page);
    return 0;
}
