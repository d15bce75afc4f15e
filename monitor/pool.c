/* SPDX-License-Identifier: Apache-2.0 */

/* A ring of batches: `given` and `taken` count batches since the start, so batch number k lies in ring[k % n] and order
 * needs no other bookkeeping. Threads claim the next number. The owner of the pool is one of them: when it would have to
 * wait for the oldest batch it works on one itself, so that N threads are never more than N at work. */

#include "monitor/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct entry {
        struct batch batch;
        bool is_ready;
};

struct thread {
        pthread_t id; /* the first one is the owner's and has none */
        struct worker worker;
        struct pool *pool;
};

struct pool {
        struct entry *ring;
        size_t n_ring;
        uint64_t given, claimed, taken;
        struct thread *threads;
        unsigned n_threads, n_started;
        bool is_ending;
        pthread_mutex_t lock;
        pthread_cond_t work, ready;
};

/* The next batch that nobody works on; with the lock held, which is let go meanwhile. */
static void work_on_next(struct pool *p, struct worker *w)
{
        struct entry *e = &p->ring[p->claimed++ % p->n_ring];

        pthread_mutex_unlock(&p->lock);
        batch_work(&e->batch, w);
        pthread_mutex_lock(&p->lock);
        e->is_ready = true;
}

static void *thread_run(void *arg)
{
        struct thread *t = arg;
        struct pool *p = t->pool;

        pthread_mutex_lock(&p->lock);
        for (;;) {
                while (p->claimed == p->given && !p->is_ending)
                        pthread_cond_wait(&p->work, &p->lock);
                if (p->is_ending)
                        break;
                work_on_next(p, &t->worker);
                pthread_cond_signal(&p->ready);
        }
        pthread_mutex_unlock(&p->lock);
        return NULL;
}

static int start_threads(struct pool *p)
{
        for (unsigned i = 1; i < p->n_threads; i++) {
                int r = pthread_create(&p->threads[i].id, NULL, thread_run, &p->threads[i]);

                if (r != 0)
                        return -r;
                p->n_started++;
        }
        return 0;
}

static int pool_init(struct pool *p, const struct setup *setup, const struct parser_options *options, bool drops_misses,
                     bool takes_census)
{
        int r = 0;

        p->ring = calloc(p->n_ring, sizeof *p->ring);
        p->threads = calloc(p->n_threads, sizeof *p->threads);
        if (!p->ring || !p->threads)
                return -ENOMEM;
        for (size_t i = 0; i < p->n_ring && r >= 0; i++) {
                struct batch *b = &p->ring[i].batch;

                r = batch_init(b);
                if (r >= 0 && takes_census && !(b->census = census_new()))
                        r = -ENOMEM;
        }
        for (unsigned i = 0; i < p->n_threads && r >= 0; i++) {
                p->threads[i].pool = p;
                r = worker_init(&p->threads[i].worker, setup, options);
                p->threads[i].worker.drops_misses = drops_misses;
        }
        return r < 0 ? r : start_threads(p);
}

int pool_new(const struct setup *setup, const struct parser_options *options, unsigned threads, bool drops_misses,
             bool takes_census, struct pool **ret)
{
        struct pool *p = calloc(1, sizeof *p);
        int r;

        if (!p)
                return -ENOMEM;
        p->n_threads = threads < 1 ? 1 : threads > POOL_THREADS_MAX ? POOL_THREADS_MAX : threads;
        p->n_ring = p->n_threads == 1 ? 1 : p->n_threads * POOL_BATCHES_PER_THREAD;
        pthread_mutex_init(&p->lock, NULL);
        pthread_cond_init(&p->work, NULL);
        pthread_cond_init(&p->ready, NULL);
        r = pool_init(p, setup, options, drops_misses, takes_census);
        if (r < 0) {
                pool_free(p);
                return r;
        }
        *ret = p;
        return 0;
}

struct pool *pool_free(struct pool *p)
{
        if (!p)
                return NULL;
        pthread_mutex_lock(&p->lock);
        p->is_ending = true;
        pthread_cond_broadcast(&p->work);
        pthread_mutex_unlock(&p->lock);
        for (unsigned i = 1; i <= p->n_started; i++)
                pthread_join(p->threads[i].id, NULL);
        for (unsigned i = 0; p->threads && i < p->n_threads; i++)
                worker_done(&p->threads[i].worker);
        for (size_t i = 0; p->ring && i < p->n_ring; i++)
                batch_done(&p->ring[i].batch);
        pthread_cond_destroy(&p->ready);
        pthread_cond_destroy(&p->work);
        pthread_mutex_destroy(&p->lock);
        free(p->threads);
        free(p->ring);
        free(p);
        return NULL;
}

struct batch *pool_take_free(struct pool *p)
{
        return p->given - p->taken < p->n_ring ? &p->ring[p->given % p->n_ring].batch : NULL;
}

void pool_give(struct pool *p, struct batch *batch)
{
        (void)batch; /* the one that pool_take_free() gave */
        pthread_mutex_lock(&p->lock);
        p->ring[p->given % p->n_ring].is_ready = false;
        p->given++;
        pthread_cond_signal(&p->work);
        pthread_mutex_unlock(&p->lock);
}

struct batch *pool_next(struct pool *p)
{
        struct entry *e;

        if (p->taken == p->given)
                return NULL;
        e = &p->ring[p->taken % p->n_ring];
        pthread_mutex_lock(&p->lock);
        while (!e->is_ready) {
                if (p->claimed < p->given)
                        work_on_next(p, &p->threads[0].worker);
                else
                        pthread_cond_wait(&p->ready, &p->lock);
        }
        pthread_mutex_unlock(&p->lock);
        return &e->batch;
}

void pool_done_with(struct pool *p, struct batch *batch)
{
        batch_clear(batch);
        p->taken++;
}

void pool_take_counters(struct pool *p, struct counters *to)
{
        for (unsigned i = 0; i < p->n_threads; i++)
                worker_take_counters(&p->threads[i].worker, to);
}
