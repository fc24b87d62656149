/* Random numbers for training: a small generator (SplitMix64, Steele et al., OOPSLA 2014) seeded by
 * the purpose of its numbers, so that no number depends on which thread drew it, or when. Not for
 * secrets. A generator belongs to one thread. */
#ifndef WT_MODEL_RANDOM_H
#define WT_MODEL_RANDOM_H

#include <math.h>
#include <stdint.h>

struct wt_random {
    uint64_t state;
};

static inline uint64_t wt_random_bits(struct wt_random *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* For (seed, epoch, sample) or any other three numbers: each is mixed in by its own step. */
static inline struct wt_random wt_random_make(uint64_t a, uint64_t b, uint64_t c)
{
    struct wt_random r = {a};
    r.state = wt_random_bits(&r) ^ b;
    r.state = wt_random_bits(&r) ^ c;
    r.state = wt_random_bits(&r);
    return r;
}

/* 0 <= x < 1, 53 bits. */
static inline double wt_random_unit(struct wt_random *r)
{
    return (double)(wt_random_bits(r) >> 11) * 0x1p-53;
}

static inline double wt_random_within(struct wt_random *r, double low, double high)
{
    return low + (high - low) * wt_random_unit(r);
}

/* 0 .. n - 1; n > 0, far below 2^64, so that the remainder's bias does not matter. */
static inline uint64_t wt_random_below(struct wt_random *r, uint64_t n)
{
    return wt_random_bits(r) % n;
}

/* True in `share` of the cases. Always draws one number, so that what follows stays the same. */
static inline int wt_random_chance(struct wt_random *r, double share)
{
    return wt_random_unit(r) < share;
}

/* Standard normal (Box and Muller). */
static inline double wt_random_normal(struct wt_random *r)
{
    const double u = 1 - wt_random_unit(r), v = wt_random_unit(r);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

#endif
