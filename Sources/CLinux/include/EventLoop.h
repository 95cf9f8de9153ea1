// What the event loop needs of Linux: epoll, signals as a descriptor, sockets. Results below 0 are negated errno values.
#ifndef LOCKSTEP_EVENT_LOOP_H
#define LOCKSTEP_EVENT_LOOP_H

#include <stdint.h>

/// A descriptor that is ready, and for what.
typedef struct {
  int32_t descriptor;
  uint32_t events;
} lockstep_ready;

#define LOCKSTEP_READABLE 1u
#define LOCKSTEP_WRITABLE 2u
#define LOCKSTEP_BROKEN 4u

/// A new epoll instance, closed on exec.
int lockstep_epoll_create(void);
/// Starts watching a descriptor (level-triggered) for LOCKSTEP_READABLE and LOCKSTEP_WRITABLE.
int lockstep_epoll_add(int epoll, int descriptor, uint32_t events);
/// Changes what a descriptor is watched for.
int lockstep_epoll_change(int epoll, int descriptor, uint32_t events);
/// Stops watching a descriptor.
int lockstep_epoll_remove(int epoll, int descriptor);
/// Waits at most `timeout` milliseconds (-1: for ever); returns how many of `ready` were filled. Interrupted: 0.
int lockstep_epoll_wait(int epoll, lockstep_ready *ready, int capacity, int timeout);

/// Blocks SIGTERM and SIGINT for this thread and returns a descriptor that reads them.
int lockstep_signal_open(void);
/// The next signal number; 0 when there is none.
int lockstep_signal_read(int descriptor);
/// Gives SIGTERM and SIGINT their default meaning back: the next one ends the process at once.
void lockstep_signal_release(void);
/// Ignores SIGPIPE and SIGXFSZ: a write to a closed connection or a full file is an error like any other.
void lockstep_ignore_write_signals(void);

/// A descriptor that becomes readable when lockstep_event_raise is called, from any thread.
int lockstep_event_open(void);
/// Makes an event descriptor readable.
void lockstep_event_raise(int descriptor);

/// Where a connection comes from.
typedef struct {
  /// 4 or 6.
  int32_t version;
  /// The IPv4 address, or the first 64 bits of the IPv6 address, most significant word first (IPv4: in `low`).
  uint32_t high;
  uint32_t low;
  /// Address and port for logs, zero terminated.
  char text[64];
} lockstep_peer;

/// A listening TCP socket on a numeric IPv4 or IPv6 address; `port` 0 lets the system choose. `port` and `is_loopback`
/// are filled with what it was bound to.
int lockstep_listen(const char *address, uint16_t *port, int backlog, int *is_loopback);
/// Accepts one connection: non-blocking, closed on exec, TCP_NODELAY.
int lockstep_accept(int listener, lockstep_peer *peer);
/// Forks a child that dies with its parent and keeps no descriptor above 2 but `keep`. Returns as fork does.
int lockstep_fork_helper(int keep);
/// Raises the limit of open descriptors to `wanted` if the hard limit admits it; returns the limit in force.
int64_t lockstep_raise_descriptor_limit(int64_t wanted);

#endif
