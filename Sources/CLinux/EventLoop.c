#define _GNU_SOURCE
#include "EventLoop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

static int or_error(int result) { return result < 0 ? -errno : result; }

int lockstep_epoll_create(void) { return or_error(epoll_create1(EPOLL_CLOEXEC)); }

static int control(int epoll, int operation, int descriptor, uint32_t events) {
  struct epoll_event event;
  memset(&event, 0, sizeof event);
  if (events & LOCKSTEP_READABLE) event.events |= EPOLLIN | EPOLLRDHUP;
  if (events & LOCKSTEP_WRITABLE) event.events |= EPOLLOUT;
  event.data.fd = descriptor;
  return or_error(epoll_ctl(epoll, operation, descriptor, &event));
}

int lockstep_epoll_add(int epoll, int descriptor, uint32_t events) {
  return control(epoll, EPOLL_CTL_ADD, descriptor, events);
}

int lockstep_epoll_change(int epoll, int descriptor, uint32_t events) {
  return control(epoll, EPOLL_CTL_MOD, descriptor, events);
}

int lockstep_epoll_remove(int epoll, int descriptor) { return control(epoll, EPOLL_CTL_DEL, descriptor, 0); }

int lockstep_epoll_wait(int epoll, lockstep_ready *ready, int capacity, int timeout) {
  struct epoll_event events[256];
  if (capacity > 256) capacity = 256;
  int count = epoll_wait(epoll, events, capacity, timeout);
  if (count < 0) return errno == EINTR ? 0 : -errno;
  for (int index = 0; index < count; index++) {
    ready[index].descriptor = events[index].data.fd;
    ready[index].events = 0;
    if (events[index].events & (EPOLLIN | EPOLLRDHUP)) ready[index].events |= LOCKSTEP_READABLE;
    if (events[index].events & EPOLLOUT) ready[index].events |= LOCKSTEP_WRITABLE;
    if (events[index].events & (EPOLLERR | EPOLLHUP)) ready[index].events |= LOCKSTEP_BROKEN;
  }
  return count;
}

void lockstep_ignore_write_signals(void) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

int lockstep_signal_open(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  int error = pthread_sigmask(SIG_BLOCK, &signals, NULL);
  if (error != 0) return -error;
  return or_error(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
}

int lockstep_signal_read(int descriptor) {
  struct signalfd_siginfo information;
  return read(descriptor, &information, sizeof information) == sizeof information ? (int)information.ssi_signo : 0;
}

void lockstep_signal_release(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

int lockstep_event_open(void) { return or_error(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

void lockstep_event_raise(int descriptor) {
  uint64_t one = 1;
  ssize_t written = write(descriptor, &one, sizeof one);
  (void)written;
}

int lockstep_listen(const char *address, uint16_t *port, int backlog, int *is_loopback) {
  struct sockaddr_storage storage;
  memset(&storage, 0, sizeof storage);
  struct sockaddr_in *ipv4 = (struct sockaddr_in *)&storage;
  struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&storage;
  socklen_t length;
  if (inet_pton(AF_INET, address, &ipv4->sin_addr) == 1) {
    ipv4->sin_family = AF_INET;
    ipv4->sin_port = htons(*port);
    length = sizeof *ipv4;
    *is_loopback = (ntohl(ipv4->sin_addr.s_addr) >> 24) == 127;
  } else if (inet_pton(AF_INET6, address, &ipv6->sin6_addr) == 1) {
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons(*port);
    length = sizeof *ipv6;
    *is_loopback = IN6_IS_ADDR_LOOPBACK(&ipv6->sin6_addr);
  } else {
    return -EINVAL;
  }
  int listener = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) return -errno;
  int one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&storage, length) != 0 || listen(listener, backlog) != 0 ||
      getsockname(listener, (struct sockaddr *)&storage, &length) != 0) {
    int error = errno;
    close(listener);
    return -error;
  }
  *port = ntohs(storage.ss_family == AF_INET ? ipv4->sin_port : ipv6->sin6_port);
  return listener;
}

int lockstep_accept(int listener, lockstep_peer *peer) {
  struct sockaddr_storage storage;
  socklen_t length = sizeof storage;
  memset(&storage, 0, sizeof storage);
  int descriptor = accept4(listener, (struct sockaddr *)&storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) return -errno;
  int one = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  memset(peer, 0, sizeof *peer);
  char text[INET6_ADDRSTRLEN] = "?";
  if (storage.ss_family == AF_INET6) {
    struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&storage;
    const uint8_t *bytes = ipv6->sin6_addr.s6_addr;
    uint32_t words[4];
    memcpy(words, bytes, sizeof words);
    inet_ntop(AF_INET6, &ipv6->sin6_addr, text, sizeof text);
    if (IN6_IS_ADDR_V4MAPPED(&ipv6->sin6_addr)) {
      peer->version = 4;
      peer->low = ntohl(words[3]);
    } else {
      peer->version = 6;
      peer->high = ntohl(words[0]);
      peer->low = ntohl(words[1]);
    }
    snprintf(peer->text, sizeof peer->text, "[%s]:%u", text, ntohs(ipv6->sin6_port));
  } else {
    struct sockaddr_in *ipv4 = (struct sockaddr_in *)&storage;
    inet_ntop(AF_INET, &ipv4->sin_addr, text, sizeof text);
    peer->version = 4;
    peer->low = ntohl(ipv4->sin_addr.s_addr);
    snprintf(peer->text, sizeof peer->text, "%s:%u", text, ntohs(ipv4->sin_port));
  }
  return descriptor;
}

int lockstep_fork_helper(int keep) {
  pid_t parent = getpid();
  int child = fork();
  if (child != 0) return or_error(child);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  if (keep > 3) close_range(3, (unsigned)keep - 1, 0);
  close_range((unsigned)keep + 1, ~0u, 0);
  return 0;
}

int64_t lockstep_raise_descriptor_limit(int64_t wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
  if ((int64_t)limit.rlim_cur < wanted) {
    limit.rlim_cur = (rlim_t)wanted < limit.rlim_max ? (rlim_t)wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
  }
  return (int64_t)limit.rlim_cur;
}
