/* Random streams of the simulator: xoshiro256** seeded through splitmix64 from a hash of
 * (scenario seed, device name, purpose), so that adding a device changes nobody else's noise.
 * Runs in `kilnwatt sim` and in studies; the caller owns each stream. Sources: D. Blackman, S.
 * Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021
 * (xoshiro256**); S. Vigna's splitmix64; FNV-1a 64 bit (Fowler, Noll, Vo). */
#ifndef KILNWATT_SIM_RNG_H
#define KILNWATT_SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t s[4];
    double spare; /* second half of a pair of normals */
    bool has_spare;
};

/* A stream of its own for each (seed, device, purpose); the strings are only read. */
void rng_init(struct rng *r, uint64_t seed, const char *device, const char *purpose);
/* 64 random bits. */
uint64_t rng_u64(struct rng *r);
/* Uniform in [0, 1), 53 bits. */
double rng_uniform(struct rng *r);
/* Uniform in [lo, hi); lo <= hi. */
double rng_between(struct rng *r, double lo, double hi);
/* Standard normal, Marsaglia's polar method. */
double rng_normal(struct rng *r);

#endif
