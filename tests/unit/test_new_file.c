/* Files that come into their place when they are whole: what was there stays until then, what a
 * killed program has left goes, and nothing of somebody else's is touched. */
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "weights/file.h"
#include "weights/new_file.h"

static struct log_capture said;

static int setup(void **state)
{
    scratch_folder(folder, sizeof folder);
    log_capture_start(&said);
    return 0;
}

static void put(const char *name, const char *text)
{
    write_file(in_folder(name), text, strlen(text));
}

static void assert_holds(const char *name, const char *text)
{
    char bytes[100] = "";
    FILE *f = fopen(in_folder(name), "rb");
    if (!f)
        fail_msg("%s is not there", name);
    assert_int_equal(fread(bytes, 1, sizeof bytes - 1, f), strlen(text));
    fclose(f);
    assert_string_equal(bytes, text);
}

static bool is_there(const char *name)
{
    return access(in_folder(name), F_OK) == 0;
}

static struct wt_new_file begin(const char *name, const char *text)
{
    struct wt_new_file f;
    assert_int_equal(wt_new_file_open(&f, in_folder(name)), WT_OK);
    assert_int_equal(wt_new_file_write(&f, text, strlen(text)), 0);
    return f;
}

static void what_was_there_stays_until_the_end(void **state)
{
    put("a", "old");
    struct wt_new_file f = begin("a", "new");
    assert_true(f.replaces);
    assert_holds("a", "old");
    wt_new_file_close(&f); /* given up */
    assert_holds("a", "old");
    assert_false(is_there("a.wingtip-part"));
    f = begin("a", "new");
    assert_int_equal(wt_new_file_commit(&f, 0), WT_OK);
    wt_new_file_close(&f);
    wt_new_file_close(&f); /* zeroed: nothing */
    assert_holds("a", "new");
    assert_false(is_there("a.wingtip-part"));
    f = begin("a", "bad");
    assert_int_equal(wt_new_file_commit(&f, ENOSPC), WT_ERR_IO);
    wt_new_file_close(&f);
    assert_holds("a", "new");
    assert_int_equal(said.errors, 1);
    assert_non_null(strstr(said.last, "No space left"));
}

/* In its place early, it can be written on. */
static void placed_early_it_goes_on(void **state)
{
    struct wt_new_file f = begin("a", "one ");
    assert_false(f.replaces || is_there("a"));
    assert_int_equal(wt_new_file_place(&f), WT_OK);
    assert_holds("a", "one ");
    assert_int_equal(wt_new_file_write(&f, "two", 3), 0);
    wt_new_file_close(&f);
    assert_holds("a", "one two");
}

/* A program that is killed leaves its part; a second one of this name removes it, but not the part
 * of a living one, nor what only looks like it. */
static void what_was_left_goes(void **state)
{
    int status;
    put("a", "old");
    put("b.wingtip-part", "left");
    put("a.wingtip-part.txt", "the user's");
    assert_int_equal(mkdir(in_folder("a.wingtip-part3"), 0700), 0);
    pid_t child = fork();
    if (child == 0) {
        struct wt_new_file one, two;
        if (wt_new_file_open(&one, in_folder("a")) || wt_new_file_open(&two, in_folder("a")) ||
            wt_new_file_write(&one, "killed", 6) || wt_new_file_write(&two, "killed", 6))
            _exit(1);
        raise(SIGKILL);
    }
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    assert_true(is_there("a.wingtip-part") && is_there("a.wingtip-part2"));
    struct wt_new_file f = begin("a", "first"), g = begin("a", "second");
    assert_string_not_equal(f.part, g.part);
    assert_int_equal(wt_new_file_commit(&g, 0), WT_OK);
    assert_int_equal(wt_new_file_commit(&f, 0), WT_OK);
    wt_new_file_close(&f);
    wt_new_file_close(&g);
    assert_holds("a", "first");
    assert_false(is_there("a.wingtip-part") || is_there("a.wingtip-part2"));
    assert_holds("b.wingtip-part", "left"); /* of another name */
    assert_holds("a.wingtip-part.txt", "the user's");
    assert_true(is_there("a.wingtip-part3"));
}

static void numbered_ones_replace_nothing(void **state)
{
    static const char *const wanted[] = {"v.mkv", "v-2.mkv", "v-3.mkv", "plain", "plain-2"};
    put("v.mkv", "mine");
    put("plain", "mine too");
    for (int i = 0; i < 3; i++) {
        struct wt_new_file f;
        const char *path = in_folder(i < 2 ? "v.mkv" : "plain");
        assert_int_equal(wt_new_file_open_numbered(&f, path, in_folder("stem")), WT_OK);
        assert_true(is_there("stem.wingtip-part"));
        assert_int_equal(wt_new_file_write(&f, "text", 4), 0);
        assert_int_equal(wt_new_file_commit(&f, 0), WT_OK);
        assert_string_equal(f.target, in_folder(wanted[i < 2 ? i + 1 : 4]));
        assert_holds(wanted[i < 2 ? i + 1 : 4], "text");
        wt_new_file_close(&f);
    }
    assert_holds("v.mkv", "mine");
    assert_holds("plain", "mine too");
    assert_false(is_there("stem.wingtip-part"));
}

static void links_keep_pointing(void **state)
{
    struct stat st;
    assert_int_equal(mkdir(in_folder("d"), 0700), 0);
    put("d/there", "old");
    assert_int_equal(symlink("d/there", in_folder("link")), 0);
    assert_int_equal(symlink("d/later", in_folder("dangling")), 0);
    assert_int_equal(symlink("round", in_folder("round")), 0);
    for (int i = 0; i < 2; i++) {
        struct wt_new_file f = begin(i ? "dangling" : "link", "new");
        assert_int_equal(wt_new_file_commit(&f, 0), WT_OK);
        wt_new_file_close(&f);
        assert_holds(i ? "d/later" : "d/there", "new");
        assert_int_equal(lstat(in_folder(i ? "dangling" : "link"), &st), 0);
        assert_true(S_ISLNK(st.st_mode));
    }
    struct wt_new_file f;
    assert_int_equal(wt_new_file_open(&f, in_folder("round")), WT_ERR_IO);
}

static void modes_follow_what_was_there(void **state)
{
    struct stat st;
    put("a", "old");
    assert_int_equal(chmod(in_folder("a"), 0640), 0);
    struct wt_new_file f = begin("a", "new");
    assert_int_equal(wt_new_file_commit(&f, 0), WT_OK);
    wt_new_file_close(&f);
    assert_int_equal(stat(in_folder("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
}

/* Refused at the start, with one line and nothing left. */
static void impossible_places_are_told_at_once(void **state)
{
    char longest[300];
    memset(longest, 'n', sizeof longest);
    longest[255] = 0;
    assert_int_equal(mkdir(in_folder("d"), 0700), 0);
    put("read-only", "mine");
    assert_int_equal(chmod(in_folder("read-only"), 0400), 0);
    const char *const names[] = {"d", "none/a", "read-only/a", "read-only"};
    for (size_t i = 0; i < sizeof names / sizeof *names - (geteuid() == 0); i++) {
        struct wt_new_file f;
        log_capture_start(&said);
        assert_int_equal(wt_new_file_open(&f, in_folder(names[i])), WT_ERR_IO);
        assert_int_equal(said.errors, 1);
        assert_non_null(strstr(said.last, names[i]));
        wt_new_file_close(&f);
    }
    /* Allowed without our ending, so allowed. */
    struct wt_new_file f = begin(longest, "new");
    assert_int_equal(wt_new_file_commit(&f, 0), WT_OK);
    wt_new_file_close(&f);
    assert_holds(longest, "new");
}

/* Devices and pipes have no place to move to; what standard output goes to is appended to. */
static void devices_are_written_where_they_are(void **state)
{
    struct wt_new_file f;
    assert_int_equal(wt_new_file_open(&f, "/dev/full"), WT_OK);
    assert_int_equal(wt_new_file_write(&f, "x", 1), ENOSPC);
    assert_int_equal(wt_new_file_commit(&f, ENOSPC), WT_ERR_IO);
    wt_new_file_close(&f);
    assert_int_equal(wt_new_file_open(&f, "/dev/null"), WT_OK);
    assert_int_equal(wt_new_file_commit(&f, 0), WT_OK);
    wt_new_file_close(&f);
    int before = dup(1), out = open(in_folder("out"), O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(out, "head ", 5), 5);
    dup2(out, 1);
    f = begin("out", "rows");
    assert_int_equal(wt_new_file_commit(&f, 0), WT_OK);
    wt_new_file_close(&f);
    dup2(before, 1);
    close(before);
    close(out);
    assert_holds("out", "head rows");
}

/* A limit of file sizes, as a full disk: the writers of whole files too. */
static void a_full_disk_loses_nothing(void **state)
{
    struct rlimit before, limit;
    struct wt_file_writer w;
    static char much[100000];
    put("a", "old");
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 50000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(wt_file_writer_init(&w, in_folder("a")), WT_OK);
    wt_file_writer_put(&w, much, sizeof much);
    assert_int_equal(wt_file_writer_commit(&w), WT_ERR_IO);
    wt_file_writer_fini(&w);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(said.errors, 1);
    assert_holds("a", "old");
    assert_false(is_there("a.wingtip-part"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_there_stays_until_the_end, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(placed_early_it_goes_on, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(what_was_left_goes, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(numbered_ones_replace_nothing, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(links_keep_pointing, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(modes_follow_what_was_there, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(impossible_places_are_told_at_once, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(devices_are_written_where_they_are, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(a_full_disk_loses_nothing, setup, remove_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
