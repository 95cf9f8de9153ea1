import Values

/// Running digest of everything the kernel has said: two replays that agree on it have sent the same frames to the same
/// keys in the same order.
///
/// Eight bytes per step (exclusive or, multiply, rotate), so it costs about 10 ns for a report. It finds accidents, not
/// forgeries: the log chain (BLAKE2b) is what an adversary has to beat.
@frozen public struct OutputDigest: BitwiseCopyable, Hashable, Sendable {
  /// The digest.
  public var value: UInt64
  /// How many frames it covers.
  public var frames: UInt64

  /// The digest of no frames.
  @inlinable public init() {
    value = 0x7065_7473_6B63_6F6C
    frames = 0
  }

  /// A digest as it was stored.
  @inlinable public init(value: UInt64, frames: UInt64) {
    self.value = value
    self.frames = frames
  }

  @inlinable mutating func step(_ word: UInt64) {
    let mixed = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
    value = mixed << 29 | mixed >> 35
  }

  /// Continues the digest with one output frame and its destination. O(length).
  @inlinable public mutating func add(key: KeyId, frame: UnsafeRawBufferPointer) {
    frames &+= 1
    step(UInt64(key.rawValue) | UInt64(frame.count) << 32)
    var offset = 0
    while offset + 8 <= frame.count {
      step(UInt64(littleEndian: frame.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    guard offset < frame.count else { return }
    var last: UInt64 = 0
    var shift: UInt64 = 0
    while offset < frame.count {
      last |= UInt64(frame[offset]) << shift
      offset += 1
      shift += 8
    }
    step(last)
  }
}
