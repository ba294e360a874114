/* The other side of the benchmarks: thousands of network elements in one process.
 *
 *   responder snmp  PORT INTERFACES CAP DELAY_MS DEAD_PERCENT
 *   responder stamp PORT DELAY_MS DEAD_PERCENT
 *
 * Every address of 127.0.0.0/8 is an element of its own; it answers from the address that was asked. Element n is
 * 127.0.0.0 + 65536 + n; of each hundred the first DEAD_PERCENT never answer. Each answer is held back by DELAY_MS.
 * snmp: an SNMPv1 and v2c agent (GET, GETNEXT, GETBULK; any community) with the system group, ifTable, ifXTable and
 * snmpEngineBoots; counters follow the time; no message is longer than CAP bytes.
 * stamp: a stateless reflector (RFC 8762); the delay is on the way there, before the receive stamp.
 * A line "stats" on stdin is answered by "REQUESTS VARBINDS DROPPED"; the end of stdin is its end.
 * Build: cc -O2 -o responder responder.c
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

enum { MAX_MESSAGE = 65000, MAX_VARBINDS = 128, MAX_ARCS = 40, BATCH = 64 };

static int interfaces, cap = 1400, dead_percent;
static double delay_ms, started_ms;
static u64 requests, varbinds, dropped;

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* ---- the MIB: scalars, and columns with the rows 1..interfaces ---- */

enum { INTEGER = 0x02, OCTETS = 0x04, OID = 0x06, COUNTER32 = 0x41, GAUGE32 = 0x42, TICKS = 0x43, COUNTER64 = 0x46 };
enum { NO_SUCH_OBJECT = 0x80, NO_SUCH_INSTANCE = 0x81, END_OF_MIB_VIEW = 0x82 };
enum kind { DESCRIPTION, OBJECT_ID, UP_TIME, NAME, LOCATION, ROW, PORT_DESCRIPTION, ONE, SPEED, ZERO, IN, OUT, PACKETS, SHORT_NAME, MEGABITS, ALIAS };

typedef struct {
  const char *text;
  u8 is_column, tag;
  enum kind kind;
  u32 arcs[16];
  int arc_count;
  u8 ber[24];
  int ber_length;
} Entry;

#define SYS "1.3.6.1.2.1.1."
#define IF "1.3.6.1.2.1.2.2.1."
#define IFX "1.3.6.1.2.1.31.1.1.1."
static Entry mib[] = {
  {SYS "1", 0, OCTETS, DESCRIPTION}, {SYS "2", 0, OID, OBJECT_ID}, {SYS "3", 0, TICKS, UP_TIME},
  {SYS "5", 0, OCTETS, NAME}, {SYS "6", 0, OCTETS, LOCATION},
  {IF "1", 1, INTEGER, ROW}, {IF "2", 1, OCTETS, PORT_DESCRIPTION}, {IF "5", 1, GAUGE32, SPEED},
  {IF "7", 1, INTEGER, ONE}, {IF "8", 1, INTEGER, ONE}, {IF "10", 1, COUNTER32, IN},
  {IF "11", 1, COUNTER32, PACKETS}, {IF "13", 1, COUNTER32, ZERO}, {IF "14", 1, COUNTER32, ZERO},
  {IF "16", 1, COUNTER32, OUT}, {IF "17", 1, COUNTER32, PACKETS}, {IF "19", 1, COUNTER32, ZERO},
  {IF "20", 1, COUNTER32, ZERO},
  {IFX "1", 1, OCTETS, SHORT_NAME}, {IFX "6", 1, COUNTER64, IN}, {IFX "7", 1, COUNTER64, PACKETS},
  {IFX "8", 1, COUNTER64, ZERO}, {IFX "9", 1, COUNTER64, ZERO}, {IFX "10", 1, COUNTER64, OUT},
  {IFX "11", 1, COUNTER64, PACKETS}, {IFX "12", 1, COUNTER64, ZERO}, {IFX "13", 1, COUNTER64, ZERO},
  {IFX "15", 1, GAUGE32, MEGABITS}, {IFX "18", 1, OCTETS, ALIAS}, {IFX "19", 1, TICKS, ZERO},
  {"1.3.6.1.6.3.10.2.1.2", 0, INTEGER, ONE},
};
enum { ENTRIES = sizeof mib / sizeof *mib };

static int put_arc(u8 *to, u32 arc) {
  u8 reversed[5];
  int n = 0;
  do reversed[n++] = arc & 127; while (arc >>= 7);
  for (int i = 0; i < n; i++) to[i] = reversed[n - 1 - i] | (i < n - 1 ? 128 : 0);
  return n;
}

static void build_mib(void) {
  for (int i = 0; i < ENTRIES; i++) {
    Entry *e = &mib[i];
    for (const char *s = e->text; *s; s += *s == '.') e->arcs[e->arc_count++] = strtoul(s, (char **)&s, 10);
    e->ber[e->ber_length++] = e->arcs[0] * 40 + e->arcs[1];
    for (int k = 2; k < e->arc_count; k++) e->ber_length += put_arc(e->ber + e->ber_length, e->arcs[k]);
  }
}

/* An instance: entry and row; row 0 of a scalar. entry == ENTRIES: past the end. */
typedef struct { int entry; u32 row; } Instance;

static Instance first_of(int entry, int v1) {
  while (entry < ENTRIES && ((mib[entry].is_column && interfaces == 0) || (v1 && mib[entry].tag == COUNTER64))) entry++;
  return (Instance){entry, entry < ENTRIES && mib[entry].is_column ? 1 : 0};
}

static Instance after(Instance at, int v1) {
  if (mib[at.entry].is_column && at.row < (u32)interfaces) return (Instance){at.entry, at.row + 1};
  return first_of(at.entry + 1, v1);
}

/* The first instance behind an OID; *exact: the instance that the OID names, if any. */
static Instance behind(const u32 *arcs, int n, int v1, Instance *exact) {
  exact->entry = ENTRIES;
  for (int i = 0; i < ENTRIES; i++) {
    const Entry *e = &mib[i];
    if (v1 && e->tag == COUNTER64) continue;
    int k = 0;
    while (k < n && k < e->arc_count && arcs[k] == e->arcs[k]) k++;
    if (k < e->arc_count) {
      if (k == n || arcs[k] < e->arcs[k]) return first_of(i, v1);
      continue;
    }
    if (n == e->arc_count) return first_of(i, v1);
    u32 row = arcs[k];
    int names_it = n == e->arc_count + 1 && (e->is_column ? row >= 1 && row <= (u32)interfaces : row == 0);
    if (names_it) *exact = (Instance){i, row};
    if (!e->is_column || row >= (u32)interfaces) return first_of(i + 1, v1);
    return (Instance){i, row + 1};
  }
  return (Instance){ENTRIES, 0};
}

/* ---- BER ---- */

static int put_length(u8 *to, u32 n) {
  if (n < 128) return to[0] = n, 1;
  if (n < 256) return to[0] = 0x81, to[1] = n, 2;
  return to[0] = 0x82, to[1] = n >> 8, to[2] = n, 3;
}

static int put_unsigned(u8 *to, u64 value) {
  int bytes = 1;
  while (bytes < 8 && value >> (8 * bytes)) bytes++;
  int zero = (value >> (8 * bytes - 1)) & 1;
  if (zero) to[0] = 0;
  for (int i = 0; i < bytes; i++) to[zero + i] = value >> (8 * (bytes - 1 - i));
  return bytes + zero;
}

static int put_integer(u8 *to, int64_t value) {
  if (value >= 0) return put_unsigned(to, value);
  for (int i = 0; i < 4; i++) to[i] = value >> (8 * (3 - i));
  return 4;
}

static int put_value(u8 *to, u32 element, Instance at) {
  const Entry *e = &mib[at.entry];
  double ms = now_ms() - started_ms;
  u64 base = (u64)(element % 1000 + 1) * 1000003 * (at.row + 7);
  char text[64];
  int n = 0;
  u64 value = 0;
  switch (e->kind) {
    case DESCRIPTION: n = snprintf(text, sizeof text, "Faultline bench element %u", element); break;
    case OBJECT_ID: memcpy(text, "\x2b\x06\x01\x04\x01\xbf\x08\x03\x02\x0a", n = 10); break;
    case NAME: n = snprintf(text, sizeof text, "bench%u", element); break;
    case LOCATION: n = snprintf(text, sizeof text, "rack %u", element % 40); break;
    case PORT_DESCRIPTION: n = snprintf(text, sizeof text, "GigabitEthernet0/0/%u", at.row); break;
    case SHORT_NAME: n = snprintf(text, sizeof text, "GE0/0/%u", at.row); break;
    case ALIAS: n = snprintf(text, sizeof text, "customer line %u", at.row); break;
    case UP_TIME: value = 8640000 + (u64)(ms / 10); break;
    case ROW: value = at.row; break;
    case ONE: value = 1; break;
    case ZERO: value = 0; break;
    case SPEED: value = 1000000000; break;
    case MEGABITS: value = 1000; break;
    /* Up to 8 % of a gigabit each second, by row. */
    case IN: value = base + (u64)(ms * 1250 * (1 + at.row % 8)); break;
    case OUT: value = 2 * base + (u64)(ms * 1000 * (1 + at.row % 8)); break;
    case PACKETS: value = base / 700 + (u64)(ms * 2 * (1 + at.row % 8)); break;
  }
  to[0] = e->tag;
  if (e->tag == OCTETS || e->tag == OID) memcpy(to + 2, text, n);
  else n = put_unsigned(to + 2, e->tag == COUNTER64 ? value : (u32)value);
  to[1] = n;
  return n + 2;
}

static int put_varbind(u8 *to, u32 element, Instance at) {
  u8 *oid = to + 4;
  const Entry *e = &mib[at.entry];
  memcpy(oid, e->ber, e->ber_length);
  int oid_length = e->ber_length + put_arc(oid + e->ber_length, at.row);
  int length = 2 + oid_length + put_value(oid + oid_length, element, at);
  to[0] = 0x30;
  to[1] = length;
  to[2] = OID;
  to[3] = oid_length;
  return length + 2;
}

static int put_exception(u8 *to, const u8 *oid, int oid_length, int tag) {
  to[0] = 0x30;
  to[1] = oid_length + 4;
  to[2] = OID;
  to[3] = oid_length;
  memcpy(to + 4, oid, oid_length);
  to[4 + oid_length] = tag;
  to[5 + oid_length] = 0;
  return oid_length + 6;
}

/* Enters a field: its tag in *tag, its contents at the result up to *end; 0 when it does not fit. */
static const u8 *enter(const u8 *p, const u8 *limit, int *tag, const u8 **end) {
  if (limit - p < 2) return 0;
  *tag = *p++;
  u32 n = *p++;
  if (n & 128) {
    int k = n & 127;
    if (k < 1 || k > 3 || limit - p < k) return 0;
    for (n = 0; k; k--) n = n << 8 | *p++;
  }
  if ((u64)(limit - p) < n) return 0;
  *end = p + n;
  return p;
}

static int get_integer(const u8 **p, const u8 *limit, int64_t *value) {
  int tag;
  const u8 *end, *q = enter(*p, limit, &tag, &end);
  if (!q || tag != INTEGER || q == end || end - q > 8) return 0;
  *value = (int8_t)*q++;
  while (q < end) *value = *value * 256 + *q++;
  *p = end;
  return 1;
}

/* The answer to one SNMP message; 0: none. */
static int serve_snmp(const u8 *request, int length, u32 element, u8 *answer) {
  static u8 body[MAX_MESSAGE + 512];
  struct { u32 arcs[MAX_ARCS]; int count; const u8 *oid; int oid_length; } asked[MAX_VARBINDS];
  int asked_count = 0, tag, pdu;
  int64_t version, id, first, second;
  const u8 *end, *community_end, *pdu_end, *list_end;
  const u8 *p = enter(request, request + length, &tag, &end);
  if (!p || tag != 0x30 || !get_integer(&p, end, &version) || version > 1) return 0;
  const u8 *community = enter(p, end, &tag, &community_end);
  if (!community || tag != OCTETS || community_end - community > 64) return 0;
  p = enter(community_end, end, &pdu, &pdu_end);
  if (!p || (pdu != 0xa0 && pdu != 0xa1 && (pdu != 0xa5 || version == 0))) return 0;
  if (!get_integer(&p, pdu_end, &id) || !get_integer(&p, pdu_end, &first) || !get_integer(&p, pdu_end, &second)) return 0;
  p = enter(p, pdu_end, &tag, &list_end);
  if (!p || tag != 0x30) return 0;
  while (p < list_end && asked_count < MAX_VARBINDS) {
    const u8 *varbind_end, *oid_end;
    p = enter(p, list_end, &tag, &varbind_end);
    const u8 *oid = p ? enter(p, varbind_end, &tag, &oid_end) : 0;
    if (!oid || tag != OID || oid == oid_end || oid_end - oid > 100) return 0;
    asked[asked_count].oid = oid;
    asked[asked_count].oid_length = oid_end - oid;
    int n = 0;
    for (const u8 *q = oid; q < oid_end && n < MAX_ARCS - 1;) {
      u32 arc = 0;
      do arc = arc << 7 | (*q & 127); while (*q++ & 128 && q < oid_end);
      if (n == 0) {
        asked[asked_count].arcs[n++] = arc < 40 ? 0 : arc < 80 ? 1 : 2;
        arc -= 40 * asked[asked_count].arcs[0];
      }
      asked[asked_count].arcs[n++] = arc;
    }
    asked[asked_count++].count = n;
    p = varbind_end;
  }
  requests++;
  int room = cap - 40 - (community_end - community), used = 0, status = 0, index = 0, v1 = version == 0;
  Instance at[MAX_VARBINDS], exact;
  for (int i = 0; i < asked_count; i++) {
    at[i] = behind(asked[i].arcs, asked[i].count, v1, &exact);
    if (pdu == 0xa0) at[i] = exact;
  }
  int single = pdu == 0xa5 ? (first < 0 ? 0 : first > asked_count ? asked_count : first) : asked_count;
  for (int i = 0; i < single && !status; i++) {
    if (at[i].entry < ENTRIES) used += put_varbind(body + used, element, at[i]);
    else if (v1) status = 2, index = i + 1;
    else used += put_exception(body + used, asked[i].oid, asked[i].oid_length, pdu == 0xa0 ? NO_SUCH_INSTANCE : END_OF_MIB_VIEW);
    varbinds++;
    if (used > room) status = 1;
  }
  for (int64_t k = 0, full = 0; pdu == 0xa5 && k < second && !full && single < asked_count; k++) {
    int living = 0;
    for (int i = single; i < asked_count && !full; i++) {
      int before = used;
      if (at[i].entry < ENTRIES) {
        used += put_varbind(body + used, element, at[i]);
        at[i] = after(at[i], v1);
        living = 1;
      } else used += put_exception(body + used, asked[i].oid, asked[i].oid_length, END_OF_MIB_VIEW);
      if (used > room) used = before, full = 1;
      else varbinds++;
    }
    if (!living) break;
  }
  if (status) {
    used = 0;
    for (int i = 0; i < asked_count; i++) used += put_exception(body + used, asked[i].oid, asked[i].oid_length, 5);
  }
  u8 head[128], numbers[24];
  int n = 0, h = 0;
  numbers[n++] = INTEGER, numbers[n] = put_integer(numbers + n + 1, id), n += 1 + numbers[n];
  memcpy(numbers + n, (u8[]){INTEGER, 1, status, INTEGER, 1, index, 0x30}, 7), n += 7;
  n += put_length(numbers + n, used);
  memcpy(head, (u8[]){INTEGER, 1, version, OCTETS, community_end - community}, 5), h = 5;
  memcpy(head + h, community, community_end - community), h += community_end - community;
  head[h++] = 0xa2;
  h += put_length(head + h, n + used);
  int a = 0;
  answer[a++] = 0x30;
  a += put_length(answer + a, h + n + used);
  memcpy(answer + a, head, h), a += h;
  memcpy(answer + a, numbers, n), a += n;
  memcpy(answer + a, body, used);
  return a + used;
}

/* ---- STAMP ---- */

static void put_ntp_now(u8 *to) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  u32 seconds = htonl((u32)(t.tv_sec + 2208988800ull)), fraction = htonl((u32)(((u64)t.tv_nsec << 32) / 1000000000ull));
  memcpy(to, &seconds, 4);
  memcpy(to + 4, &fraction, 4);
}

static int reflect(const u8 *request, int length, u8 *answer) {
  if (length < 44) return 0;
  requests++;
  memset(answer, 0, 44);
  memcpy(answer, request, 4);
  answer[13] = answer[12] = 1;
  memcpy(answer + 24, request, 14);
  answer[40] = 64;
  return 44;
}

/* ---- the wire ---- */

typedef struct { double due_ms; int length; struct sockaddr_in to; struct in_addr from; u8 *bytes; } Held;
static Held *held;
static u32 held_first, held_next, held_size = 1 << 16;
static int is_stamp, fd;

static void answer_to(u8 *bytes, int length, struct sockaddr_in *to, struct in_addr from) {
  union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))]; } control = {0};
  struct iovec io = {bytes, length};
  struct msghdr message = {to, sizeof *to, &io, 1, &control, sizeof control, 0};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = IPPROTO_IP;
  header->cmsg_type = IP_PKTINFO;
  header->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
  struct in_pktinfo info = {.ipi_spec_dst = from};
  memcpy(CMSG_DATA(header), &info, sizeof info);
  if (is_stamp) put_ntp_now(bytes + 16), put_ntp_now(bytes + 4);
  if (sendmsg(fd, &message, 0) < 0) dropped++;
}

static void receive(void) {
  static u8 in[BATCH][2048], out[MAX_MESSAGE + 1024];
  static char controls[BATCH][64];
  static struct sockaddr_in from[BATCH];
  struct iovec io[BATCH];
  struct mmsghdr messages[BATCH];
  for (int i = 0; i < BATCH; i++) {
    io[i] = (struct iovec){in[i], sizeof in[i]};
    messages[i].msg_hdr = (struct msghdr){&from[i], sizeof from[i], &io[i], 1, controls[i], sizeof controls[i], 0};
  }
  int n = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, 0);
  for (int i = 0; i < n; i++) {
    struct in_addr asked = {0};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&messages[i].msg_hdr); c; c = CMSG_NXTHDR(&messages[i].msg_hdr, c))
      if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo info;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        asked = info.ipi_addr;
      }
    u32 address = ntohl(asked.s_addr), element = (address & 0xffffff) - 65536;
    if (address >> 24 != 127 || element % 100 < (u32)dead_percent) continue;
    int length = is_stamp ? reflect(in[i], messages[i].msg_len, out) : serve_snmp(in[i], messages[i].msg_len, element, out);
    if (length <= 0) continue;
    if (delay_ms <= 0) answer_to(out, length, &from[i], asked);
    else if (held_next - held_first >= held_size) dropped++;
    else {
      Held *h = &held[held_next++ % held_size];
      *h = (Held){now_ms() + delay_ms, length, from[i], asked, malloc(length)};
      memcpy(h->bytes, out, length);
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  is_stamp = !strcmp(argv[1], "stamp");
  if (argc != (is_stamp ? 5 : 7)) return 2;
  int port = atoi(argv[2]);
  if (!is_stamp) interfaces = atoi(argv[3]), cap = atoi(argv[4]);
  if (cap < 484 || cap > MAX_MESSAGE) return 2;
  delay_ms = atof(argv[argc - 2]);
  dead_percent = atoi(argv[argc - 1]);
  started_ms = now_ms();
  build_mib();
  held = calloc(held_size, sizeof *held);
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  int one = 1, big = 16 << 20;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big)) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &big, sizeof big);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &big, sizeof big);
  setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (bind(fd, (struct sockaddr *)&address, sizeof address)) return perror("bind"), 1;
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct timespec wait = {3600, 0};
    if (held_first != held_next) {
      double ms = held[held_first % held_size].due_ms - now_ms();
      wait = (struct timespec){0, ms <= 0 ? 0 : (long)(ms * 1e6)};
      if (ms >= 1000) wait = (struct timespec){1, 0};
    }
    struct pollfd events[] = {{fd, POLLIN, 0}, {0, POLLIN, 0}};
    ppoll(events, 2, &wait, 0);
    for (double now = now_ms(); held_first != held_next && held[held_first % held_size].due_ms <= now;) {
      Held *h = &held[held_first++ % held_size];
      answer_to(h->bytes, h->length, &h->to, h->from);
      free(h->bytes);
    }
    if (events[0].revents) receive();
    if (events[1].revents) {
      char line[64];
      if (read(0, line, sizeof line) <= 0) return 0;
      printf("%llu %llu %llu\n", (unsigned long long)requests, (unsigned long long)varbinds, (unsigned long long)dropped);
      fflush(stdout);
    }
  }
}
