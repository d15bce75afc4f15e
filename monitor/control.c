/* SPDX-License-Identifier: Apache-2.0 */

/* SOCK_SEQPACKET keeps questions and answers whole, and an answer fits into the socket's buffer: nobody waits for a peer that
 * does not read. The lock is what says that a daemon runs; a socket file without it is left over and replaced. */

#include "monitor/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct peer {
        struct peer *older;
        struct control *control;
        sd_event_source *source; /* owns the descriptor */
        int fd;
        struct strbuf word; /* of one that waits; else empty */
};

struct control {
        char *state; /* the folder */
        int lock;
        bool is_listening;
        sd_event_source *source; /* owns the listening descriptor */
        struct peer *newest;
        size_t n_peers, n_waiting; /* the latter are not among the former */
        control_fn *fn;
        void *userdata;
};

static int address_of(const char *state, struct sockaddr_un *ret)
{
        CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;

        strbuf_addf(&path, "%s/" CONTROL_SOCKET, state);
        if (strbuf_failed(&path))
                return -ENOMEM;
        *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
        if (path.n >= sizeof ret->sun_path)
                return -ENAMETOOLONG;
        memcpy(ret->sun_path, path.p, path.n);
        return 0;
}

/* ---- The lock ---- */

static int take_lock(struct control *c, struct err *reterr)
{
        CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
        int r;

        strbuf_addf(&path, "%s/" CONTROL_LOCK_FILE, c->state);
        if (strbuf_failed(&path))
                return err_set(reterr, -ENOMEM, "out of memory");
        c->lock = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
        if (c->lock < 0) {
                r = -errno;
                return err_at(reterr, r, path.p, 0, 0, "the lock of the state folder cannot be opened: %s",
                              strerror(-r));
        }
        if (flock(c->lock, LOCK_EX | LOCK_NB) == 0)
                return 0;
        r = errno == EWOULDBLOCK ? -EBUSY : -errno;
        return err_at(reterr, r, path.p, 0, 0, "%s",
                      r == -EBUSY ? "another shopbelld works on this state folder: stop it first" : strerror(-r));
}

int control_open(const char *state, struct control **ret, struct err *reterr)
{
        CLEANUP(control_closep) struct control *c = calloc(1, sizeof *c);
        int r;

        if (!c)
                return err_set(reterr, -ENOMEM, "out of memory");
        c->lock = -1;
        c->state = str_dupz(str_of(state));
        r = c->state ? take_lock(c, reterr) : err_set(reterr, -ENOMEM, "out of memory");
        if (r < 0)
                return r;
        *ret = TAKE(c);
        return 0;
}

/* ---- Peers ---- */

static void peer_drop(struct peer *peer)
{
        struct control *c = peer->control;

        for (struct peer **p = &c->newest; *p; p = &(*p)->older)
                if (*p == peer) {
                        *p = peer->older;
                        --*(peer->word.n > 0 ? &c->n_waiting : &c->n_peers);
                        break;
                }
        sd_event_source_disable_unref(peer->source);
        strbuf_done(&peer->word);
        free(peer);
}

void control_deaf(struct control *c)
{
        struct sockaddr_un address;

        while (c->newest)
                peer_drop(c->newest);
        c->source = sd_event_source_disable_unref(c->source);
        if (c->is_listening && address_of(c->state, &address) == 0)
                unlink(address.sun_path);
        c->is_listening = false;
}

struct control *control_close(struct control *c)
{
        if (!c)
                return NULL;
        control_deaf(c);
        if (c->lock >= 0)
                close(c->lock);
        free(c->state);
        free(c);
        return NULL;
}

static struct control_peer who_asks(int fd)
{
        struct ucred who;
        socklen_t n = sizeof who;

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) < 0)
                return (struct control_peer){ .uid = (uid_t)-1 };
        return (struct control_peer){ .uid = who.uid, .is_owner = who.uid == 0 || who.uid == geteuid() };
}

int control_user(uid_t uid, struct strbuf *ret)
{
        struct passwd entry, *found = NULL;
        char text[4096];

        if (getpwuid_r(uid, &entry, text, sizeof text, &found) == 0 && found)
                strbuf_addz(ret, found->pw_name);
        else
                strbuf_addf(ret, "%lld", (long long)uid);
        return strbuf_failed(ret) ? -ENOMEM : 0;
}

/* Sends what fits. A peer that is gone or does not read has no answer. */
static void send_answer(int fd, struct strbuf *answer)
{
        static const struct str cut = { "… and more: see the daemon's log\n",
                                        sizeof "… and more: see the daemon's log\n" - 1 };
        size_t n = answer->n;

        if (n > CONTROL_ANSWER_BYTES_MAX) {
                n = CONTROL_ANSWER_BYTES_MAX - cut.n;
                while (n > 0 && answer->p[n - 1] != '\n')
                        n--;
                answer->n = n;
                strbuf_add(answer, cut);
        }
        if (!strbuf_failed(answer))
                (void)send(fd, answer->p ? answer->p : "", answer->n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void drop_oldest(struct control *c, bool is_waiting)
{
        struct peer *oldest = NULL;

        for (struct peer *p = c->newest; p; p = p->older)
                if ((p->word.n > 0) == is_waiting)
                        oldest = p;
        if (oldest)
                peer_drop(oldest);
}

static int keep_waiting(struct peer *peer, struct str word)
{
        struct control *c = peer->control;

        if (peer->word.n > 0)
                return 0;
        if (c->n_waiting >= CONTROL_WAITING_MAX)
                drop_oldest(c, true);
        strbuf_add(&peer->word, word);
        if (strbuf_failed(&peer->word))
                return -ENOMEM;
        c->n_peers--;
        c->n_waiting++;
        return 0;
}

/* The peer is gone afterwards, unless it waits. */
static void answer_peer(struct peer *peer, struct str word)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct control *c = peer->control;
        sd_event *event = sd_event_source_get_event(peer->source);
        struct control_peer who = who_asks(peer->fd);
        int r;

        who.is_again = peer->word.n > 0;
        r = c->fn(c->userdata, word, &who, &answer);
        if (r == CONTROL_LATER && keep_waiting(peer, word) == 0)
                return;
        send_answer(peer->fd, &answer);
        if (r < 0) /* what a callback returns would only silence this peer */
                sd_event_exit(event, r);
        peer_drop(peer);
}

void control_again(struct control *c)
{
        struct peer *older;

        for (struct peer *p = c->newest; p; p = older) {
                older = p->older;
                if (p->word.n > 0)
                        answer_peer(p, strbuf_str(&p->word));
        }
}

static int on_peer(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        struct peer *peer = userdata;
        char word[CONTROL_WORD_BYTES_MAX];
        ssize_t n = recv(fd, word, sizeof word, MSG_DONTWAIT | MSG_TRUNC);

        (void)source;
        (void)revents;
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n > 0 && (size_t)n <= sizeof word && peer->word.n == 0)
                answer_peer(peer, str_from(word, (size_t)n));
        else /* too long, gone, or impatient */
                peer_drop(peer);
        return 0;
}

static int on_connection(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        struct control *c = userdata;
        sd_event *event = sd_event_source_get_event(source);
        int peer_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        struct peer *peer;

        (void)revents;
        if (peer_fd < 0)
                return 0; /* it went away, or there are no descriptors: it sees that nobody answers */
        if (c->n_peers >= CONTROL_PEERS_MAX)
                drop_oldest(c, false);
        peer = calloc(1, sizeof *peer);
        if (!peer || sd_event_add_io(event, &peer->source, peer_fd, EPOLLIN, on_peer, peer) < 0) {
                free(peer);
                close(peer_fd);
                return 0;
        }
        sd_event_source_set_io_fd_own(peer->source, true);
        peer->control = c;
        peer->fd = peer_fd;
        peer->older = c->newest;
        c->newest = peer;
        c->n_peers++;
        return 0;
}

/* ---- The socket ---- */

static int open_socket(const char *state, int *ret)
{
        struct sockaddr_un address;
        int r = address_of(state, &address), fd;

        if (r < 0)
                return r;
        fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        (void)unlink(address.sun_path); /* we hold the lock: it is nobody's */
        if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || chmod(address.sun_path, 0660) < 0 ||
            listen(fd, CONTROL_PEERS_MAX) < 0) {
                r = -errno;
                close(fd);
                return r;
        }
        *ret = fd;
        return 0;
}

int control_listen(struct control *c, sd_event *event, control_fn *fn, void *userdata, struct err *reterr)
{
        int fd = -1, r = open_socket(c->state, &fd);

        if (r >= 0) {
                c->is_listening = true;
                c->fn = fn;
                c->userdata = userdata;
                r = sd_event_add_io(event, &c->source, fd, EPOLLIN, on_connection, c);
                if (r < 0)
                        close(fd);
                else
                        sd_event_source_set_io_fd_own(c->source, true);
        }
        return r < 0 ? err_at(reterr, r, c->state, 0, 0,
                              "no socket for shopbell reload and shopbell status: %s; SIGHUP reloads as well",
                              strerror(-r))
                     : 0;
}

/* ---- Asking ---- */

static int fail_ask(struct err *reterr, const char *state, int r)
{
        if (r == -ENOENT || r == -ECONNREFUSED || r == -ENOTDIR)
                return err_at(reterr, -ENOENT, state, 0, 0, "no shopbelld runs on this state folder");
        if (r == -EACCES || r == -EPERM)
                return err_at(reterr, -EACCES, state, 0, 0,
                              "you may not speak to shopbelld: be root, or in the group shopbell");
        if (r == -EPIPE || r == -ECONNRESET)
                return err_at(reterr, -EPIPE, state, 0, 0, "shopbelld ended without an answer: see its log");
        return err_at(reterr, r, state, 0, 0, "shopbelld cannot be asked: %s", strerror(-r));
}

static int wait_for(int fd, short events, usec timeout)
{
        struct pollfd p = { .fd = fd, .events = events };
        int r = poll(&p, 1, (int)(timeout / 1000));

        return r < 0 ? -errno : r == 0 ? -ETIMEDOUT : 0;
}

static int talk(int fd, const struct sockaddr_un *address, const char *word, usec timeout, struct strbuf *answer)
{
        struct timeval wait = { .tv_sec = timeout / USEC_PER_SEC, .tv_usec = timeout % USEC_PER_SEC };
        char *to;
        ssize_t n;
        int r;

        if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) < 0) /* for connect(), too */
                return -errno;
        if (connect(fd, (const struct sockaddr *)address, sizeof *address) < 0)
                return -errno;
        if (send(fd, word, strlen(word), MSG_NOSIGNAL) < 0)
                return -errno;
        r = wait_for(fd, POLLIN, timeout);
        if (r < 0)
                return r;
        to = strbuf_reserve(answer, CONTROL_ANSWER_BYTES_MAX);
        if (!to)
                return -ENOMEM;
        n = recv(fd, to, CONTROL_ANSWER_BYTES_MAX, 0);
        if (n <= 0)
                return n < 0 ? -errno : -EPIPE;
        answer->n += (size_t)n;
        return 0;
}

int control_ask(const char *state, const char *word, usec timeout, struct strbuf *answer, struct err *reterr)
{
        struct sockaddr_un address;
        int fd, r = address_of(state, &address);

        if (r < 0)
                return fail_ask(reterr, state, r);
        fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return fail_ask(reterr, state, -errno);
        r = talk(fd, &address, word, timeout, answer);
        close(fd);
        if (r == -ETIMEDOUT || r == -EAGAIN)
                return err_at(reterr, -ETIMEDOUT, state, 0, 0,
                              "shopbelld has not answered in time; its log will say what became of it");
        return r < 0 ? fail_ask(reterr, state, r) : 0;
}
