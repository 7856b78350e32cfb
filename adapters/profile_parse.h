/* The sections of a profile file, each read into its part of struct profile. Used by
 * profile_load.c alone, while booting. */
#ifndef KILNWATT_ADAPTERS_PROFILE_PARSE_H
#define KILNWATT_ADAPTERS_PROFILE_PARSE_H

#include "adapters/profile.h"
#include <stddef.h>

/* Rows of field tables: s is the struct that is filled, k its member, named like the key. */
#define ROW(s, k, type, size, min, max, need, otherwise, unit, choices, about) \
    { \
#k, type, offsetof(s, k), size, min, max, need, otherwise, unit, choices, about \
    }
#define ROW_NODE(s, k, need, about) ROW(s, k, FIELD_NODE, 0, 0, 0, need, 0, NULL, NULL, about)
#define ROW_TEXT(s, k, cap, need, about) \
    ROW(s, k, FIELD_TEXT, cap, 0, 0, need, 0, NULL, NULL, about)
#define ROW_INT(s, k, min, max, need, otherwise, unit, about) \
    ROW(s, k, FIELD_INT, 0, min, max, need, otherwise, unit, NULL, about)
#define ROW_NUMBER(s, k, min, max, need, otherwise, unit, about) \
    ROW(s, k, FIELD_NUMBER, 0, min, max, need, otherwise, unit, NULL, about)
#define ROW_CHOICE(s, k, names, need, about) \
    ROW(s, k, FIELD_ENUM, 0, 0, 0, need, 0, NULL, names, about)
#define ROW_BOOL(s, k, about) ROW(s, k, FIELD_BOOL, 0, 0, 0, false, 0, NULL, NULL, about)
#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { PROFILE_KINDS_MAX = 4 };

/* What a profile is read into, and what the sections share. */
struct profile_parse {
    struct profile *f;
    enum kind kinds[PROFILE_KINDS_MAX]; /* that the file serves, f->kind among them */
    int n;
    struct doc_errors *errors;
};

/* An integer, decimal or 0x hexadecimal, lo..hi; an error with its place otherwise. */
must_check enum err profile_int(const struct doc *node, int64_t lo, int64_t hi, int64_t *out,
                                struct doc_errors *errors);
/* Integers of a list, or a single one. The caller sets what is allowed. */
struct profile_ints {
    int64_t lo, hi;
    int cap; /* at most this many, 1..32 */
    int n;
    int64_t value[32];
};
must_check enum err profile_ints(const struct doc *node, struct profile_ints *list,
                                 struct doc_errors *errors);
/* Row of a point name in the profile's kind; -1 if that kind has none. An error when no kind
 * that the file serves has it. also: second name, "" = none. */
must_check enum err profile_row(const struct profile_parse *p, const struct doc *node,
                                const char *name, const char *also, int *row);
/* One entry of `points`. An entry that the kind does not have adds nothing. */
must_check enum err profile_point_parse(const struct profile_parse *p, const struct doc *entry);
/* One entry of `const`. */
must_check enum err profile_const_parse(const struct profile_parse *p, const struct doc *entry);
/* The map `watchdog`. */
must_check enum err profile_watchdog_parse(const struct profile_parse *p,
                                           const struct doc *map);
/* One entry of `test`; after all points. */
must_check enum err profile_vector_parse(const struct profile_parse *p,
                                         const struct doc *entry);
/* Contradictions between what was read: overlaps, a setpoint without watchdog. root: for their
 * place. */
must_check enum err profile_check(const struct profile_parse *p, const struct doc *root);

#endif
