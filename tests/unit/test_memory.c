/* Memory that runs out, at the n-th request for every n: no crash, one error line, the status of an
 * error; and with enough of it, all works. */
#include "capture.h"
#include "failing_memory.h"

#include <cjson/cJSON.h>

#include "net/net.h"
#include "track/model_internal.h"

/* Runs `work` with the first, second, ... request failing until it gets through; at most `most` of
 * them, at even distances where there are more. */
static void run_out(enum wt_status (*work)(void), int most)
{
    memory_start(0);
    assert_int_equal(work(), WT_OK);
    const long all = failing->asked, step = all / most + 1;
    assert_true(all > 10);
    for (long n = 1; n <= all; n += step) {
        log_capture_start(&capture.log);
        memory_start(n);
        const enum wt_status status = work();
        if (!failing->failed) /* fewer requests than the first time: something was kept */
            break;
        if (status == WT_OK || !one_line_reported())
            fail_msg("request %ld of %ld: status %d, %d lines: %s", n, all, status,
                     capture.log.errors, capture.log.last);
    }
    memory_stop();
    wt_set_log(NULL, NULL, WT_LOG_INFO);
}

static char golden[1200];

static enum wt_status load(void)
{
    struct wt_weights *w = NULL;
    const enum wt_status status = wt_weights_load(&w, golden);
    wt_weights_destroy(&w);
    return status;
}

static struct wt_weights *weights;

static enum wt_status create(void)
{
    struct wt_net *net = NULL;
    const enum wt_status status = wt_net_create(
        &net, weights, &(struct wt_net_options){.threads = 1, .precision = WT_PRECISION_F32});
    wt_net_destroy(&net);
    return status;
}

/* A picture without a face. */
static enum wt_status track(void)
{
    static uint8_t pixels[64][64][3];
    const struct wt_image image = {&pixels[0][0][0], 64, 64, 64 * 3, WT_PIXEL_RGB24};
    char detector[1200];
    struct wt_model *model = NULL;
    struct wt_tracker *tracker = NULL;
    struct wt_result result = {0};
    double ms;
    source_path("assets/wingtip-detector.safetensors", detector, sizeof detector);
    enum wt_status status = wt_model_open(
        &model, golden, &(struct wt_model_options){.threads = 1, .precision = WT_PRECISION_F32});
    if (!status)
        status = wt_model_time(model, 0, &ms);
    if (!status)
        status = wt_tracker_create(
            &tracker, model, &(struct wt_tracker_options){.detector = detector, .maps = true});
    if (!status)
        status = wt_tracker_track(tracker, &image, 0, &result);
    wt_result_fini(&result);
    wt_tracker_destroy(&tracker);
    wt_model_close(&model);
    return status;
}

static void test_load(void **state)
{
    run_out(load, 400);
}

static void test_create(void **state)
{
    assert_int_equal(wt_weights_load(&weights, golden), WT_OK);
    run_out(create, 400);
    wt_weights_destroy(&weights);
}

static void test_track(void **state)
{
    run_out(track, 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_load), cmocka_unit_test(test_create),
                                       cmocka_unit_test(test_track)};
    source_path("tests/golden/net.safetensors", golden, sizeof golden);
    cJSON_InitHooks(&(cJSON_Hooks){__wrap_malloc, free});
    return cmocka_run_group_tests(tests, capture_setup, capture_teardown);
}
