/* Network elements behind a TUN device, each answering ICMP echo requests after DELAY_MS (IPv4).
 *
 *   echo-network DEVICE DELAY_MS
 *
 * The device must be there; the end of stdin is its end. Build: cc -O2 -o echo-network echo-network.c
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { HELD = 1 << 16, LARGEST = 1500, ECHO_REQUEST = 8, ICMP = 1 };
typedef struct { double due_ms; int length; unsigned char bytes[LARGEST]; } Held;

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* Makes the answer of a request; 0: it is none. The type goes down by 8, so the checksum goes up by that. */
static int answer(unsigned char *packet, int length) {
  int at = (packet[0] & 15) * 4;
  if (packet[0] >> 4 != 4 || packet[9] != ICMP || length < at + 8 || packet[at] != ECHO_REQUEST) return 0;
  unsigned char from[4];
  memcpy(from, packet + 12, 4);
  memcpy(packet + 12, packet + 16, 4);
  memcpy(packet + 16, from, 4);
  packet[at] = 0;
  unsigned sum = (packet[at + 2] << 8 | packet[at + 3]) + (ECHO_REQUEST << 8);
  sum = (sum & 0xffff) + (sum >> 16);
  packet[at + 2] = sum >> 8;
  packet[at + 3] = sum;
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  struct ifreq device = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  strncpy(device.ifr_name, argv[1], IFNAMSIZ - 1);
  double delay_ms = atof(argv[2]);
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (tun < 0 || ioctl(tun, TUNSETIFF, &device) < 0) return perror("tun"), 1;
  Held *held = malloc(sizeof *held * HELD);
  unsigned first = 0, next = 0;
  puts("ready");
  fflush(stdout);
  for (;;) {
    double wait_ms = first == next ? 1000 : held[first % HELD].due_ms - now_ms();
    struct timespec wait = {0, wait_ms <= 0 ? 0 : wait_ms >= 1000 ? 999999999 : (long)(wait_ms * 1e6)};
    struct pollfd events[] = {{tun, POLLIN, 0}, {0, POLLIN, 0}};
    ppoll(events, 2, &wait, 0);
    if (events[1].revents) return 0;
    for (double now = now_ms(); first != next && held[first % HELD].due_ms <= now; first++)
      if (write(tun, held[first % HELD].bytes, held[first % HELD].length) < 0) perror("write");
    while (next - first < HELD) {
      Held *h = &held[next % HELD];
      h->length = read(tun, h->bytes, LARGEST);
      if (h->length <= 0) break;
      h->due_ms = now_ms() + delay_ms;
      if (answer(h->bytes, h->length)) next++;
    }
  }
}
