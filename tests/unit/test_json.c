/* Tests of controller/base/json: bounds of reading, typed getters and their messages, NaN as
 * null. */
#include "controller/base/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum err parse(struct json_ask *ask, const char *text, json_t **out)
{
    *ask = (struct json_ask){.where = "POST /x"};
    *out = NULL;
    return json_read(ask, text, strlen(text), 1000, out);
}

static void refused(const char *text, enum err want, const char *message)
{
    struct json_ask ask;
    json_t *root;
    assert_int_equal(parse(&ask, text, &root), want);
    assert_null(root);
    assert_non_null(strstr(ask.error, message));
}

static void test_read(void **state)
{
    (void)state;
    struct json_ask ask;
    json_t *root;
    refused("{\"a\":1,\"a\":2}", ERR_SYNTAX, "duplicate object key");
    refused("{\"a\":1} x", ERR_SYNTAX, "POST /x: line 1 column");
    refused("{\"a\":NaN}", ERR_SYNTAX, "POST /x: line 1");
    refused("", ERR_SYNTAX, "POST /x: line");
    char text[1002];
    memset(text, ' ', sizeof text);
    memcpy(text, "[]", 2);
    ask = (struct json_ask){.where = "x"};
    assert_int_equal(json_read(&ask, text, 1001, 1000, &root), ERR_LIMIT);
    assert_string_equal(ask.error, "x: 1001 bytes; at most 1000 are taken");
    assert_int_equal(json_read(&ask, text, 1000, 1000, &root), ERR_OK);
    json_decref(root);
}

static void test_depth(void **state)
{
    (void)state;
    struct json_ask ask;
    json_t *root;
    char text[2 * JSON_DEPTH_MAX + 3] = "";
    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    assert_int_equal(parse(&ask, text, &root), ERR_OK);
    json_decref(root);
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    refused(text, ERR_LIMIT, "more than 32 levels");
    /* Brackets inside a text are no levels. */
    assert_int_equal(parse(&ask, "[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]", &root),
                     ERR_OK);
    json_decref(root);
}

static const char *const body =
    "{\"n\":5.5,\"i\":7,\"b\":true,\"t\":\"abc\",\"a\":[1],\"o\":{},"
    "\"z\":null}";

static void test_getters(void **state)
{
    (void)state;
    struct json_ask ask;
    json_t *root;
    json_t *part = NULL;
    double n = 0;
    json_int_t i = 0;
    bool b = false;
    char t[4];
    assert_int_equal(parse(&ask, body, &root), ERR_OK);
    assert_int_equal(json_take_number(&ask, root, "n", (const double[]){5.5, 5.5}, &n), ERR_OK);
    assert_true(n == 5.5);
    assert_int_equal(json_take_number(&ask, root, "i", (const double[]){0, 10}, &n), ERR_OK);
    assert_int_equal(json_take_int(&ask, root, "i", (const json_int_t[]){7, 7}, &i), ERR_OK);
    assert_int_equal(i, 7);
    assert_int_equal(json_take_bool(&ask, root, "b", &b), ERR_OK);
    assert_true(b);
    assert_int_equal(json_take_text(&ask, root, "t", t, sizeof t), ERR_OK);
    assert_string_equal(t, "abc");
    assert_int_equal(json_take_array(&ask, root, "a", &part), ERR_OK);
    assert_int_equal(json_take_object(&ask, root, "o", &part), ERR_OK);
    assert_true(json_has(root, "n"));
    assert_false(json_has(root, "z"));
    assert_false(json_has(root, "nothing"));
    assert_string_equal(ask.error, "");
    json_decref(root);
}

static void said(struct json_ask *ask, enum err got, enum err want, const char *message)
{
    assert_int_equal(got, want);
    assert_string_equal(ask->error, message);
    ask->error[0] = '\0';
}

static void test_getters_refuse(void **state)
{
    (void)state;
    struct json_ask ask;
    json_t *root;
    json_t *part = NULL;
    double n = 42;
    json_int_t i = 42;
    bool b = true;
    char t[3] = "?";
    const double range[] = {0, 5.4};
    const json_int_t whole[] = {8, 9};
    assert_int_equal(parse(&ask, body, &root), ERR_OK);
    said(&ask, json_take_number(&ask, root, "n", range, &n), ERR_RANGE,
         "POST /x: n: 5.5 is out of range; give 0 to 5.4");
    said(&ask, json_take_number(&ask, root, "t", range, &n), ERR_TYPE,
         "POST /x: t: is a text; give a number");
    said(&ask, json_take_number(&ask, root, "z", range, &n), ERR_MISSING,
         "POST /x: z: is missing; give a number");
    said(&ask, json_take_number(&ask, NULL, "n", range, &n), ERR_MISSING,
         "POST /x: n: is missing; give a number");
    said(&ask, json_take_int(&ask, root, "i", whole, &i), ERR_RANGE,
         "POST /x: i: 7 is out of range; give 8 to 9");
    said(&ask, json_take_int(&ask, root, "n", whole, &i), ERR_TYPE,
         "POST /x: n: is a number; give a whole number");
    said(&ask, json_take_bool(&ask, root, "i", &b), ERR_TYPE,
         "POST /x: i: is a number; give true or false");
    said(&ask, json_take_text(&ask, root, "t", t, sizeof t), ERR_RANGE,
         "POST /x: t: has 3 bytes; give at most 2");
    said(&ask, json_take_array(&ask, root, "o", &part), ERR_TYPE,
         "POST /x: o: is an object; give an array");
    said(&ask, json_take_object(&ask, root, "a", &part), ERR_TYPE,
         "POST /x: a: is an array; give an object");
    assert_true(n == 42);
    assert_int_equal(i, 42);
    assert_string_equal(t, "?");
    assert_null(part);
    json_decref(root);
}

static void test_known_keys_and_first_problem(void **state)
{
    (void)state;
    struct json_ask ask;
    json_t *root;
    const char *const known[] = {"power_kw", "until"};
    assert_int_equal(parse(&ask, "{\"power_kw\":1,\"untli\":2}", &root), ERR_OK);
    assert_int_equal(json_keys_known(&ask, root, known, 2), ERR_UNKNOWN_KEY);
    json_complain(&ask, "second", "is not kept");
    assert_string_equal(ask.error,
                        "POST /x: untli: is an unknown key; did you mean \"until\"?");
    assert_int_equal(json_object_del(root, "untli"), 0);
    assert_int_equal(json_keys_known(&ask, root, known, 2), ERR_OK);
    json_decref(root);
}

static void test_numbers_written(void **state)
{
    (void)state;
    json_t *o = json_object();
    assert_int_equal(json_put_number(o, "a", NAN), ERR_OK);
    assert_int_equal(json_put_number(o, "b", -INFINITY), ERR_OK);
    assert_int_equal(json_put_number(o, "c", 1.5), ERR_OK);
    char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"a\":null,\"b\":null,\"c\":1.5}");
    free(text);
    json_decref(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_getters),
        cmocka_unit_test(test_getters_refuse),
        cmocka_unit_test(test_known_keys_and_first_problem),
        cmocka_unit_test(test_numbers_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
