/* Texts of others, such as names of pictures, as fields of tables. Stateless; errors are the
 * stream's. */
#ifndef WT_APP_TEXT_FIELD_H
#define WT_APP_TEXT_FIELD_H

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Behind a field of CSV: the separator ("," or ", ") and the text. As RFC 4180 has it, in quotes
 * where it needs them; then no blank stands before the quote, which readers would take for a part
 * of the field. What would break a line or command a terminal is written as base/escape.h says. */
void wt_put_csv_text(FILE *f, const char *separator, const char *text);

/* A JSON string (RFC 8259), quotes included. Bytes that are no UTF-8, which JSON cannot hold, are
 * written as the text \xff. */
void wt_put_json_text(FILE *f, const char *text);

#ifdef __cplusplus
}
#endif
#endif
