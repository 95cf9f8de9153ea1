import Glibc

/// Whether two buffers hold the same bytes. In C, because the instrumented comparison of arrays is slow.
func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
  guard left.count == right.count, let one = left.baseAddress, let other = right.baseAddress else {
    return left.count == right.count
  }
  return memcmp(one, other, left.count) == 0
}

/// The same for arrays.
func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.withUnsafeBytes { one in right.withUnsafeBytes { isEqual(one, $0) } }
}
