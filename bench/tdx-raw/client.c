/* The yardstick of bench/tdx: extends of a register through sysfs, each an open, a write and a close.
 *
 *   client FILE COUNT
 *
 * Prints the median, the 99th percentile (both in microseconds) and extends per second.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
  return (left > right) - (left < right);
}

static void extend(const char *path, const unsigned char *digest, size_t size) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, digest, size) != (ssize_t)size || close(file) != 0) {
    perror(path);
    exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc != 3) { fprintf(stderr, "usage: client FILE COUNT\n"); return 2; }
  unsigned char digest[48];
  memset(digest, 0x11, sizeof digest);
  int count = atoi(argv[2]);
  int64_t *nanos = calloc((size_t)count, sizeof *nanos);
  for (int i = 0; i < count / 10; i++) extend(argv[1], digest, sizeof digest); /* warm up */
  int64_t begin = now();
  for (int i = 0; i < count; i++) {
    int64_t sent = now();
    extend(argv[1], digest, sizeof digest);
    nanos[i] = now() - sent;
  }
  double seconds = (double)(now() - begin) / 1e9;
  qsort(nanos, (size_t)count, sizeof *nanos, ascending);
  printf("%.2f %.2f %.0f\n", (double)nanos[count / 2] / 1e3, (double)nanos[count / 100 * 99] / 1e3, count / seconds);
  return 0;
}
