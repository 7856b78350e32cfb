/* Broken configurations: each file in tests/golden/bad_configs says in its first line where its
 * one error stands and what it must say (`# expect LINE:COL: TEXT`); the good ones it was
 * derived from say
 * `# expect ok`. Run from the top of the tree. */
#include "controller/books/tariff.h"
#include "controller/cli/check.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define DIR_NAME "tests/golden/bad_configs"
enum { TEXT_MAX = 8192, BAD_MIN = 15 };

/* Runs `check PATH` in a child; its standard error goes to out. Returns its exit status. */
static int run_check(const char *path, char *out)
{
    FILE *err = tmpfile();
    assert_non_null(err);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char name[] = "check", file[300];
        (void)snprintf(file, sizeof file, "%s", path);
        char *argv[] = {name, file, NULL};
        if (dup2(fileno(err), STDERR_FILENO) < 0 || freopen("/dev/null", "w", stdout) == NULL) {
            _exit(99);
        }
        _exit(check_main(2, argv));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    rewind(err);
    size_t n = fread(out, 1, TEXT_MAX - 1, err);
    out[n] = '\0';
    (void)fclose(err);
    return WEXITSTATUS(status);
}

/* First line of a file behind "# expect ", without its end. */
static void expectation(const char *path, char *out, int cap)
{
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_non_null(fgets(out, cap, f));
    (void)fclose(f);
    assert_memory_equal(out, "# expect ", 9);
    memmove(out, out + 9, strlen(out + 9) + 1);
    out[strcspn(out, "\n")] = '\0';
}

static void check_bad(const char *path, const char *expect)
{
    char text[TEXT_MAX], place[400];
    int place_len = (int)strcspn(expect, " ");
    int status = run_check(path, text);
    if (status != 1) {
        fail_msg("%s: exit %d, 1 expected; it said: %s", path, status, text);
    }
    (void)snprintf(place, sizeof place, "%s:%.*s ", path, place_len, expect);
    if (strncmp(text, place, strlen(place)) != 0) {
        fail_msg("%s expected, but it said: %s", place, text);
    }
    const char *end = strchr(text, '\n');
    if (end == NULL || end[1] != '\0') {
        fail_msg("%s: one error expected, but it said: %s", path, text);
    }
    if (strstr(text + strlen(place), expect + place_len + 1) == NULL) {
        fail_msg("%s: '%s' expected in: %s", path, expect + place_len + 1, text);
    }
}

/* A good park names profiles that need not be there, so only the park itself is read. */
static void check_good(const char *path)
{
    static struct doc_errors errors;
    struct arena a;
    struct doc *root;
    memset(&errors, 0, sizeof errors);
    arena_init(&a, (size_t)16 << 20);
    assert_int_equal(doc_read(&a, path, &root, &errors), ERR_OK);
    if (doc_get(root, "devices") != NULL) {
        struct park *park = NULL;
        (void)!park_load(&a, path, &park, &errors);
    } else {
        char text[TEXT_MAX];
        assert_int_equal(run_check(path, text), 0);
    }
    if (errors.count != 0) {
        fail_msg("%s: %s", path, errors.text[0]);
    }
    arena_fini(&a);
}

static void test_all(void **state)
{
    (void)state;
    int bad = 0, good = 0;
    DIR *dir = opendir(DIR_NAME);
    assert_non_null(dir);
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char path[300], expect[300];
        size_t n = strlen(e->d_name);
        if (n < 5 || strcmp(e->d_name + n - 5, ".yaml") != 0) {
            continue;
        }
        (void)snprintf(path, sizeof path, "%s/%s", DIR_NAME, e->d_name);
        expectation(path, expect, (int)sizeof expect);
        if (strcmp(expect, "ok") == 0) {
            check_good(path);
            good++;
        } else {
            check_bad(path, expect);
            bad++;
        }
    }
    (void)closedir(dir);
    assert_int_equal(good, 4);
    assert_true(bad >= BAD_MIN);
}

static void test_status(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    assert_int_equal(run_check("no-such-file.yaml", text), 3);
    assert_int_equal(run_check("--no-such-option", text), 2);
    assert_int_equal(run_check("--help", text), 0);
    assert_int_equal(run_check("etc/tariffs/chongqing-10kv-2part.yaml", text), 0);
    assert_int_equal(run_check("etc/tariffs/chongqing-10kv-capacity.yaml", text), 0);
    assert_int_equal(run_check("etc/parks/ceramics.yaml", text), 0);
    assert_int_equal(run_check("etc/parks/small.yaml", text), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
