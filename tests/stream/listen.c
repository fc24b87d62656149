/* A client of the streams: `listen osf|vmc N` binds a port of its own, prints it, receives N
 * datagrams, prints what is in them, and ends. Status 1: a datagram is not what it should be.
 *
 * osf: a line for each face: "face ID WIDTH HEIGHT RIGHT LEFT POSED ERROR q X Y Z W euler X Y Z at
 * X Y Z point0 X Y C point66 X Y C features ...". vmc: a line for each datagram: "ok N t SECONDS",
 * and with a face "head X Y Z W Blink_L V Blink_R V A V". */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void bad(const char *what)
{
    fprintf(stderr, "listen: %s\n", what);
    exit(1);
}

/* ---- OpenSeeFace: little-endian ----------------------------------------------------------------
 */

#define FACE (8 + 4 + 2 * 4 + 2 * 4 + 1 + 4 + 16 + 12 + 12 + 4 * 68 + 8 * 68 + 12 * 70 + 4 * 14)

static double real(const uint8_t **at)
{
    float v;
    memcpy(&v, *at, 4);
    *at += 4;
    if (!isfinite(v))
        bad("not a number");
    return (double)v;
}

static void print_reals(const char *name, const uint8_t **at, int n)
{
    printf("%s", name);
    for (int i = 0; i < n; i++)
        printf(" %.5g", real(at));
}

static void print_face(const uint8_t *at)
{
    double time, confidence[68], point[68][2];
    int32_t id;
    memcpy(&time, at, 8);
    memcpy(&id, at + 8, 4);
    at += 12;
    if (!(time > 1e9 && time < 1e11))
        bad("no time of day");
    printf("face %d", id);
    print_reals("", &at, 4);
    if (*at > 1)
        bad("neither posed nor not");
    printf(" %d", *at++);
    print_reals("", &at, 1);
    print_reals(" q", &at, 4);
    print_reals(" euler", &at, 3);
    print_reals(" at", &at, 3);
    for (int i = 0; i < 68; i++)
        confidence[i] = real(&at);
    for (int i = 0; i < 68; i++) {
        point[i][1] = real(&at); /* y comes first */
        point[i][0] = real(&at);
    }
    for (int i = 0; i < 68; i += 66)
        printf(" point%d %.3f %.3f %.3f", i, point[i][0], point[i][1], confidence[i]);
    for (int i = 0; i < 3 * 70; i++)
        if (fabs(real(&at)) > 10)
            bad("a point of the head is far from it");
    print_reals(" features", &at, 14);
    printf("\n");
}

static void osf(const uint8_t *bytes, size_t size)
{
    if (!size || size % FACE)
        bad("not whole faces");
    for (size_t at = 0; at < size; at += FACE)
        print_face(bytes + at);
}

/* ---- OSC: big-endian, in units of four bytes
 * ----------------------------------------------------- */

static uint32_t word(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static double osc_real(const uint8_t *at)
{
    const uint32_t w = word(at);
    float v;
    memcpy(&v, &w, 4);
    if (!isfinite(v))
        bad("not a number");
    return (double)v;
}

/* A text with its end and its zeros; moves on. */
static const char *text(const uint8_t **at, const uint8_t *end)
{
    const char *t = (const char *)*at;
    const size_t length = strnlen(t, (size_t)(end - *at)), room = (length / 4 + 1) * 4;
    if (room > (size_t)(end - *at))
        bad("a text without end");
    for (size_t i = length; i < room; i++)
        if (t[i])
            bad("a text that is not filled up with zeros");
    *at += room;
    return t;
}

static void message(const uint8_t *at, const uint8_t *end)
{
    const char *address = text(&at, end), *types = text(&at, end), *name = NULL;
    if (*types++ != ',')
        bad("no types");
    printf("%s", strcmp(address, "/VMC/Ext/OK") == 0  ? "ok"
                 : strcmp(address, "/VMC/Ext/T") == 0 ? " t"
                                                      : "");
    const char *all = types;
    for (; *types; types++) {
        if (*types == 's') {
            name = text(&at, end);
            printf(" %s", strcmp(name, "Head") == 0 ? "head" : name);
            continue;
        }
        if (end - at < 4)
            bad("a message that is too short");
        /* of the bone's place and rotation the latter is printed */
        if (strcmp(all, "sfffffff") != 0 || types - all > 3)
            *types == 'i' ? printf(" %d", (int)word(at)) : printf(" %.5f", osc_real(at));
        at += 4;
    }
    if (at != end)
        bad("a message that is too long");
}

static void vmc(const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes, *end = bytes + size;
    if (size < 16 || strcmp(text(&at, end), "#bundle") != 0 || word(at) != 0 || word(at + 4) != 1)
        bad("no bundle for now");
    at += 8;
    while (at < end) {
        const uint32_t length = end - at < 4 ? UINT32_MAX : word(at);
        if (length > (size_t)(end - at) - 4 || length % 4)
            bad("a message that is longer than the bundle");
        message(at + 4, at + 4 + length);
        at += 4 + length;
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    static uint8_t bytes[65536];
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t length = sizeof here;
    if (argc != 3 || (strcmp(argv[1], "osf") != 0 && strcmp(argv[1], "vmc") != 0))
        bad("usage: listen osf|vmc N");
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) ||
        getsockname(fd, (struct sockaddr *)&here, &length))
        bad("no port");
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    for (int n = atoi(argv[2]); n > 0; n--) {
        const ssize_t size = recv(fd, bytes, sizeof bytes, 0);
        if (size < 0)
            bad("nothing comes");
        (argv[1][0] == 'o' ? osf : vmc)(bytes, (size_t)size);
        fflush(stdout);
    }
    return 0;
}
