/* Convolution of bfloat16 and bytes on AMX tiles. A tile of inputs is up to 16 pixels x 64 bytes
 * straight out of the activation buffer (its row stride is the pixel stride, so no im2col), a tile
 * of weights 64 bytes deep and 16 outputs wide. Two by two of them make four accumulators: 32
 * pixels x 32 outputs.
 *
 * Maps narrower than a tile are walked as one long row of pixels, gaps between rows included: the
 * sums of a gap are worthless and left out at the end. The last tile of a row begins early enough
 * to be full; what was there before is not written twice. */
#include <immintrin.h>

#include "kernels/kernels.h"

#define WT_ISA(name) wt_##name##__amx
#define VL 16
#include "kernels/vector.inc"

#include "kernels/finish_block.inc"

WT_FINISHES(bf16, WT_BF16)
WT_FINISHES(u8, WT_U8)

enum { TILE = 16 };

/* Layout of the tile configuration: Intel 64 and IA-32 Architectures SDM, LDTILECFG. */
struct tile_config {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
};

/* Tiles 0..3: sums [pixel block][output block]; 4, 5: inputs; 6, 7: weights. */
static void configure(int pixels)
{
    struct tile_config c = {.palette = 1};
    for (int i = 0; i < 8; i++) {
        c.rows[i] = (uint8_t)(i < 6 ? pixels : TILE);
        c.bytes[i] = 64;
    }
    /* GCC 12's _tile_loadconfig declares only 8 of the 64 bytes to the compiler */
    __asm__ volatile("ldtilecfg %0" : : "m"(c));
}

/* A call's work: what one panel does to some rows. */
struct job {
    const struct wt_conv_panel *p;
    const struct wt_conv_row *first;
    struct wt_conv_pitch pitch;
    int n;               /* pixels of a row that count */
    int length, rows;    /* rows as tiles see them: one, when rows are joined */
    int period;          /* pixels from a row to the next in a joined row */
    int pixels;          /* of a tile */
    ptrdiff_t in_px;     /* bytes */
    ptrdiff_t row_bytes; /* of such a row */
    const char *ahead;   /* what to fetch next, up to p->ahead_end */
};

/* One tile's place: pixel x of row y, of which the first `skip` are done. */
struct place {
    int y, x, skip;
};

static bool next_place(const struct job *j, struct place *at)
{
    int end = at->x + j->pixels;
    if (end >= j->length) {
        *at = (struct place){at->y + 1, 0, 0};
        return at->y < j->rows;
    }
    at->x = end + j->pixels <= j->length ? end : j->length - j->pixels;
    at->skip = end - at->x;
    return true;
}

/* The tile numbers are part of the instruction. */
#define DOT(type, acc, a, b)                                                                       \
    do {                                                                                           \
        if ((type) == WT_U8)                                                                       \
            _tile_dpbusd(acc, a, b);                                                               \
        else                                                                                       \
            _tile_dpbf16ps(acc, a, b);                                                             \
    } while (0)

/* Sums of two (or one) tiles of pixels and nv tiles of outputs, to
 * sum[pixel][16 * nv]: float32 or, of bytes, int32. */
ALWAYS_INLINE void accumulate(struct job *j, const char *a0, const char *a1, const bool two,
                              const int nv, const enum wt_type type, float *sum)
{
    const struct wt_conv_panel *p = j->p;
    const ptrdiff_t px = j->in_px, size = type == WT_U8 ? 1 : 2, kc = p->kc * size,
                    in_row = p->in_row * size;
    const char *w0 = p->weight, *w1 = w0 + p->kh * kc * TILE;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    const char *ahead = j->ahead;
    for (int ky = 0; ky < p->kh; ky++, a0 += in_row, a1 += in_row)
        for (ptrdiff_t k = 0; k < kc; k += 64, w0 += 1024, w1 += 1024) {
            if (ahead < p->ahead_end) { /* tile loads jump too far for the hardware's prefetcher */
                _mm_prefetch(ahead, _MM_HINT_T1);
                _mm_prefetch(ahead + 64, _MM_HINT_T1);
                ahead += 128;
            }
            _tile_loadd(4, a0 + k, px);
            _tile_loadd(6, w0, 64);
            DOT(type, 0, 4, 6);
            if (two) {
                _tile_loadd(5, a1 + k, px);
                DOT(type, 2, 5, 6);
            }
            if (nv == 2) {
                _tile_loadd(7, w1, 64);
                DOT(type, 1, 4, 7);
                if (two)
                    DOT(type, 3, 5, 7);
            }
        }
    j->ahead = ahead;
    float *second = sum + TILE * TILE * nv;
    const size_t step = 64 * (size_t)nv;
    _tile_stored(0, sum, step);
    if (nv == 2)
        _tile_stored(1, sum + TILE, step);
    if (two)
        _tile_stored(2, second, step);
    if (two && nv == 2)
        _tile_stored(3, second + TILE, step);
}

static void *moved(const void *x, enum wt_type type, ptrdiff_t by)
{
    return x ? (char *)x + by * (ptrdiff_t)wt_type_size(type) : NULL;
}

/* The row description from pixel x of row y on. */
static struct wt_conv_row row_from(const struct job *j, int y, int x)
{
    const struct wt_conv_panel *p = j->p;
    struct wt_conv_row r = *j->first;
    r.pre = moved(r.pre, p->act_type, y * j->pitch.pre + x * r.pre_px);
    r.out = moved(r.out, p->out_type, y * j->pitch.out + x * r.out_px);
    r.post = moved(r.post, p->act_type, y * j->pitch.post + x * r.post_px);
    r.residual = moved(r.residual, p->residual_type, y * j->pitch.residual + x * r.residual_px);
    if (r.coord)
        r.coord += y * j->pitch.coord + x * p->coords;
    return r;
}

ALWAYS_INLINE __m512 biased(const struct wt_conv_panel *p, const float *sum, int c,
                            const enum wt_type type)
{
    __m512 bias = _mm512_loadu_ps(p->bias + c);
    if (type == WT_U8)
        return _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_load_si512(sum + c)),
                               _mm512_loadu_ps(p->dequant + c), bias);
    return _mm512_add_ps(_mm512_load_ps(sum + c), bias);
}

ALWAYS_INLINE void store_bf16(uint16_t *to, __m512 a, __m512 b)
{
    _mm512_storeu_si512(to, (__m512i)_mm512_cvtne2ps_pbh(b, a));
}

ALWAYS_INLINE void store_act(void *to, ptrdiff_t at, __m512 a, __m512 b, const enum wt_type type)
{
    if (type == WT_U8) {
        wt_store_u8__amx((uint8_t *)to + at, (vf)a);
        wt_store_u8__amx((uint8_t *)to + at + 16, (vf)b);
    } else {
        store_bf16((uint16_t *)to + at, a, b);
    }
}

ALWAYS_INLINE __m512 affine(__m512 v, const float *scale, const float *shift, __m512 floor)
{
    return _mm512_max_ps(_mm512_fmadd_ps(v, _mm512_loadu_ps(scale), _mm512_loadu_ps(shift)), floor);
}

/* The usual end: 32 outputs, bfloat16 but for act; m pixels from the row's first on. */
ALWAYS_INLINE void finish_32(const struct wt_conv_panel *p, const struct wt_conv_row *r, int m,
                             const float *sum, const enum wt_type type, const enum wt_type act)
{
    const __m512 zero = _mm512_setzero_ps(), floor = _mm512_set1_ps(p->post_floor);
    const uint16_t *res = r->residual;
    for (int i = 0; i < m; i++) {
        __m512 v[2], a[2];
#pragma GCC unroll 2
        for (int j = 0; j < 2; j++) {
            v[j] = biased(p, sum + i * 32, 16 * j, type);
            for (int t = 0; t < p->coords; t++)
                v[j] = _mm512_fmadd_ps(_mm512_set1_ps(r->coord[i * p->coords + t]),
                                       _mm512_loadu_ps(p->coord_weight + t * 32 + 16 * j), v[j]);
        }
        if (r->pre) {
#pragma GCC unroll 2
            for (int j = 0; j < 2; j++)
                a[j] = affine(v[j], p->pre_scale + 16 * j, p->pre_shift + 16 * j, zero);
            store_act(r->pre, i * r->pre_px, a[0], a[1], act);
        }
        if (res) {
#pragma GCC unroll 2
            for (int j = 0; j < 2; j++)
                v[j] = _mm512_add_ps(
                    v[j], (__m512)wt_load_as__amx(res, WT_BF16, i * r->residual_px + 16 * j));
        }
        if (r->out)
            store_bf16((uint16_t *)r->out + i * r->out_px, v[0], v[1]);
        if (r->post) {
#pragma GCC unroll 2
            for (int j = 0; j < 2; j++)
                a[j] = affine(v[j], p->post_scale + 16 * j, p->post_shift + 16 * j, floor);
            store_act(r->post, i * r->post_px, a[0], a[1], act);
        }
    }
}

static bool is_usual(const struct wt_conv_panel *p, const struct wt_conv_row *r)
{
    return p->channels == 32 && !p->inner_scale &&
           ((!r->pre && !r->post) || p->act_type != WT_F32) &&
           (!r->residual || p->residual_type == WT_BF16) && (!r->out || p->out_type == WT_BF16);
}

/* The end of a tile's pixels, run by run of those that lie in one row. */
ALWAYS_INLINE void finish(const struct job *j, struct place at, const float *sum, const int nv,
                          const enum wt_type type)
{
    for (int i = at.skip; i < j->pixels;) {
        int x = at.x + i, y = at.y;
        if (j->rows == 1) {
            y = x / j->period;
            x %= j->period;
        }
        int m = j->n - x < j->pixels - i ? j->n - x : j->pixels - i;
        if (m > 0) {
            struct wt_conv_row r = row_from(j, y, x);
            if (nv == 2 && is_usual(j->p, &r) && j->p->act_type == WT_U8)
                finish_32(j->p, &r, m, sum + i * 16 * nv, type, WT_U8);
            else if (nv == 2 && is_usual(j->p, &r))
                finish_32(j->p, &r, m, sum + i * 16 * nv, type, WT_BF16);
            else if (type == WT_U8)
                wt_finish_sums_u8__amx(j->p, &r, 0, m, sum + i * 16 * nv, 16 * nv);
            else
                wt_finish_sums_bf16__amx(j->p, &r, 0, m, sum + i * 16 * nv, 16 * nv);
        }
        i += j->period - x;
    }
}

ALWAYS_INLINE void conv(const struct wt_conv_panel *p, const struct wt_conv_row *r,
                        const struct wt_conv_pitch *pitch, int rows, int n, const int nv,
                        const enum wt_type type)
{
    _Alignas(64) float sum[2 * TILE * 2 * TILE];
    struct job j = {p, r, *pitch, n, n, rows, n, 0, 0, 0, p->ahead};
    int joined = p->in_px > 0 && pitch->in % p->in_px == 0 ? (int)(pitch->in / p->in_px) : 0;
    if (joined >= n &&
        ((rows - 1) * joined + n + TILE - 1) / TILE < rows * ((n + TILE - 1) / TILE)) {
        j.length = (rows - 1) * joined + n;
        j.rows = 1;
        j.period = joined;
    }
    j.pixels = j.length < TILE ? j.length : TILE;
    j.in_px = p->in_px * (type == WT_U8 ? 1 : 2);
    j.row_bytes = pitch->in * (type == WT_U8 ? 1 : 2);
    configure(j.pixels);
    struct place a = {0, 0, 0};
    for (bool more = rows > 0; more;) {
        struct place b = a;
        const char *in = (const char *)r->in + a.y * j.row_bytes + a.x * j.in_px;
        more = next_place(&j, &b);
        if (more) {
            accumulate(&j, in, (const char *)r->in + b.y * j.row_bytes + b.x * j.in_px, true, nv,
                       type, sum);
            finish(&j, a, sum, nv, type);
            finish(&j, b, sum + TILE * TILE * nv, nv, type);
            a = b;
            more = next_place(&j, &a);
        } else {
            accumulate(&j, in, in, false, nv, type, sum);
            finish(&j, a, sum, nv, type);
        }
    }
    _tile_release();
}

#define CONV(name, nv, type)                                                                       \
    static void name##_rows(const struct wt_conv_panel *p, const struct wt_conv_row *r,            \
                            const struct wt_conv_pitch *pitch, int rows, int n)                    \
    {                                                                                              \
        conv(p, r, pitch, rows, n, nv, type);                                                      \
    }                                                                                              \
    static void name(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n)            \
    {                                                                                              \
        name##_rows(p, r, &(struct wt_conv_pitch){0}, 1, n);                                       \
    }
CONV(bf16_wide, 2, WT_BF16)
CONV(bf16_narrow, 1, WT_BF16)
CONV(u8_wide, 2, WT_U8)
CONV(u8_narrow, 1, WT_U8)

const struct wt_kernels wt_kernels__amx = {
    .conv[WT_BF16] = {"bf16_conv_32x32__amx", WT_PACK_BF16_PAIR, 32, 16, 32, bf16_wide, bf16_narrow,
                      NULL, bf16_wide_rows, bf16_narrow_rows},
    .conv[WT_U8] = {"u8_conv_32x32__amx", WT_PACK_S8_QUAD, 32, 16, 64, u8_wide, u8_narrow, NULL,
                    u8_wide_rows, u8_narrow_rows},
};
