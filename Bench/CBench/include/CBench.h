#ifndef LOCKSTEP_CBENCH_H
#define LOCKSTEP_CBENCH_H

#include <stdint.h>

#include "CBenchWire.h"

/// Nanoseconds of the monotonic clock.
int64_t bench_now(void);

/// Nanoseconds that this thread has run: what others took from it is not in them.
int64_t bench_cpu_now(void);

/// How often memory was taken from the heap since the process began, by anyone in it: malloc, calloc, realloc and the
/// aligned ones. Always 0 where the C library has no other names for its allocator (anything but glibc).
uint64_t bench_allocation_count(void);

/// Calls `body(context)`. Instruction counting (callgrind --toggle-collect) is on inside this function only.
void bench_measured(void (*body)(void *), void *context);

#endif
