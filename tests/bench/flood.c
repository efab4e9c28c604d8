/* Send UDP datagrams as fast as one core can: flood ADDRESS PORT COUNT [FLOWS].
 *
 * On veth cables the sender's core also does the router's work and the receiver's, so the time that
 * is printed, nanoseconds for each datagram, is that of the whole path. FLOWS sockets take turns;
 * each has its own source port. Prints one number.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

enum { BATCH = 64, MOST = 64 };

static void fail(const char *what) {
    perror(what);
    exit(111);
}

int main(int argc, char **argv) {
    static char payload[64];
    struct mmsghdr messages[BATCH] = {0};
    struct iovec vector = {payload, sizeof payload};
    struct sockaddr_in6 to = {.sin6_family = AF_INET6};
    struct timespec begin, end;
    int sockets[MOST], flows;
    if (argc < 4) return 100;
    if (inet_pton(AF_INET6, argv[1], &to.sin6_addr) != 1) return 100;
    to.sin6_port = htons(atoi(argv[2]));
    flows = argc > 4 ? atoi(argv[4]) : 1;
    if (flows < 1 || flows > MOST) return 100;
    for (int i = 0; i < flows; i++) {
        if ((sockets[i] = socket(AF_INET6, SOCK_DGRAM, 0)) < 0) fail("socket");
        if (connect(sockets[i], (struct sockaddr *)&to, sizeof to) < 0) fail("connect");
        /* One octet begins the flow, its echo establishes it; the far end drops what is longer. */
        struct timeval patience = {10, 0};
        setsockopt(sockets[i], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (send(sockets[i], payload, 1, 0) < 0) fail("send");
        if (recv(sockets[i], payload, sizeof payload, 0) < 0) fail("no echo");
    }
    for (int i = 0; i < BATCH; i++) {
        messages[i].msg_hdr.msg_iov = &vector;
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    long count = atol(argv[3]) / BATCH;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (long i = 0; i < count; i++)
        if (sendmmsg(sockets[i % flows], messages, BATCH, 0) != BATCH) fail("sendmmsg");
    clock_gettime(CLOCK_MONOTONIC, &end);
    double took = (end.tv_sec - begin.tv_sec) * 1e9 + (end.tv_nsec - begin.tv_nsec);
    printf("%.1f\n", took / (count * BATCH));
    return 0;
}
