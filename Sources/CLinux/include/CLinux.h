// Thin shims for Linux calls that the Swift Glibc overlay does not offer in a usable form.
#ifndef LOCKSTEP_CLINUX_H
#define LOCKSTEP_CLINUX_H

#include <stdint.h>

#include "EventLoop.h"

/// CRC32C (Castagnoli) of `length` bytes, continued from `seed` (0 to start). Uses SSE4.2 where the CPU has it.
uint32_t lockstep_crc32c(uint32_t seed, const void *bytes, uint64_t length);

#endif
