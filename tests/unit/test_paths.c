#include "support.h"

#include <sys/stat.h>

#include "base/folder.h"
#include "base/paths.h"

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

static void test_recipes(void **state)
{
    char path[1024], own[512];
    unsetenv("WINGTIP_ASSETS");
    assert_int_equal(chdir(folder), 0);
    assert_true(wt_recipe_path("live", path, sizeof path));
    assert_non_null(strstr(path, "/model/recipes/live.recipe"));
    assert_int_equal(access(path, R_OK), 0);
    assert_true(wt_recipe_path("paper-wflw.recipe", path, sizeof path));
    assert_non_null(strstr(path, "/model/recipes/paper-wflw.recipe"));
    /* as installed below a folder of assets */
    snprintf(own, sizeof own, "%s/recipes", folder);
    assert_int_equal(mkdir(own, 0700), 0);
    snprintf(own, sizeof own, "%s/recipes/live.recipe", folder);
    write_file(own, "x", 1);
    setenv("WINGTIP_ASSETS", folder, 1);
    assert_true(wt_recipe_path("live", path, sizeof path));
    assert_string_equal(path, own);
    unlink(own);
    assert_int_equal(rmdir("recipes"), 0);
    /* a file comes first, a path is one, and an unknown name stays as it is */
    write_file("live", "x", 1);
    assert_true(wt_recipe_path("live", path, sizeof path));
    assert_string_equal(path, "live");
    unlink("live");
    assert_true(wt_recipe_path("./live", path, sizeof path));
    assert_string_equal(path, "./live");
    assert_true(wt_recipe_path("dead", path, sizeof path));
    assert_string_equal(path, "dead");
    assert_false(wt_recipe_path("dead", path, 3));
}

static void test_weights(void **state)
{
    char path[1024];
    unsetenv("WINGTIP_ASSETS");
    assert_int_equal(chdir(folder), 0);
    assert_true(wt_weights_path("wingtip-98", path, sizeof path));
    assert_non_null(strstr(path, "/assets/" WT_ASSET_MODEL));
    assert_int_equal(access(path, R_OK), 0);
    assert_true(wt_weights_path("./wingtip-98", path, sizeof path));
    assert_string_equal(path, "./wingtip-98");
    assert_true(wt_weights_path("none.safetensors", path, sizeof path));
    assert_string_equal(path, "none.safetensors");
}

static void test_folders(void **state)
{
    char path[512], large[PATH_MAX + 8];
    struct stat st;
    assert_int_equal(chdir(folder), 0);
    const mode_t mask = umask(022);
    snprintf(path, sizeof path, "%s/a/b c", folder);
    assert_int_equal(wt_make_folders(path, 0700), WT_OK);
    assert_int_equal(stat("a/b c", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(wt_make_folders("a/b c/", 0777), WT_OK); /* is there: stays as it is */
    assert_int_equal(wt_make_folders("a//d/", 0777), WT_OK);
    assert_int_equal(stat("a/d", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    assert_int_equal(wt_make_folders(".", 0777), WT_OK);
    assert_int_equal(wt_make_folders("/", 0777), WT_OK);
    umask(mask);
    write_file("a/file", "x", 1);
    memset(large, 'l', sizeof large);
    large[sizeof large - 1] = '\0';
    assert_int_equal(wt_make_folders("a/file", 0777), WT_ERR_IO);
    assert_int_equal(wt_make_folders("a/file/under", 0777), WT_ERR_IO);
    assert_int_equal(wt_make_folders(large, 0777), WT_ERR_ARGUMENT);
    struct log_capture log;
    log_capture_start(&log);
    assert_int_equal(symlink("nowhere", "a/link"), 0);
    assert_int_equal(wt_make_folders("a/link", 0777), WT_ERR_IO);
    assert_string_equal(log.last, "a/link: cannot make this folder: Not a directory");
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    unlink("a/link");
    unlink("a/file");
    rmdir("a/b c");
    rmdir("a/d");
    rmdir("a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped), cmocka_unit_test(test_chosen_folder_first),
        cmocka_unit_test(test_absent),  cmocka_unit_test(test_recipes),
        cmocka_unit_test(test_weights), cmocka_unit_test(test_folders),
    };
    scratch_folder(folder, sizeof folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
