/* What a training run begins with and what it saves. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/folder.h"
#include "train/learn.h"
#include "train/start.h"
#include "train/train_internal.h"
#include "weights/card.h"
#include "weights/file.h"
#include "weights/text.h"

#define STATE "state.safetensors"

struct run_path {
    char text[PATH_MAX];
};

/* A file of a run's folder. Of a name that is too long there is no file, which whoever opens it
 * says. */
static struct run_path path_in(const char *folder, const char *name)
{
    struct run_path path;
    snprintf(path.text, sizeof path.text, "%s/%s", folder, name);
    return path;
}

/* NULL: random weights. */
static enum wt_status keep_path(struct wt_train *t, const char *path)
{
    free(t->from);
    t->from = NULL;
    if (path) /* files hold UTF-8 */
        t->from = strdup(wt_utf8_valid(path, strlen(path)) ? path
                                                           : wt_printable(path, strlen(path)).text);
    return path && !t->from ? wt_fail(WT_ERR_MEMORY, "out of memory for training") : WT_OK;
}

enum wt_status wt_train_begin(struct wt_train *t)
{
    enum wt_status status = wt_weights_create(&t->weights);
    if (!status)
        status = t->task->random(t);
    if (!status && t->options.from)
        wt_start_from(t->weights, t->options.from);
    if (!status && wt_train_plain(t))
        wt_start_zero_coords(t->weights);
    return !status && t->options.from ? keep_path(t, t->options.from->path) : status;
}

/* ---- weights files ---- */

void wt_train_export(struct wt_train *t, bool average)
{
    wt_learn_export(t->tape, average ? t->optimiser : NULL, t->weights);
}

/* What a file of weights says of itself: of landmarks also the sizes and the crop. */
static enum wt_status describe(struct wt_train *t)
{
    const bool landmarks = t->recipe->task == WT_TASK_LANDMARKS;
    char text[6][40];
    const struct {
        const char *key;
        bool there;
    } meta[6] = {{WT_META_WIDTH, true},
                 {WT_META_STACKS, landmarks},
                 {WT_META_POINTS, landmarks},
                 {WT_META_INPUT, landmarks},
                 {WT_META_CROP_FACTOR, landmarks},
                 {landmarks ? WT_META_VAL_NME : WT_META_VAL_ERROR, !isnan(t->nme)}};
    enum wt_status status = WT_OK;
    snprintf(text[0], sizeof *text, "%d", t->arch.width);
    snprintf(text[1], sizeof *text, "%d", t->arch.stacks);
    snprintf(text[2], sizeof *text, "%d", t->arch.points);
    snprintf(text[3], sizeof *text, "%d", t->arch.input);
    snprintf(text[4], sizeof *text, "%g", t->recipe->augment.crop_factor);
    snprintf(text[5], sizeof *text, "%.4f", t->nme);
    for (int i = 0; i < 6 && !status; i++)
        status = wt_weights_set_meta(t->weights, meta[i].key, meta[i].there ? text[i] : NULL);
    return status;
}

static enum wt_status save_weights(struct wt_train *t, const char *name)
{
    wt_train_export(t, true);
    enum wt_status status = describe(t);
    return status ? status : wt_weights_save(t->weights, path_in(t->options.folder, name).text);
}

enum wt_status wt_train_save_best(struct wt_train *t)
{
    if (!wt_ranks_first(t->options.ranks))
        return WT_OK;
    return save_weights(t, "best.safetensors");
}

/* ---- state ---- */

/* Calls fn with `user` for every array of the state: parameters' values, and what the optimiser
 * keeps. */
typedef enum wt_status array_fn(void *user, const char *name, float *data, size_t count);

static enum wt_status each_array(struct wt_train *t, void *user, array_fn *fn)
{
    char name[96];
    enum wt_status status = WT_OK;
    for (int i = 0; i < wt_tape_params(t->tape); i++) {
        struct wt_tape_param *p = wt_tape_param(t->tape, i);
        snprintf(name, sizeof name, "value.%s", p->name);
        status = status ? status : fn(user, name, p->value, p->count);
        for (int k = 0; k < wt_optimiser_arrays(t->optimiser); k++) {
            float *array = wt_optimiser_array(t->optimiser, k, i);
            snprintf(name, sizeof name, "%s.%s", wt_optimiser_array_name(t->optimiser, k), p->name);
            if (array && !status)
                status = fn(user, name, array, p->count);
        }
    }
    return status;
}

static enum wt_status put_array(void *to, const char *name, float *data, size_t count)
{
    struct wt_tensor *t = wt_weights_add(to, name, 1, (int64_t[]){(int64_t)count});
    if (!t)
        return wt_fail(WT_ERR_MEMORY, "out of memory for the state of training");
    memcpy(t->data, data, count * sizeof *data);
    return WT_OK;
}

static enum wt_status get_array(void *from, const char *name, float *data, size_t count)
{
    const struct wt_weights *w = from;
    const struct wt_tensor *t = wt_weights_find(w, name);
    if (!t || t->count != count)
        return wt_fail(WT_ERR_FORMAT,
                       "%s: %s is missing or of another size: the recipe has changed since",
                       w->path, name);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(t->data[i]))
            return wt_fail(WT_ERR_FORMAT, "%s: %s holds a number that is not finite", w->path,
                           name);
    memcpy(data, t->data, count * sizeof *data);
    return WT_OK;
}

static enum wt_status put_number(struct wt_weights *w, const char *key, double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    return wt_weights_set_meta(w, key, text);
}

/* Numbers of the state: whole ones below 2^53, and times. */
static enum wt_status put_numbers(const struct wt_train *t, struct wt_weights *w)
{
    char seed[24];
    const struct {
        const char *key;
        double value;
    } number[] = {{"step", (double)wt_optimiser_steps(t->optimiser)},
                  {"epoch", (double)t->epoch},
                  {"batch", (double)t->batch},
                  {"batch_size", t->recipe->batch},
                  {"seconds", t->seconds},
                  {"best", t->best},
                  {"nme", t->nme},
                  {"worse", t->worse}};
    snprintf(seed, sizeof seed, "%" PRIu64, t->seed);
    enum wt_status status = wt_weights_set_meta(w, "seed", seed);
    if (!status && t->from)
        status = wt_weights_set_meta(w, "from", t->from);
    for (size_t i = 0; i < sizeof number / sizeof *number && !status; i++)
        status = put_number(w, number[i].key, number[i].value);
    return status;
}

/* A number of the state from low to high, neither of which is NaN, but the number may be where
 * `unknown`. */
static double get_number(const struct wt_weights *w, const char *key, double low, double high,
                         bool unknown, bool *ok)
{
    const char *text = wt_weights_get_meta(w, key);
    char *end = NULL;
    const double value = text ? strtod(text, &end) : 0;
    if (!text || end == text || *end ||
        !((value >= low && value <= high) || (unknown && isnan(value))))
        *ok = false;
    return value;
}

static uint64_t get_count(const struct wt_weights *w, const char *key, double high, bool *ok)
{
    const double value = get_number(w, key, 0, high, false, ok);
    if (*ok && value != floor(value))
        *ok = false;
    return *ok ? (uint64_t)value : 0;
}

static bool get_seed(const struct wt_weights *w, uint64_t *seed)
{
    const char *text = wt_weights_get_meta(w, "seed");
    char *end = NULL;
    if (!text || !isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *seed = strtoull(text, &end, 10);
    return !*end && !errno;
}

static enum wt_status get_numbers(struct wt_train *t, const struct wt_weights *w)
{
    const double most = 9007199254740992.0; /* 2^53: whole numbers up to there are exact */
    bool ok = true;
    const uint64_t step = get_count(w, "step", most, &ok);
    const uint64_t size = get_count(w, "batch_size", most, &ok);
    t->epoch = get_count(w, "epoch", most, &ok);
    t->batch = get_count(w, "batch", INT_MAX, &ok);
    t->seconds = get_number(w, "seconds", 0, most, false, &ok);
    t->best = get_number(w, "best", 0, INFINITY, false, &ok);
    t->nme = get_number(w, "nme", 0, INFINITY, true, &ok);
    t->worse = (int)get_count(w, "worse", INT_MAX, &ok);
    if (!get_seed(w, &t->seed) || !ok)
        return wt_fail(WT_ERR_FORMAT, "%s: not the state of a training run", w->path);
    if (size != (uint64_t)t->recipe->batch)
        return wt_fail(WT_ERR_FORMAT,
                       "%s: the run has batches of %" PRIu64 " faces, the recipe of %d", w->path,
                       size, t->recipe->batch);
    wt_optimiser_set_steps(t->optimiser, step);
    return keep_path(t, wt_weights_get_meta(w, "from"));
}

/* Is there a run where one is to go on, and none where one begins? */
static enum wt_status check_state(const char *folder, bool resume)
{
    const bool there = access(path_in(folder, STATE).text, F_OK) == 0;
    if (there && !resume)
        return wt_fail(WT_ERR_ARGUMENT,
                       "%s: holds a training run; go on with --resume, or give another folder",
                       folder);
    if (!there && resume)
        return wt_fail(WT_ERR_IO, "%s: holds no training run to go on with", folder);
    return WT_OK;
}

/* Two runs would write the same files: what each has learned would be lost to the other's. A file
 * system without such locks is taken as it is. */
static enum wt_status lock_folder(const char *folder, int *lock)
{
    *lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock >= 0 && flock(*lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(*lock);
        *lock = -1;
        return wt_fail(WT_ERR_IO, "%s: another run is training in this folder", folder);
    }
    return WT_OK;
}

enum wt_status wt_train_take_folder(struct wt_train *t)
{
    const enum wt_status status = lock_folder(t->options.folder, &t->folder);
    return status ? status : check_state(t->options.folder, t->options.resume);
}

enum wt_status wt_train_check_folder(const char *folder, bool resume)
{
    int lock = -1;
    enum wt_status status = wt_make_folders(folder, 0777);
    if (!status)
        status = lock_folder(folder, &lock);
    if (lock >= 0)
        close(lock);
    return status ? status : check_state(folder, resume);
}

enum wt_status wt_train_save(struct wt_train *t)
{
    struct wt_weights *w = NULL;
    if (!wt_ranks_first(t->options.ranks))
        return WT_OK;
    enum wt_status status = wt_weights_create(&w);
    if (!status)
        status = put_numbers(t, w);
    if (!status)
        status = each_array(t, w, put_array);
    if (!status)
        status = wt_weights_save(w, path_in(t->options.folder, STATE).text);
    wt_weights_destroy(&w);
    return status ? status : save_weights(t, "last.safetensors");
}

enum wt_status wt_train_load(struct wt_train *t)
{
    struct wt_weights *w = NULL;
    enum wt_status status = wt_weights_load(&w, path_in(t->options.folder, STATE).text);
    if (!status)
        status = get_numbers(t, w);
    if (!status)
        status = each_array(t, w, get_array);
    wt_weights_destroy(&w);
    return status;
}

static enum wt_status share_array(void *ranks, const char *name, float *data, size_t count)
{
    wt_ranks_share(ranks, data, count * sizeof *data);
    return WT_OK;
}

/* Do the ranks run the same recipe and lists? Otherwise they would wait for each other for ever. */
static enum wt_status check_alike(struct wt_train *t)
{
    const struct wt_faces *validation = t->options.validation;
    const uint64_t mine[] = {(uint64_t)t->recipe->batch,
                             (uint64_t)t->recipe->epochs,
                             (uint64_t)t->recipe->patience,
                             (uint64_t)(t->recipe->minutes * 60),
                             (uint64_t)t->arch.stacks,
                             (uint64_t)t->arch.width,
                             (uint64_t)t->arch.points,
                             (uint64_t)t->arch.input,
                             (uint64_t)wt_optimiser_arrays(t->optimiser),
                             wt_faces_epoch_size(t->options.faces),
                             wt_faces_count(t->options.faces),
                             validation ? wt_faces_count(validation) : 0};
    uint64_t first[sizeof mine / sizeof *mine];
    memcpy(first, mine, sizeof first);
    wt_ranks_share(t->options.ranks, first, sizeof first);
    if (memcmp(first, mine, sizeof first) == 0)
        return WT_OK;
    return wt_fail(WT_ERR_ARGUMENT, "other faces or another recipe than on rank 0");
}

enum wt_status wt_train_share(struct wt_train *t)
{
    uint64_t steps = wt_optimiser_steps(t->optimiser);
    const struct {
        void *at;
        size_t size;
    } number[] = {{&steps, sizeof steps},       {&t->epoch, sizeof t->epoch},
                  {&t->batch, sizeof t->batch}, {&t->seed, sizeof t->seed},
                  {&t->best, sizeof t->best},   {&t->nme, sizeof t->nme},
                  {&t->worse, sizeof t->worse}, {&t->seconds, sizeof t->seconds}};
    if (!t->options.ranks)
        return WT_OK;
    const enum wt_status status = wt_ranks_agree(t->options.ranks, check_alike(t));
    if (status)
        return status;
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        wt_ranks_share(t->options.ranks, number[i].at, number[i].size);
    wt_optimiser_set_steps(t->optimiser, steps);
    return each_array(t, (void *)t->options.ranks, share_array);
}

/* ---- log ---- */

static const char head[] = "step,epoch,loss,rate,gradient,faces_per_s,seconds,nme\n";

/* Lines of the log whose step the state has seen. */
static enum wt_status keep_lines(struct wt_train *t, struct wt_file_writer *w, const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    const uint64_t steps = wt_optimiser_steps(t->optimiser);
    if (!t->options.resume || access(path, F_OK) != 0)
        return WT_OK;
    enum wt_status status = wt_file_read(path, (size_t)1 << 30, &bytes, &size);
    for (char *line = (char *)bytes, *end; !status && line && *line; line = end) {
        end = strchr(line, '\n');
        if (!end++)
            break;
        const uint64_t step = strtoull(line, NULL, 10);
        if (step > 0 && step <= steps)
            wt_file_writer_put(w, line, (size_t)(end - line));
    }
    free(bytes);
    return status;
}

enum wt_status wt_train_open_log(struct wt_train *t)
{
    const struct run_path path = path_in(t->options.folder, "log.csv");
    struct wt_file_writer w = {0};
    enum wt_status status = wt_file_writer_init(&w, path.text);
    if (!status) {
        wt_file_writer_put(&w, head, sizeof head - 1);
        status = keep_lines(t, &w, path.text);
    }
    if (!status)
        status = wt_file_writer_commit(&w);
    wt_file_writer_fini(&w);
    if (!status && !(t->log = fopen(path.text, "a")))
        status = wt_fail(WT_ERR_IO, "%s: %s", path.text, strerror(errno));
    return status;
}
