/* JUnit XML: the form that Jenkins' junit plug-in and GitLab read (testsuites, testsuite,
 * testcase, failure). Runs in `kilnwatt scenario`. */
#include "controller/cli/scenario_junit.h"
#include <stdio.h>
#include <string.h>

/* Text of an attribute: the five characters that XML reserves, and control characters, which it
 * does not know. */
static void put_text(FILE *f, const char *text)
{
    static const struct {
        char c;
        const char *entity;
    } reserved[] = {
        {'&',  "&amp;" },
        {'<',  "&lt;"  },
        {'>',  "&gt;"  },
        {'"',  "&quot;"},
        {'\'', "&apos;"}
    };
    for (; text && *text; text++) {
        const char *entity = (unsigned char)*text < ' ' ? " " : NULL;
        for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
            entity = reserved[i].c == *text ? reserved[i].entity : entity;
        }
        if (entity) {
            (void)fputs(entity, f);
        } else {
            (void)fputc(*text, f);
        }
    }
}

static void put_attribute(FILE *f, const char *name, const json_t *o, const char *key)
{
    fprintf(f, " %s=\"", name);
    put_text(f, json_string_value(json_object_get(o, key)));
    (void)fputc('"', f);
}

static bool ok(const json_t *o)
{
    return json_is_true(json_object_get(o, "ok"));
}

static void put_case(FILE *f, const json_t *suite, const json_t *check)
{
    fprintf(f, "    <testcase");
    put_attribute(f, "classname", suite, "file");
    put_attribute(f, "name", check, "text");
    fprintf(f, " line=\"%lld\"", json_integer_value(json_object_get(check, "line")));
    if (ok(check)) {
        fprintf(f, "/>\n");
        return;
    }
    fprintf(f, ">\n      <failure");
    put_attribute(f, "type", check, "kind");
    put_attribute(f, "message", check, "why");
    fprintf(f, ">");
    put_text(f, json_string_value(json_object_get(check, "at")));
    fprintf(f, "</failure>\n    </testcase>\n");
}

/* What could not run has no checks: an error of the suite itself. */
static void put_suite(FILE *f, const json_t *suite)
{
    const json_t *check, *checks = json_object_get(suite, "checks");
    size_t i, failures = 0, n = json_array_size(checks);
    json_array_foreach(checks, i, check)
    {
        failures += !ok(check);
    }
    fprintf(f, "  <testsuite");
    put_attribute(f, "name", suite, "scenario");
    fprintf(f, " tests=\"%zu\" failures=\"%zu\" errors=\"%d\">\n", n ? n : 1, failures, n == 0);
    json_array_foreach(checks, i, check)
    {
        put_case(f, suite, check);
    }
    if (n == 0) {
        fprintf(f, "    <testcase");
        put_attribute(f, "name", suite, "file");
        fprintf(f, "><error message=\"could not run\"/></testcase>\n");
    }
    fprintf(f, "  </testsuite>\n");
}

enum err scenario_junit_write(const char *path, const json_t *all)
{
    FILE *f = fopen(path, "we");
    const json_t *suite;
    size_t i;
    if (f == NULL) {
        return ERR_IO;
    }
    fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    json_array_foreach(all, i, suite)
    {
        put_suite(f, suite);
    }
    fprintf(f, "</testsuites>\n");
    bool bad = ferror(f) != 0;
    bad = fclose(f) != 0 || bad;
    return bad ? ERR_IO : ERR_OK;
}
