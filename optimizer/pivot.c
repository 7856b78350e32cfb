/* Left-looking LU; only L is kept, because nobody asks for U. */
#include "optimizer/pivot.h"
#include <math.h>
#include <string.h>

/* Smallest pivot; of the largest entry in a column, a pivot for sparsity's sake. */
static const double PIVOT_MIN = 1e-6, PIVOT_PU = 0.2;

enum err pivot_init(struct pivot *p, const struct matrix *m, const bool *left_out,
                    struct arena *a)
{
    size_t n = (size_t)m->rows + 2;
    *p = (struct pivot){.m = m, .arena = a, .left_out = left_out, .room = 4 * m->nz + 64};
    p->place = arena_take(a, n, sizeof *p->place);
    p->begin = arena_take(a, n, sizeof *p->begin);
    p->at_row = arena_take(a, (size_t)p->room, sizeof *p->at_row);
    p->value = arena_take(a, (size_t)p->room, sizeof *p->value);
    p->work = arena_take(a, n, sizeof *p->work);
    p->row_nz = arena_take(a, n, sizeof *p->row_nz);
    p->seen = arena_take(a, n, sizeof *p->seen);
    p->stack = arena_take(a, n, sizeof *p->stack);
    p->next = arena_take(a, n, sizeof *p->next);
    p->reached = arena_take(a, n, sizeof *p->reached);
    if (!p->place || !p->begin || !p->at_row || !p->value || !p->work || !p->row_nz ||
        !p->seen || !p->stack || !p->next || !p->reached) {
        return ERR_NOMEM;
    }
    for (int r = 0; r < m->rows; r++) {
        p->place[r] = -1;
    }
    for (int i = 0; i < m->nz; i++) {
        p->row_nz[m->at_row[i]]++;
    }
    return ERR_OK;
}

/* Depth first from a row through the columns of L; rows come to `reached` after all that they
 * change, filled from the end. Returns the new front of `reached`. */
static int reach_from(struct pivot *p, int row, int front)
{
    int depth = 0;
    p->stack[0] = row;
    p->seen[row] = p->stamp;
    p->next[0] = p->place[row] < 0 ? 0 : p->begin[p->place[row]];
    while (depth >= 0) {
        int at = p->stack[depth], k = p->place[at], child = -1;
        while (k >= 0 && p->next[depth] < p->begin[k + 1] && child < 0) {
            int r = p->at_row[p->next[depth]++];
            child = p->seen[r] == p->stamp ? -1 : r;
        }
        if (child < 0) {
            p->reached[--front] = at;
            depth--;
            continue;
        }
        p->seen[child] = p->stamp;
        p->stack[++depth] = child;
        p->next[depth] = p->place[child] < 0 ? 0 : p->begin[p->place[child]];
    }
    return front;
}

/* work = L^-1 * column on the rows reached[front..]; returns front. */
static int eliminate(struct pivot *p, int col)
{
    const struct matrix *m = p->m;
    int front = m->rows;
    p->stamp++;
    for (int i = m->col_begin[col]; i < m->col_begin[col + 1]; i++) {
        int r = m->at_row[i];
        if (!p->left_out[r] && p->seen[r] != p->stamp) {
            front = reach_from(p, r, front);
        }
    }
    for (int i = front; i < m->rows; i++) {
        p->work[p->reached[i]] = 0;
    }
    for (int i = m->col_begin[col]; i < m->col_begin[col + 1]; i++) {
        if (!p->left_out[m->at_row[i]]) {
            p->work[m->at_row[i]] = m->value[i];
        }
    }
    for (int i = front; i < m->rows; i++) {
        int k = p->place[p->reached[i]];
        double v = p->work[p->reached[i]];
        for (int j = k < 0 || v == 0 ? 0 : p->begin[k]; k >= 0 && v != 0 && j < p->begin[k + 1];
             j++) {
            p->work[p->at_row[j]] -= v * p->value[j];
        }
    }
    return front;
}

/* The row with the fewest coefficients among those large enough; -1: dependent. */
static int choose(const struct pivot *p, int col, int front)
{
    double largest = 0, before = 0;
    for (int i = p->m->col_begin[col]; i < p->m->col_begin[col + 1]; i++) {
        before = fmax(before, fabs(p->m->value[i]));
    }
    for (int i = front; i < p->m->rows; i++) {
        int r = p->reached[i];
        largest = p->place[r] < 0 ? fmax(largest, fabs(p->work[r])) : largest;
    }
    int best = -1;
    for (int i = front; i < p->m->rows && largest > PIVOT_MIN * before; i++) {
        int r = p->reached[i];
        if (p->place[r] < 0 && fabs(p->work[r]) >= PIVOT_PU * largest &&
            (best < 0 || p->row_nz[r] < p->row_nz[best])) {
            best = r;
        }
    }
    return best;
}

/* Room for n more coefficients of L; the old arrays stay in the arena. */
static enum err grow(struct pivot *p, int n)
{
    int used = p->begin[p->count];
    if (used + n <= p->room) {
        return ERR_OK;
    }
    int room = 2 * p->room + n;
    int *at_row = arena_take(p->arena, (size_t)room, sizeof *at_row);
    double *value = arena_take(p->arena, (size_t)room, sizeof *value);
    if (!at_row || !value) {
        return ERR_NOMEM;
    }
    memcpy(at_row, p->at_row, (size_t)used * sizeof *at_row);
    memcpy(value, p->value, (size_t)used * sizeof *value);
    p->at_row = at_row;
    p->value = value;
    p->room = room;
    return ERR_OK;
}

enum err pivot_add(struct pivot *p, int col, bool *taken)
{
    int front = eliminate(p, col), best = choose(p, col, front);
    if (best < 0) {
        *taken = false;
        return ERR_OK;
    }
    enum err e = grow(p, p->m->rows - front);
    if (e != ERR_OK) {
        return e;
    }
    int nz = p->begin[p->count];
    for (int i = front; i < p->m->rows; i++) {
        int r = p->reached[i];
        if (p->place[r] < 0 && r != best && p->work[r] != 0) {
            p->at_row[nz] = r;
            p->value[nz++] = p->work[r] / p->work[best];
        }
    }
    p->place[best] = p->count++;
    p->begin[p->count] = nz;
    *taken = true;
    return ERR_OK;
}
