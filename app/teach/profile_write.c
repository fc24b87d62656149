/* What changes a profile: each function prepares the new one in full and then puts it in place. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text_file.h"
#include "face/picture.h"
#include "net/hourglass.h"
#include "teach/profile_figures.h"
#include "teach/profile_internal.h"
#include "track/look.h"
#include "weights/card.h"
#include "weights/file.h"

/* ---- files --------------------------------------------------------------------------------- */

/* Absolute, so that the profile works from any folder; bundled ones by name. */
static enum wt_status name_model(const char *given, char *out, size_t size)
{
    char *whole = NULL;
    struct wt_path path;
    if (!given)
        given = "wingtip-98";
    if (access(given, F_OK) == 0)
        whole = realpath(given, NULL);
    else
        wt_weights_path(given, path.text, sizeof path.text);
    if (!whole && access(path.text, R_OK) != 0)
        return wt_fail(WT_ERR_IO, "%s: no such weights", given);
    const char *name = strcmp(given, "accurate") == 0 ? "wingtip-98"
                       : strcmp(given, "fast") == 0   ? "wingtip-98-fast"
                                                      : given;
    const int n = snprintf(out, size, "%s", whole ? whole : name);
    free(whole);
    return (size_t)n < size ? WT_OK : wt_fail(WT_ERR_ARGUMENT, "%.60s...: too long", given);
}

enum wt_status wt_profile_checksum(const char *path, char *text)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum wt_status status = wt_file_read(path, (size_t)1 << 31, &bytes, &size);
    if (!status)
        wt_sha256(bytes, size, text);
    free(bytes);
    return status;
}

static enum wt_status write_manifest(const char *folder, const char *model, const char *weights,
                                     int points)
{
    struct wt_path path;
    char sha[WT_SHA256_SIZE] = "";
    enum wt_status status = wt_profile_checksum(weights, sha);
    if (!status)
        status = wt_path_print(&path, "%s/" WT_PROFILE_MANIFEST, folder);
    if (status)
        return status;
    cJSON *json = cJSON_CreateObject();
    if (!json || !cJSON_AddNumberToObject(json, "wingtip_profile", 1) ||
        !cJSON_AddStringToObject(json, "model", model) ||
        !cJSON_AddStringToObject(json, "sha256", sha) ||
        !cJSON_AddNumberToObject(json, "points", points)) {
        cJSON_Delete(json);
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path.text);
    }
    return wt_json_write(json, path.text);
}

/* A line more in the history. */
enum wt_status wt_profile_write_event(const char *folder, cJSON *event)
{
    struct wt_path path;
    struct wt_file_writer w = {.file = NULL};
    uint8_t *old = NULL;
    size_t size = 0;
    char when[32], *line = NULL;
    const time_t now = time(NULL);
    struct tm tm;
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    enum wt_status status = wt_path_print(&path, "%s/" WT_PROFILE_HISTORY, folder);
    if (!status && event && cJSON_AddStringToObject(event, "time", when))
        line = cJSON_PrintUnformatted(event);
    if (!status && !line)
        status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", path.text);
    if (!status && access(path.text, F_OK) == 0)
        status = wt_file_read(path.text, (size_t)1 << 28, &old, &size);
    if (!status)
        status = wt_file_writer_init(&w, path.text);
    if (!status) {
        wt_file_writer_put(&w, old, size);
        wt_file_writer_put(&w, line, strlen(line));
        wt_file_writer_put(&w, "\n", 1);
        status = wt_file_writer_commit(&w);
    }
    wt_file_writer_fini(&w);
    cJSON_free(line);
    free(old);
    return status;
}

enum wt_status wt_profile_write_list(const char *folder, const char *file, const char *what,
                                     const struct wt_dataset *of,
                                     const struct wt_point *const *point, int points)
{
    struct wt_path path;
    struct wt_text_file text;
    enum wt_status status = wt_path_print(&path, "%s/%s", folder, file);
    if (!status)
        status = wt_text_file_begin(&text, path.text);
    if (status)
        return status;
    fprintf(text.f, "# %s\n", what);
    for (size_t i = 0; i < of->count; i++) {
        fprintf(text.f, "%s", of->sample[i].name);
        for (int k = 0; k < points; k++)
            fprintf(text.f, " %.3f %.3f", (double)point[i][k].x, (double)point[i][k].y);
        fputc('\n', text.f);
    }
    return wt_text_file_end(&text, WT_OK);
}

enum wt_status wt_profile_points(const struct wt_profile_store *store, const char *name,
                                 const char *model, int *points)
{
    struct wt_profile *p = NULL;
    struct wt_weights *w = NULL;
    struct wt_arch arch;
    struct wt_path path;
    char named[PATH_MAX];
    enum wt_status status = WT_OK;
    if (wt_profile_exists(store, name)) {
        status = wt_profile_open(&p, store, name);
        *points = p ? p->points : 0;
        wt_profile_close(&p);
        return status;
    }
    status = name_model(model, named, sizeof named);
    if (!status) {
        wt_weights_path(named, path.text, sizeof path.text);
        status = wt_weights_load(&w, path.text);
    }
    if (!status)
        status = wt_arch_from_weights(w, &arch);
    if (!status)
        *points = arch.points;
    wt_weights_destroy(&w);
    return status;
}

/* ---- adding -------------------------------------------------------------------------------- */

/* The list of a folder under preparation, if it has one. */
static enum wt_status open_old(struct wt_dataset *list, const char *folder, const char *file)
{
    struct wt_path path;
    enum wt_status status = wt_path_print(&path, "%s/%s", folder, file);
    if (!status && access(path.text, F_OK) == 0)
        status = wt_dataset_open(list, path.text);
    return status;
}

void wt_profile_fill_unknown(struct wt_point *point, int points, const struct wt_offset *offset,
                             const struct wt_point *found)
{
    struct wt_point would[WT_POINTS_MAX];
    memcpy(would, found, (size_t)points * sizeof *would);
    if (offset)
        wt_offset_apply(offset, would);
    for (int i = 0; i < points; i++)
        if (isnan(point[i].x) || isnan(point[i].y))
            point[i] = would[i];
}

/* All that adding needs: the part of each new frame, and the lists old and new. */
struct adding {
    const char *folder; /* of the change */
    struct wt_model *model;
    const struct wt_offset *offset; /* so far; NULL: none */
    struct wt_dataset truth, found; /* old; count 0: none */
    struct wt_text_file lines[2];   /* new: truth, found */
    size_t last;                    /* number of the old pictures' last one */
    const struct wt_faces *faces;
    size_t repeated; /* of them, not added: they are there already */
    bool force;
};

static void print_line(FILE *f, const char *name, const struct wt_point *p, int points)
{
    fprintf(f, "%s", name);
    for (int i = 0; i < points; i++)
        fprintf(f, " %.3f %.3f", (double)p[i].x, (double)p[i].y);
    fputc('\n', f);
}

/* Can it be a correction of what the network found? */
enum wt_status wt_profile_check_near(size_t i, const struct wt_point *truth,
                                     const struct wt_point *found, int points)
{
    const double off = wt_nme(truth, found, wt_scheme_get(points), WT_NORM_OCULAR);
    if (!(off > WT_PROFILE_FAR))
        return WT_OK;
    return wt_fail(WT_ERR_ARGUMENT,
                   "face %zu: its points lie %.0f %% of the eye distance from those that the "
                   "network finds: are they another face's, or in another order?",
                   i + 1, off);
}

/* Are all points that are known the same, as far as lists tell? */
static bool same_points(const struct wt_point *a, const struct wt_point *b, int points)
{
    for (int i = 0; i < points; i++)
        if (fabsf(a[i].x - b[i].x) > 0.002f || fabsf(a[i].y - b[i].y) > 0.002f)
            return false;
    return true;
}

/* A list that has grown is added again: what is there already must not count twice, nor judge
 * itself when each correction is left out in turn. */
static bool is_there(const struct adding *a, size_t i)
{
    const struct wt_sample *s = wt_faces_get(a->faces, i).sample;
    for (size_t k = 0; k < a->truth.count; k++)
        if (same_points(s->point, a->truth.sample[k].point, s->points))
            return true;
    for (size_t k = 0; k < i; k++)
        if (same_points(s->point, wt_faces_get(a->faces, k).sample->point, s->points))
            return true;
    return false;
}

static enum wt_status add_one(struct adding *a, size_t i)
{
    struct wt_path path, name;
    const struct wt_sample *s = wt_faces_get(a->faces, i).sample;
    struct wt_point truth[WT_POINTS_MAX], found[WT_POINTS_MAX], near[WT_POINTS_MAX];
    bool seen = false;
    int known = 0;
    memcpy(truth, s->point, (size_t)s->points * sizeof *truth);
    for (int k = 0; k < s->points; k++)
        if (!isnan(truth[k].x))
            near[known++] = truth[k];
    /* The first look is around the known points; the second around what it shows. */
    if (known < s->points)
        for (int k = known; k < s->points; k++)
            near[k] = near[k % known];
    enum wt_status status =
        wt_look_at(a->model, s->picture, known < s->points ? near : truth, found, &seen);
    if (!status && !seen && known < s->points)
        return wt_fail(WT_ERR_UNSUPPORTED,
                       "face %zu: the network sees no face there; all of its points are needed",
                       i + 1);
    if (!status && seen && !a->force)
        status = wt_profile_check_near(i, truth, found, s->points);
    if (!status && !seen)
        memcpy(found, truth, sizeof found);
    wt_profile_fill_unknown(truth, s->points, a->offset, found);
    if (!status)
        status = wt_path_print(&name, WT_PROFILE_PICTURES "/%04zu.png", a->last + i + 1);
    if (!status)
        status = wt_path_print(&path, "%s/%s", a->folder, name.text);
    if (!status)
        status = wt_picture_write(s->picture, path.text);
    if (!status) {
        print_line(a->lines[0].f, name.text, truth, s->points);
        print_line(a->lines[1].f, name.text, found, s->points);
    }
    return status;
}

static enum wt_status write_lines(struct adding *a)
{
    static const char *const file[] = {WT_PROFILE_CORRECTIONS, WT_PROFILE_FOUND};
    static const char *const what[] = {WT_PROFILE_TRUTH_TITLE, WT_PROFILE_FOUND_TITLE};
    struct wt_dataset *const old[] = {&a->truth, &a->found};
    struct wt_path path[2];
    enum wt_status status = WT_OK;
    int begun = 0;
    for (; begun < 2 && !status; begun += !status) {
        status = wt_path_print(&path[begun], "%s/%s", a->folder, file[begun]);
        if (!status)
            status = wt_text_file_begin(&a->lines[begun], path[begun].text);
    }
    for (int k = 0; k < begun; k++) {
        fprintf(a->lines[k].f, "# %s\n", what[k]);
        for (size_t i = 0; i < old[k]->count; i++)
            print_line(a->lines[k].f, old[k]->sample[i].name, old[k]->sample[i].point,
                       old[k]->points);
    }
    for (size_t i = 0; i < wt_faces_count(a->faces) && !status; i++) {
        if (is_there(a, i))
            a->repeated++;
        else
            status = add_one(a, i);
    }
    for (int k = 0; k < begun; k++)
        status = wt_text_file_end(&a->lines[k], status);
    return status;
}

/* Some between may have been removed: what is taken must not be given again. */
static size_t last_picture(const struct wt_dataset *list)
{
    size_t last = 0;
    for (size_t i = 0; i < list->count; i++) {
        size_t number;
        if (sscanf(list->sample[i].name, WT_PROFILE_PICTURES "/%zu.png", &number) == 1 &&
            number > last)
            last = number;
    }
    return last > list->count ? last : list->count;
}

static enum wt_status check_room(const struct wt_profile *p, size_t count)
{
    const size_t old = p ? p->truth.count : 0;
    return old + count <= WT_PROFILE_MOST
               ? WT_OK
               : wt_fail(WT_ERR_ARGUMENT, "%zu corrected faces: a profile holds %d at most",
                         old + count, WT_PROFILE_MOST);
}

/* The network of the profile that is being changed, or of a new one. */
static enum wt_status choose_model(const struct wt_profile *p, const struct wt_profile_run *run,
                                   char *name, size_t size, struct wt_path *weights)
{
    enum wt_status status = WT_OK;
    if (run->model || !p)
        status = name_model(run->model, name, size);
    if (!status && p && run->model && strcmp(name, p->model) != 0)
        return wt_fail(WT_ERR_ARGUMENT, "profile %s is of %s, not of %s", p->name, p->model, name);
    if (!status && p)
        snprintf(name, size, "%s", p->model);
    if (!status && p)
        *weights = p->weights;
    else if (!status)
        wt_weights_path(name, weights->text, sizeof weights->text);
    return status;
}

static enum wt_status cut_faces(struct wt_faces **out, int points,
                                const struct wt_face_in_frame *face, size_t count)
{
    enum wt_status status = WT_OK;
    for (size_t i = 0; i < count && !status; i++)
        if (face[i].points != points)
            status = wt_fail(WT_ERR_ARGUMENT, "face %zu has %d points, the network %d", i + 1,
                             face[i].points, points);
    if (!status)
        status = wt_faces_create(out, points);
    return status ? status : wt_faces_add_frames(*out, "corrections", face, count);
}

static cJSON *event_of(const char *what, size_t faces, size_t all)
{
    cJSON *event = cJSON_CreateObject();
    if (!event || !cJSON_AddStringToObject(event, "event", what) ||
        !cJSON_AddNumberToObject(event, "faces", (double)faces) ||
        !cJSON_AddNumberToObject(event, "corrections", (double)all)) {
        cJSON_Delete(event);
        return NULL;
    }
    return event;
}

static enum wt_status add(struct wt_profile_change *c, const struct wt_profile *p,
                          const struct wt_profile_run *run, const struct wt_face_in_frame *face,
                          size_t count)
{
    struct adding a = {.folder = c->temp.text, .offset = p ? p->offset : NULL, .force = run->force};
    struct wt_faces *faces = NULL;
    struct wt_path weights, pictures;
    char model[PATH_MAX];
    enum wt_status status = choose_model(p, run, model, sizeof model, &weights);
    if (!status)
        status = wt_profile_open_model(&a.model, weights.text, run);
    const int points = status ? 0 : wt_model_describe(a.model).points;
    if (!status)
        status = cut_faces(&faces, points, face, count);
    a.faces = faces;
    if (!status)
        status = open_old(&a.truth, a.folder, WT_PROFILE_CORRECTIONS);
    a.last = status ? 0 : last_picture(&a.truth);
    if (!status)
        status = open_old(&a.found, a.folder, WT_PROFILE_FOUND);
    if (!status)
        status = wt_path_print(&pictures, "%s/" WT_PROFILE_PICTURES, a.folder);
    if (!status && !p && mkdir(pictures.text, 0700) != 0)
        status = wt_fail(WT_ERR_IO, "%s: cannot be made", pictures.text);
    if (!status)
        status = write_lines(&a);
    if (!status && !p)
        status = write_manifest(a.folder, model, weights.text, points);
    count -= a.repeated;
    if (!status && a.repeated)
        wt_log(WT_LOG_INFO, "%zu face%s not added: there already", a.repeated,
               a.repeated == 1 ? "" : "s");
    cJSON *event = status || !count ? NULL : event_of("add", count, a.truth.count + count);
    if (!status && count)
        status = wt_profile_write_event(a.folder, event);
    cJSON_Delete(event);
    wt_dataset_fini(&a.truth);
    wt_dataset_fini(&a.found);
    wt_faces_destroy(&faces);
    wt_model_close(&a.model);
    return status;
}

/* The profile that a change starts from; NULL: none yet. */
enum wt_status wt_profile_open_target(const struct wt_profile_change *c,
                                      const struct wt_profile_store *store, struct wt_profile **p)
{
    *p = NULL;
    return access(c->target.text, F_OK) == 0 ? wt_profile_open_in(p, store, c->name, c->target.text)
                                             : WT_OK;
}

/* Are the earlier corrections as well off with the new ones as without? */
enum wt_status wt_profile_check_earlier(const struct wt_profile *before,
                                        const struct wt_profile *after)
{
    double old = 0, with = 0;
    const size_t n = before->truth.count;
    enum wt_status status = wt_profile_error_of(before, n, &old);
    if (!status)
        status = wt_profile_error_of(after, n, &with);
    if (status || !(with > WT_PROFILE_WORSE * old + WT_PROFILE_WORSE_BY))
        return status;
    return wt_fail(WT_ERR_ARGUMENT,
                   "the new corrections would make the %zu earlier ones worse, %.2f %% instead of "
                   "%.2f %%: taken back",
                   n, with, old);
}

enum wt_status wt_profile_add(const struct wt_profile_store *store, const char *name,
                              const struct wt_profile_run *run, const struct wt_face_in_frame *face,
                              size_t count)
{
    struct wt_profile_change c;
    struct wt_profile *p = NULL, *after = NULL;
    if (!count)
        return wt_fail(WT_ERR_ARGUMENT, "no corrected faces");
    enum wt_status status = wt_profile_change_begin(&c, store, name);
    if (status)
        return status;
    status = wt_profile_open_target(&c, store, &p);
    if (!status)
        status = check_room(p, count);
    if (!status)
        status = add(&c, p, run, face, count);
    if (!status) /* what cannot be opened is not put in place */
        status = wt_profile_open_in(&after, store, name, c.temp.text);
    if (!status && p && !run->force)
        status = wt_profile_check_earlier(p, after);
    wt_profile_close(&p);
    wt_profile_close(&after);
    return wt_profile_change_end(&c, status);
}

/* ---- after learning ------------------------------------------------------------------------ */

static enum wt_status save_weights(const struct wt_weights *weights, const char *folder)
{
    struct wt_path path;
    enum wt_status status = wt_path_print(&path, "%s/" WT_PROFILE_WEIGHTS, folder);
    return status ? status : wt_weights_save(weights, path.text);
}

/* The corrections' error with what has been found now; false: it is more than wanted. */
static enum wt_status judge(const struct wt_profile *p, const struct wt_profile_finds *f,
                            const struct wt_profile_update *update, bool *kept)
{
    struct wt_summary alone, corrected = {.nme = NAN};
    const enum wt_status status =
        wt_profile_leave_one_out(&p->truth, f->point, p->points, &alone, &corrected, NULL);
    *kept = !(update->most > 0 && corrected.nme > update->most);
    if (!status && update->error)
        *update->error = corrected.nme;
    if (update->kept)
        *update->kept = *kept;
    return status;
}

static enum wt_status refresh(struct wt_profile_change *c, const struct wt_profile *p,
                              const struct wt_profile_run *run,
                              const struct wt_profile_update *update, bool *kept)
{
    struct wt_path learned;
    struct wt_profile_finds f = {.storage = NULL};
    enum wt_status status = wt_path_print(&learned, "%s/" WT_PROFILE_WEIGHTS, c->temp.text);
    if (!status && update->back)
        unlink(learned.text);
    if (!status && update->weights)
        status = save_weights(update->weights, c->temp.text);
    if (!status)
        status = wt_profile_find(p, access(learned.text, F_OK) == 0 ? learned.text : p->base.text,
                                 run, &f);
    if (!status)
        status = judge(p, &f, update, kept);
    if (!status)
        status = wt_profile_write_list(c->temp.text, WT_PROFILE_FOUND, WT_PROFILE_FOUND_TITLE,
                                       &p->truth, f.point, p->points);
    if (!status && access(p->base.text, R_OK) == 0)
        status = write_manifest(c->temp.text, p->model, p->base.text, p->points);
    wt_profile_finds_fini(&f);
    return status;
}

static enum wt_status change_existing(const struct wt_profile_store *store, const char *name,
                                      const struct wt_profile_run *run,
                                      const struct wt_profile_update *update)
{
    struct wt_profile_change c;
    struct wt_profile *p = NULL;
    bool kept = true;
    if (!wt_profile_exists(store, name))
        return wt_fail(WT_ERR_ARGUMENT, "no profile \"%s\" in %s", name, store->folder.text);
    enum wt_status status = wt_profile_change_begin(&c, store, name);
    if (status)
        return status;
    status = wt_profile_open_target(&c, store, &p);
    if (!status && !p)
        status = wt_fail(WT_ERR_ARGUMENT, "no profile \"%s\" in %s", name, store->folder.text);
    if (!status && run)
        status = refresh(&c, p, run, update, &kept);
    if (!status && update->event)
        status = wt_profile_write_event(c.temp.text, update->event);
    wt_profile_close(&p);
    if (!status && !kept) {
        wt_profile_change_drop(&c);
        return WT_OK;
    }
    return wt_profile_change_end(&c, status);
}

enum wt_status wt_profile_refresh(const struct wt_profile_store *store, const char *name,
                                  const struct wt_profile_run *run,
                                  const struct wt_profile_update *update)
{
    const enum wt_status status = change_existing(store, name, run, update);
    cJSON_Delete(update->event);
    return status;
}

enum wt_status wt_profile_note(const struct wt_profile_store *store, const char *name,
                               struct cJSON *event)
{
    return wt_profile_refresh(store, name, NULL, &(struct wt_profile_update){.event = event});
}
