/* Random streams: see rng.h. Pure; state is the caller's. */
#include "sim/rng.h"
#include <math.h>

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

static uint64_t fnv1a(uint64_t hash, const char *text)
{
    /* The closing zero is hashed too, so that ("ab", "c") and ("a", "bc") differ. */
    for (const char *p = text;; p++) {
        hash = (hash ^ (uint64_t)(unsigned char)*p) * 0x100000001b3u;
        if (*p == 0) {
            return hash;
        }
    }
}

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void rng_init(struct rng *r, uint64_t seed, const char *device, const char *purpose)
{
    uint64_t state = splitmix64(&seed) ^ fnv1a(fnv1a(0xcbf29ce484222325u, device), purpose);
    for (int i = 0; i < 4; i++) {
        r->s[i] = splitmix64(&state);
    }
    r->spare = 0;
    r->has_spare = false;
}

uint64_t rng_u64(struct rng *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

double rng_uniform(struct rng *r)
{
    return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

double rng_between(struct rng *r, double lo, double hi)
{
    return lo + (hi - lo) * rng_uniform(r);
}

double rng_normal(struct rng *r)
{
    if (r->has_spare) {
        r->has_spare = false;
        return r->spare;
    }
    double u, v, q;
    do {
        u = 2 * rng_uniform(r) - 1;
        v = 2 * rng_uniform(r) - 1;
        q = u * u + v * v;
    } while (q >= 1 || q == 0);
    double f = sqrt(-2 * log(q) / q);
    r->spare = v * f;
    r->has_spare = true;
    return u * f;
}
