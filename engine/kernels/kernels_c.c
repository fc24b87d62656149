/* Portable kernels: the reference for all others, and the fallback on CPUs that have nothing else.
 */
#include "kernels/kernels.h"

#define WT_ISA(name) wt_##name##__c
#include "kernels/finish.inc"
#include "kernels/rows.inc"

enum { NR = 16, MR = 4 };

static void conv_f32(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n)
{
    const float *weight = p->weight;
    for (int x = 0; x < n; x += MR) {
        int m = n - x < MR ? n - x : MR;
        float acc[MR][NR];
        for (int i = 0; i < m; i++)
            for (int c = 0; c < NR; c++)
                acc[i][c] = p->bias[c];
        for (int ky = 0; ky < p->kh; ky++) {
            const float *w = weight + (size_t)ky * p->kc * NR;
            const float *in = (const float *)r->in + ky * p->in_row + x * p->in_px;
            for (int k = 0; k < p->kc; k++, w += NR)
                for (int i = 0; i < m; i++)
                    for (int c = 0; c < NR; c++)
                        acc[i][c] += in[i * p->in_px + k] * w[c];
        }
        for (int i = 0; i < m; i++)
            wt_finish_tail__c(p, r, x + i, acc[i], 0);
    }
}

static void conv_bf16(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n)
{
    for (int x = 0; x < n; x++) {
        float acc[NR];
        for (int c = 0; c < NR; c++)
            acc[c] = p->bias[c];
        const uint16_t *w = p->weight;
        for (int ky = 0; ky < p->kh; ky++) {
            const uint16_t *in = (const uint16_t *)r->in + ky * p->in_row + x * p->in_px;
            for (int k = 0; k < p->kc; k += 2, w += 2 * NR) {
                float a = wt_bf16_load(in[k]), b = wt_bf16_load(in[k + 1]);
                for (int c = 0; c < NR; c++)
                    acc[c] += a * wt_bf16_load(w[2 * c]) + b * wt_bf16_load(w[2 * c + 1]);
            }
        }
        wt_finish_tail__c(p, r, x, acc, 0);
    }
}

static void conv_u8(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n)
{
    for (int x = 0; x < n; x++) {
        int32_t acc[NR] = {0};
        float sum[NR];
        const int8_t *w = p->weight;
        for (int ky = 0; ky < p->kh; ky++) {
            const uint8_t *in = (const uint8_t *)r->in + ky * p->in_row + x * p->in_px;
            for (int k = 0; k < p->kc; k += 4, w += 4 * NR)
                for (int c = 0; c < NR; c++)
                    for (int i = 0; i < 4; i++)
                        acc[c] += in[k + i] * w[4 * c + i];
        }
        for (int c = 0; c < NR; c++)
            sum[c] = (float)acc[c] * p->dequant[c] + p->bias[c];
        wt_finish_tail__c(p, r, x, sum, 0);
    }
}

const struct wt_kernels wt_kernels__c = {
    .conv[WT_F32] = {"f32_conv_4x16__c", WT_PACK_F32, NR, NR, 1, conv_f32, conv_f32},
    .conv[WT_BF16] = {"bf16_conv_1x16__c", WT_PACK_BF16_PAIR, NR, NR, 2, conv_bf16, conv_bf16},
    .conv[WT_U8] = {"u8_conv_1x16__c", WT_PACK_S8_QUAD, NR, NR, 4, conv_u8, conv_u8},
    WT_ROW_ENTRIES,
};
