/*
 * A sink for benchmarks: takes SMTP on 127.0.0.1, discards what arrives, counts messages.
 *
 * It must cost less than any client that is measured against it. So it reads lines only in the
 * command state; in the content state it looks for CRLF "." CRLF and nothing else (RFC 5321
 * section 4.1.1.4), and in a chunk (RFC 3030) it only counts octets down. Replies to everything
 * that came with one read leave with one write (RFC 2920 section 3.2).
 *
 * It judges nothing: any order of commands is taken. XCOUNT, its one word of its own, answers
 * "250 <messages>".
 *
 * Build: cc -O2 -o fast_sink fast_sink.c     Run: fast_sink [--chunking] [--no-pipelining]
 * Prints the port it was given on standard output.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INPUT_SIZE = 256 * 1024, OUTPUT_SIZE = 256 * 1024, LONGEST_REPLY = 256, MAX_EVENTS = 64 };

/* CONTENT_START: at the first octet of the content, where "." CRLF alone already ends it. */
enum state { COMMAND, CONTENT_START, CONTENT, CHUNK, CLOSING };

struct session {
    int fd;
    enum state state;
    unsigned long long chunk_left;
    int chunk_is_last;
    size_t input_length, output_length;
    char input[INPUT_SIZE];
    char output[OUTPUT_SIZE];
};

static unsigned long long messages;
static char ehlo_reply[LONGEST_REPLY];

static void reply(struct session *session, const char *text) {
    size_t length = strlen(text);
    memcpy(session->output + session->output_length, text, length);
    session->output_length += length;
}

static int is_verb(const char *line, const char *verb) { return strncasecmp(line, verb, 4) == 0; }

static void chunk_done(struct session *session) {
    session->state = COMMAND;
    if (session->chunk_is_last)
        messages++;
    reply(session, session->chunk_is_last ? "250 2.0.0 Ok\r\n" : "250 2.0.0 Continue\r\n");
}

static void start_chunk(struct session *session, const char *line) {
    char *end;
    session->chunk_left = strtoull(line + 4, &end, 10);
    session->chunk_is_last = strncasecmp(end, " LAST", 5) == 0;
    session->state = CHUNK;
    if (session->chunk_left == 0)
        chunk_done(session);
}

static void obey(struct session *session, const char *line) {
    char count[64];
    if (is_verb(line, "MAIL") || is_verb(line, "RCPT")) {
        reply(session, "250 2.1.0 Ok\r\n");
    } else if (is_verb(line, "DATA")) {
        session->state = CONTENT_START;
        reply(session, "354 Go ahead\r\n");
    } else if (is_verb(line, "BDAT")) {
        start_chunk(session, line);
    } else if (is_verb(line, "EHLO")) {
        reply(session, ehlo_reply);
    } else if (is_verb(line, "HELO")) {
        reply(session, "250 sink\r\n");
    } else if (is_verb(line, "RSET") || is_verb(line, "NOOP")) {
        reply(session, "250 2.0.0 Ok\r\n");
    } else if (is_verb(line, "QUIT")) {
        session->state = CLOSING;
        reply(session, "221 2.0.0 Bye\r\n");
    } else if (is_verb(line, "XCOU")) {
        snprintf(count, sizeof count, "250 %llu\r\n", messages);
        reply(session, count);
    } else {
        reply(session, "500 5.5.2 Unknown command\r\n");
    }
}

static size_t message_done(struct session *session, size_t used) {
    messages++;
    session->state = COMMAND;
    reply(session, "250 2.0.0 Ok\r\n");
    return used;
}

/* Takes one step from [at, at + length); returns the octets used, 0 when more are needed. */
static size_t step(struct session *session, const char *at, size_t length) {
    const char *found;
    switch (session->state) {
    case COMMAND:
        found = memchr(at, '\n', length);
        if (found == NULL)
            return 0;
        obey(session, at);
        return (size_t)(found - at) + 1;
    case CONTENT_START:
        if (length < 3)
            return 0;
        session->state = CONTENT;
        if (memcmp(at, ".\r\n", 3) == 0)
            return message_done(session, 3);
        return step(session, at, length);
    case CONTENT:
        found = memmem(at, length, "\r\n.\r\n", 5);
        if (found == NULL)
            return length > 4 ? length - 4 : 0;
        return message_done(session, (size_t)(found - at) + 5);
    case CHUNK:
        if (length > session->chunk_left)
            length = (size_t)session->chunk_left;
        session->chunk_left -= length;
        if (session->chunk_left == 0)
            chunk_done(session);
        return length;
    case CLOSING:
        break;
    }
    return 0;
}

static void consume(struct session *session) {
    size_t used = 0, taken;
    while (used < session->input_length && session->output_length + LONGEST_REPLY < OUTPUT_SIZE) {
        taken = step(session, session->input + used, session->input_length - used);
        if (taken == 0)
            break;
        used += taken;
    }
    session->input_length -= used;
    memmove(session->input, session->input + used, session->input_length);
}

/* Writes what is pending; returns -1 when the session is over. */
static int flush(struct session *session) {
    ssize_t written = write(session->fd, session->output, session->output_length);
    if (written < 0)
        return errno == EAGAIN ? 0 : -1;
    session->output_length -= (size_t)written;
    memmove(session->output, session->output + written, session->output_length);
    return session->output_length == 0 && session->state == CLOSING ? -1 : 0;
}

/* Answers what has come in until it is used up or the client must read first. */
static int answer(struct session *session) {
    do {
        consume(session);
        if (session->output_length == 0)
            return 0;
        if (flush(session) != 0)
            return -1;
    } while (session->output_length == 0);
    return 0;
}

static int on_readable(struct session *session) {
    ssize_t got = read(session->fd, session->input + session->input_length,
                       INPUT_SIZE - session->input_length);
    if (got < 0)
        return errno == EAGAIN ? 0 : -1;
    if (got == 0)
        return -1;
    session->input_length += (size_t)got;
    return answer(session);
}

static int on_writable(struct session *session) {
    if (flush(session) != 0)
        return -1;
    return session->output_length == 0 ? answer(session) : 0;
}

static void watch(int poll, int operation, int fd, uint32_t events, void *what) {
    struct epoll_event event = {.events = events, .data.ptr = what};
    if (epoll_ctl(poll, operation, fd, &event) != 0) {
        perror("epoll_ctl");
        exit(1);
    }
}

static void welcome(int poll, int listener) {
    int on = 1;
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    struct session *session;
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    session = malloc(sizeof *session);
    if (session == NULL) {
        perror("malloc");
        exit(1);
    }
    session->fd = fd;
    session->state = COMMAND;
    session->input_length = session->output_length = 0;
    reply(session, "220 sink ESMTP\r\n");
    flush(session);
    watch(poll, EPOLL_CTL_ADD, fd, EPOLLIN, session);
}

static int listen_on_loopback(void) {
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 256) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        perror("listen");
        exit(1);
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int argc, char **argv) {
    struct epoll_event events[MAX_EVENTS];
    int chunking = 0, pipelining = 1, poll, listener;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--chunking") == 0)
            chunking = 1;
        else if (strcmp(argv[i], "--no-pipelining") == 0)
            pipelining = 0;
        else {
            fprintf(stderr, "usage: %s [--chunking] [--no-pipelining]\n", argv[0]);
            return 2;
        }
    }
    snprintf(ehlo_reply, sizeof ehlo_reply, "250-sink\r\n%s%s%s",
             pipelining ? "250-PIPELINING\r\n" : "", chunking ? "250-CHUNKING\r\n" : "",
             "250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE 104857600\r\n250 ENHANCEDSTATUSCODES\r\n");
    signal(SIGPIPE, SIG_IGN);
    listener = listen_on_loopback();
    poll = epoll_create1(0);
    watch(poll, EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
    for (;;) {
        int ready = epoll_wait(poll, events, MAX_EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            struct session *session = events[i].data.ptr;
            int over, was_pending;
            if (session == NULL) {
                welcome(poll, listener);
                continue;
            }
            /* While replies wait to be written nothing is read: the client must read first. */
            was_pending = session->output_length > 0;
            over = was_pending ? on_writable(session) : on_readable(session);
            if (over != 0) {
                close(session->fd);
                free(session);
            } else if (was_pending != (session->output_length > 0)) {
                watch(poll, EPOLL_CTL_MOD, session->fd, was_pending ? EPOLLIN : EPOLLOUT, session);
            }
        }
    }
}
