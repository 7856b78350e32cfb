/* Device profiles: one YAML file in etc/devices/ maps a device's registers to dictionary
 * points, read by the field role to talk to the device and, backwards, by the simulator to be
 * the device. Read once into a boot arena, constant afterwards. */
#ifndef KILNWATT_ADAPTERS_PROFILE_H
#define KILNWATT_ADAPTERS_PROFILE_H

#include "controller/park/park.h"

enum {
    PROFILE_POINTS_MAX = 32,
    PROFILE_MAP_MAX = 48,    /* rows of a point's value map */
    PROFILE_STEPS_MAX = 12,  /* steps of all write procedures of one point */
    PROFILE_CONST_MAX = 320, /* registers with a fixed content (identity, SunSpec headers) */
    PROFILE_VECTORS_MAX = 16
};

enum reg_type { REG_U16, REG_I16, REG_U32, REG_I32, REG_U64, REG_F32, REG_BIT, REG_TYPE_COUNT };
enum word_order { WORDS_HIGH_FIRST, WORDS_LOW_FIRST };
enum poll_class {
    POLL_FAST,
    POLL_NORMAL,
    POLL_SLOW
}; /* device's poll_s x 1 (pcc, battery: 0.2), x 1, x 10 */
enum scale_by { BY_ONE, BY_RATED_KW, BY_RATED_HEAT_KW };

/* raw register value <-> engineering value, for states and switches */
struct reg_map {
    int64_t raw;
    double value;
};
/* One write of a procedure, done when the point is set to `when`. */
struct reg_step {
    double when;
    int fc; /* 5, 6 or 16 */
    int addr;
    int words; /* 1 or 2 */
    uint16_t word[2];
    int wait_ms; /* after the write */
};

/* With a map: the value of the map's row for the raw value. Otherwise
 * value = raw x 10^sf x scale x by + offset. raw is what stands under the mask. */
struct profile_point {
    int row;        /* dictionary row of the profile's kind */
    int read_fc;    /* 1..4; 0 = cannot be read */
    int write_fc;   /* 0 read-only, 5, 6 or 16 */
    int addr;       /* wire address, 0-based */
    int write_addr; /* -1 = addr */
    enum reg_type type;
    enum word_order words; /* of the profile */
    int bit;               /* REG_BIT: bit number inside a u16 register, or 0 for FC 1/2 */
    uint64_t mask;         /* raw bits that count; all ones where the file gives none */
    double scale, offset;
    enum scale_by by;
    int sf_addr; /* SunSpec scale factor register (int16 exponent of ten, same fc), -1 = none */
    enum poll_class poll;
    double lo, hi; /* device's own range of a written value, engineering units */
    int maps;
    struct reg_map map[PROFILE_MAP_MAX]; /* first row with the raw, or with the value, counts */
    int steps;                           /* > 0: written by procedure instead of by value */
    struct reg_step step[PROFILE_STEPS_MAX];
    bool has_absent; /* raw value that means "not implemented" */
    uint64_t absent;
    double wear_per_day; /* most writes per day, 0 = no limit */
    int line, col;
};

/* A register whose content is fixed: identity or structure. `identity` rows must match before
 * the first write; the simulator serves them all, among them the scale factors that it then
 * goes by. */
struct profile_const {
    int fc, addr;
    uint16_t value;
    bool identity;
};

/* What the device does when the controller dies (reference: watchdog classes A to F). */
enum watchdog { WATCHDOG_A, WATCHDOG_B, WATCHDOG_C, WATCHDOG_D, WATCHDOG_E, WATCHDOG_F };
struct profile_watchdog {
    enum watchdog class;
    double timeout_s;       /* default of the device, or what we set; 0 for F */
    int timeout_row;        /* dictionary row that holds it, -1 */
    int fallback_row;       /* row that says what it falls to, -1 = always to `fallback` */
    int fallback_on_row;    /* row that says whether that is in force then, -1 */
    int guards_row;         /* setpoint that reverts, -1 */
    double fallback;        /* engineering value it falls to until told otherwise */
    int beat_fc, beat_addr; /* B: heartbeat register; addr -1 = none */
};

/* Golden vector: registers in, readings out, for a device whose rated powers are 1000 kW. */
struct profile_vector {
    int row;
    int fc, addr, words;
    uint16_t word[4];
    int16_t sf;
    double value;
};

struct profile {
    char name[NAME_LEN]; /* file name without .yaml */
    char vendor[48], model[48], source[200];
    enum kind kind;
    int trust; /* 0 remembered .. 4 verified on hardware */
    enum word_order words;
    int max_read, max_write; /* registers per request */
    int max_gap;             /* unused registers that a block may read across */
    int connect_quiet_ms, min_gap_ms, timeout_ms;
    int max_clients; /* connections that the device accepts, 0 = any */
    int points;
    struct profile_point point[PROFILE_POINTS_MAX];
    int consts;
    struct profile_const fixed[PROFILE_CONST_MAX];
    struct profile_watchdog watchdog;
    int vectors;
    struct profile_vector vector[PROFILE_VECTORS_MAX];
};

/* Reads and checks one profile (overlapping points, address ranges, writable point without
 * range or watchdog, missing source, unknown point or unit ...) for devices of kind `want`;
 * KIND_COUNT = the first kind that the file names. A file may serve several kinds (a meter also
 * serves a metered load): points that `want` does not have are then left out. ERR_CONFLICT when
 * the file does not serve `want`. Errors with their places go to `errors`. */
must_check enum err profile_load(struct arena *a, const char *path, enum kind want,
                                 struct profile **out, struct doc_errors *errors);
/* Profiles of all parts of all devices: out[device * PARTS_MAX + part]; a profile that several
 * devices name is read once. dir: folder of the profiles. A missing file or a kind that does
 * not fit the device is an error at the park file's place. */
must_check enum err profile_load_park(struct arena *a, const struct park *p, const char *dir,
                                      const struct profile ***out, struct doc_errors *errors);
/* Words that a value of this type takes: 1, 2 or 4. */
int reg_words(enum reg_type t);
/* Raw words (wire order, host-endian words) to an engineering value. sf: exponent, 0 if none.
 * ERR_RANGE when the words are the point's "not implemented" value or not finite; ERR_NOT_FOUND
 * when a map exists and has no row for the raw value. */
must_check enum err profile_decode(const struct profile_point *pt, const struct rating *r,
                                   const uint16_t *word, int sf, double *out);
/* The inverse, rounded to the nearest raw value. A bit or a masked value changes only its own
 * bits of word[], which must therefore be set. ERR_RANGE when it does not fit the type, or the
 * map has no row. */
must_check enum err profile_encode(const struct profile_point *pt, const struct rating *r,
                                   double value, int sf, uint16_t *word);

#endif
