#include "CLinux.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#include <string.h>

__attribute__((target("sse4.2"))) static uint32_t crc32c_hardware(uint32_t seed, const uint8_t *bytes, uint64_t length) {
  uint64_t crc = (uint32_t)~seed;
  while (length >= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    crc = _mm_crc32_u64(crc, word);
    bytes += 8;
    length -= 8;
  }
  while (length-- > 0) crc = _mm_crc32_u8((uint32_t)crc, *bytes++);
  return ~(uint32_t)crc;
}
#endif

static uint32_t crc32c_portable(uint32_t seed, const uint8_t *bytes, uint64_t length) {
  uint32_t crc = ~seed;
  while (length-- > 0) {
    crc ^= *bytes++;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1u)));
  }
  return ~crc;
}

uint32_t lockstep_crc32c(uint32_t seed, const void *bytes, uint64_t length) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return crc32c_hardware(seed, bytes, length);
#endif
  return crc32c_portable(seed, bytes, length);
}
