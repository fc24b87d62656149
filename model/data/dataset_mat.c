#include "data/dataset_mat.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "data/any_case.h"
#include "data/bad_lines.h"
#include "data/dataset_build.h"
#include "data/mat_check.h"
#include "data/matio.h"
#include "weights/file.h"
#include "weights/text.h"

enum { PATH_BYTES = 4096, COFW_POINTS = 29, AFLW_POINTS = 19, AFLW_TRAIN = 20000 };

static const size_t FILE_BYTES_MAX = (size_t)1 << 32;

struct reader {
    const char *path, *images; /* images: NULL or a folder */
    size_t bytes;              /* of the file */
    mat_t *file;
    struct wt_dataset_builder build;
    struct wt_bad_lines bad; /* rows */
};

/* A matrix or cell array of the file with `rows` rows. */
struct table {
    matvar_t *var;
    size_t rows, columns;
};

/* Messages of libmatio itself. */
static void log_matio(int level, char *message)
{
    wt_log(WT_LOG_DEBUG, "matio: %s", message);
}

/* ---- values -----------------------------------------------------------------------------------
 */

static double number(const matvar_t *v, size_t i)
{
    switch (v->data_type) {
    case MAT_T_DOUBLE:
        return ((const double *)v->data)[i];
    case MAT_T_SINGLE:
        return (double)((const float *)v->data)[i];
    case MAT_T_INT32:
        return ((const int32_t *)v->data)[i];
    case MAT_T_UINT32:
        return ((const uint32_t *)v->data)[i];
    case MAT_T_INT16:
        return ((const int16_t *)v->data)[i];
    case MAT_T_UINT16:
        return ((const uint16_t *)v->data)[i];
    case MAT_T_INT8:
        return ((const int8_t *)v->data)[i];
    case MAT_T_UINT8:
        return ((const uint8_t *)v->data)[i];
    default:
        return NAN;
    }
}

/* MATLAB stores columns one after the other. */
static double at(const struct table *t, size_t row, size_t column)
{
    return number(t->var, row + column * t->rows);
}

static bool is_cell(const matvar_t *v)
{
    return v->class_type == MAT_C_CELL;
}

/* Only then are there as many values as its size says. */
static bool is_numbers(const matvar_t *v)
{
    return v->class_type >= MAT_C_DOUBLE && v->class_type <= MAT_C_UINT64;
}

/* Is there room in the file for the values of a table, whose size alone is known? Packed, a byte
 * becomes 1032 at most. */
static bool believable(const struct reader *r, const matvar_t *v)
{
    double values = 1;
    for (int i = 0; i < v->rank; i++)
        values *= (double)v->dims[i];
    return values <= 1032.0 * (double)r->bytes;
}

/* Reads a variable; rows 0: takes what is there, else it must be that many; columns 0: a cell
 * array, or any number of them. */
static enum wt_status get(struct reader *r, const char *name, bool cells, size_t rows,
                          size_t columns, struct table *out)
{
    out->var = wt_matio()->Mat_VarReadInfo(r->file, name);
    if (!out->var || !believable(r, out->var))
        return wt_fail(WT_ERR_FORMAT, "%s: no usable table %s in it", r->path, name);
    wt_matio()->Mat_VarFree(out->var);
    matvar_t *v = wt_matio()->Mat_VarRead(r->file, name);
    out->var = v;
    if (!v || !v->data || v->rank != 2 || is_cell(v) != cells || v->isComplex)
        return wt_fail(WT_ERR_FORMAT, "%s: no usable table %s in it", r->path, name);
    out->rows = v->dims[0];
    out->columns = v->dims[1];
    if (cells && out->rows == 1) { /* a row of cells is as good as a column */
        out->rows = v->dims[1];
        out->columns = 1;
    }
    if (!out->rows || !out->columns || (rows && out->rows != rows) ||
        (columns && out->columns != columns) ||
        (!cells && (!is_numbers(v) ||
                    v->nbytes < out->rows * out->columns * wt_matio()->Mat_SizeOf(v->data_type) ||
                    isnan(number(v, 0)))))
        return wt_fail(WT_ERR_FORMAT, "%s: table %s is %zu x %zu, not what was expected", r->path,
                       name, out->rows, out->columns);
    return WT_OK;
}

static const matvar_t *cell(const struct table *t, size_t i)
{
    return ((matvar_t **)t->var->data)[i];
}

/* Points from columns x0.. and y0.. on. false: one is not a number in range. */
static bool get_points(const struct table *t, size_t row, int n, double shift, struct wt_point *out)
{
    for (int i = 0; i < n; i++) {
        const double x = at(t, row, (size_t)i) + shift,
                     y = at(t, row, (size_t)n + (size_t)i) + shift;
        if (!(fabs(x) < 1e5 && fabs(y) < 1e5))
            return false;
        out[i] = (struct wt_point){(float)x, (float)y};
    }
    return true;
}

/* ---- COFW -------------------------------------------------------------------------------------
 */

/* A uint8 matrix [h][w] or [h][w][3], column by column, to a picture of rows. */
static bool get_picture(const matvar_t *v, struct wt_picture *out)
{
    if (!v || !v->data || v->class_type != MAT_C_UINT8 || v->data_type != MAT_T_UINT8 ||
        (v->rank != 2 && v->rank != 3) || (v->rank == 3 && v->dims[2] != 3))
        return false;
    const size_t h = v->dims[0], w = v->dims[1], colours = v->rank == 3 ? 3 : 1;
    if (h < 1 || w < 1 || h > 16384 || w > 16384 || v->nbytes < h * w * colours)
        return false;
    const uint8_t *from = v->data;
    out->pixels = malloc(h * w * colours);
    if (!out->pixels)
        return false;
    for (size_t y = 0; y < h; y++)
        for (size_t x = 0; x < w; x++)
            for (size_t c = 0; c < colours; c++)
                out->pixels[(y * w + x) * colours + c] = from[(c * w + x) * h + y];
    out->image = (struct wt_image){out->pixels, (int)w, (int)h, (ptrdiff_t)(w * colours),
                                   colours == 3 ? WT_PIXEL_RGB24 : WT_PIXEL_GRAY8};
    return true;
}

static enum wt_status take_cofw_row(struct reader *r, const struct table *pictures,
                                    const struct table *points, const struct table *boxes,
                                    size_t row)
{
    struct wt_point p[COFW_POINTS];
    struct wt_picture picture = {.pixels = NULL};
    char name[32];
    if (!get_points(points, row, COFW_POINTS, -1, p))
        return wt_bad_line(&r->bad, (int)row + 1, "a point is not a number in range");
    if (!get_picture(cell(pictures, row), &picture))
        return wt_bad_line(&r->bad, (int)row + 1, "the picture is not one of bytes, grey or RGB");
    snprintf(name, sizeof name, "face %zu", row + 1);
    const struct wt_dataset_entry entry = {
        .name = name,
        .line = (int)row + 1,
        .points = COFW_POINTS,
        .point = p,
        .box = {(float)at(boxes, row, 0) - 1, (float)at(boxes, row, 1) - 1,
                (float)at(boxes, row, 2), (float)at(boxes, row, 3)},
        .picture = &picture};
    enum wt_status status = wt_dataset_builder_add(&r->build, &entry);
    wt_picture_fini(&picture);
    return status;
}

static enum wt_status take_cofw(struct reader *r, bool training)
{
    struct table pictures = {0}, points = {0}, boxes = {0};
    enum wt_status status = get(r, training ? "IsTr" : "IsT", true, 0, 0, &pictures);
    if (!status) /* x, y and whether it is hidden */
        status =
            get(r, training ? "phisTr" : "phisT", false, pictures.rows, 3 * COFW_POINTS, &points);
    if (!status)
        status = get(r, training ? "bboxesTr" : "bboxesT", false, pictures.rows, 4, &boxes);
    for (size_t i = 0; i < pictures.rows && !status; i++) {
        status = take_cofw_row(r, &pictures, &points, &boxes, i);
        wt_matio()->Mat_VarFree(
            ((matvar_t **)pictures.var->data)[i]); /* both copies would be a gigabyte */
        ((matvar_t **)pictures.var->data)[i] = NULL;
        if (status == WT_ERR_FORMAT)
            status = WT_OK; /* counted; continue with the next */
    }
    wt_matio()->Mat_VarFree(pictures.var);
    wt_matio()->Mat_VarFree(points.var);
    wt_matio()->Mat_VarFree(boxes.var);
    return status;
}

/* ---- AFLW -------------------------------------------------------------------------------------
 */

struct aflw {
    struct table name, point, box, visible, order;
    uint8_t *test; /* [rows] */
    char folder[PATH_BYTES];
};

/* Sets the folder where the first picture is. */
static enum wt_status find_images(const struct reader *r, struct aflw *a, const char *first)
{
    static const char *const tries[] = {"", "images/", "flickr/", "data/flickr/"};
    const char *slash = strrchr(r->path, '/');
    const int base = slash ? (int)(slash - r->path) + 1 : 0;
    if (r->images) {
        snprintf(a->folder, sizeof a->folder, "%s/", r->images);
        return WT_OK;
    }
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        char file[PATH_BYTES + 512];
        snprintf(a->folder, sizeof a->folder, "%.*s%s", base, r->path, tries[i]);
        snprintf(file, sizeof file, "%s%s", a->folder, first);
        if (wt_readable_any_case(file))
            return WT_OK;
    }
    return wt_fail(WT_ERR_IO,
                   "%s: picture %s is neither beside it nor in images, flickr or data/flickr there",
                   r->path, first);
}

/* Text of a cell; MATLAB writes 16 bits a character, older files 8. */
static bool get_name(const matvar_t *v, char *out, size_t size)
{
    if (!v || v->class_type != MAT_C_CHAR || !v->data || v->rank != 2 || v->dims[0] != 1 ||
        v->dims[1] < 1 || v->dims[1] >= size)
        return false;
    for (size_t i = 0; i < v->dims[1]; i++) {
        const unsigned c = v->data_type == MAT_T_UINT16 || v->data_type == MAT_T_UTF16
                               ? ((const uint16_t *)v->data)[i]
                               : ((const uint8_t *)v->data)[i];
        if (c < 0x20 || c > 0x7e)
            return false;
        out[i] = (char)c;
    }
    out[v->dims[1]] = '\0';
    return true;
}

static enum wt_status take_aflw_row(struct reader *r, struct aflw *a, size_t row)
{
    enum { TRAIN = 1, TEST = 2, FRONTAL = 4 };
    struct wt_point p[AFLW_POINTS];
    char name[512], image[PATH_BYTES];
    bool all = true;
    if (!get_name(cell(&a->name, row), name, sizeof name))
        return wt_bad_line(&r->bad, (int)row + 1, "the picture's name is not text");
    if (!get_points(&a->point, row, AFLW_POINTS, 0, p))
        return wt_bad_line(&r->bad, (int)row + 1, "a point is not a number in range");
    for (int i = 0; i < AFLW_POINTS; i++)
        if (at(&a->visible, row, (size_t)i) < 0.5) {
            p[i] = (struct wt_point){NAN, NAN};
            all = false;
        }
    if (snprintf(image, sizeof image, "%s%s", a->folder, name) >= (int)sizeof image ||
        !wt_readable_any_case(image))
        return wt_bad_line(&r->bad, (int)row + 1, "%s: no such picture",
                           wt_printable(name, strlen(name)).text);
    const float left = (float)at(&a->box, row, 0), right = (float)at(&a->box, row, 1);
    const float top = (float)at(&a->box, row, 2), bottom = (float)at(&a->box, row, 3);
    const struct wt_dataset_entry entry = {.image = image,
                                           .name = name,
                                           .line = (int)row + 1,
                                           .points = AFLW_POINTS,
                                           .point = p,
                                           .box = {left, top, right - left, bottom - top},
                                           .subsets =
                                               a->test[row] ? TEST | (all ? FRONTAL : 0) : TRAIN};
    return wt_dataset_builder_add(&r->build, &entry);
}

/* Which faces are for the test: those after the first 20,000 of the published order. */
static enum wt_status split_aflw(struct reader *r, struct aflw *a)
{
    const size_t rows = a->name.rows;
    a->test = calloc(rows, 1);
    if (!a->test)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->path);
    for (size_t i = 0; i < rows; i++) {
        const double face = number(a->order.var, i);
        if (!(face >= 1 && face <= (double)rows))
            return wt_fail(WT_ERR_FORMAT, "%s: table ra is not an order of the faces", r->path);
        a->test[(size_t)face - 1] = i >= AFLW_TRAIN;
    }
    return WT_OK;
}

static enum wt_status take_aflw(struct reader *r)
{
    char first[512];
    struct aflw *a = calloc(1, sizeof *a);
    if (!a)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->path);
    enum wt_status status = get(r, "nameList", true, 0, 1, &a->name);
    const size_t rows = a->name.rows;
    if (!status)
        status = get(r, "data", false, rows, 2 * AFLW_POINTS, &a->point);
    if (!status)
        status = get(r, "bbox", false, rows, 4, &a->box);
    if (!status)
        status = get(r, "mask_new", false, rows, AFLW_POINTS, &a->visible);
    if (!status)
        status = get(r, "ra", false, 0, 0, &a->order);
    if (!status && a->order.rows * a->order.columns != rows)
        status = wt_fail(WT_ERR_FORMAT, "%s: table ra is not an order of the faces", r->path);
    if (!status)
        status = split_aflw(r, a);
    if (!status && get_name(cell(&a->name, 0), first, sizeof first))
        status = find_images(r, a, first);
    for (size_t i = 0; i < rows && !status; i++) {
        status = take_aflw_row(r, a, i);
        if (status == WT_ERR_FORMAT)
            status = WT_OK;
    }
    wt_matio()->Mat_VarFree(a->name.var);
    wt_matio()->Mat_VarFree(a->point.var);
    wt_matio()->Mat_VarFree(a->box.var);
    wt_matio()->Mat_VarFree(a->visible.var);
    wt_matio()->Mat_VarFree(a->order.var);
    free(a->test);
    free(a);
    return status;
}

/* ---- either -----------------------------------------------------------------------------------
 */

static bool has(mat_t *file, const char *name)
{
    matvar_t *v = wt_matio()->Mat_VarReadInfo(file, name);
    const bool there = v != NULL;
    wt_matio()->Mat_VarFree(v);
    return there;
}

enum wt_status wt_dataset_open_mat(struct wt_dataset *out, const char *path, const char *images)
{
    struct reader r = {
        .path = path, .bad = {.path = path}, .images = images, .build = {.path = path}};
    enum wt_status status = WT_OK;
    bool aflw = false;
    wt_matio()->Mat_LogInitFunc("wingtip", log_matio);
    uint8_t *bytes = NULL;
    status = wt_file_read(path, FILE_BYTES_MAX, &bytes, &r.bytes);
    if (status)
        return status;
    const bool plausible = wt_mat_plausible(bytes, r.bytes);
    free(bytes);
    if (!plausible)
        return wt_fail(
            WT_ERR_FORMAT,
            "%s: damaged, or with other things in it than numbers, texts, cells and structs "
            "of MATLAB 5 to 7",
            path);
    r.file = wt_matio()->Mat_Open(path, MAT_ACC_RDONLY);
    if (!r.file)
        return wt_fail(WT_ERR_FORMAT, "%s: not a MATLAB file, or a damaged one", path);
    const bool cofw = has(r.file, "phisTr") || has(r.file, "phisT");
    if (cofw && images)
        status = wt_fail(WT_ERR_ARGUMENT, "%s: COFW brings its pictures; no folder for them", path);
    else if (cofw)
        status = take_cofw(&r, has(r.file, "phisTr"));
    else if ((aflw = has(r.file, "mask_new")))
        status = take_aflw(&r);
    else
        status =
            wt_fail(WT_ERR_FORMAT, "%s: neither COFW (phisTr, phisT) nor AFLW-19 (mask_new)", path);
    wt_matio()->Mat_Close(r.file);
    if (!status)
        status = wt_bad_lines_end(&r.bad);
    if (!status)
        status = wt_dataset_builder_finish(&r.build, out);
    wt_dataset_builder_fini(&r.build);
    if (!status && aflw) {
        static const char *const subset[] = {"train", "test", "frontal"};
        out->subsets = 3;
        for (int i = 0; i < 3; i++)
            out->subset[i] = subset[i];
    }
    return status;
}
