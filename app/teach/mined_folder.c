#include "teach/mined_folder.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/json.h"
#include "base/status.h"
#include "face/picture.h"
#include "teach/profile_store.h"
#include "weights/file.h"

#define INDEX "hard.json"
enum { INDEX_MAX = 4 << 20 };

enum wt_status wt_mined_folder_path(struct wt_path *out, const char *profiles)
{
    return wt_path_print(out, "%s-hard", profiles);
}

static enum wt_status picture_path(struct wt_path *out, const char *folder, uint64_t key)
{
    return wt_path_print(out, "%s/%016" PRIx64 ".png", folder, key);
}

/* ---- writing ------------------------------------------------------------------------------- */

static cJSON *describe(const struct wt_mined *m)
{
    char key[24];
    cJSON *o = cJSON_CreateObject();
    snprintf(key, sizeof key, "%016" PRIx64, m->key);
    cJSON_AddStringToObject(o, "key", key);
    cJSON_AddNumberToObject(o, "found", (double)m->found_s);
    wt_json_number(o, "stacks", (double)m->doubt.stacks, 6);
    wt_json_number(o, "mirror", (double)m->doubt.mirror, 6);
    wt_json_number(o, "motion", (double)m->doubt.motion, 6);
    wt_json_number(o, "yaw", (double)m->yaw, 6);
    wt_json_number(o, "pitch", (double)m->pitch, 6);
    wt_json_number(o, "mean", (double)m->mean, 6);
    wt_json_number(o, "contrast", (double)m->contrast, 6);
    cJSON *points = cJSON_AddArrayToObject(o, "points");
    for (int i = 0; points && i < m->face.points; i++) {
        cJSON_AddItemToArray(points,
                             cJSON_CreateNumber(round((double)m->face.point[i].x * 1e3) / 1e3));
        cJSON_AddItemToArray(points,
                             cJSON_CreateNumber(round((double)m->face.point[i].y * 1e3) / 1e3));
    }
    return o;
}

/* Removes pictures that the index does not have: old ones, and those of a run that was killed. */
static void sweep(const char *folder, const struct wt_mined *mined, int count)
{
    DIR *dir = opendir(folder);
    struct dirent *e;
    while (dir && (e = readdir(dir))) {
        const size_t n = strlen(e->d_name);
        bool wanted = n != 20 || strcmp(e->d_name + 16, ".png") != 0;
        for (int i = 0; i < count && !wanted; i++) {
            char name[32];
            snprintf(name, sizeof name, "%016" PRIx64 ".png", mined[i].key);
            wanted = strcmp(name, e->d_name) == 0;
        }
        struct wt_path path;
        if (!wanted && !wt_path_print(&path, "%s/%s", folder, e->d_name))
            unlink(path.text);
    }
    if (dir)
        closedir(dir);
}

static enum wt_status write_all(const char *folder, const struct wt_mined *mined, int count)
{
    struct wt_path path;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "wingtip_hard_frames", 1);
    cJSON *list = cJSON_AddArrayToObject(json, "frames");
    enum wt_status status = wt_make_folders(folder, 0700);
    for (int i = 0; i < count && !status; i++) {
        status = picture_path(&path, folder, mined[i].key);
        if (!status && access(path.text, F_OK) != 0)
            status = wt_picture_write(&mined[i].frame->image, path.text);
        cJSON_AddItemToArray(list, describe(&mined[i]));
    }
    if (!status)
        status = wt_path_print(&path, "%s/" INDEX, folder);
    if (status) {
        cJSON_Delete(json);
        return status;
    }
    status = wt_json_write(json, path.text);
    if (!status)
        sweep(folder, mined, count);
    return status;
}

enum wt_status wt_mined_folder_write(const char *folder, struct wt_miner *miner)
{
    struct wt_mined *mined = calloc(WT_MINER_MOST, sizeof *mined);
    if (!mined)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", folder);
    const int count = wt_miner_best(miner, mined, WT_MINER_MOST);
    const enum wt_status status = write_all(folder, mined, count);
    for (int i = 0; i < count; i++)
        wt_mined_fini(&mined[i]);
    free(mined);
    return status;
}

enum wt_status wt_mined_folder_remove(const char *folder)
{
    if (access(folder, F_OK) == 0 && !wt_remove_tree(folder))
        return wt_fail(WT_ERR_IO, "%s: cannot be removed", folder);
    return WT_OK;
}

/* ---- reading ------------------------------------------------------------------------------- */

static float number_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) && fabs(item->valuedouble) < 1e9 ? (float)item->valuedouble : NAN;
}

static bool take_points(const cJSON *object, struct wt_face *face)
{
    const cJSON *points = cJSON_GetObjectItemCaseSensitive(object, "points"), *item;
    const int n = cJSON_GetArraySize(points);
    int i = 0;
    if (n < 2 || n % 2 || n > 2 * WT_POINTS_MAX || !wt_scheme_get(n / 2))
        return false;
    face->points = n / 2;
    cJSON_ArrayForEach(item, points)
    {
        if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) < 1e5))
            return false;
        float *to = i % 2 ? &face->point[i / 2].y : &face->point[i / 2].x;
        *to = (float)item->valuedouble;
        i++;
    }
    return true;
}

/* A frame with the picture's pixels; NULL, after a line. */
static struct wt_frame *read_frame(const char *path)
{
    struct wt_picture picture = {.pixels = NULL};
    if (wt_picture_read(&picture, path))
        return NULL;
    struct wt_frame *frame = wt_frame_create(picture.image.width, picture.image.height);
    for (int y = 0; frame && y < picture.image.height; y++)
        memcpy(frame->pixels + (ptrdiff_t)y * frame->image.stride,
               picture.image.data + (ptrdiff_t)y * picture.image.stride,
               (size_t)picture.image.width * 3);
    if (!frame)
        wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    wt_picture_fini(&picture);
    return frame;
}

/* false: it is no description of a frame, or the picture is not there. */
static bool take_frame(const char *folder, const cJSON *object, struct wt_miner *miner)
{
    struct wt_mined m = {.number = 0};
    struct wt_path path;
    const cJSON *key = cJSON_GetObjectItemCaseSensitive(object, "key");
    const float found = number_of(object, "found");
    char *end = NULL;
    if (!cJSON_IsString(key) || strlen(key->valuestring) != 16 || !take_points(object, &m.face))
        return false;
    m.key = strtoull(key->valuestring, &end, 16);
    m.found_s = isfinite(found) ? (int64_t)(m.key >> 20) : 0;
    m.doubt = (struct wt_doubt){number_of(object, "stacks"), number_of(object, "mirror"),
                                number_of(object, "motion")};
    m.yaw = number_of(object, "yaw");
    m.pitch = number_of(object, "pitch");
    m.mean = number_of(object, "mean");
    m.contrast = number_of(object, "contrast");
    if (*end || picture_path(&path, folder, m.key) || !(m.frame = read_frame(path.text)))
        return false;
    wt_miner_restore(miner, &m);
    wt_frame_unref(&m.frame);
    return true;
}

enum wt_status wt_mined_folder_read(const char *folder, struct wt_miner *miner)
{
    struct wt_path path;
    uint8_t *text = NULL;
    size_t size = 0;
    enum wt_status status = wt_path_print(&path, "%s/" INDEX, folder);
    if (status || access(path.text, F_OK) != 0)
        return status;
    status = wt_file_read_text(path.text, INDEX_MAX, &text, &size);
    if (status)
        return status;
    cJSON *json = cJSON_ParseWithLength((const char *)text, size);
    const cJSON *frames = cJSON_GetObjectItemCaseSensitive(json, "frames"), *item;
    int bad = cJSON_IsArray(frames) ? 0 : 1;
    if (!bad)
        cJSON_ArrayForEach(item, frames) bad += !take_frame(folder, item, miner);
    if (bad)
        status =
            wt_fail(WT_ERR_FORMAT, "%s: broken: %d of its frames cannot be used", path.text, bad);
    cJSON_Delete(json);
    free(text);
    return status;
}
