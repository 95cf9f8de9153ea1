#define _GNU_SOURCE
#include "CBench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const int64_t spin_nanoseconds = 50000;

static struct sockaddr_in loopback(uint16_t port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void send_at_once(int descriptor) {
  int one = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

int bench_listen(uint16_t *port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return -errno;
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 1) < 0
      || getsockname(listener, (struct sockaddr *)&address, &length) < 0) {
    int error = errno;
    close(listener);
    return -error;
  }
  *port = ntohs(address.sin_port);
  return listener;
}

int bench_connect(uint16_t port) {
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  struct sockaddr_in address = loopback(port);
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) {
    int error = errno;
    close(descriptor);
    return -error;
  }
  send_at_once(descriptor);
  // As the connections of the client library are, so that both sides of the comparison make the same calls.
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
  return descriptor;
}

/// At least one byte, waiting as `mode` says; 0 or less: the connection is lost.
static ssize_t receive(int descriptor, void *buffer, size_t room, int mode) {
  int64_t until = mode == BENCH_ADAPTIVE ? bench_now() + spin_nanoseconds : 0;
  for (;;) {
    ssize_t count = recv(descriptor, buffer, room, mode == BENCH_BLOCK ? 0 : MSG_DONTWAIT);
    if (count >= 0) return count;
    if (errno != EAGAIN && errno != EINTR) return -1;
    if (mode == BENCH_BLOCK || (mode == BENCH_ADAPTIVE && bench_now() >= until)) {
      struct pollfd ready = {.fd = descriptor, .events = POLLIN};
      poll(&ready, 1, -1);
    }
  }
}

static int send_all(int descriptor, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t count = send(descriptor, bytes, length, MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return -1;
      struct pollfd ready = {.fd = descriptor, .events = POLLOUT};
      poll(&ready, 1, -1);
      continue;
    }
    bytes += count;
    length -= (size_t)count;
  }
  return 0;
}

void bench_echo(int listener, const bench_size *sizes, int size_count, int mode) {
  static char input[1 << 16];
  static char output[1 << 18];
  int descriptor = accept(listener, NULL, NULL);
  if (descriptor < 0) return;
  send_at_once(descriptor);
  size_t held = 0;
  for (;;) {
    ssize_t count = receive(descriptor, input + held, sizeof input - held, mode);
    if (count <= 0) break;
    held += (size_t)count;
    size_t taken = 0;
    size_t filled = 0;
    while (held - taken >= 2) {
      uint16_t length;
      memcpy(&length, input + taken, sizeof length);
      if (held - taken < length) break;
      size_t reply = 0;
      for (int index = 0; index < size_count; index++) {
        if (sizes[index].request == length) reply = sizes[index].reply;
      }
      if (filled + reply > sizeof output) {
        if (send_all(descriptor, output, filled) < 0) break;
        filled = 0;
      }
      filled += reply;
      taken += length;
    }
    if (filled > 0 && send_all(descriptor, output, filled) < 0) break;
    memmove(input, input + taken, held - taken);
    held -= taken;
  }
  close(descriptor);
}

int64_t bench_exchange(
    int descriptor, const void *request, size_t request_length, void *reply, size_t reply_length, int mode) {
  int64_t start = bench_now();
  if (send_all(descriptor, request, request_length) < 0) return -1;
  size_t held = 0;
  while (held < reply_length) {
    ssize_t count = receive(descriptor, (char *)reply + held, reply_length - held, mode);
    if (count <= 0) return -1;
    held += (size_t)count;
  }
  return bench_now() - start;
}

int64_t bench_pipeline(int descriptor, const void *requests, size_t length, size_t reply_length) {
  static char scrap[1 << 18];
  const char *next = requests;
  int64_t start = bench_now();
  while (reply_length > 0) {
    struct pollfd ready = {.fd = descriptor, .events = POLLIN | (length > 0 ? POLLOUT : 0)};
    if (poll(&ready, 1, 5000) <= 0) return -1;
    if (length > 0 && (ready.revents & POLLOUT)) {
      size_t chunk = length < (1 << 16) ? length : 1 << 16;
      ssize_t count = send(descriptor, next, chunk, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count < 0 && errno != EAGAIN) return -1;
      if (count > 0) {
        next += count;
        length -= (size_t)count;
      }
    }
    if (ready.revents & (POLLIN | POLLHUP | POLLERR)) {
      ssize_t count = recv(descriptor, scrap, sizeof scrap, MSG_DONTWAIT);
      if (count == 0 || (count < 0 && errno != EAGAIN)) return -1;
      if (count > 0) reply_length -= (size_t)count < reply_length ? (size_t)count : reply_length;
    }
  }
  return bench_now() - start;
}

int bench_sync(const char *path, int count, int64_t *samples) {
  static char block[4096];
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return errno;
  int result = 0;
  for (int index = 0; index < count && result == 0; index++) {
    if (pwrite(file, block, sizeof block, (off_t)index * (off_t)sizeof block) < 0) result = errno;
  }
  if (result == 0 && fsync(file) < 0) result = errno;
  memset(block, 1, sizeof block);
  for (int index = 0; index < count && result == 0; index++) {
    int64_t start = bench_now();
    if (pwrite(file, block, sizeof block, (off_t)index * (off_t)sizeof block) < 0 || fdatasync(file) < 0) result = errno;
    samples[index] = bench_now() - start;
  }
  close(file);
  unlink(path);
  return result;
}
