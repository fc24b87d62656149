/* Names of pictures in lines of text, where blanks separate the fields. A name with blanks is
 * written
 *   in quotes          "my faces/a b.jpg" or 'my faces/a b.jpg'
 *   or escaped         my\ faces/a\ b.jpg
 *   or as it is        my faces/a b.jpg, where a picture of that name is there (wt_list_name_words)
 * In double quotes \" stands for a quote and \\ for a backslash. A quote counts only where a field
 * starts with it and a field's end follows the closing one, a backslash only before a blank: so
 * every name without a blank is what it always was. Works in place; pure functions. */
#ifndef WT_MODEL_LIST_NAME_H
#define WT_MODEL_LIST_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Cuts the name off the start of a line, which starts with no blank; returns it without quotes and
 * escapes, *rest what follows it. */
char *wt_list_name_first(char *line, char **rest);
/* The same at the end of a line, which ends with no blank: *rest is what comes before, empty where
 * the name is all. */
char *wt_list_name_last(char *line, char **rest);

/* Length of the field at the start of a line, with quotes and escapes. */
size_t wt_list_field(const char *line);

/* How many bytes of a line its last word that is not a number ends after; 0: all are numbers, or
 * more than `most` of them follow it. The name that a list of ours would have if its blanks were
 * the name's own. */
size_t wt_list_name_words(const char *line, int most);
/* Its first word that is not a number, or its end: where the name of a WFLW list's line starts. */
const char *wt_list_name_after(const char *line);

/* Does all of this word, which a blank or a NUL follows, make a number? */
bool wt_list_numeric(const char *word, size_t length);

/* Rank of a picture's ending (without the dot, any case) among those that are tried for the picture
 * beside a .pts file; -1: not known as a picture's. */
int wt_picture_ending(const char *ending);
/* Has this name of n bytes such an ending? */
bool wt_picture_named(const char *name, size_t n);

#endif
