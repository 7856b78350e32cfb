/* Contradictions inside a profile: registers that two rows claim, a setpoint of which nobody
 * knows what the device does with it when the controller dies. Runs while booting. */
#include "adapters/profile_parse.h"

/* A stretch of one register space that a row claims. */
struct claim {
    int fc, addr, words;
    uint64_t bits; /* of the register(s) */
};

static struct claim read_claim(const struct profile_point *pt)
{
    uint64_t bits = pt->type == REG_BIT && pt->read_fc >= 3 ? UINT64_C(1) << pt->bit : pt->mask;
    return (struct claim){pt->read_fc, pt->addr, reg_words(pt->type), bits};
}

/* Rows that read parts of exactly the same registers may share them. */
static bool clash(const struct claim *a, const struct claim *b)
{
    bool apart = a->fc == 0 || a->fc != b->fc || a->addr + a->words <= b->addr ||
                 b->addr + b->words <= a->addr;
    bool same = a->addr == b->addr && a->words == b->words;
    bool parts = a->bits != UINT64_MAX && b->bits != UINT64_MAX;
    return !apart && !(same && parts);
}

/* Errors of rows have the row's place but no node any more. */
static enum err complain(const struct profile_parse *p, const struct doc *root,
                         const struct profile_point *pt, const char *what)
{
    struct doc at = *root;
    at.line = pt->line;
    at.col = pt->col;
    doc_complain(p->errors, &at, "%s: %s", dict_kind(p->f->kind)->point[pt->row].name, what);
    return ERR_CONFLICT;
}

static enum err check_pair(const struct profile_parse *p, const struct doc *root, int i, int k)
{
    const struct profile_point *a = &p->f->point[i], *b = &p->f->point[k];
    struct claim ca = read_claim(a), cb = read_claim(b);
    struct claim sa = {a->sf_addr < 0 ? 0 : a->read_fc, a->sf_addr, 1, UINT64_MAX};
    struct claim sb = {b->sf_addr < 0 ? 0 : b->read_fc, b->sf_addr, 1, UINT64_MAX};
    if (a->row == b->row) {
        return complain(p, root, b, "is mapped twice");
    }
    if (clash(&ca, &cb) || clash(&sa, &cb) || clash(&sb, &ca)) {
        return complain(p, root, b, "overlaps another point's registers");
    }
    return ERR_OK;
}

static enum err check_fixed(const struct profile_parse *p, const struct doc *root,
                            const struct profile_point *pt)
{
    struct claim own = read_claim(pt);
    for (int i = 0; i < p->f->consts; i++) {
        struct claim c = {p->f->fixed[i].fc, p->f->fixed[i].addr, 1, UINT64_MAX};
        if (clash(&own, &c)) {
            return complain(p, root, pt, "overlaps a register of fixed content");
        }
    }
    return ERR_OK;
}

static enum err check_consts(const struct profile_parse *p, const struct doc *root)
{
    for (int i = 0; i < p->f->consts; i++) {
        for (int k = i + 1; k < p->f->consts; k++) {
            if (p->f->fixed[i].fc == p->f->fixed[k].fc &&
                p->f->fixed[i].addr == p->f->fixed[k].addr) {
                doc_complain(p->errors, root, "register %d has two fixed contents",
                             p->f->fixed[i].addr);
                return ERR_CONFLICT;
            }
        }
    }
    return ERR_OK;
}

enum err profile_check(const struct profile_parse *p, const struct doc *root)
{
    enum err first = check_consts(p, root);
    bool has_watchdog = doc_get(root, "watchdog") != NULL;
    for (int i = 0; i < p->f->points; i++) {
        const struct profile_point *pt = &p->f->point[i];
        enum err e = check_fixed(p, root, pt);
        for (int k = 0; k < i && e == ERR_OK; k++) {
            e = check_pair(p, root, k, i);
        }
        if (e == ERR_OK && (pt->write_fc != 0 || pt->steps > 0) && !has_watchdog) {
            e = complain(p, root, pt, "can be written: give the watchdog class");
        }
        first = first == ERR_OK ? e : first;
    }
    return first;
}
