/* Which columns of the model decide one thing together: a firing, a unit, a job. Pure. */
#include "optimizer/model.h"

static void name(int *of, int first, int count, int object)
{
    for (int k = 0; k < count && first >= 0; k++) {
        of[first + k] = object;
    }
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
    for (uint32_t i = 0; i < p->converter_count; i++, n++) {
        name(of, md->on[i], (int)p->steps, n);
    }
    for (uint32_t i = 0; i < p->job_count; i++, n++) {
        name(of, md->run[i], p->job[i].to_step - p->job[i].from_step, n);
    }
    for (int c = 0; c < md->m.cols; c++) {
        of[c] = md->m.integer[c] && of[c] == 0 ? n++ : of[c];
    }
    return n;
}
