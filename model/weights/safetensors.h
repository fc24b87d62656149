/* The safetensors format: what its reader and writer share. Private to model/.
 *
 * A file is: u64 little endian header size, JSON header, data. The header maps each tensor's name
 * to {"dtype", "shape", "data_offsets": [begin, end)} with offsets into the data, which the
 * tensors must fill without a gap; "__metadata__" maps strings to strings.
 * Source: https://github.com/huggingface/safetensors, README, section "Format". */
#ifndef WT_MODEL_SAFETENSORS_H
#define WT_MODEL_SAFETENSORS_H

#define WT_SAFETENSORS_META "__metadata__"
/* The format allows 100 MB; the 4-stack network needs 0.1 MB, and a parsed header takes up to 64
 * times its size in memory. */
#define WT_SAFETENSORS_HEADER_MAX (8u << 20)
#define WT_SAFETENSORS_METAS_MAX 4096

#endif
