#include "teach/profile.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/json.h"
#include "base/status.h"
#include "teach/profile_internal.h"
#include "weights/file.h"
#include "weights/text.h"

enum { MANIFEST_MAX = 65536, VERSION = 1 };

static enum wt_status broken(const struct wt_profile *p, const char *file, const char *why)
{
    return wt_fail(WT_ERR_FORMAT, "profile %s is broken: %s/%s: %s", p->name, p->folder.text, file,
                   why);
}

/* ---- reading ------------------------------------------------------------------------------- */

static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

static enum wt_status take_manifest(struct wt_profile *p, const cJSON *json)
{
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(json, "wingtip_profile");
    const cJSON *points = cJSON_GetObjectItemCaseSensitive(json, "points");
    const char *model = text_of(json, "model"), *sha = text_of(json, "sha256");
    if (!cJSON_IsNumber(version) || version->valuedouble < 1 || !model || !model[0] || !sha ||
        strlen(sha) >= sizeof p->sha256 || strlen(model) >= sizeof p->model ||
        !cJSON_IsNumber(points) || points->valuedouble < 1 || points->valuedouble > WT_POINTS_MAX)
        return broken(p, WT_PROFILE_MANIFEST, "no description of a profile");
    if (version->valuedouble > VERSION)
        return broken(p, WT_PROFILE_MANIFEST, "made by a newer version of this program");
    strcpy(p->model, model);
    strcpy(p->sha256, sha);
    p->points = points->valueint;
    return WT_OK;
}

static enum wt_status read_manifest(struct wt_profile *p)
{
    struct wt_path path;
    uint8_t *text = NULL;
    size_t size = 0;
    enum wt_status status = wt_path_print(&path, "%s/" WT_PROFILE_MANIFEST, p->folder.text);
    if (!status && access(path.text, R_OK) != 0)
        return broken(p, WT_PROFILE_MANIFEST, "cannot be read");
    if (!status)
        status = wt_file_read_text(path.text, MANIFEST_MAX, &text, &size);
    if (status)
        return status;
    cJSON *json = cJSON_ParseWithLength((const char *)text, size);
    status = take_manifest(p, json);
    cJSON_Delete(json);
    free(text);
    return status;
}

/* Readers report line by line; here one line is to say it. */
static enum wt_status read_list(struct wt_profile *p, const char *file, struct wt_dataset *out)
{
    struct wt_path path;
    enum wt_status status = wt_path_print(&path, "%s/%s", p->folder.text, file);
    if (status)
        return status;
    const enum wt_log_level before = wt_fail_level(WT_LOG_DEBUG);
    status = wt_dataset_open(out, path.text);
    wt_fail_level(before);
    if (status == WT_ERR_MEMORY)
        return wt_fail(status, "profile %s: out of memory", p->name);
    if (status || out->points != p->points)
        return broken(p, file,
                      "no list of faces with the profile's points, or a picture is missing");
    return WT_OK;
}

static enum wt_status read_lists(struct wt_profile *p)
{
    enum wt_status status = read_list(p, WT_PROFILE_CORRECTIONS, &p->truth);
    if (!status)
        status = read_list(p, WT_PROFILE_FOUND, &p->found);
    if (!status && (p->truth.count != p->found.count || p->truth.count > WT_PROFILE_MOST))
        status = broken(p, WT_PROFILE_FOUND, "other faces than in " WT_PROFILE_CORRECTIONS);
    for (size_t i = 0; !status && i < p->truth.count; i++)
        if (strcmp(p->truth.sample[i].name, p->found.sample[i].name) != 0)
            status = broken(p, WT_PROFILE_FOUND, "other faces than in " WT_PROFILE_CORRECTIONS);
    return status;
}

static enum wt_status find_weights(struct wt_profile *p)
{
    enum wt_status status = wt_path_print(&p->weights, "%s/" WT_PROFILE_WEIGHTS, p->folder.text);
    char sha[WT_SHA256_SIZE];
    wt_weights_path(p->model, p->base.text, sizeof p->base.text);
    p->learned = !status && access(p->weights.text, F_OK) == 0;
    if (status || p->learned)
        return status;
    p->weights = p->base;
    if (access(p->base.text, R_OK) != 0)
        return wt_fail(WT_ERR_IO, "profile %s: its network, %s, is not there", p->name,
                       wt_printable(p->model, strlen(p->model)).text);
    status = wt_profile_checksum(p->base.text, sha);
    p->stale = !status && strcmp(sha, p->sha256) != 0;
    return status;
}

enum wt_status wt_profile_fit(const struct wt_dataset *truth, const struct wt_point *const *found,
                              int points, size_t without, struct wt_offset **out)
{
    struct wt_offset_pair *pair = calloc(truth->count + 1, sizeof *pair);
    size_t n = 0;
    if (!pair)
        return wt_fail(WT_ERR_MEMORY, "out of memory for corrections");
    for (size_t i = 0; i < truth->count; i++)
        if (i != without && wt_profile_seen(truth->sample[i].point, found[i], points))
            pair[n++] = (struct wt_offset_pair){found[i], truth->sample[i].point};
    const enum wt_status status = n ? wt_offset_fit(out, points, pair, (int)n) : WT_OK;
    free(pair);
    return status;
}

bool wt_profile_seen(const struct wt_point *truth, const struct wt_point *found, int points)
{
    return memcmp(truth, found, (size_t)points * sizeof *truth) != 0;
}

static enum wt_status fit(struct wt_profile *p)
{
    const struct wt_point **found = calloc(p->found.count, sizeof *found);
    enum wt_status status =
        found ? WT_OK : wt_fail(WT_ERR_MEMORY, "profile %s: out of memory", p->name);
    for (size_t i = 0; !status && i < p->found.count; i++)
        found[i] = p->found.sample[i].point;
    if (!status) {
        const enum wt_log_level before = wt_fail_level(WT_LOG_DEBUG);
        status = wt_profile_fit(&p->truth, found, p->points, SIZE_MAX, &p->offset);
        wt_fail_level(before);
        if (status && status != WT_ERR_MEMORY)
            status = broken(p, WT_PROFILE_FOUND, "no faces that could be corrected");
    }
    free(found);
    return status;
}

enum wt_status wt_profile_open_in(struct wt_profile **out, const struct wt_profile_store *store,
                                  const char *name, const char *folder)
{
    struct wt_profile *p = calloc(1, sizeof *p);
    if (!p)
        return wt_fail(WT_ERR_MEMORY, "profile %s: out of memory", name);
    p->store = *store;
    snprintf(p->name, sizeof p->name, "%s", name);
    enum wt_status status = wt_path_print(&p->folder, "%s", folder);
    if (!status)
        status = read_manifest(p);
    if (!status)
        status = read_lists(p);
    if (!status)
        status = find_weights(p);
    if (!status)
        status = fit(p);
    if (status)
        wt_profile_close(&p);
    *out = p;
    return status;
}

enum wt_status wt_profile_open(struct wt_profile **out, const struct wt_profile_store *store,
                               const char *name)
{
    struct wt_path path;
    enum wt_status status = wt_profile_name_check(name);
    *out = NULL;
    if (status)
        return status;
    const int lock = wt_profile_lock(store, &status);
    if (!status && !wt_profile_exists(store, name))
        status = wt_fail(WT_ERR_ARGUMENT, "no profile \"%s\" in %s", name, store->folder.text);
    if (!status)
        status = wt_profile_path(store, name, NULL, &path);
    if (!status)
        status = wt_profile_open_in(out, store, name, path.text);
    if (lock >= 0)
        close(lock);
    return status;
}

void wt_profile_close(struct wt_profile **profile)
{
    struct wt_profile *p = *profile;
    if (!p)
        return;
    wt_offset_unref(&p->offset);
    wt_dataset_fini(&p->truth);
    wt_dataset_fini(&p->found);
    free(p);
    *profile = NULL;
}

enum wt_status wt_profile_choose(struct wt_profile **out, const char *folder, const char *name,
                                 struct wt_common *common)
{
    struct wt_profile_store store;
    *out = NULL;
    if (!name)
        return folder ? wt_fail(WT_ERR_ARGUMENT, "--profiles is the folder of --profile NAME")
                      : WT_OK;
    if (common->model)
        return wt_fail(WT_ERR_ARGUMENT, "--profile %s has a network of its own: leave out --model",
                       name);
    enum wt_status status = wt_profile_store_init(&store, folder);
    if (!status)
        status = wt_profile_open(out, &store, name);
    if (!status && (*out)->stale)
        status = wt_fail(WT_ERR_FORMAT,
                         "profile %s: %s is not the network it was taught with; wingtip profile "
                         "learn %s --seconds 0 adapts it",
                         name, (*out)->base.text, name);
    if (!status) {
        common->model_path = (*out)->weights;
        common->model = common->model_path.text;
    }
    return status;
}
