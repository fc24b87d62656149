#include "stream/udp.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool wt_udp_address(const char *text, char host[WT_UDP_HOST], char port[8])
{
    const char *colon = strrchr(text, ':');
    const size_t length = colon ? (size_t)(colon - text) : 0;
    char *end;
    if (!colon || length >= WT_UDP_HOST || strlen(colon + 1) > 5 || !colon[1] ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return false;
    const long number = strtol(colon + 1, &end, 10);
    if (number < 1 || number > 65535)
        return false;
    snprintf(port, 8, "%ld", number);
    const bool brackets = length > 2 && text[0] == '[' && text[length - 1] == ']';
    snprintf(host, WT_UDP_HOST, "%.*s", (int)(length - (brackets ? 2 : 0)), text + brackets);
    if (!brackets && strpbrk(host, ":/ "))
        return false;
    if (!host[0])
        snprintf(host, WT_UDP_HOST, "127.0.0.1");
    return true;
}

int wt_udp_open(const char *address, char *why, size_t size)
{
    char host[WT_UDP_HOST], port[8];
    struct addrinfo *list = NULL, hints = {.ai_socktype = SOCK_DGRAM};
    int fd = -1;
    if (!wt_udp_address(address, host, port)) {
        snprintf(why, size, "no address such as 127.0.0.1:11573");
        return -1;
    }
    const int error = getaddrinfo(host, port, &hints, &list);
    if (error) {
        snprintf(why, size, "%s", gai_strerror(error));
        return -1;
    }
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen)) {
            snprintf(why, size, "%s", strerror(errno));
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

bool wt_udp_send(int fd, const void *bytes, size_t length, char *why, size_t size)
{
    if (send(fd, bytes, length, MSG_NOSIGNAL) >= 0 || errno == EAGAIN || errno == EWOULDBLOCK ||
        errno == ENOBUFS)
        return true;
    snprintf(why, size, "%s", errno == ECONNREFUSED ? "nobody listens there" : strerror(errno));
    return false;
}
