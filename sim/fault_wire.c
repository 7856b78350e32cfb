/* What faults of the wire find to act on: units, registers, scale factors, longer values. Runs
 * in the simulator. */
#include "sim/fault_table.h"

static int none(const char **why, const char *reason)
{
    *why = reason;
    return 0;
}

static const struct profile *profile_of(const struct fault_target *t, int part)
{
    return t->all->profile[t->device * PARTS_MAX + part];
}

static int parts_of(const struct fault_target *t)
{
    return t->all->park->device[t->device].parts;
}

int fault_begin_served(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    return parts_of(t) ? 1 : none(why, "it has no unit on the wire");
}

int fault_begin_byte_count(const struct fault_target *t, const double *arg, const char **why)
{
    return arg[0] != 0 ? fault_begin_served(t, arg, why) : none(why, "0 is what is right");
}

/* Points of the device that fit. */
static int count(const struct fault_target *t,
                 bool (*fits)(const struct profile_point *pt, double wanted), double wanted)
{
    int n = 0;
    for (int part = 0; part < parts_of(t); part++) {
        const struct profile *f = profile_of(t, part);
        for (int i = 0; i < f->points; i++) {
            n += fits(&f->point[i], wanted);
        }
    }
    return n;
}

static bool covers(const struct profile_point *pt, double addr)
{
    int write = pt->write_addr >= 0 ? pt->write_addr : pt->addr, words = reg_words(pt->type);
    return (addr >= pt->addr && addr < pt->addr + words) ||
           (pt->write_fc && addr >= write && addr < write + words);
}

static bool scales(const struct profile_point *pt, double wanted)
{
    (void)wanted;
    return pt->read_fc && pt->sf_addr >= 0;
}

static bool is_long(const struct profile_point *pt, double wanted)
{
    (void)wanted;
    return pt->read_fc && reg_words(pt->type) > 1;
}

int fault_begin_exception(const struct fault_target *t, const double *arg, const char **why)
{
    if (arg[1] < 0) {
        return fault_begin_served(t, arg, why);
    }
    int n = count(t, covers, arg[1]);
    return n ? n : none(why, "no point of it has this register");
}

int fault_begin_scale_factor(const struct fault_target *t, const double *arg, const char **why)
{
    int n = arg[0] != 0 ? count(t, scales, 0) : 0;
    return n ? n : none(why, "no point of it has a scale factor register, or the step is 0");
}

int fault_begin_torn(const struct fault_target *t, const double *arg, const char **why)
{
    (void)arg;
    int n = count(t, is_long, 0);
    return n ? n : none(why, "none of its values is longer than one word");
}
