/* Readers of times of day, schedules, titles, paths and addresses in config files. */
#include "controller/park/read.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MIN = 1440, DAYS_AHEAD_MAX = 7 };

/* Two digits at text, or -1. */
static int two_digits(const char *text)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') {
        return -1;
    }
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* Minutes of "HH:MM[+Nd]", or -1. */
static int minutes_of(const char *text)
{
    if (strlen(text) < 5 || text[2] != ':') {
        return -1;
    }
    int h = two_digits(text), m = two_digits(text + 3);
    if (h < 0 || m < 0 || h > 24 || m > 59 || (h == 24 && m > 0)) {
        return -1;
    }
    int days = 0;
    const char *rest = text + 5;
    if (*rest != '\0') {
        if (rest[0] != '+' || rest[1] < '1' || rest[1] > '0' + DAYS_AHEAD_MAX ||
            rest[2] != 'd' || rest[3] != '\0') {
            return -1;
        }
        days = rest[1] - '0';
    }
    return days * DAY_MIN + h * 60 + m;
}

void read_minutes_format(int minutes, char *out, size_t cap)
{
    int day = minutes / DAY_MIN, rest = minutes % DAY_MIN;
    if (minutes == DAY_MIN) {
        (void)snprintf(out, cap, "24:00");
    } else if (day > 0) {
        (void)snprintf(out, cap, "%02d:%02d+%dd", rest / 60, rest % 60, day);
    } else {
        (void)snprintf(out, cap, "%02d:%02d", rest / 60, rest % 60);
    }
}

enum err read_minutes(const struct doc *node, int min, int max, int *out,
                      struct doc_errors *errors)
{
    int minutes = node->kind == DOC_SCALAR ? minutes_of(node->text) : -1;
    if (minutes < 0) {
        doc_complain(
            errors, node,
            "'%s' is no time of day; HH:MM from 00:00 to 24:00 would be right, with +1d for "
            "the next day",
            node->kind == DOC_SCALAR ? node->text : "a list or map");
        return ERR_SYNTAX;
    }
    if (minutes < min || minutes > max) {
        char lo[16], hi[16];
        read_minutes_format(min, lo, sizeof lo);
        read_minutes_format(max, hi, sizeof hi);
        doc_complain(errors, node, "%s is out of range; %s to %s would be right", node->text,
                     lo, hi);
        return ERR_RANGE;
    }
    *out = minutes;
    return ERR_OK;
}

bool read_is_list(const struct doc *node, struct doc_errors *errors)
{
    if (node->kind == DOC_LIST) {
        return true;
    }
    doc_complain(errors, node, "is not a list; rows that start with '- ' would be right");
    return false;
}

bool read_has_rows(const struct doc *node, int max, struct doc_errors *errors)
{
    if (!read_is_list(node, errors)) {
        return false;
    }
    if (node->count < 1 || node->count > max) {
        doc_complain(errors, node, "has %d rows; 1 to %d would be right", node->count, max);
        return false;
    }
    return true;
}

struct schedule_raw {
    int days;
    const struct doc *from;
    double kw;
};
#define AT(member) offsetof(struct schedule_raw, member)
static const struct field schedule_keys[] = {
    {"days", FIELD_ENUM,   AT(days), 0, 0, 0,   false, 0, "-",  "all workday sunday",
     "kind of day to which the row applies"                                                               },
    {"from", FIELD_NODE,   AT(from), 0, 0, 0,   true,  0, "-",  NULL,
     "local time from which it applies"                                                                   },
    {"kw",   FIELD_NUMBER, AT(kw),   0, 0, 1e6, true,  0, "kW", NULL,                 "power, a magnitude"},
};
#undef AT

enum err read_schedule(const struct doc *list, double kw_max, struct schedule *out,
                       struct doc_errors *errors)
{
    int before = errors->count, last[3] = {-1, -1, -1};
    struct schedule s = {0};
    if (!read_is_list(list, errors)) {
        return ERR_TYPE;
    }
    if (list->count > SCHEDULE_MAX) {
        doc_complain(errors, list, "has %d rows; at most %d would be right", list->count,
                     SCHEDULE_MAX);
        return ERR_RANGE;
    }
    for (const struct doc *row = list->first; row != NULL; row = row->next) {
        struct schedule_raw raw = {0};
        int from = 0;
        if (doc_fill(row, schedule_keys, 3, &raw, errors) != ERR_OK ||
            read_minutes(raw.from, 0, DAY_MIN - 1, &from, errors) != ERR_OK) {
            continue;
        }
        if (from <= last[raw.days]) {
            doc_complain(
                errors, raw.from,
                "%s does not come after the row before it; rising times would be right",
                raw.from->text);
        } else if (raw.kw > kw_max) {
            doc_complain(
                errors, doc_get(row, "kw"),
                "%g kW is more than the device's rated_kw; at most %g kW would be right",
                raw.kw, kw_max);
        }
        last[raw.days] = from;
        s.row[s.n++] = (struct schedule_row){(enum days)raw.days, from, raw.kw};
    }
    if (errors->count > before) {
        return ERR_SYNTAX;
    }
    *out = s;
    return ERR_OK;
}

struct title_raw {
    char zh[64], en[64];
};
static const struct field title_keys[] = {
    {"zh", FIELD_TEXT, offsetof(struct title_raw, zh), 64, 0, 0, false, 0, "-", NULL,
     "Chinese name on screens"},
    {"en", FIELD_TEXT, offsetof(struct title_raw, en), 64, 0, 0, false, 0, "-", NULL,
     "English name on screens"},
};

enum err read_title(const struct doc *node, const char *name, char *zh, char *en,
                    struct doc_errors *errors)
{
    struct title_raw raw = {0};
    if (node != NULL) {
        enum err e = doc_fill(node, title_keys, 2, &raw, errors);
        if (e != ERR_OK) {
            return e;
        }
    }
    (void)snprintf(zh, 64, "%s",
                   raw.zh[0] != '\0'   ? raw.zh
                   : raw.en[0] != '\0' ? raw.en
                                       : name);
    (void)snprintf(en, 64, "%s", raw.en[0] != '\0' ? raw.en : name);
    return ERR_OK;
}

bool read_name_ok(const struct doc *node, const char *name, struct doc_errors *errors)
{
    bool ok = name[0] >= 'a' && name[0] <= 'z';
    for (const char *c = name; ok && *c != '\0'; c++) {
        ok = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_';
    }
    if (!ok) {
        doc_complain(
            errors, node,
            "'%s' is no name; small letters, digits and _, starting with a letter, would be "
            "right",
            name);
    }
    return ok;
}

enum err read_path(const struct doc *node, char *out, struct doc_errors *errors)
{
    if (node->kind != DOC_SCALAR || node->text[0] == '\0') {
        doc_complain(errors, node,
                     "is no path; a file name relative to this file would be right");
        return ERR_TYPE;
    }
    const char *slash = strrchr(node->file, '/');
    int dir = node->text[0] == '/' || slash == NULL ? 0 : (int)(slash - node->file) + 1;
    char path[PATH_LEN];
    int n = snprintf(path, sizeof path, "%.*s%s", dir, node->file, node->text);
    if (n >= PATH_LEN) {
        doc_complain(errors, node, "makes a path of %d bytes; at most %d would be right", n,
                     PATH_LEN - 1);
        return ERR_RANGE;
    }
    memcpy(out, path, sizeof path);
    return ERR_OK;
}

bool read_ipv4_ok(const char *host)
{
    struct in_addr addr;
    return inet_pton(AF_INET, host, &addr) == 1;
}

enum err read_listen(const struct doc *node, char *host, int *port, struct doc_errors *errors)
{
    const char *text = node->kind == DOC_SCALAR ? node->text : "";
    const char *colon = strrchr(text, ':');
    char *end = NULL;
    char name[64];
    long number =
        colon != NULL && colon[1] >= '0' && colon[1] <= '9' ? strtol(colon + 1, &end, 10) : 0;
    bool ok =
        end != NULL && *end == '\0' && number >= 1 && number <= 65535 && colon - text < 64;
    if (ok) {
        (void)snprintf(name, sizeof name, "%.*s", (int)(colon - text), text);
        ok = read_ipv4_ok(name);
    }
    if (!ok) {
        doc_complain(errors, node,
                     "'%s' is no address; IPv4:port like 127.0.0.1:8080 would be right", text);
        return ERR_SYNTAX;
    }
    memcpy(host, name, sizeof name);
    *port = (int)number;
    return ERR_OK;
}
