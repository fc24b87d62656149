/* A profile as ordinary files. */
#include <stdio.h>
#include <unistd.h>

#include "base/status.h"
#include "base/text_file.h"
#include "teach/profile_internal.h"
#include "teach/profile_tree.h"
#include "weights/card.h"

static enum wt_status print_card(FILE *f, const struct wt_profile *p, const char *weights)
{
    struct wt_weights *w = NULL;
    const enum wt_status status = wt_weights_load(&w, weights);
    fprintf(f,
            "# Profile %s\n\n%zu corrected faces, %d points, of the network %s.\n\n"
            "- `corrections.txt`: the faces as they were corrected, a list for `wingtip eval` and "
            "`train`.\n- `found.txt`: as the network finds them.\n- `history.jsonl`: what was "
            "done.\n",
            p->name, p->truth.count, p->points, p->model);
    if (!status && p->learned)
        fprintf(f, "- `weights.safetensors`: the network after learning:\n\n");
    else if (!status)
        fprintf(f, "\nThe network has not learned from them; it is as it was:\n\n");
    for (const struct wt_card_fact *fact = wt_card_fact; !status && fact->key; fact++) {
        const char *value = wt_card_get(w, fact->key);
        if (value)
            fprintf(f, "| %s | %s |\n%s", fact->label, value,
                    fact == wt_card_fact ? "|---|---|\n" : "");
    }
    wt_weights_destroy(&w);
    return status;
}

static enum wt_status write_card(const struct wt_profile *p, const char *folder)
{
    struct wt_path path;
    struct wt_text_file text;
    enum wt_status status = wt_path_print(&path, "%s/README.md", folder);
    if (!status)
        status = wt_text_file_begin(&text, path.text);
    if (status)
        return status;
    status = print_card(text.f, p, p->weights.text);
    return wt_text_file_end(&text, status);
}

enum wt_status wt_profile_export(const struct wt_profile *p, const char *folder)
{
    static const char *const left_out[] = {WT_PROFILE_MANIFEST};
    struct wt_path temp, path;
    if (access(folder, F_OK) == 0)
        return wt_fail(WT_ERR_ARGUMENT, "%s: is there already; name a folder that is not", folder);
    enum wt_status status = wt_path_print(&temp, "%s.new-%d", folder, (int)getpid());
    if (status)
        return status;
    status = wt_copy_tree(p->folder.text, temp.text, false);
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out && !status; i++) {
        status = wt_path_print(&path, "%s/%s", temp.text, left_out[i]);
        if (!status)
            unlink(path.text);
    }
    if (!status)
        status = write_card(p, temp.text);
    if (!status && rename(temp.text, folder) != 0)
        status = wt_fail(WT_ERR_IO, "%s: cannot be written", folder);
    if (status)
        wt_remove_tree(temp.text);
    return status;
}
