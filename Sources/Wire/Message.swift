/// One message of the schema as a value.
///
/// Encoding and decoding are straight-line loads and stores at constant offsets; nothing is allocated.
public protocol Message: BitwiseCopyable, Sendable, Equatable {
  /// Number of the message in the schema.
  static var template: Template { get }
  /// Bytes of the root block in this version of the schema.
  static var blockLength: Int { get }
  /// Bytes of a whole frame without rows.
  static var frameLength: Int { get }
  /// Reads ``blockLength`` bytes, aligned or not; the caller has checked that they are there.
  init(decoding block: UnsafeRawPointer)
  /// Writes a whole frame of ``frameLength`` bytes, without rows; padding is zero.
  func encode(to frame: UnsafeMutableRawPointer)
}

/// One row of a message's group.
public protocol MessageRow: BitwiseCopyable, Sendable, Equatable {
  /// Bytes of a row in this version of the schema.
  static var blockLength: Int { get }
  /// Reads ``blockLength`` bytes, aligned or not; the caller has checked that they are there.
  init(decoding block: UnsafeRawPointer)
  /// Writes ``blockLength`` bytes; padding is zero.
  func encode(to block: UnsafeMutableRawPointer)
}

/// A message whose root block is followed by rows.
public protocol MessageWithRows: Message {
  associatedtype Row: MessageRow
}

extension MessageWithRows {
  /// Bytes of a whole frame with `rows` rows.
  @inlinable public static func frameLength(rows: Int) -> Int { frameLength + rows * Row.blockLength }

  /// Writes a whole frame of ``frameLength(rows:)`` bytes, which must be below 2^16.
  @inlinable public func encode(to frame: UnsafeMutableRawPointer, rows: some Collection<Row>) {
    let length = Self.frameLength(rows: rows.count)
    precondition(length <= Int(UInt16.max), "more rows than a frame can hold")
    encode(to: frame)
    UInt16(length).store(in: frame, at: 0)
    UInt16(rows.count).store(in: frame, at: Self.frameLength - 2)
    var offset = Self.frameLength
    for row in rows {
      row.encode(to: frame + offset)
      offset += Row.blockLength
    }
  }
}
