/* The decoders against each other on real faces: truth crops of faces98/val.txt, the shipped
 * weights, NME by the outer eye corners. The tracker's must be the best. */
#include <math.h>

#include "data/dataset.h"
#include "face/crop.h"
#include "face/decode.h"
#include "face/picture.h"
#include "measure/metrics.h"
#include "net/net.h"
#include "support.h"

#define DECODERS 3

static char list[4096];

static void the_tracker_has_the_best(void **state)
{
    static uint8_t rgb[WT_CROP_BYTES(256)];
    char path[4096];
    struct wt_dataset data;
    struct wt_weights *weights = NULL;
    struct wt_net *net = NULL;
    const struct wt_net_options options = {.level = wt_cpu_get()->level};
    const struct wt_scheme *scheme = wt_scheme_get(98);
    double sum[DECODERS] = {0};
    assert_int_equal(wt_dataset_open(&data, list), WT_OK);
    assert_int_equal(
        wt_weights_load(&weights, source_path("assets/wingtip-98.safetensors", path, sizeof path)),
        WT_OK);
    assert_int_equal(wt_net_create(&net, weights, &options), WT_OK);
    assert_int_equal(data.points, 98);
    for (size_t i = 0; i < data.count; i++) {
        struct wt_picture picture;
        struct wt_point truth[98], found[98];
        const struct wt_affine map =
            wt_crop_points(data.sample[i].point, 98, WT_CROP_FACTOR, 0, 256);
        assert_int_equal(wt_picture_read(&picture, data.sample[i].image), WT_OK);
        assert_int_equal(wt_crop_extract(&picture.image, &map, 256, rgb), WT_OK);
        wt_picture_fini(&picture);
        assert_int_equal(wt_net_forward_u8(net, rgb, 1, 0), WT_OK);
        for (int k = 0; k < 98; k++)
            truth[k] = wt_affine_apply(&map, data.sample[i].point[k]);
        int stride;
        const float *maps = wt_net_maps(net, 0, -1, &stride);
        for (int d = 0; d < DECODERS; d++) {
            wt_decode(maps, 64, stride, 98, (enum wt_decoder)d, found, NULL);
            sum[d] += wt_nme(truth, found, scheme, WT_NORM_OCULAR);
        }
    }
    for (int d = 0; d < DECODERS; d++)
        print_message("%-9s NME %.3f over %zu faces\n", wt_decoder_name((enum wt_decoder)d),
                      sum[d] / (double)data.count, data.count);
    assert_true(data.count == 150);
    for (int d = 0; d < DECODERS; d++)
        assert_true(d == WT_DECODE_TRACKER || sum[WT_DECODE_TRACKER] < sum[d]);
    wt_net_destroy(&net);
    wt_weights_destroy(&weights);
    wt_dataset_fini(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_tracker_has_the_best)};
    if (!shared_path("data/faces98/val.txt", list, sizeof list))
        return WT_TEST_SKIP;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
