/* Several ranks, here threads of one process: their training run is that of one rank with the whole
 * batch; what goes wrong on one of them ends all. */
#include "small_run.h"
#include "thread_ranks.h"

#include <signal.h>
#include <sys/resource.h>

/* Lines of all ranks. */
static struct log_capture captured;

static void capture_line(void *user, enum wt_log_level level, const char *line)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    log_capture_line(&captured, level, line);
    pthread_mutex_unlock(&lock);
}

static void capture_lines(void)
{
    memset(&captured, 0, sizeof captured);
    wt_set_log(capture_line, NULL, WT_LOG_DEBUG);
}

struct job {
    const char *name;
    struct wt_recipe *recipe;
    const struct wt_faces *faces;
    bool resume, full_disk;
    int stop_at, calls; /* step after which this rank wants to stop; 0: never */
    double loss[STEPS + 1], nme;
};

static bool on_step(void *user, const struct wt_train_step *s)
{
    struct job *j = user;
    j->calls++;
    j->nme = s->nme;
    if (s->step <= STEPS)
        j->loss[s->step] = s->loss;
    if (j->full_disk) {
        const struct rlimit small = {4096, RLIM_INFINITY};
        setrlimit(RLIMIT_FSIZE, &small);
    }
    return (int)s->step != j->stop_at;
}

static void run_job(struct member *m)
{
    struct job *j = m->work;
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, j->name);
    const bool alone = m->ranks.ranks == 1;
    const struct wt_train_options o = {.recipe = j->recipe,
                                       .faces = j->faces,
                                       .validation = j->faces,
                                       .folder = path,
                                       .resume = j->resume,
                                       .threads = 1,
                                       .loader_threads = 1,
                                       .level = wt_cpu_get()->level,
                                       .seed = 7,
                                       .ranks = alone ? NULL : &m->ranks,
                                       .step = on_step,
                                       .user = j};
    m->status = wt_train_run(&o);
}

/* Steps of RMSProp that stay in proportion to the gradient: others turn rounding into a step of
 * full length where a gradient is nearly 0. */
static struct wt_recipe smooth(void)
{
    struct wt_recipe r = recipe();
    r.optimiser = WT_OPTIMISER_RMSPROP;
    r.epsilon = 1;
    r.rate = 1e-4;
    return r;
}

/* Runs `name` on so many ranks, each with its job, or with the first one's; all must end alike. */
static enum wt_status run(struct job *job, int ranks, bool same)
{
    struct member m[MOST] = {{.work = NULL}};
    for (int k = 0; k < ranks; k++) {
        if (same)
            job[k] = job[0];
        m[k].work = &job[k];
    }
    on_ranks(m, ranks, run_job);
    for (int k = 1; k < ranks; k++)
        assert_int_equal(m[k].status, m[0].status);
    return m[0].status;
}

static void compare_states(const char *a, const char *b, double bound)
{
    struct wt_weights *x = NULL, *y = NULL;
    assert_int_equal(wt_weights_load(&x, file(a, "state.safetensors")), WT_OK);
    assert_int_equal(wt_weights_load(&y, file(b, "state.safetensors")), WT_OK);
    assert_int_equal(x->count, y->count);
    assert_true(x->count > 300);
    for (size_t i = 0; i < x->count; i++) {
        assert_string_equal(x->tensor[i].name, y->tensor[i].name);
        if (strncmp(x->tensor[i].name, "square.", 7) != 0) /* of values near 0 */
            assert_true(apart(x->tensor[i].data, y->tensor[i].data, x->tensor[i].count, 1e-9) <
                        bound);
    }
    wt_weights_destroy(&x);
    wt_weights_destroy(&y);
}

static void test_run(void **state)
{
    struct wt_recipe r = smooth();
    struct job alone[1] = {{.name = "alone", .recipe = &r, .faces = faces}};
    struct job two[2] = {{.name = "two", .recipe = &r, .faces = faces}};
    assert_int_equal(run(alone, 1, true), WT_OK);
    assert_int_equal(run(two, 2, true), WT_OK);
    assert_int_equal(two[0].calls, STEPS);
    assert_int_equal(two[1].calls, STEPS);
    for (int i = 1; i <= STEPS; i++) {
        assert_true(two[0].loss[i] == two[1].loss[i]);
        assert_true(fabs(two[0].loss[i] / alone[0].loss[i] - 1) < 1e-6);
    }
    assert_true(two[0].nme == two[1].nme);
    assert_true(fabs(two[0].nme / alone[0].nme - 1) < 1e-4);
    compare_states("alone", "two", 1e-3);
    wt_recipe_fini(&r);
}

/* Two views of a face stay on one rank, and are those that one process would make. */
static void test_pairs(void **state)
{
    struct wt_recipe r = smooth();
    struct job alone[1] = {{.name = "pairs1", .recipe = &r, .faces = faces}};
    struct job two[2] = {{.name = "pairs2", .recipe = &r, .faces = faces}};
    r.batch = 4;
    r.pairs = 0.5;
    assert_int_equal(run(alone, 1, true), WT_OK);
    assert_int_equal(run(two, 2, true), WT_OK);
    assert_int_equal(two[0].calls, alone[0].calls);
    for (int i = 1; i <= STEPS; i++)
        assert_true(fabs(two[0].loss[i] / alone[0].loss[i] - 1) < 1e-6);
    compare_states("pairs1", "pairs2", 1e-3);
    r.pairs = 0.25;
    capture_lines();
    assert_int_equal(run(two, 2, true), WT_ERR_ARGUMENT);
    assert_non_null(strstr(captured.last, "of 4 faces, 1 of them second views"));
    wt_recipe_fini(&r);
}

/* Stopped by rank 1, on by one rank alone, on by two again. */
static void test_resume(void **state)
{
    struct wt_recipe r = smooth();
    struct job job[2] = {{.name = "parts", .recipe = &r, .faces = faces}};
    job[1] = job[0];
    job[1].stop_at = 1;
    assert_int_equal(run(job, 2, false), WT_OK);
    assert_int_equal(job[0].calls, 1);
    job[0] =
        (struct job){.name = "parts", .recipe = &r, .faces = faces, .resume = true, .stop_at = 3};
    assert_int_equal(run(job, 1, true), WT_OK);
    assert_int_equal(job[0].calls, 2);
    job[0].stop_at = job[0].calls = 0;
    assert_int_equal(run(job, 2, true), WT_OK);
    assert_int_equal(job[1].calls, STEPS - 3);
    compare_states("alone", "parts", 1e-3);
    wt_recipe_fini(&r);
}

/* Errors: those that all ranks see, those of one, and that of writing, which rank 0 alone does. */
static void test_errors(void **state)
{
    struct rlimit old;
    struct wt_recipe r = smooth();
    struct wt_faces *fewer = NULL, *broken = NULL;
    char command[1600];
    snprintf(command, sizeof command,
             "cd '%s' && head -n 4 list.txt >4.txt && mkdir b && "
             "cp list.txt b && for i in 0 1 2 3 4; do echo x >b/$i.png; done",
             folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(wt_faces_create(&fewer, 68) || wt_faces_add(fewer, file("4.txt", "")), 0);
    assert_int_equal(wt_faces_create(&broken, 68) || wt_faces_add(broken, file("b", "list.txt")),
                     0);
    struct job job[3] = {{.name = "wrong", .recipe = &r, .faces = faces}};

    capture_lines();
    assert_int_equal(run(job, 3, true), WT_ERR_ARGUMENT);
    assert_non_null(strstr(captured.last, "3 ranks cannot share batches of 2 faces"));

    job[1].faces = fewer;
    capture_lines();
    assert_int_equal(run(job, 2, false), WT_ERR_ARGUMENT);
    assert_int_equal(captured.errors, 1);
    assert_non_null(strstr(captured.last, "than on rank 0"));

    job[1].faces = broken;
    capture_lines();
    assert_true(run(job, 2, false) != WT_OK);
    assert_int_equal(captured.errors, 1);
    assert_non_null(strstr(captured.last, "b/list.txt:"));

    job[0].name = job[1].name = "none";
    job[0].resume = job[1].resume = true;
    job[1].faces = faces;
    capture_lines();
    assert_int_equal(run(job, 2, false), WT_ERR_IO);
    assert_int_equal(captured.errors, 1);

    job[0].name = job[1].name = "disk";
    job[0].resume = job[1].resume = false;
    job[0].full_disk = true;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    capture_lines();
    assert_int_equal(run(job, 2, false), WT_ERR_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(captured.errors, 1);

    r.rate = 1e30;
    job[0].name = "diverged";
    job[0].full_disk = false;
    capture_lines();
    assert_int_equal(run(job, 2, true), WT_ERR_UNSUPPORTED);
    assert_non_null(strstr(captured.last, "diverged at step"));
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    wt_faces_destroy(&fewer);
    wt_faces_destroy(&broken);
    wt_recipe_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_run), cmocka_unit_test(test_pairs),
                                       cmocka_unit_test(test_resume),
                                       cmocka_unit_test(test_errors)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
