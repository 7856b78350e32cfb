/* The door to libyaml: parser events into a tree. Runs in every role while it boots; owns the
 * parser and the file's bytes while reading; the tree is the arena's. */
#include "controller/base/doc.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

/* A map or list that is not finished yet. */
struct open_node {
    struct doc *node;
    struct doc *last; /* its last child */
};

struct reader {
    struct arena *arena;
    struct doc_errors *errors;
    const char *file; /* in the arena */
    struct open_node stack[DOC_DEPTH_MAX];
    int depth;
    struct doc *root;
    /* The key that waits for its value; NULL when none does. */
    const char *key;
    int key_line, key_col;
    bool done; /* end of the stream */
};

/* ---- Complaints ---- */

static struct doc place_of(const struct reader *r, const yaml_mark_t *at)
{
    return (struct doc){.file = r->file, .line = (int)at->line + 1, .col = (int)at->column + 1};
}

static enum err refuse(struct reader *r, const yaml_mark_t *at, enum err e, const char *why)
{
    struct doc place = place_of(r, at);
    doc_complain(r->errors, &place, "%s", why);
    return e;
}

static enum err no_memory(struct reader *r, const yaml_mark_t *at)
{
    return refuse(r, at, ERR_NOMEM,
                  "the document does not fit into the memory set aside for it");
}

static enum err refuse_syntax(struct reader *r, const yaml_parser_t *parser)
{
    const char *problem = parser->problem ? parser->problem : "not YAML";
    if (parser->error == YAML_MEMORY_ERROR) {
        return no_memory(r, &parser->mark);
    }
    if (parser->error == YAML_READER_ERROR) {
        doc_complain_file(r->errors, r->file, "byte %zu: %s; write the file in UTF-8",
                          parser->problem_offset, problem);
        return ERR_SYNTAX;
    }
    struct doc place = place_of(r, &parser->problem_mark);
    if (parser->context != NULL) {
        doc_complain(r->errors, &place, "%s, %s begun at line %zu", problem, parser->context,
                     parser->context_mark.line + 1);
    } else {
        doc_complain(r->errors, &place, "%s", problem);
    }
    return ERR_SYNTAX;
}

/* ---- The tree ---- */

/* true where the next node is a map's key. */
static bool wants_key(const struct reader *r)
{
    return r->depth > 0 && r->stack[r->depth - 1].node->kind == DOC_MAP && r->key == NULL;
}

/* A new node as child of the innermost open one, or as root. */
static enum err node_add(struct reader *r, enum doc_kind kind, const yaml_mark_t *at,
                         struct doc **out)
{
    struct doc *d = arena_take(r->arena, 1, sizeof *d);
    if (d == NULL) {
        return no_memory(r, at);
    }
    *d = place_of(r, at);
    d->kind = kind;
    d->text = "";
    d->key = r->key;
    d->key_line = r->key_line;
    d->key_col = r->key_col;
    r->key = NULL;
    r->key_line = 0;
    r->key_col = 0;
    if (r->depth == 0) {
        r->root = d;
    } else {
        struct open_node *parent = &r->stack[r->depth - 1];
        if (parent->last == NULL) {
            parent->node->first = d;
        } else {
            parent->last->next = d;
        }
        parent->last = d;
        parent->node->count++;
    }
    *out = d;
    return ERR_OK;
}

static enum err key_set(struct reader *r, const yaml_event_t *ev, const char *text)
{
    const struct doc *map = r->stack[r->depth - 1].node;
    const yaml_mark_t *at = &ev->start_mark;
    struct doc place = place_of(r, at);
    if (text[0] == '\0') {
        return refuse(r, at, ERR_SYNTAX, "a key is empty; give it a name");
    }
    if (map->count >= DOC_KEYS_MAX) {
        return refuse(r, at, ERR_LIMIT, "more than 4096 keys in one map; use a list");
    }
    const struct doc *first = doc_get(map, text);
    if (first != NULL) {
        doc_complain(r->errors, &place,
                     "key \"%.64s\" stands here again; first at line %d column %d", text,
                     first->key_line, first->key_col);
        return ERR_CONFLICT;
    }
    r->key = text;
    r->key_line = place.line;
    r->key_col = place.col;
    return ERR_OK;
}

static bool is_null(const char *text)
{
    static const char *const words[] = {"~", "null", "Null", "NULL"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum err scalar(struct reader *r, const yaml_event_t *ev)
{
    const char *value = (const char *)ev->data.scalar.value;
    bool quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (ev->data.scalar.anchor != NULL || ev->data.scalar.tag != NULL) {
        return refuse(r, &ev->start_mark, ERR_SYNTAX, "anchors and tags are not allowed here");
    }
    if (strlen(value) != ev->data.scalar.length) {
        return refuse(r, &ev->start_mark, ERR_SYNTAX, "a text must not contain a zero byte");
    }
    const char *text = arena_text(r->arena, !quoted && is_null(value) ? "" : value);
    if (text == NULL) {
        return no_memory(r, &ev->start_mark);
    }
    if (wants_key(r)) {
        return key_set(r, ev, text);
    }
    struct doc *d = NULL;
    enum err e = node_add(r, DOC_SCALAR, &ev->start_mark, &d);
    if (e == ERR_OK) {
        d->text = text;
        d->quoted = quoted;
    }
    return e;
}

static enum err collection(struct reader *r, const yaml_event_t *ev, enum doc_kind kind)
{
    bool marked =
        kind == DOC_MAP
            ? ev->data.mapping_start.anchor != NULL || ev->data.mapping_start.tag != NULL
            : ev->data.sequence_start.anchor != NULL || ev->data.sequence_start.tag != NULL;
    if (marked) {
        return refuse(r, &ev->start_mark, ERR_SYNTAX, "anchors and tags are not allowed here");
    }
    if (wants_key(r)) {
        return refuse(r, &ev->start_mark, ERR_SYNTAX, "a key must be a plain word");
    }
    if (r->depth == DOC_DEPTH_MAX) {
        return refuse(r, &ev->start_mark, ERR_LIMIT, "more than 32 levels inside each other");
    }
    struct doc *d = NULL;
    enum err e = node_add(r, kind, &ev->start_mark, &d);
    if (e == ERR_OK) {
        r->stack[r->depth++] = (struct open_node){.node = d};
    }
    return e;
}

static enum err take_event(struct reader *r, const yaml_event_t *ev)
{
    switch (ev->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return ERR_OK;
    case YAML_STREAM_END_EVENT:
        r->done = true;
        return ERR_OK;
    case YAML_DOCUMENT_START_EVENT:
        if (r->root != NULL) {
            return refuse(r, &ev->start_mark, ERR_SYNTAX,
                          "a second document; one file holds one");
        }
        return ERR_OK;
    case YAML_ALIAS_EVENT:
        return refuse(r, &ev->start_mark, ERR_SYNTAX, "aliases (*name) are not allowed here");
    case YAML_SCALAR_EVENT:
        return scalar(r, ev);
    case YAML_SEQUENCE_START_EVENT:
        return collection(r, ev, DOC_LIST);
    case YAML_MAPPING_START_EVENT:
        return collection(r, ev, DOC_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        r->depth--;
        return ERR_OK;
    }
    return ERR_OK;
}

static enum err read_events(struct reader *r, yaml_parser_t *parser)
{
    while (!r->done) {
        yaml_event_t ev;
        if (yaml_parser_parse(parser, &ev) == 0) {
            return refuse_syntax(r, parser);
        }
        enum err e = take_event(r, &ev);
        yaml_event_delete(&ev);
        if (e != ERR_OK) {
            return e;
        }
    }
    if (r->root == NULL) {
        doc_complain_file(r->errors, r->file, "the document is empty");
        return ERR_MISSING;
    }
    return ERR_OK;
}

enum err doc_parse(struct arena *a, const struct doc_text *t, struct doc **out,
                   struct doc_errors *errors)
{
    if (t->len > DOC_BYTES_MAX) {
        doc_complain_file(errors, t->name, "larger than 16 MiB");
        return ERR_LIMIT;
    }
    struct reader r = {.arena = a, .errors = errors, .file = arena_text(a, t->name)};
    yaml_parser_t parser;
    if (r.file == NULL || yaml_parser_initialize(&parser) == 0) {
        doc_complain_file(errors, t->name, "no memory to read it");
        return ERR_NOMEM;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)t->text, t->len);
    enum err e = read_events(&r, &parser);
    yaml_parser_delete(&parser);
    if (e == ERR_OK) {
        *out = r.root;
    }
    return e;
}

/* ---- Files ---- */

/* All bytes of a regular file that is open; *out is freed by the caller. */
static enum err slurp(int fd, char **out, size_t *len)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return ERR_IO;
    }
    if (st.st_size > DOC_BYTES_MAX) {
        return ERR_LIMIT;
    }
    size_t size = (size_t)st.st_size;
    char *text = malloc(size + 1);
    if (text == NULL) {
        return ERR_NOMEM;
    }
    size_t have = 0;
    while (have < size) {
        ssize_t got = read(fd, text + have, size - have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            free(text);
            return ERR_IO;
        }
        if (got == 0) {
            break; /* it became shorter meanwhile */
        }
        have += (size_t)got;
    }
    *out = text;
    *len = have;
    return ERR_OK;
}

enum err doc_read(struct arena *a, const char *path, struct doc **out,
                  struct doc_errors *errors)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        int why = errno;
        doc_complain_file(errors, path, "cannot be opened: %s", strerrordesc_np(why));
        return why == ENOENT || why == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
    }
    char *text = NULL;
    size_t len = 0;
    enum err e = slurp(fd, &text, &len);
    if (e == ERR_LIMIT) {
        doc_complain_file(errors, path, "larger than 16 MiB");
    } else if (e != ERR_OK) {
        doc_complain_file(errors, path, "cannot be read; is it a file?");
    }
    (void)close(fd);
    if (e == ERR_OK) {
        e = doc_parse(a, &(struct doc_text){path, text, len}, out, errors);
    }
    free(text);
    return e;
}
