/* SPDX-License-Identifier: Apache-2.0 */

/* sd-event around the pipeline. Signals come as events, so a batch is never cut in two by one; SIGKILL may come at any
 * time, that is what the transaction is for. */

#include "monitor/loop.h"

#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "monitor/base/log.h"
#include "monitor/base/messages.h"
#include "monitor/bus.h"
#include "monitor/orders.h"
#include "monitor/meter.h"
#include "monitor/status.h"

#define SHRINK_EVERY (10 * USEC_PER_SEC) /* at most so often is less held */
#define STATUS_EVERY USEC_PER_SEC /* at most so often is it told */

/* How the inputs do, for whoever asks. */
struct gauge {
        struct meter *meters; /* one an input */
        const struct clock *clock;
};

struct loop {
        const struct life *life;
        sd_event *event;
        sd_event_source *turn; /* takes one batch of each input, while there is something to take */
        sd_event_source *clock; /* wakes the turn when the pipeline has something to say though nothing comes */
        sd_event_source *tender; /* sees to the notices that are due, after whatever may have made some */
        sd_event_source *bell; /* wakes it when one becomes due */
        struct bus *bus; /* NULL: not on it */
        sd_event_source *telling; /* the status, when it was told too lately to be told at once */
        struct status status;
        struct gauge gauge;
        sd_event_source *strain, *relief; /* memory runs short; and when to look again */
        usec shrunk; /* when memory was last given back, by the monotonic clock; 0: never */
        usec told; /* when, by the monotonic clock */
        usec retire_at; /* when to look for what is too old */
        bool is_ready;
        struct err *err;
};

struct watch {
        struct loop *loop;
        struct input *input;
};

static int step_measured(struct pipeline *p, struct input *in, struct meter *m, const struct clock *clock, struct err *reterr)
{
        struct counters before, after;
        int r;

        pipeline_counters(p, &before);
        r = pipeline_step(p, in, reterr);
        if (r < 0)
                return r;
        pipeline_counters(p, &after);
        meter_step(m, &before, &after, pipeline_newest(p), clock_now(clock));
        return r;
}


/* One batch of each input. 1: some have more; 0: none has. */
static int take_turn(struct pipeline *p, struct input *const *inputs, size_t n, struct gauge *gauge, struct err *reterr)
{
        bool is_idle = true;
        int r;

        for (size_t i = 0; i < n; i++) {
                r = gauge ? step_measured(p, inputs[i], &gauge->meters[i], gauge->clock, reterr) : pipeline_step(p, inputs[i], reterr);
                if (r < 0)
                        return r;
                is_idle &= r == 0;
        }
        r = is_idle ? pipeline_idle(p, reterr) : pipeline_turn(p, reterr);
        return r < 0 ? r : !is_idle;
}

int loop_once(struct pipeline *p, struct input *const *inputs, size_t n, struct err *reterr)
{
        int r;

        do
                r = take_turn(p, inputs, n, NULL, reterr);
        while (r > 0);
        return r;
}

static usec monotonic(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (usec)now.tv_sec * USEC_PER_SEC + (usec)now.tv_nsec / 1000;
}

static void tell_status(struct loop *l)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;
        struct str reload = reload_outcome(l->life->reload);
        struct counters c;

        pipeline_counters(l->life->pipeline, &c);
        status_see(&l->status, c.n[COUNTER_RECORDS], clock_now(l->life->clock));
        l->status.inputs = l->life->n;
        (void)store_count_ringing(l->life->store, &l->status.ringing); /* a store that fails ends the next batch */
        status_line(&l->status, str_starts(reload, STR("refused")) ? reload : STR(""), &line);
        sd_notifyf(0, "%sSTATUS=%s", l->is_ready ? "" : "READY=1\n", line.p ? line.p : "");
        l->is_ready = true;
        l->told = monotonic();
}

static int on_telling(sd_event_source *source, uint64_t at, void *userdata)
{
        (void)source;
        (void)at;
        tell_status(userdata);
        return 0;
}

/* Now, or when a second has passed since the last time: counting alerts is not for free, and nobody reads faster. */
static int tell_status_soon(struct loop *l)
{
        usec due = l->told + STATUS_EVERY;
        int r;

        if (!l->is_ready || monotonic() >= due) {
                tell_status(l);
                return 0;
        }
        r = sd_event_source_set_time(l->telling, (uint64_t)due);
        return r < 0 ? r : sd_event_source_set_enabled(l->telling, SD_EVENT_ONESHOT);
}

static int fail(struct loop *l, int r)
{
        sd_event_exit(l->event, r);
        return r;
}

static int on_clock(sd_event_source *source, uint64_t at, void *userdata)
{
        struct loop *l = userdata;

        (void)source;
        (void)at;
        return sd_event_source_set_enabled(l->turn, SD_EVENT_ON);
}

void loop_witness(const struct life *life, bool is_end)
{
        int r = witness_tell(life->witness, life->store, clock_now(life->clock), is_end);

        if (r < 0)
                log_warning("The head of the history cannot be written: %s; till it can, cutting off the newest rows would not be found",
                            strerror(-r));
}

int loop_retire(const struct life *life, struct err *reterr)
{
        int r;

        do
                r = pipeline_retire(life->pipeline, life->retention, reterr);
        while (r > 0);
        return r;
}

/* 1: there is more to go. Once a day, and first when all that was there is taken. */
static int retire(struct loop *l)
{
        usec now = clock_now(l->life->clock);
        int r;

        if (now < l->retire_at && now > l->retire_at - 2 * USEC_PER_DAY) /* a clock that was set back: now */
                return 0;
        r = pipeline_retire(l->life->pipeline, l->life->retention, l->err);
        if (r == 0)
                l->retire_at = now + USEC_PER_DAY;
        return r;
}

static usec earlier(usec a, usec b)
{
        return a == USEC_NONE || (b != USEC_NONE && b < a) ? b : a;
}

/* Nothing wakes the process while nothing is due. */
static int set_clock(struct loop *l)
{
        usec due = earlier(pipeline_due(l->life->pipeline), witness_due(l->life->witness, l->life->store));
        int r;

        due = earlier(earlier(due, l->retire_at), reminders_due(l->life->reminders)); /* that of the wall, which may be set, too */
        r = due == USEC_NONE ? 0 : sd_event_source_set_time(l->clock, due > 0 ? (uint64_t)due : 0);

        return r < 0 ? r : sd_event_source_set_enabled(l->clock, due == USEC_NONE ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* ---- Notices ---- */

/* Counted by a clock that goes on while the machine sleeps and is never set. */
static int set_bell(struct loop *l, usec now)
{
        usec due = USEC_NONE;
        uint64_t running = 0;
        int r = notices_due(l->life->notices, now, &due);

        due = earlier(due, reminders_due(l->life->reminders));
        if (r >= 0 && due == USEC_NONE)
                return sd_event_source_set_enabled(l->bell, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_now(l->event, CLOCK_BOOTTIME, &running);
        if (r >= 0)
                r = sd_event_source_set_time(l->bell, running + (due > now ? (uint64_t)(due - now) : 0));
        return r < 0 ? r : sd_event_source_set_enabled(l->bell, SD_EVENT_ONESHOT);
}

static int on_tender(sd_event_source *source, void *userdata)
{
        struct loop *l = userdata;
        usec now = clock_now(l->life->clock); /* once: nothing becomes due between seeing to it and setting the bell */
        int r = reminders_tend(l->life->reminders, now, l->err);

        (void)source;
        if (r >= 0)
                r = notices_tend(l->life->notices, now, l->err);
        if (r >= 0) {
                control_again(l->life->control);
                bus_tell(l->bus); /* a notice that did not arrive is an alert */
                r = set_bell(l, now);
                if (r >= 0)
                        r = set_clock(l);
        }
        return r < 0 ? fail(l, r) : 0;
}

static int tend(struct loop *l)
{
        return sd_event_source_set_enabled(l->tender, SD_EVENT_ONESHOT);
}

static int on_bell(sd_event_source *source, uint64_t at, void *userdata)
{
        (void)source;
        (void)at;
        return tend(userdata);
}

/* One batch for each turn of the loop, so that signals and the watchdog get theirs while there is much to read. */
static int on_turn(sd_event_source *source, void *userdata)
{
        struct loop *l = userdata;
        int more = take_turn(l->life->pipeline, l->life->inputs, l->life->n, &l->gauge, l->err);
        int r;

        if (more < 0)
                return fail(l, more);
        if (more == 0)
                more = retire(l);
        if (more < 0)
                return fail(l, more);
        r = tend(l);
        if (r < 0)
                return fail(l, r);
        bus_tell(l->bus);
        if (more == 0) {
                r = tell_status_soon(l);
                loop_witness(l->life, false);
                if (r >= 0)
                        r = set_clock(l);
                if (r < 0)
                        return fail(l, r);
        }
        return sd_event_source_set_enabled(source, more > 0 ? SD_EVENT_ON : SD_EVENT_OFF);
}

static int on_input(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        struct watch *w = userdata;
        int r = input_process(w->input);

        (void)source;
        (void)fd;
        (void)revents;
        if (r < 0) {
                err_set(w->loop->err, r, "input %s cannot be watched any more", input_name(w->input));
                return fail(w->loop, r);
        }
        return sd_event_source_set_enabled(w->loop->turn, SD_EVENT_ON);
}

/* ---- Memory ---- */

static usec next_shrink(const struct loop *l)
{
        return l->shrunk == 0 ? 0 : l->shrunk + SHRINK_EVERY;
}

/* The kernel counts on while it takes memory back, so what was done is given time to show. */
static int shrink(struct loop *l)
{
        size_t bytes = 0;
        int r = pipeline_shrink(l->life->pipeline, &bytes, l->err);

        l->shrunk = monotonic();
#ifdef __GLIBC__
        malloc_trim(0);
#endif
        if (r > 0)
                log_message(LOG_LEVEL_WARNING, MESSAGE_MEMORY_SHORT, "memory runs short: correlations hold at most %zu MB from now on", bytes >> 20);
        else if (r == 0)
                log_message(LOG_LEVEL_WARNING, MESSAGE_MEMORY_SHORT,
                            "memory runs short, but not for what correlations hold: give the service more (MemoryHigh=)");
        return r < 0 ? fail(l, r) : 0;
}

static int on_relief(sd_event_source *source, uint64_t at, void *userdata)
{
        struct loop *l = userdata;

        (void)source;
        (void)at;
        if (pressure_take(l->life->pressure) > 0 && shrink(l) < 0)
                return -EIO;
        return sd_event_source_set_enabled(l->strain, SD_EVENT_ON);
}

static int on_pressure(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        struct loop *l = userdata;
        int r;

        (void)source;
        (void)fd;
        (void)revents;
        if (monotonic() >= next_shrink(l))
                return pressure_take(l->life->pressure) > 0 ? shrink(l) : 0;
        /* Looked at again when the time has come: events before that are not taken, so they are not lost. */
        r = sd_event_source_set_enabled(l->strain, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_time(l->relief, (uint64_t)next_shrink(l));
        return r < 0 ? r : sd_event_source_set_enabled(l->relief, SD_EVENT_ONESHOT);
}

static int watch_memory(struct loop *l)
{
        int r;

        if (!l->life->pressure)
                return 0;
        r = sd_event_add_io(l->event, &l->strain, pressure_fd(l->life->pressure), EPOLLIN, on_pressure, l);
        if (r >= 0)
                r = sd_event_add_time(l->event, &l->relief, CLOCK_MONOTONIC, 0, USEC_PER_SEC / 10, on_relief, l);
        return r < 0 ? r : sd_event_source_set_enabled(l->relief, SD_EVENT_OFF);
}

/* ---- Reloading ---- */

/* 1, 0 or negative as reload_run(). Callbacks run one after the other: no batch is under way. */
static int reload(struct loop *l, struct strbuf *answer)
{
        int r;

        if (l->is_ready)
                sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)monotonic());
        r = reload_run(l->life->reload, l->life->pipeline, answer, l->err);
        if (l->is_ready) {
                sd_notify(0, "READY=1");
                tell_status(l);
        }
        return r;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT; /* the log has it as well */
        struct loop *l = userdata;
        int r = reload(l, &answer);

        (void)source;
        (void)info;
        if (r >= 0)
                r = tend(l); /* other laws, other clocks */
        return r < 0 ? fail(l, r) : 0;
}

/* Silences and answers change alerts, so they go the way that batches go: one transaction, after those before it. */
static int on_bus_order(void *userdata, struct str order, const struct who *by, struct strbuf *answer)
{
        struct loop *l = userdata;
        int done = pipeline_order(l->life->pipeline, order, by, answer, l->err);
        int r = done < 0 ? done : tend(l);

        return r < 0 ? fail(l, r) : done;
}

static int carry_out(struct loop *l, struct str order, const struct control_peer *peer, struct strbuf *answer)
{
        CLEANUP(strbuf_done) struct strbuf user = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf lines = STRBUF_INIT;
        struct who who = { .uid = peer->uid };
        int r = control_user(peer->uid, &user);

        who.user = strbuf_str(&user);
        if (r >= 0)
                r = pipeline_order(l->life->pipeline, order, &who, &lines, l->err);
        strbuf_addz(answer, r > 0 ? "done\n" : r == 0 ? "refused\n" : "failed\n");
        strbuf_add(answer, strbuf_str(&lines));
        bus_tell(l->bus);
        return r < 0 ? r : 0;
}

static void status_inputs(const struct loop *l, struct strbuf *out)
{
        strbuf_addf(out, "groups %zu\n", pipeline_keys(l->life->pipeline));
        for (size_t i = 0; i < l->life->n; i++)
                meter_line(&l->gauge.meters[i], input_name(l->life->inputs[i]), clock_now(l->life->clock), out);
}

/* The first word of an answer says how it went. */
static int on_word(void *userdata, struct str word, const struct control_peer *peer, struct strbuf *answer)
{
        bool is_order = orders_is(word);
        CLEANUP(strbuf_done) struct strbuf lines = STRBUF_INIT;
        struct loop *l = userdata;
        int r = peer->is_again ? 0 : tend(l);

        if (r < 0)
                return r;
        if (notices_is_word(word))
                return notices_answer(l->life->notices, word, peer, answer, l->err);
        if (str_eqz(word, "status")) {
                strbuf_addz(answer, "done\n");
                reload_status(l->life->reload, answer);
                reminders_status(l->life->reminders, answer);
                status_inputs(l, answer);
                return 0;
        }
        if (!is_order && !str_eqz(word, "reload")) {
                strbuf_addz(answer, "unknown\n");
                return 0;
        }
        if (!peer->is_owner) {
                strbuf_addz(answer, "forbidden\n");
                return 0;
        }
        if (is_order)
                return carry_out(l, word, peer, answer);
        r = reload(l, &lines);
        strbuf_addz(answer, r > 0 ? "done\n" : r == 0 ? "refused\n" : "failed\n");
        strbuf_add(answer, strbuf_str(&lines));
        return r < 0 ? r : 0;
}

/* ---- Setting up ---- */

static int add_signals(struct loop *l)
{
        static const struct {
                int number;
                sd_event_signal_handler_t handler; /* NULL: ends the loop with 0 */
        } signals[] = { { SIGTERM, NULL }, { SIGINT, NULL }, { SIGHUP, on_hangup } };
        sigset_t set;
        int r = 0;

        sigemptyset(&set);
        for (size_t i = 0; i < ARRAY_LEN(signals); i++)
                sigaddset(&set, signals[i].number);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        for (size_t i = 0; i < ARRAY_LEN(signals) && r >= 0; i++)
                r = sd_event_add_signal(l->event, NULL, signals[i].number, signals[i].handler,
                                        signals[i].handler ? l : NULL); /* without a handler: the exit code */
        return r;
}

static void listen_to_people(struct loop *l)
{
        struct err err = { 0 };

        const struct bus_host host = { .store = l->life->store, .state = l->life->state, .group = l->life->group, .order = on_bus_order, .userdata = l };

        if (control_listen(l->life->control, l->event, on_word, l, &err) < 0)
                log_err(LOG_LEVEL_WARNING, &err);
        if (bus_open(l->event, &host, &l->bus, &err) < 0)
                log_err(LOG_LEVEL_INFO, &err);
}

static int prepare(struct loop *l, struct watch *watches)
{
        int r = sd_event_new(&l->event);

        if (r >= 0)
                r = add_signals(l);
        if (r >= 0)
                r = sd_event_set_watchdog(l->event, true);
        if (r >= 0)
                r = sd_event_add_defer(l->event, &l->turn, on_turn, l);
        if (r >= 0)
                r = sd_event_source_set_enabled(l->turn, SD_EVENT_ON);
        if (r >= 0) /* signals and inputs first */
                r = sd_event_source_set_priority(l->turn, SD_EVENT_PRIORITY_IDLE);
        if (r >= 0)
                r = sd_event_add_time(l->event, &l->clock, CLOCK_REALTIME, 0, USEC_PER_SEC, on_clock, l);
        if (r >= 0)
                r = sd_event_source_set_enabled(l->clock, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_time(l->event, &l->telling, CLOCK_MONOTONIC, 0, USEC_PER_SEC / 10, on_telling, l);
        if (r >= 0)
                r = sd_event_source_set_enabled(l->telling, SD_EVENT_OFF);
        if (r >= 0)
                r = watch_memory(l);
        if (r >= 0)
                r = sd_event_add_defer(l->event, &l->tender, on_tender, l);
        if (r >= 0)
                r = sd_event_add_time(l->event, &l->bell, CLOCK_BOOTTIME, 0, USEC_PER_SEC / 10, on_bell, l);
        if (r >= 0)
                r = sd_event_source_set_enabled(l->bell, SD_EVENT_OFF);
        for (size_t i = 0; i < l->life->n && r >= 0; i++) {
                int fd = input_fd(l->life->inputs[i]);

                watches[i] = (struct watch){ .loop = l, .input = l->life->inputs[i] };
                if (fd >= 0)
                        r = sd_event_add_io(l->event, NULL, fd, EPOLLIN, on_input, &watches[i]);
        }
        return r < 0 ? err_set(l->err, r, "cannot set up the event loop") : 0;
}

int loop_run(const struct life *life, struct err *reterr)
{
        struct loop l = { .life = life, .err = reterr, .retire_at = 0, .gauge = { .clock = life->clock } };
        struct watch *watches = calloc(life->n, sizeof *watches);
        struct meter *meters = l.gauge.meters = calloc(life->n, sizeof *meters);
        int r = watches && meters ? prepare(&l, watches) : err_set(reterr, -ENOMEM, "out of memory");

        if (r >= 0) {
                listen_to_people(&l);
                r = sd_event_loop(l.event);
        }
        sd_notify(0, "STOPPING=1");
        control_deaf(life->control);
        bus_close(l.bus);
        sd_event_source_unref(l.turn);
        sd_event_source_unref(l.clock);
        sd_event_source_unref(l.telling);
        sd_event_source_unref(l.strain);
        sd_event_source_unref(l.relief);
        sd_event_source_unref(l.tender);
        sd_event_source_unref(l.bell);
        sd_event_unref(l.event);
        free(watches);
        free(meters);
        return r;
}
