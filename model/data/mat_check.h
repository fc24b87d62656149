/* Can what a MATLAB file (level 5) says of its variables be true? libmatio believes it: a file of
 * two kilobytes makes it reserve gigabytes. Checked before libmatio sees the file. Stateless,
 * thread-safe. */
#ifndef WT_MODEL_MAT_CHECK_H
#define WT_MODEL_MAT_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* false: some table, or a cell inside one, claims more values than there are bytes for, or memory
 * ran out while that was found out; a variable that landmarks never come in (sparse, objects,
 * function handles), which libmatio reads on trust; a file of level 4 (before 1999, nobody's
 * labels), which has no mark of its own: anything would be read as one. Level 7.3 (HDF5) is not
 * looked into: true. */
bool wt_mat_plausible(const uint8_t *bytes, size_t size);

#ifdef __cplusplus
}
#endif
#endif
