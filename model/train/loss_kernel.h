/* The loss of a run of elements, once for each instruction set (loss_kernel.c). Private to loss.c.
 */
#ifndef WT_MODEL_LOSS_KERNEL_H
#define WT_MODEL_LOSS_KERNEL_H

#include "train/loss.h"

/* As wt_loss_run. */
typedef double wt_loss_fn(const struct wt_loss *loss, const struct wt_loss_maps *maps, int cells,
                          int stride, float scale);

/* Data, not functions: code for every processor may hold them in a table (tests/kernels/isa.sh). */
extern wt_loss_fn *const wt_loss_run__c, *const wt_loss_run__avx2, *const wt_loss_run__avx512;

#endif
