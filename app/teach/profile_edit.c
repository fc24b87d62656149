/* One correction of a profile: changed, or taken out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/status.h"
#include "teach/profile_internal.h"

/* A change of one face, from the old profile to the folder of the new one. */
struct editing {
    struct wt_profile_change change;
    bool begun; /* the change has to be ended */
    struct wt_profile *p;
    size_t at; /* of the face */
    const struct wt_point **truth, **found;
};

static enum wt_status no_such(const char *name, const char *picture)
{
    return wt_fail(WT_ERR_ARGUMENT, "profile %s has no correction of %s any more", name, picture);
}

static enum wt_status find_face(struct editing *e, const char *picture)
{
    const size_t count = e->p->truth.count;
    while (e->at < count && strcmp(e->p->truth.sample[e->at].name, picture) != 0)
        e->at++;
    if (e->at == count)
        return no_such(e->p->name, picture);
    e->truth = calloc(count, sizeof *e->truth);
    e->found = calloc(count, sizeof *e->found);
    if (!e->truth || !e->found)
        return wt_fail(WT_ERR_MEMORY, "profile %s: out of memory", e->p->name);
    for (size_t i = 0; i < count; i++) {
        e->truth[i] = e->p->truth.sample[i].point;
        e->found[i] = e->p->found.sample[i].point;
    }
    return WT_OK;
}

/* Until end, which is to be called where begun says so. */
static enum wt_status begin(struct editing *e, const struct wt_profile_store *store,
                            const char *name, const char *picture)
{
    enum wt_status status = wt_profile_name_check(name);
    *e = (struct editing){.p = NULL};
    if (!status && !wt_profile_exists(store, name))
        status = wt_fail(WT_ERR_ARGUMENT, "no profile \"%s\" in %s", name, store->folder.text);
    if (!status)
        status = wt_profile_change_begin(&e->change, store, name);
    if (status)
        return status;
    e->begun = true;
    status = wt_profile_open_target(&e->change, store, &e->p);
    if (!status && !e->p)
        status = no_such(name, picture);
    return status ? status : find_face(e, picture);
}

static enum wt_status write_lists(const struct editing *e, const struct wt_dataset *of)
{
    const char *folder = e->change.temp.text;
    const enum wt_status status = wt_profile_write_list(
        folder, WT_PROFILE_CORRECTIONS, WT_PROFILE_TRUTH_TITLE, of, e->truth, e->p->points);
    return status ? status
                  : wt_profile_write_list(folder, WT_PROFILE_FOUND, WT_PROFILE_FOUND_TITLE, of,
                                          e->found, e->p->points);
}

static enum wt_status note(const struct editing *e, const char *what, size_t left)
{
    cJSON *event = cJSON_CreateObject();
    cJSON_AddStringToObject(event, "event", what);
    cJSON_AddStringToObject(event, "picture", e->p->truth.sample[e->at].name);
    cJSON_AddNumberToObject(event, "corrections", (double)left);
    const enum wt_status status = wt_profile_write_event(e->change.temp.text, event);
    cJSON_Delete(event);
    return status;
}

/* What cannot be opened is not put in place. judged: nor what makes the others worse. */
static enum wt_status end(struct editing *e, const struct wt_profile_store *store, bool judged,
                          enum wt_status status)
{
    struct wt_profile *after = NULL;
    if (!status)
        status = wt_profile_open_in(&after, store, e->change.name, e->change.temp.text);
    if (!status && judged)
        status = wt_profile_check_earlier(e->p, after);
    wt_profile_close(&after);
    wt_profile_close(&e->p);
    free(e->truth);
    free(e->found);
    return wt_profile_change_end(&e->change, status);
}

/* ---- taking out ------------------------------------------------------------------------------ */

static enum wt_status take_out(struct editing *e)
{
    struct wt_path picture;
    struct wt_dataset *list = &e->p->truth;
    const struct wt_sample gone = list->sample[e->at];
    const size_t left = list->count - 1, behind = left - e->at;
    bool shared = false;
    if (!left)
        return wt_fail(WT_ERR_ARGUMENT,
                       "it is the only correction of profile %s: delete the profile", e->p->name);
    enum wt_status status = note(e, "remove", left);
    memmove(e->truth + e->at, e->truth + e->at + 1, behind * sizeof *e->truth);
    memmove(e->found + e->at, e->found + e->at + 1, behind * sizeof *e->found);
    memmove(list->sample + e->at, list->sample + e->at + 1, behind * sizeof *list->sample);
    list->count = left;
    if (!status)
        status = write_lists(e, list);
    for (size_t i = 0; i < left; i++)
        shared = shared || strcmp(list->sample[i].name, gone.name) == 0;
    if (shared) /* a list that was added may name one picture twice */
        return status;
    if (!status)
        status = wt_path_print(&picture, "%s/%s", e->change.temp.text, gone.name);
    if (!status && unlink(picture.text) != 0)
        status = wt_fail(WT_ERR_IO, "%s: cannot be removed", picture.text);
    return status;
}

enum wt_status wt_profile_remove(const struct wt_profile_store *store, const char *name,
                                 const char *picture)
{
    struct editing e;
    enum wt_status status = begin(&e, store, name, picture);
    if (!e.begun)
        return status;
    if (!status)
        status = take_out(&e);
    return end(&e, store, false, status);
}

/* ---- changing -------------------------------------------------------------------------------- */

static enum wt_status change_points(struct editing *e, const struct wt_profile_run *run,
                                    const struct wt_point *point, struct wt_point *truth,
                                    struct wt_point *found)
{
    struct wt_model *model = NULL;
    const struct wt_profile *p = e->p;
    const size_t size = (size_t)p->points * sizeof *truth;
    bool seen = false;
    memcpy(truth, point, size);
    wt_profile_fill_unknown(truth, p->points, p->offset, e->found[e->at]);
    enum wt_status status = wt_profile_open_model(&model, p->weights.text, run);
    if (!status)
        status = wt_profile_find_one(model, &p->truth.sample[e->at], truth, found, &seen);
    wt_model_close(&model);
    if (!status && seen)
        status = wt_profile_check_near(e->at, truth, found, p->points);
    e->truth[e->at] = truth;
    e->found[e->at] = found;
    if (!status)
        status = write_lists(e, &p->truth);
    return status ? status : note(e, "change", p->truth.count);
}

enum wt_status wt_profile_replace(const struct wt_profile_store *store, const char *name,
                                  const struct wt_profile_run *run, const char *picture,
                                  const struct wt_point *point, int points)
{
    struct editing e;
    struct wt_point truth[WT_POINTS_MAX], found[WT_POINTS_MAX];
    enum wt_status status = begin(&e, store, name, picture);
    if (!e.begun)
        return status;
    if (!status && points != e.p->points)
        status =
            wt_fail(WT_ERR_ARGUMENT, "profile %s has %d points, not %d", name, e.p->points, points);
    if (!status)
        status = change_points(&e, run, point, truth, found);
    return end(&e, store, true, status);
}
