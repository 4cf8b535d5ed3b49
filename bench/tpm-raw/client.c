/* The yardstick of bench/tpm: TPM2_PCR_Extend over swtpm's UNIX socket with nothing around it.
 *
 *   client SOCKET BANKS COUNT   BANKS: 1 (sha256) or 4 (sha1 sha256 sha384 sha512); PCR 16
 *
 * Prints the median, the 99th percentile (both in microseconds) and commands per second.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static size_t put(unsigned char *to, size_t at, uint32_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; i--) to[at++] = (unsigned char)(value >> (8 * i));
  return at;
}

static size_t make_extend(unsigned char *command, int banks) {
  static const int ids[] = {0x4, 0xB, 0xC, 0xD}, sizes[] = {20, 32, 48, 64};
  size_t at = put(command, 0, 0x8002, 2);
  at = put(command, at, 0, 4);          /* size, below */
  at = put(command, at, 0x182, 4);      /* TPM2_PCR_Extend */
  at = put(command, at, 16, 4);         /* PCR 16 */
  at = put(command, at, 9, 4);          /* authorization: the empty password */
  at = put(command, at, 0x40000009, 4);
  at = put(command, at, 0, 4);
  at = put(command, at, 0, 1);
  at = put(command, at, (uint32_t)banks, 4);
  for (int bank = banks == 1 ? 1 : 0, left = banks; left > 0; bank++, left--) {
    at = put(command, at, (uint32_t)ids[bank], 2);
    memset(command + at, 0x11, (size_t)sizes[bank]);
    at += (size_t)sizes[bank];
  }
  put(command, 2, (uint32_t)at, 4);
  return at;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
  return (left > right) - (left < right);
}

static void extend(int tpm, const unsigned char *command, size_t size) {
  unsigned char response[4096];
  size_t got = 0;
  if (write(tpm, command, size) != (ssize_t)size) { perror("write"); exit(1); }
  do {
    ssize_t n = read(tpm, response + got, sizeof response - got);
    if (n <= 0) { perror("read"); exit(1); }
    got += (size_t)n;
  } while (got < 10 || got < (size_t)response[4] * 256 + response[5]);
  if (response[6] | response[7] | response[8] | response[9]) {
    fprintf(stderr, "response code %02x%02x\n", response[8], response[9]);
    exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) { fprintf(stderr, "usage: client SOCKET BANKS COUNT\n"); return 2; }
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  int tpm = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(tpm, (struct sockaddr *)&address, sizeof address) != 0) { perror(argv[1]); return 1; }
  unsigned char command[4096];
  size_t size = make_extend(command, atoi(argv[2]));
  int count = atoi(argv[3]);
  int64_t *nanos = calloc((size_t)count, sizeof *nanos);
  for (int i = 0; i < count / 10; i++) extend(tpm, command, size); /* warm up */
  int64_t begin = now();
  for (int i = 0; i < count; i++) {
    int64_t sent = now();
    extend(tpm, command, size);
    nanos[i] = now() - sent;
  }
  double seconds = (double)(now() - begin) / 1e9;
  qsort(nanos, (size_t)count, sizeof *nanos, ascending);
  printf("%.2f %.2f %.0f\n", (double)nanos[count / 2] / 1e3,
         (double)nanos[count / 100 * 99] / 1e3, count / seconds);
  return 0;
}
