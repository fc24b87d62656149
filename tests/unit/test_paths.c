#include "support.h"

#include "paths.h"

static char folder[256];

static void test_shipped(void **state)
{
    char path[1024];
    unsetenv("WINGTIP_ASSETS");
    assert_true(wt_asset_path(WT_ASSET_CLIP, path, sizeof path));
    assert_int_equal(access(path, R_OK), 0);
}

static void test_chosen_folder_first(void **state)
{
    char path[1024], own[512];
    snprintf(own, sizeof own, "%s/%s", folder, WT_ASSET_CLIP);
    write_file(own, "x", 1);
    setenv("WINGTIP_ASSETS", folder, 1);
    assert_true(wt_asset_path(WT_ASSET_CLIP, path, sizeof path));
    assert_string_equal(path, own);
    /* what it lacks is still found among the shipped files */
    assert_true(wt_asset_path(WT_ASSET_MODEL, path, sizeof path));
    unlink(own);
}

static void test_absent(void **state)
{
    char path[1024], tiny[4];
    assert_false(wt_asset_path("no-such-file.bin", path, sizeof path));
    assert_string_equal(path, "no-such-file.bin");
    assert_false(wt_asset_path(WT_ASSET_CLIP, tiny, sizeof tiny));
    assert_string_equal(tiny, "dem");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_chosen_folder_first),
        cmocka_unit_test(test_absent),
    };
    scratch_folder(folder, sizeof folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
