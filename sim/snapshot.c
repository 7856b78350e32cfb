/* Head, walk, sum. */
#include "sim/snapshot.h"
#include "controller/base/civil.h"
#include "sim/modbus_server.h"
#include "sim/snap.h"
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { VERSION = 1, ARENA_MAX = 512 * 1024 * 1024, READ_LEN = 64 * 1024 };
static const char magic[16] = "Kilnwatt snap\n";

struct head {
    char magic[16];
    uint64_t version, size; /* of the state */
    int64_t now_us;         /* simulated time since the start */
    struct snapshot_id id;
};

static enum err say(enum err e, char *why, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static enum err say(enum err e, char *why, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(why, SNAPSHOT_WHY_LEN, fmt, ap);
    va_end(ap);
    return e;
}

/* ---- Which run it is ---- */

static enum err add_file(struct sha256 *h, const char *path)
{
    uint8_t part[READ_LEN];
    size_t n;
    FILE *f = fopen(path, "re");
    if (!f) {
        return ERR_IO;
    }
    bool good = true;
    while ((n = fread(part, 1, sizeof part, f)) > 0) {
        good = sha256_add(h, part, n) && good;
    }
    good = !ferror(f) && good;
    (void)fclose(f);
    return good ? ERR_OK : ERR_IO;
}

/* Each profile once per part that has it: a part that changes its profile is another park. */
static enum err add_profiles(struct sha256 *h, const struct park *p, const char *folder)
{
    enum err e = ERR_OK;
    for (int d = 0; d < p->devices; d++) {
        for (int k = 0; k < p->device[d].parts && e == ERR_OK; k++) {
            char path[2 * PATH_LEN];
            (void)snprintf(path, sizeof path, "%s/%s.yaml", folder,
                           p->device[d].part[k].profile);
            e = add_file(h, path);
        }
    }
    return e;
}

static enum err add_park(struct sha256 *h, const struct park *p, const struct setup_ask *ask)
{
    enum err e = add_file(h, ask->park);
    e = e == ERR_OK && p->tariff[0] ? add_file(h, p->tariff) : e;
    e = e == ERR_OK && p->weather[0] ? add_file(h, p->weather) : e;
    for (int i = 0; i < ask->series_n && e == ERR_OK; i++) {
        e = add_file(h, ask->series[i]);
    }
    return e == ERR_OK ? add_profiles(h, p, ask->devices) : e;
}

enum err snapshot_init(struct snapshot_of *of, struct setup *set, const struct setup_ask *ask,
                       struct server *server)
{
    struct sha256 *build = sha256_open(), *park = sha256_open();
    enum err e = build && park ? add_file(build, "/proc/self/exe") : ERR_NOMEM;
    *of = (struct snapshot_of){.set = set, .server = server};
    memset(&of->id, 0, sizeof of->id);
    of->id.seed = ask->seed;
    of->id.dt_s = ask->dt_s;
    of->id.start_ms = set->start.ms;
    e = e == ERR_OK ? add_park(park, set->park, ask) : e;
    if (e == ERR_OK &&
        !(sha256_so_far(build, of->id.build) && sha256_so_far(park, of->id.park))) {
        e = ERR_NOMEM;
    }
    sha256_close(build);
    sha256_close(park);
    return e;
}

/* ---- The state ---- */

static void walk(const struct snapshot_of *of, struct snap *s)
{
    struct setup *set = of->set;
    env_snap(&set->env, s);
    faults_snap(&set->faults, s);
    SNAP(s, set->campaign);
    world_snap(set->world, s);
    device_snap(&set->devices, s);
    judge_snap(&set->judge, s);
    if (of->server) {
        server_snap(of->server, s);
    }
}

static size_t size_of(const struct snapshot_of *of)
{
    struct snap s = {.way = SNAP_COUNT};
    walk(of, &s);
    return s.at;
}

static int64_t now_us(const struct snapshot_of *of)
{
    return llround(world_elapsed_s(of->set->world) * 1e6);
}

static bool sum(const uint8_t *data, size_t n, uint8_t out[SHA256_BYTES])
{
    struct sha256 *h = sha256_open();
    bool good = h && sha256_add(h, data, n) && sha256_so_far(h, out);
    sha256_close(h);
    return good;
}

/* ---- Saving ---- */

/* Beside its place first, so that a full disk spoils no older one. */
static bool write_whole(const char *path, const uint8_t *data, size_t n)
{
    char part[1024];
    int len = snprintf(part, sizeof part, "%s.part", path);
    FILE *f = len > 0 && (size_t)len < sizeof part ? fopen(part, "we") : NULL;
    if (!f) {
        return false;
    }
    bool good = fwrite(data, 1, n, f) == n;
    good = fclose(f) == 0 && good;
    good = good && rename(part, path) == 0;
    if (!good) {
        int cause = errno;
        (void)remove(part);
        errno = cause;
    }
    return good;
}

static enum err save(const struct snapshot_of *of, struct arena *a, const char *path, char *why)
{
    struct head head = {.version = VERSION, .size = size_of(of), .now_us = now_us(of)};
    size_t n = sizeof head + head.size + SHA256_BYTES;
    uint8_t *all = arena_take(a, n, 1);
    if (!all) {
        return say(ERR_NOMEM, why, "no memory for %zu bytes", n);
    }
    memcpy(head.magic, magic, sizeof magic);
    head.id = of->id;
    memcpy(all, &head, sizeof head);
    struct snap s = {.way = SNAP_SAVE, .data = all + sizeof head, .size = head.size};
    walk(of, &s);
    must(s.at == head.size);
    if (!sum(all, n - SHA256_BYTES, all + n - SHA256_BYTES)) {
        return say(ERR_NOMEM, why, "no memory for its sum");
    }
    return write_whole(path, all, n) ? ERR_OK
                                     : say(ERR_IO, why, "%s: %s", path, strerror(errno));
}

enum err snapshot_save(const struct snapshot_of *of, const char *path, char *why)
{
    struct arena a;
    if (of->server && server_link_faults(of->server)) {
        return say(ERR_STATE, why,
                   "a link has a fault, whose answers are under way; clear it first");
    }
    arena_init(&a, ARENA_MAX);
    enum err e = save(of, &a, path, why);
    arena_fini(&a);
    return e;
}

/* ---- Restoring ---- */

struct text {
    uint8_t *data;
    size_t n;
};

static enum err read_whole(struct arena *a, const char *path, struct text *out, char *why)
{
    FILE *f = fopen(path, "re");
    long n = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    bool good = n >= 0 && fseek(f, 0, SEEK_SET) == 0;
    int cause = errno;
    *out = (struct text){good ? arena_take(a, (size_t)n + 1, 1) : NULL, good ? (size_t)n : 0};
    if (out->data && fread(out->data, 1, out->n, f) != out->n) {
        good = false;
        cause = errno;
    }
    if (f) {
        (void)fclose(f);
    }
    return !good       ? say(ERR_IO, why, "%s: %s", path, strerror(cause))
           : out->data ? ERR_OK
                       : say(ERR_NOMEM, why, "no memory for %zu bytes", out->n);
}

static enum err check_form(const struct text *t, struct head *head, const char *path, char *why)
{
    uint8_t seen[SHA256_BYTES];
    if (t->n < sizeof *head || memcmp(t->data, magic, sizeof magic) != 0) {
        return say(ERR_SYNTAX, why, "%s is no snapshot of a simulator", path);
    }
    memcpy(head, t->data, sizeof *head);
    if (head->version != VERSION) {
        return say(ERR_CONFLICT, why, "%s has version %llu; %d would be right", path,
                   (unsigned long long)head->version, VERSION);
    }
    bool whole =
        t->n - sizeof *head >= SHA256_BYTES && head->size == t->n - sizeof *head - SHA256_BYTES;
    if (!whole || !sum(t->data, t->n - SHA256_BYTES, seen) ||
        memcmp(seen, t->data + t->n - SHA256_BYTES, sizeof seen) != 0) {
        return say(ERR_SYNTAX, why, "%s is damaged: its length or SHA-256 is wrong", path);
    }
    return ERR_OK;
}

static enum err check_run(const struct snapshot_of *of, const struct head *head,
                          const char *path, char *why)
{
    const struct snapshot_id *own = &of->id, *its = &head->id;
    if (memcmp(own->build, its->build, sizeof own->build) != 0) {
        return say(ERR_CONFLICT, why, "%s was made by another build of kilnwatt", path);
    }
    if (memcmp(own->park, its->park, sizeof own->park) != 0) {
        return say(
            ERR_CONFLICT, why,
            "%s is of another park: park file, profiles, tariff, weather or series differ",
            path);
    }
    if (own->seed != its->seed || own->dt_s != its->dt_s || own->start_ms != its->start_ms) {
        char at[40];
        civil_format((wall_t){its->start_ms}, at, sizeof at);
        return say(ERR_CONFLICT, why, "%s is of a run with --start %s --seed %llu, step %g s",
                   path, at, (unsigned long long)its->seed, its->dt_s);
    }
    return head->size == size_of(of)
               ? ERR_OK
               : say(ERR_CONFLICT, why, "%s holds another amount of state", path);
}

static enum err load(const struct snapshot_of *of, struct arena *a, const char *path,
                     mono_t not_before, char *why)
{
    struct text t;
    struct head head = {.version = 0};
    enum err e = read_whole(a, path, &t, why);
    e = e == ERR_OK ? check_form(&t, &head, path, why) : e;
    e = e == ERR_OK ? check_run(of, &head, path, why) : e;
    if (e != ERR_OK) {
        return e;
    }
    if (head.now_us < not_before.us) {
        return say(ERR_STATE, why,
                   "%s is of %.3f s after the start, and it is %.3f s now: time does not run "
                   "back, start the simulator anew",
                   path, (double)head.now_us / 1e6, (double)not_before.us / 1e6);
    }
    struct snap s = {.way = SNAP_LOAD, .data = t.data + sizeof head, .size = head.size};
    walk(of, &s);
    must(s.at == head.size && now_us(of) == head.now_us);
    return ERR_OK;
}

enum err snapshot_load(const struct snapshot_of *of, const char *path, mono_t not_before,
                       char *why)
{
    struct arena a;
    if (of->server && server_link_faults(of->server)) {
        return say(ERR_STATE, why, "a link has a fault; clear it first");
    }
    arena_init(&a, ARENA_MAX);
    enum err e = load(of, &a, path, not_before, why);
    arena_fini(&a);
    return e;
}
