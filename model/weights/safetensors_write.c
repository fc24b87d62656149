/* Writer of safetensors. */
#include <stdlib.h>
#include <string.h>

#include "weights/file.h"
#include "weights/half.h"
#include "weights/safetensors.h"
#include "weights/weights_internal.h"

static const struct {
    const char *name;
    size_t size;
} stored[] = {[WT_STORE_F32] = {"F32", 4},
              [WT_STORE_BF16] = {"BF16", 2},
              [WT_STORE_F16] = {"F16", 2},
              [WT_STORE_I8] = {"I8", 1}};

static void put_string(FILE *f, const char *s)
{
    putc('"', f);
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            putc('\\', f);
        if ((unsigned char)*s < 0x20)
            fprintf(f, "\\u%04x", *s);
        else
            putc(*s, f);
    }
    putc('"', f);
}

/* Tensors of four bytes come first, then those of two, so that every one lies on a multiple of its
 * own size. */
static const struct wt_tensor *next_tensor(const struct wt_weights *w, size_t *i, size_t *pass)
{
    static const size_t size[] = {4, 2, 1};
    for (; *pass < sizeof size / sizeof *size; (*pass)++, *i = 0)
        while (*i < w->count) {
            const struct wt_tensor *t = &w->tensor[(*i)++];
            if (stored[t->storage].size == size[*pass])
                return t;
        }
    return NULL;
}

static void put_header(FILE *f, const struct wt_weights *w)
{
    const struct wt_tensor *t;
    const char *separator = "";
    size_t offset = 0, i = 0, pass = 0;

    putc('{', f);
    if (w->metas) {
        fprintf(f, "\"%s\":{", WT_SAFETENSORS_META);
        for (size_t k = 0; k < w->metas; k++) {
            fputs(k ? "," : "", f);
            put_string(f, w->meta[k].key);
            putc(':', f);
            put_string(f, w->meta[k].value);
        }
        putc('}', f);
        separator = ",";
    }
    while ((t = next_tensor(w, &i, &pass))) {
        size_t end = offset + t->count * stored[t->storage].size;
        fputs(separator, f);
        put_string(f, t->name);
        fprintf(f, ":{\"dtype\":\"%s\",\"shape\":[", stored[t->storage].name);
        for (int k = 0; k < t->dims; k++)
            fprintf(f, "%s%jd", k ? "," : "", (intmax_t)t->shape[k]);
        fprintf(f, "],\"data_offsets\":[%zu,%zu]}", offset, end);
        offset = end;
        separator = ",";
    }
    putc('}', f);
}

static enum wt_status put_integers(struct wt_file_writer *file, const struct wt_weights *w,
                                   const struct wt_tensor *t, const char *path)
{
    int8_t *q = malloc(t->count ? t->count : 1);
    enum wt_status status =
        q ? wt_weights_fold(w, t, q) : wt_fail(WT_ERR_MEMORY, "%s: no memory for a tensor", path);
    if (!status)
        wt_file_writer_put(file, q, t->count);
    free(q);
    return status;
}

static void put_tensor(struct wt_file_writer *file, const struct wt_tensor *t)
{
    uint16_t half[1024];
    if (t->storage == WT_STORE_F32) {
        wt_file_writer_put(file, t->data, t->count * sizeof *t->data);
        return;
    }
    for (size_t i = 0; i < t->count;) {
        size_t n = t->count - i < 1024 ? t->count - i : 1024;
        for (size_t k = 0; k < n; k++)
            half[k] = t->storage == WT_STORE_BF16 ? wt_bf16_from_float(t->data[i + k])
                                                  : wt_f16_from_float(t->data[i + k]);
        wt_file_writer_put(file, half, n * sizeof *half);
        i += n;
    }
}

enum wt_status wt_weights_save(const struct wt_weights *w, const char *path)
{
    struct wt_file_writer file = {0};
    const struct wt_tensor *t;
    enum wt_status status;
    size_t i = 0, pass = 0;
    size_t size = 0;
    uint64_t padded;
    char *header = NULL;
    FILE *f = open_memstream(&header, &size);

    if (!f)
        return wt_fail(WT_ERR_MEMORY, "%s: no memory for the header", path);
    put_header(f, w);
    while (!ferror(f) && ftell(f) % 8) /* padding keeps the data on a multiple of eight bytes */
        putc(' ', f);
    if (ferror(f) | fclose(f)) {
        status = wt_fail(WT_ERR_MEMORY, "%s: no memory for the header", path);
        goto out;
    }
    status = wt_file_writer_init(&file, path);
    if (status)
        goto out;
    padded = size;
    wt_file_writer_put(&file, &padded, sizeof padded);
    wt_file_writer_put(&file, header, size);
    while ((t = next_tensor(w, &i, &pass)) && !status)
        if (t->storage == WT_STORE_I8)
            status = put_integers(&file, w, t, path);
        else
            put_tensor(&file, t);
    if (!status)
        status = wt_file_writer_commit(&file);
out:
    wt_file_writer_fini(&file);
    free(header);
    return status;
}
