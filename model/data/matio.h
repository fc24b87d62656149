/* libmatio, in a module of its own (base/module.h), as it brings thirty libraries with it and is
 * wanted only where a list of faces is a MATLAB file: wt_matio()->Mat_Open(...). Private to
 * model/data. Thread-safe. */
#ifndef WT_MODEL_MATIO_H
#define WT_MODEL_MATIO_H

#include <matio.h>

/* What is used of it: a function that is called without being here is not found by the linker. */
#define WT_MATIO_FUNCTIONS(F)                                                                      \
    F(Mat_Close)                                                                                   \
    F(Mat_LogInitFunc)                                                                             \
    F(Mat_Open)                                                                                    \
    F(Mat_SizeOf)                                                                                  \
    F(Mat_VarFree)                                                                                 \
    F(Mat_VarRead)                                                                                 \
    F(Mat_VarReadInfo)

#define WT_MATIO_POINTER(name) __typeof__(name) *name;
struct wt_matio_functions {
    WT_MATIO_FUNCTIONS(WT_MATIO_POINTER)
};

/* Opens the module at the first call. */
const struct wt_matio_functions *wt_matio(void);

#endif
