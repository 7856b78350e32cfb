/* Tests of controller/base/doc: places, what is refused, bounds, field tables and their
 * messages. */
#include "controller/base/doc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Parsing must fail with this code and exactly this one message. */
static void refused(const char *text, enum err want, const char *message)
{
    struct bench b;
    assert_int_equal(parse(&b, text), want);
    assert_null(b.root);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.text[0], message);
    arena_fini(&b.arena);
}

static void test_tree_and_places(void **state)
{
    (void)state;
    struct bench b;
    assert_int_equal(parse(&b, "# a park\nname: Kiln 1\nlist:\n  - 5\n  - {a: \"~\", b: ~}\n"
                               "empty:\n"),
                     ERR_OK);
    assert_int_equal(b.root->kind, DOC_MAP);
    assert_int_equal(b.root->count, 3);
    const struct doc *name = doc_get(b.root, "name");
    assert_string_equal(name->text, "Kiln 1");
    assert_int_equal(name->line, 2);
    assert_int_equal(name->col, 7);
    assert_int_equal(name->key_line, 2);
    assert_int_equal(name->key_col, 1);
    assert_false(name->quoted);
    const struct doc *list = doc_get(b.root, "list");
    assert_int_equal(list->kind, DOC_LIST);
    assert_int_equal(list->count, 2);
    assert_null(doc_at(list, 0)->key);
    const struct doc *map = doc_at(list, 1);
    assert_int_equal(map->line, 5);
    assert_int_equal(map->col, 5);
    assert_string_equal(doc_get(map, "a")->text, "~");
    assert_true(doc_get(map, "a")->quoted);
    assert_string_equal(doc_get(map, "b")->text, "");
    assert_false(doc_get(map, "b")->quoted);
    assert_string_equal(doc_get(b.root, "empty")->text, "");
    arena_fini(&b.arena);
}

static void test_getters_take_anything(void **state)
{
    (void)state;
    struct bench b;
    assert_int_equal(parse(&b, "a: [1, 2]"), ERR_OK);
    const struct doc *list = doc_get(b.root, "a");
    assert_null(doc_get(NULL, "a"));
    assert_null(doc_get(list, "a"));
    assert_null(doc_get(b.root, "nothing"));
    assert_null(doc_at(NULL, 0));
    assert_null(doc_at(b.root, 0));
    assert_null(doc_at(list, -1));
    assert_null(doc_at(list, 2));
    assert_string_equal(doc_at(list, 1)->text, "2");
    arena_fini(&b.arena);
}

static void test_refusals(void **state)
{
    (void)state;
    refused("a: 1\nb: 2\n  a: 3", ERR_SYNTAX,
            "x.yaml:3:4: mapping values are not allowed in this context");
    refused("a: 1\nb: 2\na: 3", ERR_CONFLICT,
            "x.yaml:3:1: key \"a\" stands here again; first at line 1 column 1");
    refused("a: &x 1\n", ERR_SYNTAX, "x.yaml:1:4: anchors and tags are not allowed here");
    refused("a: &x [1]\n", ERR_SYNTAX, "x.yaml:1:4: anchors and tags are not allowed here");
    refused("a: !!int 1\n", ERR_SYNTAX, "x.yaml:1:4: anchors and tags are not allowed here");
    refused("a: *x\n", ERR_SYNTAX, "x.yaml:1:4: aliases (*name) are not allowed here");
    refused("a: 1\n---\nb: 2\n", ERR_SYNTAX,
            "x.yaml:2:1: a second document; one file holds one");
    refused("{[1]: 2}", ERR_SYNTAX, "x.yaml:1:2: a key must be a plain word");
    refused("? {a: 1}\n: 2\n", ERR_SYNTAX, "x.yaml:1:3: a key must be a plain word");
    refused("~: 2", ERR_SYNTAX, "x.yaml:1:1: a key is empty; give it a name");
    refused("a: \"x\\0y\"", ERR_SYNTAX, "x.yaml:1:4: a text must not contain a zero byte");
    refused("", ERR_MISSING, "x.yaml: the document is empty");
    refused("# only this\n", ERR_MISSING, "x.yaml: the document is empty");
}

static void test_syntax_has_a_place(void **state)
{
    (void)state;
    struct bench b;
    assert_int_equal(parse(&b, "a: [1, 2\nb: 3\n"), ERR_SYNTAX);
    assert_non_null(strstr(errors.text[0], "x.yaml:2:2: "));
    assert_non_null(strstr(errors.text[0], "begun at line 1"));
    arena_fini(&b.arena);
    assert_int_equal(parse(&b, "a: \xff\xfe\n"), ERR_SYNTAX);
    assert_non_null(strstr(errors.text[0], "UTF-8"));
    arena_fini(&b.arena);
}

static enum err parse_deep(struct bench *b, int depth)
{
    char text[100] = "";
    for (int i = 0; i < depth; i++) {
        text[i] = '[';
        text[depth + i] = ']';
    }
    return parse(b, text);
}

static void test_depth(void **state)
{
    (void)state;
    struct bench b;
    assert_int_equal(parse_deep(&b, DOC_DEPTH_MAX), ERR_OK);
    arena_fini(&b.arena);
    assert_int_equal(parse_deep(&b, DOC_DEPTH_MAX + 1), ERR_LIMIT);
    assert_string_equal(errors.text[0], "x.yaml:1:33: more than 32 levels inside each other");
    arena_fini(&b.arena);
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

static void test_keys(void **state)
{
    (void)state;
    struct bench b;
    assert_int_equal(parse_keys(&b, DOC_KEYS_MAX), ERR_OK);
    assert_int_equal(b.root->count, DOC_KEYS_MAX);
    arena_fini(&b.arena);
    assert_int_equal(parse_keys(&b, DOC_KEYS_MAX + 1), ERR_LIMIT);
    arena_fini(&b.arena);
}

static void test_size(void **state)
{
    (void)state;
    struct bench b;
    char *text = malloc(DOC_BYTES_MAX + 1);
    memset(text, ' ', DOC_BYTES_MAX + 1);
    memcpy(text, "a: 1\n#", 6);
    memset(&errors, 0, sizeof errors);
    arena_init(&b.arena, 1 << 20);
    assert_int_equal(
        doc_parse(&b.arena, &(struct doc_text){"x", text, DOC_BYTES_MAX + 1}, &b.root, &errors),
        ERR_LIMIT);
    assert_string_equal(errors.text[0], "x: larger than 16 MiB");
    assert_int_equal(
        doc_parse(&b.arena, &(struct doc_text){"x", text, DOC_BYTES_MAX}, &b.root, &errors),
        ERR_OK);
    arena_fini(&b.arena);
    free(text);
}

static void test_small_arena(void **state)
{
    (void)state;
    struct arena a;
    const char *text = "a: [1, 2, {b: c}]";
    /* Whatever the bound is: an error or a whole tree. */
    for (size_t max = 0; max < 1500; max += 8) {
        struct doc *root = NULL;
        memset(&errors, 0, sizeof errors);
        arena_init(&a, max);
        enum err e = doc_parse(&a, &(struct doc_text){"x", text, strlen(text)}, &root, &errors);
        assert_true(e == ERR_NOMEM ? errors.count == 1 : e == ERR_OK && errors.count == 0);
        assert_true((e == ERR_OK) == (root != NULL));
        arena_fini(&a);
    }
}

static void test_files(void **state)
{
    (void)state;
    struct bench b;
    char path[] = "/tmp/kilnwatt-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "a: 1\nb: [\n", 11), 11);
    (void)close(fd);
    memset(&errors, 0, sizeof errors);
    arena_init(&b.arena, 1 << 20);
    b.root = NULL;
    assert_int_equal(doc_read(&b.arena, path, &b.root, &errors), ERR_SYNTAX);
    assert_memory_equal(errors.text[0], path, strlen(path));
    (void)truncate(path, 5);
    assert_int_equal(doc_read(&b.arena, path, &b.root, &errors), ERR_OK);
    assert_string_equal(doc_get(b.root, "a")->text, "1");
    assert_string_equal(b.root->file, path);
    (void)truncate(path, DOC_BYTES_MAX + 1);
    assert_int_equal(doc_read(&b.arena, path, &b.root, &errors), ERR_LIMIT);
    (void)unlink(path);
    assert_int_equal(doc_read(&b.arena, path, &b.root, &errors), ERR_NOT_FOUND);
    assert_int_equal(doc_read(&b.arena, "/", &b.root, &errors), ERR_IO);
    assert_int_equal(errors.count, 4);
    arena_fini(&b.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_and_places),
        cmocka_unit_test(test_getters_take_anything),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_syntax_has_a_place),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_small_arena),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
