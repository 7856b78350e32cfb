/* Registers to engineering values and back, by the rows of a profile: word orders, scale
 * factors, masks, maps, "not implemented" values. Pure; runs in the field role and, backwards,
 * in sim. */
#include "adapters/profile.h"
#include <math.h>
#include <string.h>

struct type_def {
    int words;
    bool is_signed;
    double lo, hi; /* of the raw value; not for floats */
};
static const struct type_def types[REG_TYPE_COUNT] = {
    [REG_U16] = {1, false, 0,             65535             },
    [REG_I16] = {1, true,  -32768,        32767             },
    [REG_U32] = {2, false, 0,             4294967295.0      },
    [REG_I32] = {2, true,  -2147483648.0, 2147483647.0      },
    [REG_U64] = {4, false, 0,             9007199254740992.0}, /* what a double holds exactly */
    [REG_F32] = {2, true,  0,             0                 },
    [REG_BIT] = {1, false, 0,             1                 },
};

int reg_words(enum reg_type t)
{
    must(t >= 0 && t < REG_TYPE_COUNT);
    return types[t].words;
}

/* Index in wire order of the i-th most significant word. */
static int word_at(enum word_order order, int i, int words)
{
    return order == WORDS_HIGH_FIRST ? i : words - 1 - i;
}

static uint64_t raw_join(enum word_order order, const uint16_t *word, int words)
{
    uint64_t raw = 0;
    for (int i = 0; i < words; i++) {
        raw = raw << 16 | word[word_at(order, i, words)];
    }
    return raw;
}

static void raw_split(enum word_order order, uint64_t raw, uint16_t *word, int words)
{
    for (int i = words - 1; i >= 0; i--) {
        word[word_at(order, i, words)] = (uint16_t)(raw & 0xFFFF);
        raw >>= 16;
    }
}

static int64_t raw_number(enum reg_type t, uint64_t raw)
{
    if (t == REG_I16) {
        return (int16_t)raw;
    }
    if (t == REG_I32) {
        return (int32_t)raw;
    }
    return (int64_t)raw;
}

static double raw_to_f32(uint64_t raw)
{
    uint32_t bits = (uint32_t)raw;
    float x;
    memcpy(&x, &bits, sizeof(x));
    return (double)x;
}

/* Engineering value of one raw unit. */
static double factor_of(const struct profile_point *pt, const struct rating *r, int sf)
{
    double by = pt->by == BY_RATED_KW        ? r->rated_kw
                : pt->by == BY_RATED_HEAT_KW ? r->rated_heat_kw
                                             : 1.0;
    return pt->scale * by * (sf == 0 ? 1.0 : pow(10.0, sf));
}

enum err profile_decode(const struct profile_point *pt, const struct rating *r,
                        const uint16_t *word, int sf, double *out)
{
    int words = reg_words(pt->type);
    uint64_t raw = raw_join(pt->words, word, words);
    if ((pt->has_absent && raw == pt->absent) || (pt->sf_addr >= 0 && (sf < -10 || sf > 10))) {
        return ERR_RANGE;
    }
    if (pt->type == REG_BIT) {
        raw = raw >> pt->bit & 1;
    }
    raw &= pt->mask;
    double x = pt->type == REG_F32 ? raw_to_f32(raw) : (double)raw_number(pt->type, raw);
    if (!isfinite(x)) {
        return ERR_RANGE;
    }
    if (pt->maps == 0) {
        *out = x * factor_of(pt, r, sf) + pt->offset;
        return ERR_OK;
    }
    for (int i = 0; i < pt->maps; i++) {
        if ((double)pt->map[i].raw == x) {
            *out = pt->map[i].value;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

/* The raw number that stands for a value, before it is put into words. */
static enum err number_of(const struct profile_point *pt, const struct rating *r, double value,
                          int sf, double *out)
{
    if (pt->maps > 0) {
        for (int i = 0; i < pt->maps; i++) {
            if (pt->map[i].value == value) {
                *out = (double)pt->map[i].raw;
                return ERR_OK;
            }
        }
        return ERR_RANGE;
    }
    double unit = factor_of(pt, r, sf);
    if (unit == 0 || !isfinite(value)) {
        return ERR_RANGE;
    }
    *out = (value - pt->offset) / unit;
    return ERR_OK;
}

enum err profile_encode(const struct profile_point *pt, const struct rating *r, double value,
                        int sf, uint16_t *word)
{
    double x;
    enum err e = number_of(pt, r, value, sf, &x);
    if (e != ERR_OK) {
        return e;
    }
    const struct type_def *t = &types[pt->type];
    if (pt->type == REG_F32) {
        float narrow = (float)x;
        uint32_t bits;
        if (!isfinite(narrow)) {
            return ERR_RANGE;
        }
        memcpy(&bits, &narrow, sizeof(bits));
        raw_split(pt->words, bits, word, t->words);
        return ERR_OK;
    }
    double step = (double)(pt->mask & (~pt->mask + 1)); /* the least bit that counts */
    x = round(x / step) * step;
    if (x < t->lo || x > t->hi) {
        return ERR_RANGE;
    }
    uint64_t raw = t->is_signed ? (uint64_t)(int64_t)x : (uint64_t)x;
    uint64_t mask = pt->mask;
    if (pt->type == REG_BIT) {
        raw <<= pt->bit;
        mask = UINT64_C(1) << pt->bit;
    }
    uint64_t kept = raw_join(pt->words, word, t->words) & ~mask;
    raw_split(pt->words, kept | (raw & mask), word, t->words);
    return ERR_OK;
}
