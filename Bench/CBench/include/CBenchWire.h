#ifndef LOCKSTEP_CBENCH_WIRE_H
#define LOCKSTEP_CBENCH_WIRE_H

#include <stddef.h>
#include <stdint.h>

/// How an end of a connection waits.
enum {
  /// Asks again and again.
  BENCH_SPIN = 0,
  /// Asks for 50 microseconds, then sleeps.
  BENCH_ADAPTIVE = 1,
  /// Sleeps.
  BENCH_BLOCK = 2,
};

/// What the echo server sends back to a request of `request` bytes.
typedef struct {
  size_t request;
  size_t reply;
} bench_size;

/// A listening socket on a loopback port that the system chooses; negative: errno.
int bench_listen(uint16_t *port);

/// The least that a server can do: takes one connection and answers each request (its first two bytes are its length, as
/// in our frames) with as many bytes as `sizes` says, until the other side closes.
void bench_echo(int listener, const bench_size *sizes, int size_count, int mode);

/// A connection to a loopback port, without Nagle's delay; negative: errno.
int bench_connect(uint16_t port);

/// Sends a request, reads a reply of `reply_length` bytes; nanoseconds from before the send to after the last byte, or
/// -1 when the connection is lost.
int64_t bench_exchange(
    int descriptor, const void *request, size_t request_length, void *reply, size_t reply_length, int mode);

/// Sends `length` bytes as fast as they are taken while it reads `reply_length` bytes of replies; nanoseconds, or -1 when
/// the connection is lost or nothing moves for five seconds.
int64_t bench_pipeline(int descriptor, const void *requests, size_t length, size_t reply_length);

/// Writes 4 KiB over zeros of a file and syncs it, `count` times; puts the nanoseconds of each into `samples`. 0, or errno.
int bench_sync(const char *path, int count, int64_t *samples);

#endif
