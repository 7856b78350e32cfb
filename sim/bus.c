/* A serial bus on a pseudo-terminal. Runs in the simulator. Times on the wire are computed from
 * one another, not from when the loop woke up, so that lateness does not add up. */
#include "sim/bus.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* FIFO_LEN: bytes that a receiver hands over together, as the 16550 does. */
enum { IN_MAX = 512, FIFO_LEN = 16 };

struct bus {
    struct loop *loop;
    struct bus_spec spec;
    struct rtu_line line; /* as the devices are set now */
    int master, slave;    /* the slave is kept open, so that clients may come and go */
    char name[64];        /* of the slave */
    struct loop_watch *watch;
    struct loop_timer *timer;
    mono_t free_at; /* gap included; a request begins then or later */
    size_t have;    /* bytes of a request, beyond RTU_LEN_MAX uncounted */
    mono_t heard;   /* when the last of them is through */
    bool foreign;   /* some came at another speed */
    size_t sent;
    mono_t begins; /* the answer's first bit */
    bool jammed;   /* the rest of it is spoilt */
    struct bus_answer answer;
    struct bus_stats stats;
    uint8_t in[IN_MAX];
};

static const struct {
    int baud;
    speed_t speed;
} speeds[] = {
    {300,    B300   },
    {600,    B600   },
    {1200,   B1200  },
    {2400,   B2400  },
    {4800,   B4800  },
    {9600,   B9600  },
    {19200,  B19200 },
    {38400,  B38400 },
    {57600,  B57600 },
    {115200, B115200}
};

static speed_t speed_of(int baud)
{
    for (size_t i = 0; i < sizeof speeds / sizeof *speeds; i++) {
        if (speeds[i].baud == baud) {
            return speeds[i].speed;
        }
    }
    return B0;
}

/* true if the client has set its port to the devices' speed. */
static bool same_speed(const struct bus *b)
{
    struct termios t;
    return tcgetattr(b->slave, &t) == 0 && cfgetospeed(&t) == speed_of(b->line.baud);
}

static mono_t char_time(const struct bus *b, size_t n)
{
    return rtu_chars(&b->line, (int)n);
}

/* ---- Answers ---- */

/* When n bytes of the answer are through. */
static mono_t answered_at(const struct bus *b, size_t n)
{
    mono_t apart = {b->answer.apart.us * (int64_t)(n ? n - 1 : 0)};
    return mono_add(b->begins, mono_add(char_time(b, n), apart));
}

static void wake_at(struct bus *b, mono_t at)
{
    mono_t left = mono_sub(at, loop_now(b->loop));
    loop_timer_after(b->timer, left.us > 0 ? left : MONO_MS(0));
}

/* The next piece that the client gets. */
static size_t piece_end(const struct bus *b)
{
    size_t n = b->sent + (b->answer.apart.us ? 1 : FIFO_LEN);
    return n < b->answer.len ? n : b->answer.len;
}

/* Hands over what is through; who does not read loses it, as at a full receiver. */
static void send_due(struct bus *b, mono_t now)
{
    while (b->sent < b->answer.len && !mono_before(now, answered_at(b, piece_end(b)))) {
        size_t n = piece_end(b) - b->sent;
        if (same_speed(b)) {
            ssize_t put = write(b->master, b->answer.data + b->sent, n);
            b->stats.spoilt += put != (ssize_t)n;
        }
        b->sent += n;
    }
    if (b->sent < b->answer.len) {
        wake_at(b, answered_at(b, piece_end(b)));
    } else {
        b->answer.len = b->sent = 0;
    }
}

/* ---- Requests ---- */

/* A request is over: the devices look at it. */
static void end_frame(struct bus *b)
{
    mono_t over = mono_add(b->heard, rtu_gap(&b->line));
    bool whole = b->have <= RTU_LEN_MAX && !b->foreign && rtu_whole(b->in, b->have);
    b->free_at = over;
    if (whole) {
        struct bus_answer *a = &b->answer;
        a->len = b->sent = 0;
        b->jammed = false;
        a->later = a->apart = (mono_t){0};
        b->spec.fn(b->spec.arg, b->in, b->have, a);
        mono_t turnaround = MONO_MS(b->line.turnaround_ms);
        b->begins = mono_add(over, mono_add(turnaround, a->later));
        if (a->len) {
            b->free_at = mono_add(answered_at(b, a->len), rtu_gap(&b->line));
        }
    } else {
        b->stats.spoilt++;
    }
    b->have = 0;
    b->foreign = false;
}

static void on_timer(void *arg)
{
    struct bus *b = arg;
    mono_t now = loop_now(b->loop);
    if (b->have) {
        mono_t over = mono_add(b->heard, rtu_gap(&b->line));
        if (mono_before(now, over)) {
            wake_at(b, over);
            return;
        }
        end_frame(b);
    }
    send_due(b, now);
}

/* Two talk at once: the answer is spoilt from here on, and nobody understands the burst. */
static void collide(struct bus *b, mono_t now)
{
    b->stats.collided++;
    bool talks = !b->jammed && !mono_before(now, b->begins);
    for (size_t i = b->sent; talks && i < b->answer.len; i++) {
        b->answer.data[i] = (uint8_t)~b->answer.data[i];
    }
    b->jammed = b->jammed || talks;
}

static void on_bytes(int fd, unsigned ready, void *arg)
{
    struct bus *b = arg;
    uint8_t burst[IN_MAX];
    (void)ready;
    ssize_t n = read(fd, burst, sizeof burst);
    mono_t now = loop_now(b->loop);
    if (n <= 0) {
        return;
    }
    on_timer(b); /* what was over before this came */
    if (b->answer.len) {
        collide(b, now);
        return;
    }
    mono_t from = b->have ? b->heard : b->free_at;
    from = mono_before(from, now) ? now : from;
    size_t room = sizeof b->in - b->have, take = (size_t)n < room ? (size_t)n : room;
    memcpy(b->in + b->have, burst, take);
    b->have += take;
    b->foreign = b->foreign || !same_speed(b);
    b->heard = mono_add(from, char_time(b, (size_t)n));
    wake_at(b, mono_add(b->heard, rtu_gap(&b->line)));
}

/* ---- Opening ---- */

/* An earlier run may have left its link behind. */
static enum err link_path(const struct bus *b)
{
    char old[PATH_MAX];
    if (readlink(b->spec.path, old, sizeof old) >= 0 && unlink(b->spec.path) != 0) {
        return ERR_IO;
    }
    return symlink(b->name, b->spec.path) == 0 ? ERR_OK : ERR_IO;
}

static enum err open_terminal(struct bus *b)
{
    struct termios t = {.c_cflag = CS8 | CREAD | CLOCAL};
    cfmakeraw(&t);
    (void)cfsetspeed(&t, speed_of(b->line.baud));
    if (openpty(&b->master, &b->slave, NULL, &t, NULL) != 0) {
        b->master = b->slave = -1;
        return ERR_IO;
    }
    bool good = ptsname_r(b->master, b->name, sizeof b->name) == 0 &&
                fcntl(b->master, F_SETFL, O_NONBLOCK) == 0 &&
                fcntl(b->master, F_SETFD, FD_CLOEXEC) == 0 &&
                fcntl(b->slave, F_SETFD, FD_CLOEXEC) == 0;
    return good ? ERR_OK : ERR_IO;
}

enum err bus_open(struct loop *l, struct arena *a, const struct bus_spec *spec,
                  struct bus **out)
{
    struct bus *b = arena_take(a, 1, sizeof *b);
    if (!b) {
        return ERR_NOMEM;
    }
    *b = (struct bus){.loop = l, .spec = *spec, .line = spec->line, .master = -1, .slave = -1};
    enum err e = open_terminal(b);
    if (e == ERR_OK) {
        struct loop_watch_spec watch = {b->master, LOOP_READ, on_bytes, b};
        e = loop_watch_open(l, &watch, &b->watch);
    }
    if (e == ERR_OK) {
        e = loop_timer_open(l, on_timer, b, &b->timer);
    }
    if (e == ERR_OK) {
        e = link_path(b);
    }
    if (e) {
        int why = errno;
        b->name[0] = '\0'; /* the link is not ours */
        bus_close(b);
        errno = why;
        return e;
    }
    *out = b;
    return ERR_OK;
}

void bus_close(struct bus *b)
{
    char at[sizeof b->name + 1] = "";
    ssize_t n = readlink(b->spec.path, at, sizeof at - 1);
    if (n > 0 && strcmp(at, b->name) == 0) {
        (void)unlink(b->spec.path);
    }
    if (b->watch) {
        loop_watch_close(b->watch);
    }
    if (b->timer) {
        loop_timer_close(b->timer);
    }
    if (b->master >= 0) {
        close(b->master);
        close(b->slave);
    }
}

void bus_set_baud(struct bus *b, int baud)
{
    b->line.baud = baud ? baud : b->spec.line.baud;
}

const struct bus_stats *bus_stats(const struct bus *b)
{
    return &b->stats;
}
