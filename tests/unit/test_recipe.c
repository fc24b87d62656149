/* Recipes: what is read, what is refused and with which words, that the documentation is itself a
 * recipe, and that the ones that come along are good. */
#include "support.h"

#include <math.h>

#include "train/recipe.h"

static char folder[256], path[300];
static struct log_capture captured;

static int setup(void **state)
{
    scratch_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/a.recipe", folder);
    return 0;
}

static int teardown(void **state)
{
    return remove_folder(folder);
}

static enum wt_status read_text(const char *text, struct wt_recipe *r)
{
    write_file(path, text, strlen(text));
    log_capture_start(&captured);
    return wt_recipe_read(r, path);
}

static void test_read(void **state)
{
    struct wt_recipe r;
    char want[400];
    assert_int_equal(read_text("\xEF\xBB\xBF# byte order mark and all\r\n"
                               "\n"
                               "data = faces/a.txt\r\n"
                               "  data=/abs/b#1.txt@test*2   # behind a blank: a comment\n"
                               "validation = v.txt\n"
                               "points = 68\n"
                               "\tloss = wing\n"
                               "theta = 0.25\n"
                               "centre = cells\n"
                               "boundary = none\n"
                               "schedule = step\n"
                               "steps = 80, 160 200\n"
                               "skip_broken = yes\n"
                               "rate = 2.5e-4",
                               &r),
                     WT_OK);
    assert_int_equal(captured.lines, 0);
    assert_int_equal(r.sources, 2);
    snprintf(want, sizeof want, "%s/faces/a.txt", folder);
    assert_string_equal(r.data[0], want);
    assert_string_equal(r.data[1], "/abs/b#1.txt@test*2");
    snprintf(want, sizeof want, "%s/v.txt", folder);
    assert_string_equal(r.validation, want);
    assert_true(r.points == 68 && r.skip_broken && r.rate == 2.5e-4);
    assert_true(r.loss.kind == WT_LOSS_WING && r.loss.theta == 0.25f);
    assert_true(r.loss.omega == 10 && r.loss.epsilon == 2); /* Wing's own */
    assert_int_equal(r.target.centre, WT_CENTRE_CELLS);
    assert_int_equal(r.target.boundary, WT_BOUNDARY_NONE);
    assert_true(r.schedule == WT_LEARNING_RATE_STEP && r.steps == 3 && r.step[2] == 200);
    assert_true(r.width == 128 && r.augment.rotation == 50); /* defaults */
    wt_recipe_fini(&r);
    assert_null(r.validation);
    wt_recipe_fini(&r);

    assert_int_equal(read_text("", &r), WT_OK);
    assert_int_equal(r.target.boundary, WT_BOUNDARY_COORDCONV);
    wt_recipe_fini(&r);
    /* What is given stays, whatever the order. */
    assert_int_equal(read_text("omega = 3\nloss = wing\n", &r), WT_OK);
    assert_true(r.loss.omega == 3 && r.loss.epsilon == 2);
    wt_recipe_fini(&r);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"nonsense = 1\n", ":1: nonsense: unknown key"},
        {"# x\nbatch\n", ":2: batch: a line is: key = value"},
        {"batch =\n", ":1: batch: no value"},
        {"batch = # none\n", ":1: batch: no value"},
        {"= 3\n", ":1: : unknown key"},
        {"batch = eight\n", ":1: batch: \"eight\" is not a number"},
        {"batch = 8x\n", "\"8x\" is not a number"},
        {"batch = 8.5\n", "8.5 is not a whole number"},
        {"batch = 0\n", "0 is out of range (1 to 1024)"},
        {"batch = nan\n", "not a number"},
        {"rate = inf\n", "not a number"},
        {"flip = 1.5\n", "1.5 is out of range (0 to 1)"},
        {"batch = 8\n\nbatch = 9\n", ":3: batch: given before, in line 1"},
        {"loss = l2\n", ":1: loss: \"l2\" is not one of awing, wing, mse"},
        {"skip_broken = maybe\n", "not one of no, yes"},
        {"points = 21\n", ":1: points: no scheme has 21 points"},
        {"\nwidth = 100\n", ":2: width: 100 is not a multiple of 16"},
        {"\ninput = 160\n", ":2: input: 160 is not 128, 192 or 256"},
        {"steps = 80 60\n", ":1: steps: 60 does not come after"},
        {"steps = 1 2 3 4 5 6 7 8 9\n", "more than 8 numbers"},
        {"steps = 80 x\n", "\"x\" is not a number"},
        {"border_constant = 0.7\nborder_replicate = 0.7\n", ":1: border_constant: with"},
        {"batch = 8\xff\n", ":1: line: not text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_recipe r;
        if (read_text(cases[i].text, &r) != WT_ERR_FORMAT || captured.errors != 1 ||
            !strstr(captured.last, cases[i].message) || !strstr(captured.last, path))
            fail_msg("case %zu: %d lines, \"%s\"", i, captured.errors, captured.last);
        assert_int_equal(r.sources, 0);
    }
    struct wt_recipe r;
    char many[2000] = "";
    for (int i = 0; i < 30; i++)
        strcat(many, "data = x\nbatch 8\n");
    assert_int_equal(read_text(many, &r), WT_ERR_FORMAT);
    assert_int_equal(captured.errors, 11);
    assert_non_null(strstr(captured.last, "30 bad lines in all"));
    log_capture_start(&captured);
    assert_int_equal(wt_recipe_read(&r, folder), WT_ERR_IO);
    assert_int_equal(captured.errors, 1);
    write_file(path, "batch = 8\0\n", 11);
    assert_int_equal(wt_recipe_read(&r, path), WT_ERR_FORMAT);
}

/* To be freed. */
static char *print(const struct wt_recipe *r)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    assert_non_null(f);
    wt_recipe_print(r, f);
    fclose(f);
    return text;
}

/* The documentation names every option with its help and, read back, gives the same recipe. */
static void test_printed(void **state)
{
    struct wt_recipe r, back;
    wt_recipe_init(&r);
    char *text = print(&r);
    int options = 0;
    for (const struct wt_recipe_option *o = wt_recipe_options(); o->name; o++) {
        char line[100];
        if (o->kind == WT_RECIPE_GROUP)
            continue;
        options++;
        assert_true(o->help && strlen(o->help) > 4);
        snprintf(line, sizeof line, "%s =", o->name);
        assert_non_null(strstr(text, line));
    }
    assert_true(options > 50);
    assert_int_equal(read_text(text, &back), WT_OK);
    char *again = print(&back);
    assert_string_equal(again, text);
    wt_recipe_fini(&back);
    free(text);
    free(again);
}

/* Damaged bytes: taken or refused with a line each, never more. */
static void test_damaged(void **state)
{
    char file[1200], text[8192];
    FILE *f = fopen(source_path("model/recipes/paper-wflw.recipe", file, sizeof file), "rb");
    assert_non_null(f);
    const size_t size = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    assert_true(size > 500 && size < sizeof text - 1);
    uint32_t x = 1;
    int refused = 0;
    for (int i = 0; i < 1500; i++) {
        struct wt_recipe r;
        char copy[8192];
        memcpy(copy, text, size);
        for (int k = 0; k < 1 + i % 4; k++) {
            x = x * 1664525u + 1013904223u;
            copy[(x >> 8) % size] = (char)(i % 2 ? x >> 24 : "=#.-9 \n"[x >> 29]);
        }
        write_file(path, copy, i % 3 ? size : (x >> 4) % size);
        log_capture_start(&captured);
        const enum wt_status status = wt_recipe_read(&r, path);
        assert_true(status == WT_OK ? captured.errors == 0 : captured.errors <= 11);
        assert_true(status == WT_OK || (status == WT_ERR_FORMAT && captured.errors > 0));
        refused += status != WT_OK;
        if (!status)
            wt_recipe_fini(&r);
    }
    assert_true(refused > 100 && refused < 1400);
}

static void test_shipped(void **state)
{
    static const char *const names[] = {"paper-wflw", "paper-300w", "live",
                                        "detector",   "synthetic",  "ablation"};
    for (int i = 0; i < 6; i++) {
        struct wt_recipe r;
        char name[64], file[1200];
        snprintf(name, sizeof name, "model/recipes/%s.recipe", names[i]);
        log_capture_start(&captured);
        if (wt_recipe_read(&r, source_path(name, file, sizeof file)) != WT_OK)
            fail_msg("%s", captured.last);
        assert_int_equal(wt_loss_check(&r.loss), WT_OK);
        if (i < 2) {
            assert_true(r.stacks == 4 && r.width == 256 && r.points == (i ? 68 : 98));
            assert_true(r.epochs == 240 && r.rate == 1e-4 && r.steps == 2 && r.step[1] == 160);
            assert_true(r.optimiser == WT_OPTIMISER_RMSPROP && r.weight_decay == 1e-5);
        } else if (i == 3) {
            assert_true(r.task == WT_TASK_DETECTOR && r.width == 32);
        } else if (i == 4) { /* no faces to choose weights by */
            assert_true(r.stacks == 1 && r.width == 128 && r.points == 98 && !r.validation);
            assert_true(r.minutes == 45 && r.schedule == WT_LEARNING_RATE_COSINE);
        } else if (i == 5) { /* leaves to its variants what they differ in */
            assert_true(r.stacks == 2 && r.loss.kind == WT_LOSS_AWING && r.loss.map_weight == 10);
            assert_int_equal(r.target.boundary, WT_BOUNDARY_COORDCONV);
        } else { /* what the defaults are said to be */
            struct wt_recipe d;
            wt_recipe_init(&d);
            char *a = print(&r), *b = print(&d);
            assert_string_equal(a, b);
            free(a);
            free(b);
        }
        wt_recipe_fini(&r);
    }
}

/* Steps that are not given are none: a constant rate, but for the warm-up. */
static void test_constant_rate(void **state)
{
    static const char text[] = "schedule = step\nrate = 0.25\nwarm_up = 0\n";
    struct wt_recipe r;
    char file[300];
    snprintf(file, sizeof file, "%s/constant.recipe", folder);
    write_file(file, text, sizeof text - 1);
    assert_int_equal(wt_recipe_read(&r, file), WT_OK);
    const struct wt_learning_rate rate = {.kind = (enum wt_learning_rate_kind)r.schedule,
                                          .base = r.rate,
                                          .factor = r.step_factor,
                                          .steps = r.steps};
    assert_true(rate.kind == WT_LEARNING_RATE_STEP && rate.steps == 0);
    for (int epoch = 0; epoch < 100; epoch += 33)
        assert_true(wt_learning_rate_at(&rate, (uint64_t)epoch * 10, epoch, epoch / 99.0) == 0.25);
    char *text_of = print(&r);
    assert_non_null(strstr(text_of, "# steps ="));
    free(text_of);
    wt_recipe_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_printed), cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_shipped), cmocka_unit_test(test_constant_rate),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
