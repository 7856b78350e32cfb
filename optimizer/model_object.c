/* Which columns of the model decide one thing together: a firing, a unit for some hours, a job.
 * Pure. */
#include "optimizer/model.h"

/* Length of a part of the day that a unit's states share a number in. */
static const double PART_S = 3 * 3600;

static void name(int *of, int first, int count, int object)
{
    for (int k = 0; k < count && first >= 0; k++) {
        of[first + k] = object;
    }
}

/* A unit's states by parts of the day: switching it off costs one thing in the morning and
 * another at night, and one candidate for all of it is seldom the best. Returns the next
 * number. */
static int name_unit(const struct model *md, int *of, uint32_t unit, int n)
{
    const struct problem *p = md->p;
    for (uint32_t t = 0, from = 0; md->on[unit] >= 0 && t < p->steps; t++) {
        if (problem_begin_s(p, t) - problem_begin_s(p, from) >= PART_S) {
            from = t;
            n++;
        }
        name(of, md->on[unit] + (int)t, 1, n);
    }
    return n + 1;
}

int model_objects(const struct model *md, int *of)
{
    const struct problem *p = md->p;
    int n = 1;
    name(of, 0, md->m.cols, 0);
    for (uint32_t i = 0; i < p->order_count; i++, n++) {
        name(of, md->order[i].first, md->order[i].count, n);
        name(of, md->order[i].skip, 1, n);
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        n = name_unit(md, of, i, n);
    }
    for (uint32_t i = 0; i < p->job_count; i++, n++) {
        name(of, md->run[i], p->job[i].to_step - p->job[i].from_step, n);
    }
    for (int c = 0; c < md->m.cols; c++) {
        of[c] = md->m.integer[c] && of[c] == 0 ? n++ : of[c];
    }
    return n;
}
