/* Documents a person writes: YAML read through libyaml into a tree in an arena, the file, line
 * and column of every node kept. Errors go into a struct doc_errors, each as `file:line:col:
 * key: what is wrong, what would be right`. Used while booting and by `check`. */
#ifndef KILNWATT_BASE_DOC_H
#define KILNWATT_BASE_DOC_H

#include "controller/base/arena.h"
#include "controller/base/clock.h"
#include <stdint.h>

enum doc_kind { DOC_SCALAR, DOC_LIST, DOC_MAP };

/* A node. Lists and maps chain their children by `next`; a map's child carries its key. */
struct doc {
    enum doc_kind kind;
    const char *file;
    int line, col;   /* 1-based; of the value */
    const char *key; /* NULL in lists and at the root */
    int key_line, key_col;
    const char *text; /* scalar text, "" for null */
    bool quoted;      /* scalar was quoted */
    int count;        /* children */
    struct doc *first, *next;
};

enum {
    DOC_BYTES_MAX = 16 * 1024 * 1024,
    DOC_DEPTH_MAX = 32,  /* maps and lists inside each other */
    DOC_KEYS_MAX = 4096, /* of one map */
    DOC_ERRORS_MAX = 32,
    DOC_ERROR_LEN = 400
};
struct doc_errors {
    int count; /* all that occurred, also beyond DOC_ERRORS_MAX */
    char text[DOC_ERRORS_MAX][DOC_ERROR_LEN];
};

/* Reads one file (bounds above; no anchors, aliases, tags or second document; duplicate keys
 * refused). On error the reason with its place is added to errors: ERR_NOT_FOUND, ERR_IO,
 * ERR_SYNTAX, ERR_LIMIT (a bound), ERR_CONFLICT (a key twice), ERR_NOMEM (the arena). */
must_check enum err doc_read(struct arena *a, const char *path, struct doc **out,
                             struct doc_errors *errors);
/* A document in memory: len bytes of text, UTF-8; name stands for the file in messages. */
struct doc_text {
    const char *name;
    const char *text;
    size_t len;
};
/* The same from memory; nothing of t is kept. */
must_check enum err doc_parse(struct arena *a, const struct doc_text *t, struct doc **out,
                              struct doc_errors *errors);
/* Adds `file:line:col: key: …` for a node, at the place of its value. node may be NULL: no
 * place. */
void doc_complain(struct doc_errors *errors, const struct doc *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same at the place of its key and without naming it: for what is wrong with the key
 * itself. */
void doc_complain_key(struct doc_errors *errors, const struct doc *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds `name: …` where there is a file but no place in it. */
void doc_complain_file(struct doc_errors *errors, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Child of a map by key; NULL if absent or not a map. */
const struct doc *doc_get(const struct doc *map, const char *key);
/* Child of a list by index; NULL if out of range. */
const struct doc *doc_at(const struct doc *list, int index);

/* ---- Field tables: one row per key of a map drives parsing, checking and documentation. ----
 */
enum field_type {
    FIELD_NUMBER, /* double; finite; min..max */
    FIELD_INT,    /* int; min..max */
    FIELD_BOOL,   /* bool; true/false/yes/no/on/off */
    FIELD_TEXT,   /* char[size]; at most size-1 bytes */
    FIELD_ENUM,   /* int; one of `choices` (space-separated), value = its index */
    FIELD_NODE    /* const struct doc *; handled by the caller */
};
struct field {
    const char *key;
    enum field_type type;
    size_t offset; /* in the struct that is filled */
    size_t size;   /* FIELD_TEXT: capacity */
    double min, max;
    bool required;
    double otherwise;    /* default number, bool or enum index */
    const char *unit;    /* "kW", "-" */
    const char *choices; /* FIELD_ENUM */
    const char *about;   /* one sentence */
};

/* Fills *into from a map by a table of n rows. Every key that no row names is an error that
 * offers the nearest known one; values are checked for type and range; a default is set where a
 * key is absent. A number may carry its unit after a space ("500 kW"): it must then be the
 * row's unit. Returns ERR_OK only if it added no error. Reads all keys even after an error. */
must_check enum err doc_fill(const struct doc *map, const struct field *table, int n,
                             void *into, struct doc_errors *errors);
/* Single values, with the same messages. */
must_check enum err doc_number(const struct doc *node, double min, double max, double *out,
                               struct doc_errors *errors);
/* Index of the nearest of n names to `word` (edit distance at most 3), or -1. */
int doc_nearest(const char *word, const char *const *names, int n);

#endif
