/* SHA-256 of a run. Runs in the simulator. */
#include "sim/record.h"
#include "sim/body.h"
#include "sim/sha256.h"
#include <stdio.h>

struct record {
    int digests;
    struct sha256 **digest; /* one per line, the truth's last */
};

static void add(struct sha256 *h, const void *data, size_t len)
{
    must(sha256_add(h, data, len));
}

enum err record_open(struct record **out, struct arena *a, int lines)
{
    struct record *r = arena_take(a, 1, sizeof *r);
    struct sha256 **digest = arena_take(a, (size_t)lines + 1, sizeof *digest);
    if (!r || !digest) {
        return ERR_NOMEM;
    }
    *r = (struct record){.digest = digest};
    while (r->digests <= lines && (digest[r->digests] = sha256_open())) {
        r->digests++;
    }
    if (r->digests <= lines) {
        record_close(r);
        return ERR_NOMEM;
    }
    *out = r;
    return ERR_OK;
}

void record_close(struct record *r)
{
    while (r->digests > 0) {
        sha256_close(r->digest[--r->digests]);
    }
}

void record_anew(struct record *r)
{
    for (int i = 0; i < r->digests; i++) {
        struct sha256 *fresh = sha256_open();
        must(fresh);
        sha256_close(r->digest[i]);
        r->digest[i] = fresh;
    }
}

void record_exchange(struct record *r, int line, mono_t at, const struct record_bytes *asked,
                     const struct record_bytes *answered)
{
    struct sha256 *c = r->digest[line];
    int64_t head[3] = {at.us, (int64_t)asked->len, (int64_t)answered->len};
    must(line >= 0 && line < r->digests - 1);
    add(c, head, sizeof head);
    add(c, asked->data, asked->len);
    add(c, answered->data, answered->len);
}

void record_truth(struct record *r, const struct world *w)
{
    struct sha256 *c = r->digest[r->digests - 1];
    const struct park *p = world_park(w);
    double park[3] = {world_elapsed_s(w), world_pcc_kw(w), world_heat_demand_kw(w)};
    add(c, park, sizeof park);
    for (int i = 0; i < p->devices; i++) {
        const struct body *b = world_body(w, i);
        double seen[4] = {b->kw, b->kvar, b->heat_kw, b->gas_m3_per_h};
        add(c, seen, sizeof seen);
        add(c, b->cmd, sizeof b->cmd);
    }
}

void record_digest(const struct record *r, char out[RECORD_HEX])
{
    uint8_t part[SHA256_BYTES];
    struct sha256 *all = sha256_open();
    must(all);
    for (int i = 0; i < r->digests; i++) {
        must(sha256_so_far(r->digest[i], part));
        add(all, part, sizeof part);
    }
    must(sha256_so_far(all, part));
    sha256_close(all);
    for (size_t i = 0; i < sizeof part; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", part[i]);
    }
}
