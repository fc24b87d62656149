/* A training run: stopped and taken up again it is the run that was not, whatever the threads;
 * divergence, a full disk and a folder in use cost nothing that was saved. */
#include "small_run.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

#include "track/frame_detector.h"
#include "train/start.h"
#include "weights/file.h"

/* What the callback does, and saw. */
struct watch {
    int stop_at; /* step; 0: never */
    int calls;
    uint64_t last;
    double first, loss, left; /* loss of the first step, and of the last */
    struct wt_recipe *recipe;
    double rate_then; /* takes effect after the first call; 0: none */
    bool full_disk;   /* from the first call on */
};

static bool on_step(void *user, const struct wt_train_step *s)
{
    struct watch *w = user;
    w->calls++;
    w->last = s->step;
    w->loss = s->loss;
    w->first = s->step == 1 ? s->loss : w->first;
    w->left = s->left;
    if (w->rate_then > 0 && s->epoch > 0)
        w->recipe->rate = w->rate_then;
    if (w->full_disk && s->epoch > 0) {
        const struct rlimit small = {4096, RLIM_INFINITY};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    }
    return (int)s->step != w->stop_at;
}

static const struct wt_weights *start_from; /* of the next runs; NULL: random */

static enum wt_status run(const char *name, struct wt_recipe *r, struct watch *w, int threads,
                          bool resume)
{
    const struct wt_train_options o = {.recipe = r,
                                       .faces = faces,
                                       .validation = faces,
                                       .folder = file(name, ""),
                                       .resume = resume,
                                       .from = start_from,
                                       .threads = threads,
                                       .loader_threads = threads,
                                       .level = wt_cpu_get()->level,
                                       .seed = 7,
                                       .step = on_step,
                                       .user = w};
    w->recipe = r;
    return wt_train_run(&o);
}

static void same_bytes(const char *a, const char *b)
{
    uint8_t *x = NULL, *y = NULL;
    size_t n = 0, m = 0;
    assert_int_equal(wt_file_read(a, 1 << 28, &x, &n), WT_OK);
    assert_int_equal(wt_file_read(b, 1 << 28, &y, &m), WT_OK);
    assert_int_equal(n, m);
    assert_memory_equal(x, y, n);
    free(x);
    free(y);
}

static void same_states(const char *a, const char *b, size_t least)
{
    struct wt_weights *x = NULL, *y = NULL;
    assert_int_equal(wt_weights_load(&x, a), WT_OK);
    assert_int_equal(wt_weights_load(&y, b), WT_OK);
    assert_int_equal(x->count, y->count);
    assert_true(x->count > least); /* values, squares, means, averages */
    for (size_t i = 0; i < x->count; i++) {
        assert_string_equal(x->tensor[i].name, y->tensor[i].name);
        assert_memory_equal(x->tensor[i].data, y->tensor[i].data,
                            x->tensor[i].count * sizeof(float));
    }
    wt_weights_destroy(&x);
    wt_weights_destroy(&y);
}

/* Steps in a log, which must count up by one. */
static int log_steps(const char *path)
{
    char line[256];
    int steps = 0;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_int_equal(strncmp(line, "step,epoch,loss,", 16), 0);
    while (fgets(line, sizeof line, f))
        assert_int_equal(atoi(line), ++steps);
    fclose(f);
    return steps;
}

/* In the middle of an epoch, at its end, and with another number of threads; both precisions, of
 * which one has the crops of the shipped networks. */
static void test_resume(void **state)
{
    for (int bf16 = 0; bf16 < 2; bf16++) {
        struct wt_recipe r = recipe();
        char whole[16], parts[16];
        struct watch w = {0};
        r.precision = bf16 ? WT_PRECISION_BF16 : WT_PRECISION_F32;
        r.augment.input = bf16 ? WT_INPUT_DEFAULT : WT_INPUT_MIN;
        snprintf(whole, sizeof whole, "whole%d", bf16);
        snprintf(parts, sizeof parts, "parts%d", bf16);
        assert_int_equal(run(whole, &r, &w, 2, false), WT_OK);
        assert_int_equal(w.calls, STEPS);
        assert_true(isfinite(w.loss) && w.left == 0);
        struct watch first = {.stop_at = 3}, second = {.stop_at = 4}, third = {0};
        assert_int_equal(run(parts, &r, &first, 1, false), WT_OK);
        assert_int_equal(run(parts, &r, &second, 2, true), WT_OK);
        assert_int_equal(run(parts, &r, &third, 3, true), WT_OK);
        assert_int_equal(first.calls + second.calls + third.calls, STEPS);
        same_states(file(whole, "state.safetensors"), file(parts, "state.safetensors"), 300);
        same_bytes(file(whole, "last.safetensors"), file(parts, "last.safetensors"));
        same_bytes(file(whole, "best.safetensors"), file(parts, "best.safetensors"));
        assert_int_equal(log_steps(file(whole, "log.csv")), STEPS);
        assert_int_equal(log_steps(file(parts, "log.csv")), STEPS);
        wt_recipe_fini(&r);
    }
}

static void test_folder_in_use(void **state)
{
    struct log_capture c;
    struct wt_recipe r = recipe();
    struct watch w = {.stop_at = 1};
    assert_int_equal(run("used", &r, &w, 1, false), WT_OK);
    log_capture_start(&c);
    assert_int_equal(run("used", &r, &w, 1, false), WT_ERR_ARGUMENT);
    assert_non_null(strstr(c.last, "--resume"));
    assert_int_equal(run("unused", &r, &w, 1, true), WT_ERR_IO);
    r.width = 32;
    assert_int_equal(run("used", &r, &w, 1, true), WT_ERR_FORMAT);
    r.width = 16;
    r.batch = 3;
    assert_int_equal(run("used", &r, &w, 1, true), WT_ERR_FORMAT);
    assert_int_equal(c.errors, 4);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    wt_recipe_fini(&r);
}

/* A rate beyond reason in the second epoch: one line says where, and the first epoch's files stay.
 */
static void test_divergence(void **state)
{
    struct log_capture c;
    struct wt_recipe r = recipe();
    struct watch w = {.stop_at = 2}, worse = {.rate_then = 1e30};
    char before[600];
    assert_int_equal(run("diverged", &r, &w, 2, false), WT_OK);
    snprintf(before, sizeof before, "cp '%s' '%s'", file("diverged", "state.safetensors"),
             file("state.before", ""));
    assert_int_equal(system(before), 0);
    log_capture_start(&c);
    r.rate = 1e30;
    assert_int_equal(run("diverged", &r, &worse, 2, true), WT_ERR_UNSUPPORTED);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    assert_int_equal(c.errors, 1);
    assert_non_null(strstr(c.last, "diverged at step 4"));
    assert_non_null(strstr(c.last, "epoch 1, batch 1"));
    assert_non_null(strstr(c.last, "list.txt:"));
    same_bytes(file("diverged", "state.safetensors"), file("state.before", ""));
    wt_recipe_fini(&r);
}

static void test_full_disk(void **state)
{
    struct log_capture c;
    struct rlimit old;
    struct wt_recipe r = recipe();
    struct watch w = {.stop_at = 2}, full = {.full_disk = true}, again = {0};
    assert_int_equal(run("full", &r, &w, 2, false), WT_OK);
    char copy[600];
    snprintf(copy, sizeof copy, "cp '%s' '%s'", file("full", "state.safetensors"),
             file("full.before", ""));
    assert_int_equal(system(copy), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    log_capture_start(&c);
    assert_int_equal(run("full", &r, &full, 2, true), WT_ERR_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    assert_int_equal(c.errors, 1);
    same_bytes(file("full", "state.safetensors"), file("full.before", ""));
    assert_int_equal(run("full", &r, &again, 2, true), WT_OK);
    same_states(file("full", "state.safetensors"), file("whole0", "state.safetensors"), 300);
    wt_recipe_fini(&r);
}

/* The errors of a log, by epoch: nme [most]. Returns how many. */
static int log_errors(const char *path, double *nme, int most)
{
    char line[256];
    int epochs = 0;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        int step, epoch;
        double v;
        if (sscanf(line, "%d,%d,%*f,%*f,%*f,%*f,%*f,%lf", &step, &epoch, &v) != 3)
            continue;
        assert_true(epoch < most);
        if (step == (epoch + 1) * (FACES / BATCH))
            nme[epochs++] = v;
    }
    fclose(f);
    return epochs;
}

/* Noise cannot be learnt: the error rises before long, and so many epochs later the run ends, with
 * the best weights of all kept. */
static void test_early_stop(void **state)
{
    enum { MANY = 200 };
    struct wt_recipe r = recipe();
    struct watch w = {0};
    struct wt_weights *best = NULL;
    double nme[MANY];
    char text[32];
    r.epochs = MANY;
    r.patience = 2;
    assert_int_equal(run("early", &r, &w, 2, false), WT_OK);
    assert_true(w.left > 0 && w.calls < MANY * (FACES / BATCH));
    const int n = log_errors(file("early", "log.csv"), nme, MANY);
    assert_int_equal(n * (FACES / BATCH), w.calls);
    int at = 0, worse = 0;
    for (int i = 1; i < n; i++) {
        assert_true(worse < 2); /* it did not stop too late */
        at = nme[i] < nme[at] ? i : at;
        worse = i - at;
    }
    assert_int_equal(worse, 2); /* nor too early */
    assert_int_equal(wt_weights_load(&best, file("early", "best.safetensors")), WT_OK);
    snprintf(text, sizeof text, "%.4f", nme[at]);
    assert_string_equal(wt_weights_get_meta(best, "val_nme"), text);
    wt_weights_destroy(&best);
    wt_recipe_fini(&r);
}

/* Compares the vectors of saved weights with an array of the state. Returns how many differ. */
static int vectors_unlike(const char *name, const char *weights, const char *array)
{
    struct wt_weights *w = NULL, *s = NULL;
    int unlike = 0, seen = 0;
    assert_int_equal(wt_weights_load(&w, file(name, weights)), WT_OK);
    assert_int_equal(wt_weights_load(&s, file(name, "state.safetensors")), WT_OK);
    for (size_t i = 0; i < w->count; i++) {
        char key[128];
        const struct wt_tensor *t = &w->tensor[i];
        snprintf(key, sizeof key, "%s.%s", array, t->name);
        const struct wt_tensor *a = wt_weights_find(s, key);
        if (t->dims != 1 || !a || a->count != t->count)
            continue;
        seen++;
        unlike += memcmp(a->data, t->data, t->count * sizeof(float)) != 0;
    }
    assert_true(seen > 50);
    wt_weights_destroy(&w);
    wt_weights_destroy(&s);
    return unlike;
}

/* The average changes nothing in training; it is what is measured and kept. */
static void test_average(void **state)
{
    struct wt_recipe with = recipe(), without = recipe();
    struct watch a = {0}, b = {0};
    double one[EPOCHS], two[EPOCHS];
    with.average = 0.9;
    without.average = 0;
    assert_int_equal(run("with", &with, &a, 2, false), WT_OK);
    assert_int_equal(run("without", &without, &b, 2, false), WT_OK);
    assert_true(a.loss == b.loss && a.calls == b.calls);
    assert_int_equal(vectors_unlike("with", "last.safetensors", "average"), 0);
    assert_true(vectors_unlike("with", "last.safetensors", "value") > 50);
    assert_int_equal(vectors_unlike("without", "last.safetensors", "value"), 0);
    assert_int_equal(log_errors(file("with", "log.csv"), one, EPOCHS), EPOCHS);
    assert_int_equal(log_errors(file("without", "log.csv"), two, EPOCHS), EPOCHS);
    assert_true(one[EPOCHS - 1] != two[EPOCHS - 1]);
    wt_recipe_fini(&with);
    wt_recipe_fini(&without);
}

/* Pairs of views count in the loss and in what is learned; such a run, too, goes on as if it had
 * not stopped, whatever the threads. */
static void test_pairs(void **state)
{
    enum { ALL = 2 * EPOCHS }; /* of five faces, two and their second views a batch */
    struct wt_recipe r = recipe();
    struct watch whole = {0}, first = {.stop_at = 3}, rest = {0}, alone = {0};
    r.batch = 4;
    r.pairs = 0.5;
    r.pair_weight = 5;
    r.rate = 1e-2;
    assert_int_equal(run("pairs", &r, &whole, 1, false), WT_OK);
    assert_int_equal(whole.calls, ALL);
    assert_int_equal(run("pairs2", &r, &first, 3, false), WT_OK);
    assert_int_equal(run("pairs2", &r, &rest, 2, true), WT_OK);
    assert_int_equal(first.calls + rest.calls, ALL);
    same_states(file("pairs", "state.safetensors"), file("pairs2", "state.safetensors"), 300);
    r.pair_weight = 0;
    assert_int_equal(run("pairs3", &r, &alone, 1, false), WT_OK);
    assert_true(isfinite(whole.loss) && whole.loss > alone.loss + 0.05);
    assert_true(vectors_unlike("pairs3", "last.safetensors", "average") == 0);
    wt_recipe_fini(&r);
}

/* Weights of coordinates in a run's last weights: [0] that are 0, [1] that are not. */
static void count_coords(const char *name, int zero[2])
{
    struct wt_weights *w = NULL;
    assert_int_equal(wt_weights_load(&w, file(name, "last.safetensors")), WT_OK);
    zero[0] = zero[1] = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct wt_tensor *t = &w->tensor[i];
        const int64_t coords = wt_hourglass_coords(t->name);
        const int64_t area = coords ? t->shape[2] * t->shape[3] : 1;
        for (int64_t k = 0; coords && k < (int64_t)t->count; k++)
            if (k / area % t->shape[1] >= t->shape[1] - coords)
                zero[t->data[k] != 0]++;
    }
    wt_weights_destroy(&w);
}

/* Without CoordConv the coordinates' weights stay 0 to the end, also from weights that have them,
 * and what is kept is a network like any other; without the boundary its map learns nothing. */
static void test_boundary(void **state)
{
    static const char *const name[] = {"coordconv", "channel", "none", "from"};
    for (int i = 0; i < 4; i++) {
        struct wt_recipe r = recipe();
        struct watch w = {0};
        struct wt_weights *start = NULL, *last = NULL;
        const struct wt_arch arch = {.stacks = 2, .width = 16, .points = 68};
        int zero[2];
        r.stacks = 2;
        r.weight_decay = 0;
        r.target.boundary = i < 3 ? (enum wt_boundary)i : WT_BOUNDARY_CHANNEL;
        assert_int_equal(wt_weights_create(&start), WT_OK);
        assert_int_equal(wt_start_random(start, &arch, 7), WT_OK);
        start_from = i == 3 ? start : NULL;
        assert_int_equal(run(name[i], &r, &w, 2, false), WT_OK);
        start_from = NULL;
        count_coords(name[i], zero);
        assert_int_equal(zero[0] + zero[1], 3 * 4 * 49 + 3 * 16 + 5 * 16);
        if (i == 0) /* masked ones may lie outside every mask */
            assert_true(zero[0] <= 2 * 16);
        else
            assert_int_equal(zero[1], 0);
        assert_int_equal(wt_weights_load(&last, file(name[i], "last.safetensors")), WT_OK);
        const float *a = wt_weights_find(start, "l1.weight")->data + 68 * 16;
        const float *b = wt_weights_find(last, "l1.weight")->data + 68 * 16;
        int moved = 0;
        for (int k = 0; k < 16; k++)
            moved += a[k] != b[k];
        assert_int_equal(moved, i == 2 ? 0 : 16);
        wt_weights_destroy(&start);
        wt_weights_destroy(&last);
        wt_recipe_fini(&r);
    }
}

/* What a run tells before its first step and at each validation: seed and start are the folder's
 * own, whatever the call that goes on says. */
struct told {
    int begun, validated;
    struct wt_train_facts facts;
    char from[64];
    uint64_t last;
    double nme; /* mean over the faces of the last validation */
    double logged;
};

static void told_begin(void *user, const struct wt_train_facts *facts)
{
    struct told *t = user;
    t->begun++;
    t->facts = *facts;
    snprintf(t->from, sizeof t->from, "%s", facts->from ? facts->from : "");
}

static void told_validated(void *user, const struct wt_train_validation *v)
{
    struct told *t = user;
    t->validated++;
    t->last = v->step;
    t->nme = 0;
    for (int i = 0; i < FACES; i++)
        t->nme += v->face[i].nme / FACES;
}

static bool told_step(void *user, const struct wt_train_step *s)
{
    struct told *t = user;
    t->logged = s->nme;
    return s->step != 3;
}

static void test_told(void **state)
{
    struct wt_recipe r = recipe();
    struct wt_weights from = {.path = "some/where.safetensors"};
    struct told first = {0}, second = {0};
    struct wt_train_options o = {.recipe = &r,
                                 .faces = faces,
                                 .validation = faces,
                                 .folder = file("told", ""),
                                 .from = &from,
                                 .threads = 2,
                                 .loader_threads = 1,
                                 .level = wt_cpu_get()->level,
                                 .seed = 99,
                                 .begin = told_begin,
                                 .validated = told_validated,
                                 .step = told_step,
                                 .user = &first};
    assert_int_equal(wt_train_run(&o), WT_OK);
    assert_true(first.begun == 1 && first.validated == 1 && first.last == 2);
    assert_true(first.facts.seed == 99 && first.facts.step == 0 && first.facts.batch == 0);
    assert_int_equal(first.facts.epoch_batches, FACES / BATCH);
    assert_true(fabs(first.nme - first.logged) < 1e-9 * first.nme);
    o.user = &second;
    o.seed = 5;
    o.from = NULL;
    o.resume = true;
    assert_int_equal(wt_train_run(&o), WT_OK);
    assert_true(second.begun == 1 && second.validated == 2 && second.last == STEPS);
    assert_true(second.facts.seed == 99 && second.facts.step == 3 && second.facts.batch == 1);
    assert_string_equal(first.from, "some/where.safetensors");
    assert_string_equal(second.from, first.from);
    wt_recipe_fini(&r);
}

/* A detector's run, too, is the same with a stop; what it leaves is a detector. */
static void test_detector(void **state)
{
    static const struct wt_detector_options options = {.threads = 1};
    struct wt_recipe r = recipe();
    struct watch w = {0}, first = {.stop_at = 3}, second = {0};
    struct wt_weights *weights = NULL;
    struct wt_frame_detector *d = NULL;
    r.task = WT_TASK_DETECTOR;
    assert_int_equal(run("boxes", &r, &w, 2, false), WT_OK);
    assert_int_equal(w.calls, STEPS);
    assert_true(w.loss > 0 && isfinite(w.loss));
    assert_int_equal(run("boxes2", &r, &first, 1, false), WT_OK);
    assert_int_equal(run("boxes2", &r, &second, 3, true), WT_OK);
    same_states(file("boxes", "state.safetensors"), file("boxes2", "state.safetensors"), 250);
    same_bytes(file("boxes", "last.safetensors"), file("boxes2", "last.safetensors"));
    assert_int_equal(wt_weights_load(&weights, file("boxes", "best.safetensors")), WT_OK);
    assert_non_null(wt_weights_get_meta(weights, "val_error"));
    assert_null(wt_weights_get_meta(weights, "points"));
    assert_int_equal(wt_frame_detector_create(&d, weights, &options), WT_OK);
    wt_frame_detector_destroy(&d);
    wt_weights_destroy(&weights);
    wt_recipe_fini(&r);
}

/* Loss, targets and maps belong together: from random weights a detector soon knows its faces. */
static void test_detector_learns(void **state)
{
    struct wt_recipe r = recipe();
    struct watch w = {0};
    r.task = WT_TASK_DETECTOR;
    r.epochs = 60;
    r.rate = 3e-3;
    r.frames.mosaic = 0;
    assert_int_equal(run("learns", &r, &w, 2, false), WT_OK);
    print_message("loss %.2f, then %.2f\n", w.first, w.loss);
    assert_true(w.loss < 0.6 * w.first);
    wt_recipe_fini(&r);
}

/* A smaller network's crop: it trains, its files say so, and they are networks of that size.
 * Weights of another size may begin it. */
static void test_input(void **state)
{
    static const int input[] = {128, 192};
    for (int i = 0; i < 2; i++) {
        struct wt_recipe r = recipe();
        struct watch w = {.stop_at = 2};
        struct wt_weights *start = NULL, *last = NULL;
        struct wt_arch arch = {.stacks = 1, .width = 16, .points = 68, .input = 256};
        const char *name = i ? "input192" : "input128";
        r.augment.input = input[i];
        assert_int_equal(wt_weights_create(&start), WT_OK);
        assert_int_equal(wt_start_random(start, &arch, 7), WT_OK);
        start_from = start;
        assert_int_equal(run(name, &r, &w, 2, false), WT_OK);
        start_from = NULL;
        assert_int_equal(w.last, 2);
        assert_true(isfinite(w.loss));
        assert_int_equal(wt_weights_load(&last, file(name, "last.safetensors")), WT_OK);
        assert_int_equal(wt_arch_from_weights(last, &arch), WT_OK);
        assert_int_equal(arch.input, input[i]);
        wt_weights_destroy(&start);
        wt_weights_destroy(&last);
        wt_recipe_fini(&r);
    }
}

/* A state that somebody or something has changed is refused in one line, and stays as it is. */
static void test_broken_state(void **state)
{
    static const char *const numbers[][2] = {
        {"step", "-3"},    {"step", "nan"},
        {"step", "1e18"},  {"step", "1.5"},
        {"step", "x"},     {"epoch", "nan"},
        {"epoch", "-1"},   {"epoch", "1e300"},
        {"batch", "1e18"}, {"batch", ""},
        {"seconds", "-1"}, {"seconds", "nan"},
        {"best", "nan"},   {"best", "-1"},
        {"nme", "-2"},     {"worse", "-1"},
        {"worse", "1e12"}, {"batch_size", "2.5"},
        {"seed", "x"},     {"seed", "-1"},
        {"seed", ""},      {"seed", "99999999999999999999999"},
    };
    struct wt_recipe r = recipe();
    struct watch w = {.stop_at = 1};
    struct log_capture c;
    assert_int_equal(run("broken", &r, &w, 1, false), WT_OK);
    char name[600];
    snprintf(name, sizeof name, "%s", file("broken", "state.safetensors"));
    const size_t cases = sizeof numbers / sizeof *numbers;
    for (size_t i = 0; i <= cases + 1; i++) {
        struct wt_weights *good = NULL, *bad = NULL;
        assert_int_equal(wt_weights_load(&good, name), WT_OK);
        assert_int_equal(wt_weights_load(&bad, name), WT_OK);
        if (i < cases)
            assert_int_equal(wt_weights_set_meta(bad, numbers[i][0], numbers[i][1]), WT_OK);
        else /* of a parameter, and of what the optimiser keeps */
            bad->tensor[i == cases ? 0 : bad->count - 1].data[0] = i == cases ? NAN : INFINITY;
        assert_int_equal(wt_weights_save(bad, name), WT_OK);
        log_capture_start(&c);
        const enum wt_status status = run("broken", &r, &w, 1, true);
        wt_set_log(NULL, NULL, WT_LOG_INFO);
        if (status != WT_ERR_FORMAT || c.errors != 1)
            fail_msg("case %zu: status %d, %d lines", i, status, c.errors);
        assert_int_equal(wt_weights_save(good, name), WT_OK);
        wt_weights_destroy(&good);
        wt_weights_destroy(&bad);
    }
    struct watch rest = {0};
    assert_int_equal(run("broken", &r, &rest, 1, true), WT_OK);
    assert_int_equal(rest.calls, STEPS - 1);
    wt_recipe_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_resume),
                                       cmocka_unit_test(test_broken_state),
                                       cmocka_unit_test(test_folder_in_use),
                                       cmocka_unit_test(test_divergence),
                                       cmocka_unit_test(test_full_disk),
                                       cmocka_unit_test(test_early_stop),
                                       cmocka_unit_test(test_average),
                                       cmocka_unit_test(test_boundary),
                                       cmocka_unit_test(test_told),
                                       cmocka_unit_test(test_detector),
                                       cmocka_unit_test(test_detector_learns),
                                       cmocka_unit_test(test_input),
                                       cmocka_unit_test(test_pairs)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
