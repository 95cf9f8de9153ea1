/// Reads an input front to back; behind its end everything is zero.
public struct ByteCursor {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  /// The bytes must outlive the cursor.
  public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Whether everything has been read.
  public var isAtEnd: Bool { offset >= bytes.count }
  /// Bytes read so far, those behind the end included.
  public var position: Int { offset }

  /// The next byte.
  public mutating func byte() -> UInt8 {
    defer { offset += 1 }
    return offset < bytes.count ? bytes[offset] : 0
  }

  /// The next `count` bytes, or as many as there are.
  public mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
    let start = min(offset, bytes.count)
    let end = min(start + count, bytes.count)
    offset = start + count
    return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
  }
}
