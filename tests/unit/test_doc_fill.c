/* Tests of controller/base/doc_fill: field tables, their values, bounds and messages. */
#include "controller/base/doc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct doc_errors errors;

struct bench {
    struct arena arena;
    struct doc *root;
};

static enum err parse(struct bench *b, const char *text)
{
    memset(&errors, 0, sizeof errors);
    arena_init(&b->arena, 64 << 20);
    b->root = NULL;
    struct doc_text t = {"x.yaml", text, strlen(text)};
    return doc_parse(&b->arena, &t, &b->root, &errors);
}

static enum err parse_keys(struct bench *b, int n)
{
    char *text = malloc((size_t)n * 12);
    size_t len = 0;
    for (int i = 0; i < n; i++) {
        len += (size_t)snprintf(text + len, 12, "k%d: 1\n", i);
    }
    enum err e = parse(b, text);
    free(text);
    return e;
}

struct thing {
    double import_kw_max;
    int slots;
    bool on;
    char name[8];
    int mode;
    const struct doc *limits;
    double pu;
};

static const struct field table[] = {
    {.key = "import_kw_max",
     .type = FIELD_NUMBER,
     .offset = offsetof(struct thing,                                  import_kw_max),
     .min = 0,
     .max = 1000000,
     .otherwise = 250,
     .unit = "kW",
     .about = "most import"},
    {.key = "slots",
     .type = FIELD_INT,
     .offset = offsetof(struct thing,                          slots),
     .min = 1,
     .max = 96,
     .otherwise = 24                                                                                                                                                                                                       },
    {.key = "on",        .type = FIELD_BOOL,                                       .offset = offsetof(struct thing,                                    on),                         .otherwise = 1},
    {.key = "name",
     .type = FIELD_TEXT,
     .offset = offsetof(struct thing,                                  name),
     .size = 8,
     .required = true,
     .about = "the device's name"},
    {.key = "mode",
     .type = FIELD_ENUM,
     .offset = offsetof(struct thing,                                  mode),
     .choices = "off auto manual",
     .otherwise = 1                                                                                                                                                       },
    {.key = "limits",    .type = FIELD_NODE, .offset = offsetof(struct thing, limits)              },
    {.key = "pu",
     .type = FIELD_NUMBER,
     .offset = offsetof(struct thing,                                                      pu),
     .min = -1,
     .max = 1,
     .unit = "-"                                                                                                                                                                                   },
};

static enum err fill(const char *text, struct thing *t, struct bench *b)
{
    assert_int_equal(parse(b, text), ERR_OK);
    memset(t, 0xee, sizeof *t);
    return doc_fill(b->root, table, sizeof table / sizeof *table, t, &errors);
}

static void fills(const char *text, struct thing *t)
{
    struct bench b;
    assert_int_equal(fill(text, t, &b), ERR_OK);
    assert_int_equal(errors.count, 0);
    arena_fini(&b.arena);
}

/* One line of a map that also has a name must give this message. */
static void complains(const char *line, enum err want, const char *message)
{
    struct bench b;
    struct thing t;
    char text[300];
    (void)snprintf(text, sizeof text, "name: k\n%s\n", line);
    assert_int_equal(fill(text, &t, &b), want);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.text[0], message);
    assert_string_equal(t.name, "k"); /* the rest is read all the same */
    arena_fini(&b.arena);
}

static void test_fill_defaults(void **state)
{
    (void)state;
    struct thing t;
    fills("name: kiln-12", &t);
    assert_true(t.import_kw_max == 250);
    assert_int_equal(t.slots, 24);
    assert_true(t.on);
    assert_string_equal(t.name, "kiln-12");
    assert_int_equal(t.mode, 1);
    assert_null(t.limits);
    assert_true(t.pu == 0);
}

static void test_fill_values(void **state)
{
    (void)state;
    struct thing t;
    fills("{name: \"\", import_kw_max: 1000000 kW, slots: 96, on: off, mode: manual, limits: , "
          "pu: -1}",
          &t);
    assert_true(t.import_kw_max == 1e6);
    assert_int_equal(t.slots, 96);
    assert_false(t.on);
    assert_string_equal(t.name, "");
    assert_int_equal(t.mode, 2);
    assert_true(t.pu == -1);
    fills("{name: x, import_kw_max: 1.5e3, slots: 1, on: yes, mode: off, limits: [1]}", &t);
    assert_true(t.import_kw_max == 1500);
    assert_int_equal(t.slots, 1);
    assert_true(t.on);
    assert_int_equal(t.mode, 0);
    assert_non_null(t.limits);
}

static void test_fill_numbers_refused(void **state)
{
    (void)state;
    complains("import_kw_max: 8000000", ERR_RANGE,
              "x.yaml:2:16: import_kw_max: 8000000 is above 1000000 kW; give 0 to 1000000 kW");
    complains(
        "import_kw_max: 1000000.5", ERR_RANGE,
        "x.yaml:2:16: import_kw_max: 1000000.5 is above 1000000 kW; give 0 to 1000000 kW");
    complains("import_kw_max: -1 kW", ERR_RANGE,
              "x.yaml:2:16: import_kw_max: -1 is below 0 kW; give 0 to 1000000 kW");
    complains("import_kw_max: 0.5 MW", ERR_TYPE,
              "x.yaml:2:16: import_kw_max: \"0.5 MW\" is in MW, but kW is expected; give 0 to "
              "1000000 kW");
    complains("pu: 1 pu", ERR_TYPE,
              "x.yaml:2:5: pu: \"1 pu\" has a unit, but none is expected; give -1 to 1");
    complains("pu: 1e999", ERR_RANGE, "x.yaml:2:5: pu: 1e999 is above 1; give -1 to 1");
    complains("pu: nan", ERR_TYPE, "x.yaml:2:5: pu: \"nan\" is not a number; give -1 to 1");
    complains("pu: 0x1", ERR_TYPE, "x.yaml:2:5: pu: \"0x1\" is not a number; give -1 to 1");
    complains("pu: 1-2", ERR_TYPE, "x.yaml:2:5: pu: \"1-2\" is not a number; give -1 to 1");
    complains("pu: [1]", ERR_TYPE, "x.yaml:2:5: pu: is a list; give -1 to 1");
    complains("pu:", ERR_TYPE, "x.yaml:2:4: pu: is empty; give -1 to 1");
    complains("slots: 97", ERR_RANGE,
              "x.yaml:2:8: slots: 97 is above 96; give a whole number from 1 to 96");
    complains("slots: 0", ERR_RANGE,
              "x.yaml:2:8: slots: 0 is below 1; give a whole number from 1 to 96");
    complains("slots: 1.5", ERR_TYPE,
              "x.yaml:2:8: slots: 1.5 is not whole; give a whole number from 1 to 96");
}

static void test_fill_words_refused(void **state)
{
    (void)state;
    complains("on: maybe", ERR_TYPE,
              "x.yaml:2:5: on: \"maybe\" is not a yes or no; give true or false");
    complains(
        "mode: atuo", ERR_RANGE,
        "x.yaml:2:7: mode: \"atuo\" is not one of: off auto manual; did you mean \"auto\"?");
    complains("mode: hibernation", ERR_RANGE,
              "x.yaml:2:7: mode: \"hibernation\" is not one of: off auto manual");
    complains("mode: {a: 1}", ERR_TYPE,
              "x.yaml:2:7: mode: is a map; give one of: off auto manual");
    complains("improt_kw_max: 5", ERR_UNKNOWN_KEY,
              "x.yaml:2:1: unknown key \"improt_kw_max\"; did you mean \"import_kw_max\"?");
    complains("something_else: 5", ERR_UNKNOWN_KEY,
              "x.yaml:2:1: unknown key \"something_else\"; known here: import_kw_max, slots, "
              "on, name, "
              "mode, limits, pu");
}

static void test_fill_text_length_and_missing(void **state)
{
    (void)state;
    struct bench b;
    struct thing t;
    assert_int_equal(fill("name: 1234567", &t, &b), ERR_OK);
    arena_fini(&b.arena);
    assert_int_equal(fill("name: 12345678", &t, &b), ERR_RANGE);
    assert_string_equal(errors.text[0],
                        "x.yaml:1:7: name: \"12345678\" has 8 bytes; give at most 7");
    assert_string_equal(t.name, "");
    arena_fini(&b.arena);
    assert_int_equal(fill("slots: 5", &t, &b), ERR_MISSING);
    assert_string_equal(errors.text[0],
                        "x.yaml:1:1: missing key \"name\" (text: the device's name)");
    arena_fini(&b.arena);
    assert_int_equal(fill("[1]", &t, &b), ERR_TYPE);
    arena_fini(&b.arena);
    assert_int_equal(doc_fill(NULL, table, 1, &t, &errors), ERR_MISSING);
}

static void test_fill_tells_all(void **state)
{
    (void)state;
    struct bench b;
    struct thing t;
    assert_int_equal(fill("{slots: 0, on: 7, x: 1, pu: 5}", &t, &b), ERR_RANGE);
    assert_int_equal(errors.count, 5); /* name is missing too */
    arena_fini(&b.arena);
    assert_int_equal(parse_keys(&b, 40), ERR_OK);
    assert_int_equal(doc_fill(b.root, table, 7, &t, &errors), ERR_MISSING);
    assert_int_equal(errors.count, 41); /* beyond the room there is, counted */
    arena_fini(&b.arena);
}

static void test_number_and_nearest(void **state)
{
    (void)state;
    struct bench b;
    double x = 3;
    const char *const names[] = {"alpha", "beta", "be"};
    assert_int_equal(parse(&b, "- 5\n- 7"), ERR_OK);
    assert_int_equal(doc_number(doc_at(b.root, 0), 0, 6, &x, &errors), ERR_OK);
    assert_true(x == 5);
    assert_int_equal(doc_number(doc_at(b.root, 1), 0, 6, &x, &errors), ERR_RANGE);
    assert_string_equal(errors.text[0], "x.yaml:2:3: 7 is above 6; give 0 to 6");
    assert_int_equal(doc_number(doc_at(b.root, 2), 0, 6, &x, &errors), ERR_MISSING);
    assert_true(x == 5);
    arena_fini(&b.arena);
    assert_int_equal(doc_nearest("alhpa", names, 3), 0);
    assert_int_equal(doc_nearest("betaxyz", names, 3), 1);   /* distance 3 */
    assert_int_equal(doc_nearest("betawxyz", names, 3), -1); /* distance 4 */
    assert_int_equal(doc_nearest("zz", names, 3), -1);
    assert_int_equal(doc_nearest("", names, 3), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fill_defaults),
        cmocka_unit_test(test_fill_values),
        cmocka_unit_test(test_fill_numbers_refused),
        cmocka_unit_test(test_fill_words_refused),
        cmocka_unit_test(test_fill_text_length_and_missing),
        cmocka_unit_test(test_fill_tells_all),
        cmocka_unit_test(test_number_and_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
