/* One pass over the bodies per list. Runs in the simulator. */
#include "sim/body_lists.h"

static bool is_slow(const struct body *b)
{
    return !b->def->fast && b->def != &body_tank;
}

static bool is_fast(const struct body *b)
{
    return b->def->fast && b->def != &body_meter;
}

static bool is_on_bus(const struct body *b)
{
    return b->on_bus;
}

static bool is_meter(const struct body *b)
{
    return b->def == &body_meter;
}

static bool is_transformer(const struct body *b)
{
    return b->def == &body_transformer;
}

enum err body_lists_init(struct body_lists *l, struct arena *a, struct body *all, int n)
{
    const struct {
        struct bodies *to;
        bool (*takes)(const struct body *b);
    } row[] = {
        {&l->slow,         is_slow       },
        {&l->fast,         is_fast       },
        {&l->on_bus,       is_on_bus     },
        {&l->meters,       is_meter      },
        {&l->transformers, is_transformer},
    };
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        struct bodies list = {.of = arena_take(a, (size_t)n + 1, sizeof *list.of)};
        if (!list.of) {
            return ERR_NOMEM;
        }
        for (int i = 0; i < n; i++) {
            if (row[k].takes(&all[i])) {
                list.of[list.n++] = &all[i];
            }
        }
        *row[k].to = list;
    }
    return ERR_OK;
}

void bodies_step(const struct bodies *l, const struct env *e, double h_s)
{
    for (int i = 0; i < l->n; i++) {
        l->of[i]->def->step(l->of[i], e, h_s);
    }
}
