/* kilnwatt: one executable. So far it checks park files; the other commands join as their rooms
 * do. */
#include "controller/park/park.h"
#include <stdio.h>
#include <string.h>

static int usage(FILE *to, int status)
{
    fprintf(
        to,
        "usage: kilnwatt check PARK.yaml\n\nReads a park file and says where it is wrong.\n\n"
        "example:\n  kilnwatt check my-park.yaml\n");
    return status;
}

static int check(const char *path)
{
    struct arena arena;
    struct doc_errors errors = {0};
    struct park *park = NULL;
    arena_init(&arena, 64u << 20);
    enum err rc = park_load(&arena, path, &park, &errors);
    for (int i = 0; i < errors.count && i < DOC_ERRORS_MAX; i++) {
        fprintf(stderr, "%s\n", errors.text[i]);
    }
    if (rc == ERR_OK) {
        printf("%s: ok\n", path);
    }
    arena_fini(&arena);
    return rc == ERR_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        return usage(stdout, 0);
    }
    if (argc != 3 || strcmp(argv[1], "check") != 0) {
        return usage(stderr, 2);
    }
    return check(argv[2]);
}
