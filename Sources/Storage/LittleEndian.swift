import Values

// Every integer in our files is little-endian. These are the only places that read or write one.

extension UnsafeRawBufferPointer {
  /// The integer at `offset`, which need not be aligned. The caller has checked the bounds.
  @inline(__always)
  func integer<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type = Value.self) -> Value {
    precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= count)
    return Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  /// The 32 opaque bytes at `offset`.
  func bytes32(at offset: Int) -> Bytes32 {
    Bytes32(
      integer(at: offset), integer(at: offset + 8), integer(at: offset + 16), integer(at: offset + 24))
  }

  /// Whether every byte is zero. O(n), eight bytes at a time.
  var isAllZero: Bool { firstNonZero == nil }

  /// Offset of the first word of eight bytes (or of the first byte of the rest) that is not zero.
  var firstNonZero: Int? {
    var offset = 0
    while offset + 8 <= count {
      if loadUnaligned(fromByteOffset: offset, as: UInt64.self) != 0 { return offset }
      offset += 8
    }
    while offset < count {
      if self[offset] != 0 { return offset }
      offset += 1
    }
    return nil
  }

  /// The bytes `range` of this buffer, as a buffer of its own.
  @inline(__always)
  func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }
}

extension UnsafeMutableRawPointer {
  @inline(__always)
  func put<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
  }

  func put(_ value: Bytes32, at offset: Int) {
    put(value.word0, at: offset)
    put(value.word1, at: offset + 8)
    put(value.word2, at: offset + 16)
    put(value.word3, at: offset + 24)
  }
}
