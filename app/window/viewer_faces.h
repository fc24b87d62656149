/* The corrected faces of the profile: small in the panel, and one of them large in the place of the
 * live picture, with the points as they were placed, before and after. Part of viewer_internal.h.
 */
#ifndef WT_APP_VIEWER_FACES_H
#define WT_APP_VIEWER_FACES_H

#include <pthread.h>
#include <stdatomic.h>

#include "draw/layout.h"
#include "teach/profile_faces.h"
#include "window/gl_util.h"

struct wt_viewer;

/* Faces on a page; side of their pictures, pixels. */
enum { WT_FACES_PAGE = 6, WT_FACES_SMALL = 128 };

/* What a thread finds out about the profile's faces. */
struct wt_faces_found {
    struct wt_profile *profile; /* as it was then; NULL: nothing yet */
    struct wt_profile_face *face;
};

struct wt_viewer_faces {
    pthread_t thread;
    bool busy;
    atomic_bool done;
    struct wt_profile_store store; /* what the thread reads */
    char name[72];
    struct wt_profile_run run;
    enum wt_status status;
    struct wt_faces_found coming, shown;
    unsigned asked; /* v->teach.takes that it was begun for */

    int page, pages;
    unsigned texture[WT_FACES_PAGE]; /* of the page; 0: its picture could not be read */
    bool page_made, failed;
    int large;    /* the face that is looked at, -1: none */
    bool show[3]; /* of it: placed, before, after */
    bool confirm; /* deleting it has been asked for */
};

/* viewer_faces.c */
void wt_viewer_faces_init(struct wt_viewer *v);
/* Waits for what runs. With the window's context. */
void wt_viewer_faces_fini(struct wt_viewer *v);
/* Once a frame of the window. */
void wt_viewer_faces_check(struct wt_viewer *v);
/* While the panel shows them: finds out about the profile in use, and makes the page's pictures. */
void wt_viewer_faces_follow(struct wt_viewer *v);
/* Faces of the page that begins with page * WT_FACES_PAGE. */
int wt_viewer_faces_on_page(const struct wt_viewer *v);
void wt_viewer_faces_turn(struct wt_viewer *v, int page);
/* Looks at one, large; and draws its points, between wt_ui_begin and wt_ui_end. */
void wt_viewer_faces_look(struct wt_viewer *v, int face);
void wt_viewer_faces_draw(struct wt_viewer *v, const struct wt_layout *layout);
/* Of the one that is looked at. */
void wt_viewer_faces_edit(struct wt_viewer *v);
void wt_viewer_faces_remove(struct wt_viewer *v);

/* viewer_panel_faces.c */
void wt_viewer_panel_faces(struct wt_viewer *v);

#endif
