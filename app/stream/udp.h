/* Datagrams to one address, never waiting. One thread. */
#ifndef WT_APP_UDP_H
#define WT_APP_UDP_H

#include <stdbool.h>
#include <stddef.h>

#define WT_UDP_HOST 256

/* Splits "HOST:PORT" ("[::1]:39539", ":11573" for this computer). false: it is none. */
bool wt_udp_address(const char *text, char host[WT_UDP_HOST], char port[8]);

/* A descriptor of a socket that sends there; -1, and why, where the name cannot be found. Looking
 * it up may take a while. */
int wt_udp_open(const char *address, char *why, size_t size);

/* false, and why: it was refused (nobody listens there), or there is no way. What finds no room is
 * lost, as with all datagrams, and no failure. */
bool wt_udp_send(int fd, const void *bytes, size_t length, char *why, size_t size);

#endif
