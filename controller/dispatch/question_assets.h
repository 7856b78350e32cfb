/* The parts of a question, one function each: internal to dispatch/question*.c. */
#ifndef KILNWATT_DISPATCH_QUESTION_ASSETS_H
#define KILNWATT_DISPATCH_QUESTION_ASSETS_H

#include "controller/dispatch/question.h"

struct question_buses {
    int electricity, heat, gas; /* heat and gas -1 when the park has none */
    double valley_yuan_per_kwh; /* least import price of the horizon */
    double gas_yuan_per_kwh;
};

/* Start of a step. */
wall_t question_at(const struct question_facts *f, const struct problem *p, uint32_t step);
/* Fills the demand charge of a grid whose tariff prices the month's peak. */
must_check enum err question_demand(const struct question_facts *f, struct problem *p,
                                    struct problem_grid *g);
/* Each adds one device; nothing for kinds it is not made for. */
must_check enum err question_device(const struct question_facts *f, struct problem *p,
                                    const struct question_buses *b, int device);
/* Adds machines, recipes, firings and energy jobs. */
must_check enum err question_orders(const struct question_facts *f, struct problem *p,
                                    const struct question_buses *b);

#endif
