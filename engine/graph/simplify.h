/* Algebra on a graph before it becomes a plan: the same function with fewer products.
 *
 * One rule, for what stands between two stacks of the hourglass: in x + A f + B (L f), with A, B
 * and L convolutions of 1x1 without anything between B and L, the two last are linear in f, so that
 * x + (A + B L) f gives the same. */
#ifndef WT_ENGINE_SIMPLIFY_H
#define WT_ENGINE_SIMPLIFY_H

#include "base/arena.h"
#include "graph/graph.h"

/* Makes `out` a simplified copy of g; new parameters live in `memory`, the others where they were.
 * Nodes that became needless stay in the list without inputs and users. The caller calls
 * wt_graph_fini(out), also after an error. Errors: MEMORY. */
enum wt_status wt_simplify(const struct wt_graph *g, struct wt_graph *out, struct wt_arena *memory);

#endif
