/* Profiles on disk: whatever moment a program is killed at, and whenever the disk is full, the old
 * profile or the new one is there, whole; what is left of others goes; broken ones are refused.
 *
 * Calls that change the disk are counted: a child process is killed before the n-th of them, or the
 * n-th fails, for every n. */
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cjson/cJSON.h>

#include "face/picture.h"
#include "teach/profile.h"

/* ---- calls that are counted ---------------------------------------------------------------- */

static int calls, stop_at; /* 0: nothing happens */
static enum { KILLED, FULL } how;
static bool no_exchange; /* a file system where two folders cannot change places */

/* false: it is to fail. */
static bool count_call(void)
{
    if (++calls != stop_at)
        return true;
    if (how == KILLED)
        raise(SIGKILL);
    errno = ENOSPC;
    return false;
}

#define WRAP(name, parameters, arguments)                                                          \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        return count_call() ? __real_##name arguments : -1;                                        \
    }

WRAP(rename, (const char *a, const char *b), (a, b))
WRAP(link, (const char *a, const char *b), (a, b))
WRAP(mkdir, (const char *a, mode_t m), (a, m))
WRAP(fsync, (int fd), (fd))

/* Removing needs no room: it only counts where one is killed. */
#define WRAP_REMOVAL(name)                                                                         \
    int __real_##name(const char *a);                                                              \
    int __wrap_##name(const char *a);                                                              \
    int __wrap_##name(const char *a)                                                               \
    {                                                                                              \
        if (how == KILLED)                                                                         \
            count_call();                                                                          \
        return __real_##name(a);                                                                   \
    }

WRAP_REMOVAL(remove)
WRAP_REMOVAL(unlink)

int __real_renameat2(int a, const char *b, int c, const char *d, unsigned f);
int __wrap_renameat2(int a, const char *b, int c, const char *d, unsigned f);
int __wrap_renameat2(int a, const char *b, int c, const char *d, unsigned f)
{
    if (!count_call())
        return -1;
    if (no_exchange) {
        errno = EINVAL;
        return -1;
    }
    return __real_renameat2(a, b, c, d, f);
}

/* ---- a profile ----------------------------------------------------------------------------- */

static char folder[256];
static struct wt_profile_store store;

/* Two corrected faces that no network was asked about: their points come from us. */
static void make_profile(const char *name)
{
    char path[600], line[4096] = "", found[4096] = "";
    static const char *const files[] = {"corrections.txt", "found.txt"};
    uint8_t grey[64 * 64];
    const struct wt_image image = {grey, 64, 64, 64, WT_PIXEL_GRAY8};
    memset(grey, 90, sizeof grey);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/%s/pictures", folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/%s/pictures/0001.png", folder, name);
    assert_int_equal(wt_picture_write(&image, path), WT_OK);
    for (int i = 0, n = 0, m = 0; i < 98; i++) {
        n += snprintf(line + n, sizeof line - (size_t)n, " %d %d", i * 37 % 50 + 5, i * 23 % 50);
        m += snprintf(found + m, sizeof found - (size_t)m, " %d %d", i * 37 % 50 + 3, i * 23 % 50);
    }
    for (int k = 0; k < 2; k++) {
        char text[9000];
        const char *points = k ? found : line;
        const int n = snprintf(text, sizeof text, "pictures/0001.png%s\npictures/0001.png%s\n",
                               points, points);
        snprintf(path, sizeof path, "%s/%s/%s", folder, name, files[k]);
        write_file(path, text, (size_t)n);
    }
    static const char manifest[] = "{\"wingtip_profile\": 1, \"model\": \"wingtip-98\", "
                                   "\"sha256\": \"0\", \"points\": 98}";
    snprintf(path, sizeof path, "%s/%s/profile.json", folder, name);
    write_file(path, manifest, sizeof manifest - 1);
}

static int setup(void **state)
{
    char assets[600];
    setenv("WINGTIP_ASSETS", source_path("assets", assets, sizeof assets), 1);
    calls = stop_at = 0;
    no_exchange = false;
    scratch_folder(folder, sizeof folder);
    return wt_profile_store_init(&store, folder);
}

static int teardown(void **state)
{
    stop_at = 0;
    return remove_folder(folder);
}

/* Lines of the history, 0: none; -1: no profile. Fails where it is not whole. */
static int history(const char *name)
{
    struct wt_profile *p = NULL;
    char path[600], text[4096] = "";
    if (!wt_profile_exists(&store, name))
        return -1;
    assert_int_equal(wt_profile_open(&p, &store, name), WT_OK);
    assert_int_equal(p->truth.count, 2);
    assert_non_null(p->offset);
    wt_profile_close(&p);
    snprintf(path, sizeof path, "%s/%s/history.jsonl", folder, name);
    FILE *f = fopen(path, "r");
    int lines = 0;
    while (f && fgets(text, sizeof text, f)) {
        assert_true(text[strlen(text) - 1] == '\n');
        cJSON *json = cJSON_Parse(text);
        assert_non_null(json);
        cJSON_Delete(json);
        lines++;
    }
    if (f)
        fclose(f);
    return lines;
}

/* Entries of the folder beside the profiles named and the lock. */
static int leftovers(void)
{
    DIR *dir = opendir(folder);
    int n = 0;
    assert_non_null(dir);
    for (const struct dirent *e; (e = readdir(dir));)
        n += e->d_name[0] == '.' && strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
             strcmp(e->d_name, ".lock") != 0;
    closedir(dir);
    return n;
}

static enum wt_status note(const char *name)
{
    cJSON *event = cJSON_CreateObject();
    cJSON_AddStringToObject(event, "event", "test");
    return wt_profile_note(&store, name, event);
}

static enum wt_status note_me(void)
{
    return note("me");
}

static enum wt_status delete_me(void)
{
    return wt_profile_delete(&store, "me");
}

/* Runs it in a child that is killed before call n; true: it was killed. */
static bool killed_at(int n, enum wt_status (*work)(void))
{
    int status;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        calls = 0;
        stop_at = n;
        how = KILLED;
        _exit(work() ? 1 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status))
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

/* ---- tests --------------------------------------------------------------------------------- */

static void kill_everywhere(void)
{
    int n = 1, before = history("me");
    for (; killed_at(n, note_me); n++) {
        /* Another program comes: it finds one or the other, or, where folders cannot change
         * places, the old one back as soon as anything is changed. */
        assert_int_equal(note("other"), WT_OK);
        assert_int_equal(leftovers(), 0);
        const int after = history("me");
        assert_true(after == before || after == before + 1);
        before = after;
    }
    assert_true(n > 10);
    assert_int_equal(history("me"), before + 1);
    assert_int_equal(leftovers(), 0);
}

static void test_kill(void **state)
{
    make_profile("me");
    make_profile("other");
    assert_int_equal(note("me"), WT_OK);
    kill_everywhere();
}

static void test_kill_without_exchange(void **state)
{
    make_profile("me");
    make_profile("other");
    no_exchange = true;
    assert_int_equal(note("me"), WT_OK);
    kill_everywhere();
}

/* It is gone from the first moment that it is not whole; and then all of it. */
static void test_kill_while_deleting(void **state)
{
    int n = 1;
    make_profile("other");
    for (bool killed = true; killed; n++) {
        if (!wt_profile_exists(&store, "me"))
            make_profile("me");
        killed = killed_at(n, delete_me);
        if (wt_profile_exists(&store, "me"))
            assert_true(killed && history("me") == 0);
        assert_int_equal(note("other"), WT_OK);
        assert_int_equal(leftovers(), 0);
    }
    assert_true(n > 5);
    assert_false(wt_profile_exists(&store, "me"));
}

/* A call that fails for want of room: one line, the old profile, nothing beside it. What is only
 * flushed may fail unnoticed for folders. */
static void fill_everywhere(void)
{
    struct log_capture log;
    int failures = 0, before = history("me");
    for (int n = 1;; n++) {
        log_capture_start(&log);
        calls = 0;
        stop_at = n;
        how = FULL;
        const enum wt_status status = note("me");
        const bool reached = calls >= n;
        stop_at = 0;
        const int after = history("me");
        assert_int_equal(leftovers(), 0);
        assert_int_equal(log.errors, status ? 1 : 0);
        assert_int_equal(after, before + !status);
        failures += status != WT_OK;
        before = after;
        if (!reached)
            break;
    }
    assert_true(failures > 2);
}

static void test_full_disk(void **state)
{
    make_profile("me");
    fill_everywhere();
}

static void test_full_disk_without_exchange(void **state)
{
    make_profile("me");
    no_exchange = true;
    fill_everywhere();
}

/* Somebody else at it: a wait, then one line; the profile can be read as before. */
static void test_lock(void **state)
{
    struct log_capture log;
    char path[600];
    make_profile("me");
    assert_int_equal(note("me"), WT_OK);
    snprintf(path, sizeof path, "%s/.lock", folder);
    const int fd = open(path, O_RDWR);
    assert_int_equal(flock(fd, LOCK_SH), 0);
    assert_int_equal(history("me"), 1);
    log_capture_start(&log);
    assert_int_equal(note("me"), WT_ERR_IO);
    assert_int_equal(log.errors, 1);
    assert_non_null(strstr(log.last, "another program is changing profiles"));
    close(fd);
    assert_int_equal(note("me"), WT_OK);
    assert_int_equal(history("me"), 2);
}

static void test_names(void **state)
{
    static const char *const bad[] = {"",
                                      ".",
                                      "..",
                                      ".me",
                                      "-me",
                                      " me",
                                      "me ",
                                      "a/b",
                                      "a\nb",
                                      "\xff",
                                      "0123456789012345678901234567890123456789"
                                      "0123456789012345678901234"};
    static const char *const good[] = {"me", "J\xc3\xbcrgen 2", "a.new-1", "b.old-2", "x.gone-3"};
    struct log_capture log;
    char **names = NULL;
    size_t count = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        log_capture_start(&log);
        assert_int_equal(wt_profile_name_check(bad[i]), WT_ERR_ARGUMENT);
        assert_int_equal(log.errors, 1);
        assert_int_equal(wt_profile_delete(&store, bad[i]), WT_ERR_ARGUMENT);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        make_profile(good[i]);
        assert_int_equal(note(good[i]), WT_OK);
    }
    assert_int_equal(wt_profile_names(&store, &names, &count), WT_OK);
    assert_int_equal(count, sizeof good / sizeof *good);
    assert_string_equal(names[0], "J\xc3\xbcrgen 2");
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(history(names[i]), 1);
        assert_int_equal(wt_profile_delete(&store, names[i]), WT_OK);
        free(names[i]);
    }
    free(names);
    assert_int_equal(leftovers(), 0);
}

static size_t corrections(const char *name)
{
    struct wt_profile *p = NULL;
    assert_int_equal(wt_profile_open(&p, &store, name), WT_OK);
    const size_t count = p->truth.count;
    wt_profile_close(&p);
    return count;
}

static void test_rename(void **state)
{
    struct log_capture log;
    make_profile("a");
    make_profile("b");
    assert_int_equal(note("a"), WT_OK);
    log_capture_start(&log);
    assert_int_equal(wt_profile_rename(&store, "a", "b"), WT_ERR_ARGUMENT);
    assert_int_equal(wt_profile_rename(&store, "a", "a"), WT_ERR_ARGUMENT);
    assert_int_equal(wt_profile_rename(&store, "a", "../c"), WT_ERR_ARGUMENT);
    assert_int_equal(wt_profile_rename(&store, "none", "c"), WT_ERR_ARGUMENT);
    assert_int_equal(log.errors, 4);
    assert_int_equal(history("a"), 1);
    assert_int_equal(wt_profile_rename(&store, "a", "c"), WT_OK);
    assert_false(wt_profile_exists(&store, "a"));
    assert_int_equal(history("c"), 1);
    assert_int_equal(corrections("b"), 2);
    assert_int_equal(corrections("c"), 2);
    assert_int_equal(wt_profile_delete(&store, "b"), WT_OK);
    assert_int_equal(wt_profile_delete(&store, "c"), WT_OK);
    assert_int_equal(leftovers(), 0);
}

/* Both faces are of one picture, which stays as long as one of them does. */
static void test_remove_one(void **state)
{
    struct log_capture log;
    make_profile("me");
    log_capture_start(&log);
    assert_int_equal(wt_profile_remove(&store, "me", "pictures/0009.png"), WT_ERR_ARGUMENT);
    assert_int_equal(wt_profile_remove(&store, "none", "pictures/0001.png"), WT_ERR_ARGUMENT);
    assert_int_equal(log.errors, 2);
    assert_int_equal(corrections("me"), 2);
    assert_int_equal(wt_profile_remove(&store, "me", "pictures/0001.png"), WT_OK);
    assert_int_equal(corrections("me"), 1);
    log_capture_start(&log);
    assert_int_equal(wt_profile_remove(&store, "me", "pictures/0001.png"), WT_ERR_ARGUMENT);
    assert_int_equal(log.errors, 1);
    assert_int_equal(corrections("me"), 1);
    assert_int_equal(wt_profile_delete(&store, "me"), WT_OK);
    assert_int_equal(leftovers(), 0);
}

/* Every file missing, empty, cut and of another kind: one line each, and no profile. */
static void test_broken(void **state)
{
    static const struct {
        const char *file, *text;
    } broken[] = {
        {"profile.json", NULL},
        {"profile.json", ""},
        {"profile.json", "{}"},
        {"profile.json", "[1, 2"},
        {"profile.json", "{\"wingtip_profile\": 2, \"model\": \"wingtip-98\", \"sha256\": \"\", "
                         "\"points\": 98}"},
        {"profile.json", "{\"wingtip_profile\": 1, \"model\": \"\", \"sha256\": \"\", "
                         "\"points\": 98}"},
        {"profile.json", "{\"wingtip_profile\": 1, \"model\": \"wingtip-98\", \"sha256\": \"\", "
                         "\"points\": 68}"},
        {"profile.json", "{\"wingtip_profile\": 1, \"model\": \"/no/where\", \"sha256\": \"\", "
                         "\"points\": 98}"},
        {"profile.json", "{\"wingtip_profile\": 1, \"model\": 7, \"sha256\": \"\", "
                         "\"points\": 1e300}"},
        {"corrections.txt", NULL},
        {"corrections.txt", ""},
        {"corrections.txt", "pictures/0001.png 1 2\n"},
        {"corrections.txt", "pictures/9.png 1 2\nx\ny\n"},
        {"found.txt", NULL},
        {"found.txt", "\xff\xfe"},
        {"pictures/0001.png", NULL},
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct log_capture log;
        struct wt_profile *p = NULL;
        char path[600];
        make_profile("me");
        snprintf(path, sizeof path, "%s/me/%s", folder, broken[i].file);
        if (broken[i].text)
            write_file(path, broken[i].text, strlen(broken[i].text));
        else
            assert_int_equal(remove(path), 0);
        log_capture_start(&log);
        assert_int_not_equal(wt_profile_open(&p, &store, "me"), WT_OK);
        assert_null(p);
        if (log.errors != 1 || !strstr(log.last, "profile me"))
            fail_msg("case %zu: %d lines, the last: %s", i, log.errors, log.last);
        /* It cannot be changed, but goes. */
        assert_int_not_equal(note("me"), WT_OK);
        assert_int_equal(wt_profile_delete(&store, "me"), WT_OK);
        assert_int_equal(leftovers(), 0);
    }
}

static void test_default_folder(void **state)
{
    struct wt_profile_store s;
    setenv("XDG_DATA_HOME", "/data", 1);
    assert_int_equal(wt_profile_store_init(&s, NULL), WT_OK);
    assert_string_equal(s.folder.text, "/data/wingtip/profiles");
    setenv("XDG_DATA_HOME", "relative", 1);
    setenv("HOME", "/home/me", 1);
    assert_int_equal(wt_profile_store_init(&s, NULL), WT_OK);
    assert_string_equal(s.folder.text, "/home/me/.local/share/wingtip/profiles");
    unsetenv("XDG_DATA_HOME");
    unsetenv("HOME");
    struct log_capture log;
    log_capture_start(&log);
    assert_int_equal(wt_profile_store_init(&s, NULL), WT_ERR_ARGUMENT);
    assert_int_equal(log.errors, 1);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_kill),
        CASE(test_kill_without_exchange),
        CASE(test_kill_while_deleting),
        CASE(test_full_disk),
        CASE(test_full_disk_without_exchange),
        CASE(test_lock),
        CASE(test_names),
        CASE(test_rename),
        CASE(test_remove_one),
        CASE(test_broken),
        CASE(test_default_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
