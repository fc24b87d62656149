/* Zip archives as PyTorch writes them: stored entries only, zip64 where large.
 *
 * Reads from memory and borrows it; inflates nothing. Every offset is checked, and so is the
 * CRC-32 of each entry before its bytes are handed out. One thread at a time.
 * Source: PKWARE APPNOTE.TXT 6.3, sections 4.3.7 to 4.3.16 and 4.5.3. */
#ifndef WT_MODEL_PTH_ZIP_H
#define WT_MODEL_PTH_ZIP_H

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_zip_entry {
    const char *name; /* not ended by NUL */
    size_t name_size;
    size_t header; /* offset of the local header */
    size_t size;
    uint32_t crc;
    uint16_t flags, method;
    bool checked;
};

struct wt_zip {
    const char *what; /* for error lines */
    const uint8_t *bytes;
    size_t size;
    size_t directory;           /* offset of the central directory: entries end before it */
    struct wt_zip_entry *entry; /* sorted by name */
    size_t entries;
};

/* Errors: FORMAT, UNSUPPORTED, MEMORY. */
enum wt_status wt_zip_init(struct wt_zip *zip, const uint8_t *bytes, size_t size, const char *what);
void wt_zip_fini(struct wt_zip *zip);

/* NULL when there is none of that name. */
struct wt_zip_entry *wt_zip_find(struct wt_zip *zip, const char *name, size_t name_size);

/* The entry's bytes, entry->size of them. Errors: FORMAT, UNSUPPORTED (compressed, encrypted). */
enum wt_status wt_zip_data(struct wt_zip *zip, struct wt_zip_entry *entry, const uint8_t **data);

/* CRC-32 of ISO 3309, as in zip and PNG. */
uint32_t wt_crc32(const uint8_t *bytes, size_t size);

#ifdef __cplusplus
}
#endif
#endif
