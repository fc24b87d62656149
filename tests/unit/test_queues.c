/* Frames, mailbox and queue: ownership, drop counts, order, and many threads at once (meant to be
 * run under ThreadSanitizer too). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fifo.h"
#include "base/mailbox.h"
#include "input/frame.h"

static int live; /* items that exist, atomic */

struct item {
    int producer, number;
};

static struct item *item_make(int producer, int number)
{
    struct item *item = malloc(sizeof *item);
    assert_non_null(item);
    *item = (struct item){producer, number};
    __atomic_fetch_add(&live, 1, __ATOMIC_RELAXED);
    return item;
}

static void item_free(void *item)
{
    free(item);
    __atomic_fetch_sub(&live, 1, __ATOMIC_RELAXED);
}

static int live_now(void)
{
    return __atomic_load_n(&live, __ATOMIC_RELAXED);
}

static void frame_counts_references(void **state)
{
    (void)state;
    struct wt_frame *a = wt_frame_create(7, 5);
    assert_non_null(a);
    assert_int_equal(a->image.width, 7);
    assert_int_equal(a->image.height, 5);
    assert_true(a->image.stride >= 21);
    assert_ptr_equal(a->image.data, a->pixels);
    a->pixels[4 * a->image.stride + 20] = 9;
    struct wt_frame *b = wt_frame_ref(a);
    wt_frame_unref(&a);
    assert_null(a);
    assert_int_equal(b->image.data[4 * b->image.stride + 20], 9);
    wt_frame_unref(&b);
    wt_frame_unref(&b); /* NULL is fine */
}

static void frame_refuses_bad_sizes(void **state)
{
    (void)state;
    assert_null(wt_frame_create(0, 5));
    assert_null(wt_frame_create(5, -1));
    assert_null(wt_frame_create(16385, 1));
    struct wt_frame *long_row = wt_frame_create(16384, 1);
    assert_non_null(long_row);
    wt_frame_unref(&long_row);
}

static void *ref_and_unref(void *frame)
{
    for (int i = 0; i < 20000; i++) {
        struct wt_frame *f = wt_frame_ref(frame);
        assert_int_equal(f->image.data[0], 42);
        wt_frame_unref(&f);
    }
    struct wt_frame *mine = frame;
    wt_frame_unref(&mine);
    return NULL;
}

static void frame_is_shared_by_threads(void **state)
{
    (void)state;
    struct wt_frame *f = wt_frame_create(4, 4);
    f->pixels[0] = 42;
    pthread_t t[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&t[i], NULL, ref_and_unref, wt_frame_ref(f)), 0);
    wt_frame_unref(&f);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
}

static void mailbox_keeps_the_newest(void **state)
{
    (void)state;
    struct wt_mailbox *box = NULL;
    assert_int_equal(wt_mailbox_create(&box, item_free), WT_OK);
    assert_null(wt_mailbox_take(box, 0));
    for (int i = 0; i < 3; i++)
        wt_mailbox_put(box, item_make(0, i));
    assert_int_equal(wt_mailbox_dropped(box), 2);
    assert_int_equal(live_now(), 1);
    struct item *item = wt_mailbox_take(box, -1);
    assert_int_equal(item->number, 2);
    item_free(item);
    wt_mailbox_put(box, item_make(0, 3));
    wt_mailbox_close(box);
    assert_true(wt_mailbox_closed(box));
    assert_null(wt_mailbox_take(box, -1));
    wt_mailbox_put(box, item_make(0, 4));
    assert_int_equal(live_now(), 0);
    wt_mailbox_destroy(&box);
    assert_null(box);
    wt_mailbox_destroy(&box);
}

static void mailbox_destroy_frees_its_item(void **state)
{
    (void)state;
    struct wt_mailbox *box = NULL;
    assert_int_equal(wt_mailbox_create(&box, item_free), WT_OK);
    wt_mailbox_put(box, item_make(0, 0));
    wt_mailbox_destroy(&box);
    assert_int_equal(live_now(), 0);
}

static void timeouts_are_kept(void **state)
{
    (void)state;
    struct wt_mailbox *box = NULL;
    struct wt_fifo *fifo = NULL;
    assert_int_equal(wt_mailbox_create(&box, item_free), WT_OK);
    assert_int_equal(wt_fifo_create(&fifo, 1, item_free), WT_OK);
    int64_t start = wt_now_us();
    assert_null(wt_mailbox_take(box, 30));
    assert_null(wt_fifo_pop(fifo, 30));
    assert_true(wt_now_us() - start >= 60000);
    wt_mailbox_destroy(&box);
    wt_fifo_destroy(&fifo);
}

static void fifo_drops_when_full(void **state)
{
    (void)state;
    struct wt_fifo *fifo = NULL;
    assert_int_equal(wt_fifo_create(&fifo, 3, item_free), WT_OK);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 5; i++)
            assert_int_equal(wt_fifo_push(fifo, item_make(0, i)), i < 3);
        assert_int_equal(wt_fifo_length(fifo), 3);
        assert_int_equal(wt_fifo_dropped(fifo), 2 * (round + 1));
        assert_int_equal(live_now(), 3);
        for (int i = 0; i < 3; i++) {
            struct item *item = wt_fifo_pop(fifo, -1);
            assert_int_equal(item->number, i);
            item_free(item);
        }
        assert_null(wt_fifo_pop(fifo, 0));
    }
    wt_fifo_destroy(&fifo);
    assert_null(fifo);
}

static void fifo_drains_after_close(void **state)
{
    (void)state;
    struct wt_fifo *fifo = NULL;
    assert_int_equal(wt_fifo_create(&fifo, 4, item_free), WT_OK);
    for (int i = 0; i < 3; i++)
        assert_true(wt_fifo_push(fifo, item_make(0, i)));
    wt_fifo_close(fifo);
    assert_false(wt_fifo_push(fifo, item_make(0, 3)));
    assert_false(wt_fifo_push_wait(fifo, item_make(0, 4)));
    struct item *item = wt_fifo_pop(fifo, -1);
    assert_int_equal(item->number, 0);
    item_free(item);
    assert_int_equal(live_now(), 2);
    wt_fifo_destroy(&fifo); /* frees the two nobody took */
    assert_int_equal(live_now(), 0);
}

enum { PRODUCERS = 4, EACH = 3000 };

struct stress {
    struct wt_fifo *fifo;
    struct wt_mailbox *box;
    int producer;
    bool wait;
    uint64_t pushed, taken;
};

static void *fifo_producer(void *arg)
{
    struct stress *s = arg;
    for (int i = 0; i < EACH; i++)
        s->pushed += s->wait ? wt_fifo_push_wait(s->fifo, item_make(s->producer, i))
                             : wt_fifo_push(s->fifo, item_make(s->producer, i));
    return NULL;
}

static void *fifo_consumer(void *arg)
{
    struct stress *s = arg;
    int last[PRODUCERS] = {-1, -1, -1, -1};
    for (struct item *item; (item = wt_fifo_pop(s->fifo, -1)) != NULL; s->taken++) {
        assert_true(item->number > last[item->producer]); /* order within a producer */
        last[item->producer] = item->number;
        item_free(item);
    }
    return NULL;
}

static void fifo_stress(bool wait)
{
    struct wt_fifo *fifo = NULL;
    assert_int_equal(wt_fifo_create(&fifo, 5, item_free), WT_OK);
    struct stress s[PRODUCERS + 2];
    pthread_t t[PRODUCERS + 2];
    for (int i = 0; i < PRODUCERS + 2; i++) {
        s[i] = (struct stress){.fifo = fifo, .producer = i, .wait = wait};
        pthread_create(&t[i], NULL, i < PRODUCERS ? fifo_producer : fifo_consumer, &s[i]);
    }
    uint64_t pushed = 0, taken = 0;
    for (int i = 0; i < PRODUCERS; i++) {
        pthread_join(t[i], NULL);
        pushed += s[i].pushed;
    }
    wt_fifo_close(fifo);
    for (int i = PRODUCERS; i < PRODUCERS + 2; i++) {
        pthread_join(t[i], NULL);
        taken += s[i].taken;
    }
    assert_int_equal(pushed, taken);
    assert_int_equal(pushed + wt_fifo_dropped(fifo), PRODUCERS * EACH);
    if (wait)
        assert_int_equal(pushed, PRODUCERS * EACH);
    wt_fifo_destroy(&fifo);
    assert_int_equal(live_now(), 0);
}

static void fifo_loses_nothing_when_waiting(void **state)
{
    (void)state;
    fifo_stress(true);
}

static void fifo_counts_what_it_drops(void **state)
{
    (void)state;
    fifo_stress(false);
}

static void *mailbox_producer(void *arg)
{
    struct stress *s = arg;
    for (int i = 0; i < EACH; i++)
        wt_mailbox_put(s->box, item_make(s->producer, i));
    return NULL;
}

static void *mailbox_consumer(void *arg)
{
    struct stress *s = arg;
    while (!wt_mailbox_closed(s->box)) {
        struct item *item = wt_mailbox_take(s->box, 5);
        if (item) {
            s->taken++;
            item_free(item);
        }
    }
    return NULL;
}

static void mailbox_survives_many_threads(void **state)
{
    (void)state;
    struct wt_mailbox *box = NULL;
    assert_int_equal(wt_mailbox_create(&box, item_free), WT_OK);
    struct stress s[3];
    pthread_t t[3];
    for (int i = 0; i < 3; i++) {
        s[i] = (struct stress){.box = box, .producer = i};
        pthread_create(&t[i], NULL, i < 2 ? mailbox_producer : mailbox_consumer, &s[i]);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    usleep(20000); /* the consumer takes the last one */
    wt_mailbox_close(box);
    pthread_join(t[2], NULL);
    assert_int_equal(s[2].taken + wt_mailbox_dropped(box), 2 * EACH);
    wt_mailbox_destroy(&box);
    assert_int_equal(live_now(), 0);
}

static void *blocked_taker(void *box)
{
    return wt_mailbox_take(box, -1);
}

static void *blocked_popper(void *fifo)
{
    return wt_fifo_pop(fifo, -1);
}

static void *blocked_pusher(void *fifo)
{
    return wt_fifo_push_wait(fifo, item_make(0, 1)) ? fifo : NULL;
}

static void close_wakes_everybody(void **state)
{
    (void)state;
    struct wt_mailbox *box = NULL;
    struct wt_fifo *empty = NULL, *full = NULL;
    pthread_t t[3];
    void *result[3];
    assert_int_equal(wt_mailbox_create(&box, item_free), WT_OK);
    assert_int_equal(wt_fifo_create(&empty, 1, item_free), WT_OK);
    assert_int_equal(wt_fifo_create(&full, 1, item_free), WT_OK);
    assert_true(wt_fifo_push(full, item_make(0, 0)));
    pthread_create(&t[0], NULL, blocked_taker, box);
    pthread_create(&t[1], NULL, blocked_popper, empty);
    pthread_create(&t[2], NULL, blocked_pusher, full);
    usleep(20000);
    wt_mailbox_close(box);
    wt_fifo_close(empty);
    wt_fifo_close(full);
    for (int i = 0; i < 3; i++) {
        pthread_join(t[i], &result[i]);
        assert_null(result[i]);
    }
    wt_mailbox_destroy(&box);
    wt_fifo_destroy(&empty);
    wt_fifo_destroy(&full);
    assert_int_equal(live_now(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_counts_references),
        cmocka_unit_test(frame_refuses_bad_sizes),
        cmocka_unit_test(frame_is_shared_by_threads),
        cmocka_unit_test(mailbox_keeps_the_newest),
        cmocka_unit_test(mailbox_destroy_frees_its_item),
        cmocka_unit_test(timeouts_are_kept),
        cmocka_unit_test(fifo_drops_when_full),
        cmocka_unit_test(fifo_drains_after_close),
        cmocka_unit_test(fifo_loses_nothing_when_waiting),
        cmocka_unit_test(fifo_counts_what_it_drops),
        cmocka_unit_test(mailbox_survives_many_threads),
        cmocka_unit_test(close_wakes_everybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
