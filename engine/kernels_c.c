/* Portable kernels: the yardstick for all others, and the fallback on CPUs that have nothing else.
 */
#include "kernels.h"

#define WT_ISA(name) wt_##name##__c
#include "rows.inc"

enum { NR = 16, MR = 4 };

/* v: the finished sums of one pixel. */
static void finish(const struct wt_conv_panel *p, const struct wt_conv_row *r, int i, float *v)
{
    for (int c = 0; c < p->channels; c++) {
        if (r->pre) {
            float a = v[c] * p->pre_scale[c] + p->pre_shift[c];
            r->pre[i * r->pre_px + c] = a > 0 ? a : 0;
        }
        if (r->residual)
            v[c] += r->residual[i * r->residual_px + c];
        if (r->out)
            r->out[i * r->out_px + c] = v[c];
        if (r->post) {
            float a = v[c] * p->post_scale[c] + p->post_shift[c];
            r->post[i * r->post_px + c] = a > 0 ? a : 0;
        }
    }
}

static void conv_row(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n)
{
    for (int x = 0; x < n; x += MR) {
        int m = n - x < MR ? n - x : MR;
        float acc[MR][NR];
        for (int i = 0; i < m; i++)
            for (int c = 0; c < NR; c++)
                acc[i][c] = p->bias[c];
        for (int ky = 0; ky < p->kh; ky++) {
            const float *w = p->weight + (size_t)ky * p->kc * NR;
            for (int k = 0; k < p->kc; k++, w += NR)
                for (int i = 0; i < m; i++) {
                    float a = r->in[ky * p->in_row + (x + i) * p->in_px + k];
                    for (int c = 0; c < NR; c++)
                        acc[i][c] += a * w[c];
                }
        }
        for (int i = 0; i < m; i++)
            finish(p, r, x + i, acc[i]);
    }
}

void wt_kernels_init__c(struct wt_kernels *k)
{
    k->conv_name = "f32_conv_4x16__c";
    k->nr_wide = k->nr_narrow = NR;
    k->conv_wide = k->conv_narrow = conv_row;
    k->copy_f32 = wt_copy_f32__c;
    k->add_f32 = wt_add_f32__c;
    k->upadd_f32 = wt_upadd_f32__c;
    k->pool2_f32 = wt_pool2_f32__c;
    k->coord_map_f32 = wt_coord_map_f32__c;
}
