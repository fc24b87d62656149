/* Files whose names a list writes with other letter cases than the disk has, as lists from other
 * systems do. Stateless, thread-safe. */
#ifndef WT_MODEL_ANY_CASE_H
#define WT_MODEL_ANY_CASE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The path of the file in the same folder whose name differs by the case of ASCII letters alone:
 * the same name with its ending in capitals or small letters, else the only such file. false: there
 * is none, or more than one, or it cannot be read. Both paths are of one length, and may be one. */
bool wt_any_case(const char *path, char *out, size_t size);
/* Can it be read, as it is written (then path stays) or so (then path becomes that)? errno says why
 * not. */
bool wt_readable_any_case(char *path);

#ifdef __cplusplus
}
#endif
#endif
