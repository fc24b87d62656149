/* wingtip model card: changes the statements (metadata) of a weights file. */
#include <string.h>

#include "cli/nearest.h"
#include "cli/options.h"
#include "weights/card.h"
#include "weights/model_file.h"
#include "weights/text.h"

struct settings {
    const char *in, *out;
    struct wt_words facts;
    bool bf16;
};

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_POSITIONAL, "IN", 0, AT(in), NULL, WT_MODEL_IN_HELP, .required = true},
    {WT_OPTION_POSITIONAL, "OUT.safetensors", 0, AT(out), NULL, WT_MODEL_OUT_HELP,
     .required = true},
    {WT_OPTION_REST, "KEY=TEXT", 0, AT(facts), NULL,
     "a statement; without TEXT it is removed. Keys: name, licence, label_style, trained_on, "
     "labels, trainer, recipe, hours, nme, limits"},
    {WT_OPTION_FLAG, "--bf16", 0, AT(bf16), NULL, WT_MODEL_BF16_HELP},
    {.name = NULL},
};
#undef AT

static enum wt_status unknown_key(const char *word, size_t length)
{
    const struct wt_printable_text key = wt_printable(word, length);
    struct wt_nearest nearest;
    wt_nearest_start(&nearest, key.text);
    for (const struct wt_card_fact *f = wt_card_fact; f->key; f++)
        if (f->help)
            wt_nearest_offer(&nearest, f->key);
    if (nearest.best)
        return wt_fail(WT_ERR_ARGUMENT, "model card: no key \"%s\"; did you mean %s?", key.text,
                       nearest.best);
    return wt_fail(WT_ERR_ARGUMENT, "model card: no key \"%s\"; see: wingtip model card --help",
                   key.text);
}

static enum wt_status set_statement(struct wt_weights *w, const char *word)
{
    const char *equals = strchr(word, '=');
    const size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const struct wt_card_fact *f = wt_card_fact;
    while (f->key && !(f->help && strlen(f->key) == length && memcmp(f->key, word, length) == 0))
        f++;
    if (!f->key)
        return unknown_key(word, length);
    if (!equals)
        return wt_fail(WT_ERR_ARGUMENT, "model card: %s has no text; write %s=TEXT (%s)", word,
                       word, f->help);
    if (!wt_utf8_valid(equals + 1, strlen(equals + 1)))
        return wt_fail(WT_ERR_ARGUMENT, "model card: %s: the text is not UTF-8", f->key);
    return wt_weights_set_meta(w, f->key, equals[1] ? equals + 1 : NULL);
}

static enum wt_status change(struct wt_model_file *m, const void *settings)
{
    const struct settings *s = settings;
    enum wt_status status = WT_OK;
    for (int i = 0; i < s->facts.count && !status; i++)
        status = set_statement(m->weights, s->facts.word[i]);
    if (!status && s->bf16)
        wt_model_file_to_bf16(m);
    return status;
}

static int run(void *settings)
{
    const struct settings *s = settings;
    return wt_exit_status(wt_model_file_convert(s->in, s->out, change, s));
}

const struct wt_command wt_command_card = {
    .name = "model card",
    .summary = "changes what weights state about their origin and use",
    .details = "Copies a weights file with other statements, which `wingtip model info` shows; the "
               "window shows the licence. The weights are unchanged unless --bf16 is given.",
    .option = options,
    .settings_size = sizeof(struct settings),
    .run = run,
};
