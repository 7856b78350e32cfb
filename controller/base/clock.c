/* The one file that reads the machine's clocks. Runs in every role; owns nothing. */
#include "controller/base/clock.h"
#include "controller/base/err.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const double SPEED_MAX = 1000.0;
static const char granted_word[] = "lockstep";

static int64_t read_us(clockid_t id)
{
    struct timespec ts;
    /* Cannot fail for the constant ids used here. */
    must(clock_gettime(id, &ts) == 0);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static bool speed_ok(double speed)
{
    return isfinite(speed) && speed > 0.0 && speed <= SPEED_MAX;
}

int64_t clock_real_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_cpu_us(void)
{
    return read_us(CLOCK_PROCESS_CPUTIME_ID);
}

void clock_init_live(struct clock *c)
{
    /* Anchored when the machine started, so that the times of all processes on it compare. */
    *c = (struct clock){.speed = 1.0, .live = true, .anchor_real_us = 0};
    c->anchor_wall.ms = read_us(CLOCK_REALTIME) / 1000; /* for the record only */
}

enum err clock_init_scaled(struct clock *c, double speed, wall_t start)
{
    if (!speed_ok(speed)) {
        return ERR_RANGE;
    }
    *c =
        (struct clock){.speed = speed, .anchor_real_us = clock_real_us(), .anchor_wall = start};
    return ERR_OK;
}

void clock_init_granted(struct clock *c, wall_t start)
{
    *c = (struct clock){.speed = 1.0, .granted = true, .anchor_wall = start};
}

void clock_grant(struct clock *c, mono_t now)
{
    must(c->granted && !mono_before(now, c->now));
    c->now = now;
}

void clock_format(const struct clock *c, char *out, size_t cap)
{
    if (c->live) {
        (void)snprintf(out, cap, "live");
        return;
    }
    if (c->granted) {
        (void)snprintf(out, cap, "%s %" PRId64 " %" PRId64, granted_word, c->now.us,
                       c->anchor_wall.ms);
        return;
    }
    (void)snprintf(out, cap, "%.17g %" PRId64 " %" PRId64, c->speed, c->anchor_real_us,
                   c->anchor_wall.ms);
}

/* One integer after one space; moves *at behind it. */
static bool take_int(const char **at, int64_t *out)
{
    if (**at != ' ') {
        return false;
    }
    char *end = NULL;
    errno = 0;
    long long v = strtoll(*at + 1, &end, 10);
    if (end == *at + 1 || errno != 0) {
        return false;
    }
    *at = end;
    *out = v;
    return true;
}

static enum err parse_granted(struct clock *c, const char *at)
{
    struct clock made = {.speed = 1.0, .granted = true};
    if (!take_int(&at, &made.now.us) || !take_int(&at, &made.anchor_wall.ms) || *at != '\0') {
        return ERR_SYNTAX;
    }
    if (made.now.us < 0) {
        return ERR_RANGE;
    }
    *c = made;
    return ERR_OK;
}

enum err clock_parse(struct clock *c, const char *text)
{
    if (strcmp(text, "live") == 0) {
        clock_init_live(c);
        return ERR_OK;
    }
    if (strncmp(text, granted_word, sizeof granted_word - 1) == 0) {
        return parse_granted(c, text + sizeof granted_word - 1);
    }
    char *end = NULL;
    struct clock made = {.speed = strtod(text, &end)};
    const char *at = end;
    if (end == text || !take_int(&at, &made.anchor_real_us) ||
        !take_int(&at, &made.anchor_wall.ms) || *at != '\0') {
        return ERR_SYNTAX;
    }
    if (!speed_ok(made.speed)) {
        return ERR_RANGE;
    }
    *c = made;
    return ERR_OK;
}

mono_t clock_mono(const struct clock *c)
{
    if (c->granted) {
        return c->now;
    }
    int64_t real = clock_real_us() - c->anchor_real_us;
    if (c->live) {
        return (mono_t){real};
    }
    return (mono_t){(int64_t)floor((double)real * c->speed)};
}

wall_t clock_wall(const struct clock *c)
{
    if (c->live) {
        return (wall_t){read_us(CLOCK_REALTIME) / 1000};
    }
    return (wall_t){c->anchor_wall.ms + clock_mono(c).us / 1000};
}

int64_t clock_to_real_us(const struct clock *c, mono_t duration)
{
    if (duration.us <= 0) {
        return 0;
    }
    /* Rounded up, so that a timer never fires before its moment in process time. */
    double real = ceil((double)duration.us / c->speed);
    if (real >= 9e18) {
        return INT64_MAX;
    }
    return real < 1.0 ? 1 : (int64_t)real;
}
