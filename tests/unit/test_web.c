/* Tests of controller/web without a network: the route table against openapi.json, host names,
 * patterns, the token file, the view's refusals and what is shown of it. */
#include "controller/base/civil.h"
#include "controller/web/assets.h"
#include "controller/web/fields.h"
#include "controller/web/routes.h"
#include "controller/web/show.h"
#include "controller/web/token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Routes ---- */

static const char *method_name(enum http_method m)
{
    static const char *const names[] = {"get", "post", "delete", "other"};
    return names[m];
}

static json_t *openapi(void)
{
    json_t *doc = NULL;
    for (const struct asset *a = assets_table; a->path != NULL; a++) {
        if (strcmp(a->path, "/openapi.json") == 0) {
            struct json_ask ask = {.where = "openapi.json"};
            assert_int_equal(json_read(&ask, (const char *)a->data, a->len, 1 << 20, &doc),
                             ERR_OK);
        }
    }
    assert_non_null(doc);
    return doc;
}

static void test_openapi_describes_exactly_the_routes(void **state)
{
    json_t *doc = openapi();
    json_t *paths = json_object_get(doc, "paths");
    size_t described = 0;
    (void)state;
    for (int i = 0; i < routes_count; i++) {
        const struct route *r = &routes_table[i];
        json_t *op =
            json_object_get(json_object_get(paths, r->pattern), method_name(r->method));
        if (op == NULL) {
            fail_msg("%s %s is not in openapi.json", method_name(r->method), r->pattern);
        }
        assert_string_equal(json_string_value(json_object_get(op, "summary")), r->summary);
        assert_int_equal(json_object_get(op, "security") != NULL, r->access == ACCESS_OPERATOR);
        assert_non_null(json_object_get(op, "responses"));
        /* a {name} in the path is described as a parameter */
        bool has_path_parameter = false;
        size_t k;
        json_t *p;
        json_array_foreach(json_object_get(op, "parameters"), k, p)
        {
            has_path_parameter =
                has_path_parameter ||
                strcmp(json_string_value(json_object_get(p, "in")), "path") == 0;
        }
        assert_int_equal(has_path_parameter, strchr(r->pattern, '{') != NULL);
    }
    const char *path;
    json_t *ops;
    json_object_foreach(paths, path, ops)
    {
        described += json_object_size(ops);
    }
    assert_int_equal(described, routes_count);
    json_decref(doc);
}

static void test_whatever_changes_the_park_needs_the_token(void **state)
{
    (void)state;
    for (int i = 0; i < routes_count; i++) {
        bool reads = routes_table[i].method == HTTP_GET;
        assert_int_equal(routes_table[i].access, reads ? ACCESS_READER : ACCESS_OPERATOR);
    }
}

/* Keys of the status that are described, against the table that writes them. */
static void test_openapi_names_the_status_fields(void **state)
{
    json_t *doc = openapi();
    (void)state;
    json_t *schemas = json_object_get(json_object_get(doc, "components"), "schemas");
    json_t *status = json_object_get(json_object_get(schemas, "Status"), "properties");
    for (int i = 0; i < status_fields_count; i++) {
        if (json_object_get(status, status_fields[i].name) == NULL) {
            fail_msg("%s is not in openapi.json", status_fields[i].name);
        }
    }
    json_decref(doc);
}

static void test_patterns(void **state)
{
    char p[8] = "";
    (void)state;
    assert_true(routes_match("/healthz", "/healthz", p, sizeof p));
    assert_false(routes_match("/healthz", "/healthz/", p, sizeof p));
    assert_true(routes_match("/a/{x}", "/a/b.c", p, sizeof p));
    assert_string_equal(p, "b.c");
    assert_false(routes_match("/a/{x}", "/a/", p, sizeof p));
    assert_false(routes_match("/a/{x}", "/a/b/c", p, sizeof p));
    assert_false(routes_match("/a/{x}", "/a/12345678", p, sizeof p));
    assert_true(routes_match("/a/{x}", "/a/1234567", p, sizeof p));
}

static void test_only_loopback_names_are_hosts(void **state)
{
    static const char *const good[] = {"127.0.0.1", "127.0.0.1:8080", "localhost",
                                       "localhost:1"};
    static const char *const bad[] = {"",          "127.0.0.1.evil.example", "localhost.evil",
                                      "evil:8080", "127.0.0.1:80x",          "127.0.0.10"};
    (void)state;
    assert_false(routes_host_ok(NULL));
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(routes_host_ok(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(routes_host_ok(bad[i]));
    }
}

/* ---- Token ---- */

static void test_the_token_is_made_once(void **state)
{
    char dir[] = "/var/tmp/token-XXXXXX";
    char path[64];
    char first[TOKEN_LEN];
    char again[TOKEN_LEN];
    struct stat st;
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/token", dir);
    assert_int_equal(token_load(dir, first, sizeof first), ERR_OK);
    assert_int_equal(strlen(first), 64);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(token_load(dir, again, sizeof again), ERR_OK);
    assert_string_equal(first, again);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs("secret\n", f);
    (void)fclose(f);
    assert_int_equal(token_load(dir, again, sizeof again), ERR_SYNTAX);
    assert_int_equal(unlink(path), 0);
    /* the name of another file must not be followed */
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_int_equal(token_load(dir, again, sizeof again), ERR_IO);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

/* ---- View ---- */

struct bench {
    struct arena arena;
    struct park *park;
    struct tariff *tariff;
    struct doc_errors errors;
    struct clock clock;
    struct view view;
};

static int make_bench(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    *state = b;
    arena_init(&b->arena, 32u << 20);
    clock_init_live(&b->clock);
    bool ok = park_load(&b->arena, "etc/parks/small.yaml", &b->park, &b->errors) == ERR_OK &&
              tariff_load(&b->arena, b->park->tariff, &b->tariff, &b->errors) == ERR_OK &&
              view_init(&b->view, &b->arena, b->park, b->tariff, &b->clock) == ERR_OK;
    return ok ? 0 : -1;
}

static int drop_bench(void **state)
{
    struct bench *b = *state;
    arena_fini(&b->arena);
    free(b);
    return 0;
}

static void test_messages_of_a_wrong_size_are_refused(void **state)
{
    struct bench *b = *state;
    static unsigned char bytes[100000];
    static const uint16_t types[] = {MSG_IMAGE,    MSG_STATUS,     MSG_ALARMS, MSG_DR_LIST,
                                     MSG_PLAN_NOW, MSG_LINK_TABLE, MSG_ORDERS, MSG_MANUAL};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        uint64_t before = b->view.refused;
        assert_true(view_take(&b->view, types[i], bytes, 7));
        assert_true(view_take(&b->view, types[i], bytes, 99991));
        assert_int_equal(b->view.refused, before + 2);
    }
    assert_false(view_take(&b->view, MSG_COMMAND, bytes, 7));
    assert_false(b->view.has_status);
    assert_false(b->view.has_image);
    for (int i = 0; i < VIEW_PARTS; i++) {
        assert_int_equal(b->view.revision[i], 0);
    }
}

static void test_a_link_row_of_no_device_changes_nothing(void **state)
{
    struct bench *b = *state;
    struct msg_link_state rows[2] = {
        {.device = 1,   .online = 1},
        {.device = 999, .online = 1}
    };
    assert_true(view_take(&b->view, MSG_LINK_TABLE, rows, sizeof rows));
    assert_int_equal(b->view.link[1].online, 1);
    assert_int_equal(b->view.revision[VIEW_LINKS], 1);
}

static void test_manual_is_shown_with_its_device(void **state)
{
    struct bench *b = *state;
    struct msg_manual rows[2] = {
        {.value = -50, .until = {1752541200000}}
    };
    const struct device *d = &b->park->device[1];
    park_point_name(b->park, d->first_point, rows[0].point, sizeof rows[0].point);
    memset(rows[1].point, 'x', sizeof rows[1].point);
    assert_true(view_take(&b->view, MSG_MANUAL, rows, sizeof rows));
    json_t *shown = show_devices(&b->view);
    const json_t *list = json_object_get(shown, "devices");
    const json_t *manual = json_object_get(json_array_get(list, 1), "manual");
    assert_string_equal(json_string_value(json_object_get(manual, "point")), rows[0].point);
    assert_true(json_number_value(json_object_get(manual, "value")) == -50);
    assert_true(json_is_string(json_object_get(manual, "until")));
    assert_true(json_is_null(json_object_get(json_array_get(list, 0), "manual")));
    json_decref(shown);
    assert_true(view_take(&b->view, MSG_MANUAL, rows, 0));
    assert_int_equal(b->view.manuals, 0);
}

static void test_values_are_shown_only_where_known(void **state)
{
    static const struct {
        enum quality quality;
        bool shown;
    } table[] = {
        {QUALITY_GOOD,    true },
        {QUALITY_STALE,   true },
        {QUALITY_MANUAL,  true },
        {QUALITY_BAD,     false},
        {QUALITY_MISSING, false}
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct msg_image_row r = {.value = 5, .quality = (uint32_t)table[i].quality};
        json_t *v = show_value(&r);
        assert_int_equal(json_is_number(v), table[i].shown);
        json_decref(v);
    }
    struct msg_image_row r = {.value = NAN, .quality = QUALITY_GOOD};
    json_t *v = show_value(&r);
    assert_true(json_is_null(v));
    json_decref(v);
}

/* Every list of the API is whole JSON also when nothing or rubbish is known. */
static void test_everything_can_be_shown_at_any_time(void **state)
{
    struct bench *b = *state;
    struct view *v = &b->view;
    for (int round = 0; round < 2; round++) {
        json_t *all[] = {
            show_status(v),  show_points(v),
            show_devices(v), show_alarms(v),
            show_dr(v),      show_orders(v),
            show_plan(v),    show_tariff(v, (wall_t){0}, (wall_t){86400000LL * 31})};
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
            assert_non_null(all[i]);
            char *text = json_dumps(all[i], JSON_ENCODE_ANY);
            assert_non_null(text);
            free(text);
            json_decref(all[i]);
        }
        memset(&v->status, 0xff, sizeof v->status);
        memset(v->image, 0xff, (size_t)b->park->points * sizeof *v->image);
        memset(v->link, 0xff, (size_t)b->park->devices * sizeof *v->link);
        memset(v->alarm, 0xff, sizeof v->alarm);
        memset(v->dr, 0xff, sizeof v->dr);
        memset(v->order, 0xff, sizeof v->order);
        v->alarms = ALARMS_MAX;
        v->drs = DR_EVENTS_MAX;
        v->orders = ORDER_INSTANCES_MAX;
        v->has_status = true;
        /* times stay such that civil time knows them */
        v->status.at = v->status.plan_made = (wall_t){0};
        for (int i = 0; i < v->alarms; i++) {
            v->alarm[i].since = (wall_t){0};
        }
    }
}

int main(void)
{
#define AT_BENCH(f) cmocka_unit_test_setup_teardown(f, make_bench, drop_bench)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_openapi_describes_exactly_the_routes),
        cmocka_unit_test(test_whatever_changes_the_park_needs_the_token),
        cmocka_unit_test(test_openapi_names_the_status_fields),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_only_loopback_names_are_hosts),
        cmocka_unit_test(test_the_token_is_made_once),
        AT_BENCH(test_messages_of_a_wrong_size_are_refused),
        AT_BENCH(test_a_link_row_of_no_device_changes_nothing),
        AT_BENCH(test_manual_is_shown_with_its_device),
        AT_BENCH(test_values_are_shown_only_where_known),
        AT_BENCH(test_everything_can_be_shown_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
