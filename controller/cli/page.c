/* A line `@FILE` of the template stands for the embedded file; `@data` for the numbers. Scripts
 * lose their imports and exports: in the page they are one module. Owns nothing beyond the
 * call.
 */
#include "controller/cli/page.h"
#include "controller/web/assets.h"
#include <stdio.h>
#include <string.h>

static const struct asset *asset_of(const char *path, size_t len)
{
    for (const struct asset *a = assets_table; a->path != NULL; a++) {
        if (strlen(a->path) == len && strncmp(a->path, path, len) == 0) {
            return a;
        }
    }
    return NULL;
}

static bool starts_with(const char *line, size_t len, const char *word)
{
    size_t n = strlen(word);
    return len >= n && memcmp(line, word, n) == 0;
}

/* Calls fn for each line of a text, its end included. */
struct lines {
    const char *at, *end;
};

static bool next_line(struct lines *l, const char **line, size_t *len)
{
    if (l->at == l->end) {
        return false;
    }
    const char *stop = memchr(l->at, '\n', (size_t)(l->end - l->at));
    *line = l->at;
    l->at = stop != NULL ? stop + 1 : l->end;
    *len = (size_t)(l->at - *line);
    return true;
}

static struct lines lines_of(const struct asset *a)
{
    const char *text = (const char *)a->data;
    return (struct lines){text, text + a->len};
}

static void write_asset(FILE *to, const struct asset *a)
{
    struct lines l = lines_of(a);
    const char *line = NULL;
    size_t len = 0;
    bool script = strstr(a->type, "javascript") != NULL;
    while (next_line(&l, &line, &len)) {
        static const char export[] = "export ";
        if (script && starts_with(line, len, "import ")) {
            continue;
        }
        size_t skip = script && starts_with(line, len, export) ? sizeof export - 1 : 0;
        (void)fwrite(line + skip, 1, len - skip, to);
    }
}

/* JSON inside of a script element: "<" may not appear in it. */
static int write_escaped(const char *text, size_t size, void *arg)
{
    FILE *to = arg;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '<') {
            (void)fputs("\\u003c", to);
        } else {
            (void)fputc(text[i], to);
        }
    }
    return ferror(to) ? -1 : 0;
}

static void write_page(FILE *to, const struct page_ask *ask, const json_t *data)
{
    const struct asset *page = asset_of(ask->name, strlen(ask->name));
    must(page != NULL);
    struct lines l = lines_of(page);
    const char *line = NULL;
    size_t len = 0;
    while (next_line(&l, &line, &len)) {
        if (line[0] != '@') {
            (void)fwrite(line, 1, len, to);
        } else if (starts_with(line, len, "@data")) {
            (void)json_dump_callback(data, write_escaped, to, JSON_COMPACT | ask->flags);
        } else {
            const struct asset *a = asset_of(line + 1, len - 2);
            must(a != NULL);
            write_asset(to, a);
        }
    }
}

enum err page_write(const struct page_ask *ask, json_t *data)
{
    FILE *to = data != NULL ? fopen(ask->path, "we") : NULL;
    if (to == NULL) {
        enum err e = data != NULL ? ERR_IO : ERR_NOMEM;
        json_decref(data);
        return e;
    }
    write_page(to, ask, data);
    json_decref(data);
    bool bad = ferror(to) != 0;
    bad = fclose(to) != 0 || bad;
    return bad ? ERR_IO : ERR_OK;
}
