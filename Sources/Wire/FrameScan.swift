/// What the first bytes of a stream are.
@frozen public enum FrameScan: Equatable, Sendable {
  /// Good so far, but not the whole frame yet.
  case incomplete
  /// Can never become a frame.
  case malformed(FrameError)
  /// A whole valid frame of `length` bytes; more may follow.
  case frame(length: Int)
}

/// Why bytes are not a frame. The raw values go into the detail of `Terminate`.
@frozen public enum FrameError: UInt8, Error, BitwiseCopyable, CaseIterable, CustomStringConvertible, Sendable {
  case tooShort = 1
  case tooLong = 2
  case wrongEncoding = 3
  case wrongSchema = 4
  case unknownTemplate = 5
  case blockTooShort = 6
  case wrongLength = 7
  case wrongRows = 8

  /// One sentence.
  public var description: String {
    switch self {
    case .tooShort: "The frame length is below the length of a header."
    case .tooLong: "The frame is longer than allowed here."
    case .wrongEncoding: "The encoding is not 0xEB50 (SBE 1.0, little-endian)."
    case .wrongSchema: "The schema id is not \(Schema.id)."
    case .unknownTemplate: "The template id is not in this version of the schema."
    case .blockTooShort: "The root block is shorter than its message."
    case .wrongLength: "The root block does not fill the frame, or does not fit in it."
    case .wrongRows: "The rows do not fill the frame, do not fit in it, or are shorter than the message's rows."
    }
  }
}

extension Frame {
  /// Looks for a frame at the start of `bytes`, at most `maximum` bytes long.
  ///
  /// Reads nothing outside `bytes`, whatever they hold. Each check is made as soon as its bytes are there, so the
  /// verdict does not depend on how the bytes arrive. Longer blocks and rows than this version knows are accepted: a
  /// later version may have added fields at their end. O(1).
  @inlinable public static func scan(_ bytes: UnsafeRawBufferPointer, maximum: Int) -> FrameScan {
    guard bytes.count >= 4, let base = bytes.baseAddress else { return scanLength(bytes, maximum: maximum) }
    let length = Int(UInt16(block: base, at: 0))
    if length < FrameHeader.length { return .malformed(.tooShort) }
    if length > maximum { return .malformed(.tooLong) }
    if UInt16(block: base, at: 2) != FrameHeader.encoding { return .malformed(.wrongEncoding) }
    guard bytes.count >= 10 else { return .incomplete }
    if UInt16(block: base, at: 8) != Schema.id { return .malformed(.wrongSchema) }
    guard let template = Template(rawValue: UInt16(block: base, at: 6)) else { return .malformed(.unknownTemplate) }
    let blockLength = Int(UInt16(block: base, at: 4))
    if blockLength < template.blockLength { return .malformed(.blockTooShort) }
    let end = FrameHeader.length + blockLength
    let rowLength = template.rowLength
    if rowLength == 0 {
      if end != length { return .malformed(.wrongLength) }
      return bytes.count < length ? .incomplete : .frame(length: length)
    }
    if end + FrameHeader.rowsLength > length { return .malformed(.wrongLength) }
    guard bytes.count >= end + FrameHeader.rowsLength else { return .incomplete }
    let rowStride = Int(UInt16(block: base, at: end))
    let rows = Int(UInt16(block: base, at: end + 2))
    if rowStride < rowLength || end + FrameHeader.rowsLength + rows * rowStride != length {
      return .malformed(.wrongRows)
    }
    return bytes.count < length ? .incomplete : .frame(length: length)
  }

  /// The verdict on fewer than four bytes.
  @usableFromInline static func scanLength(_ bytes: UnsafeRawBufferPointer, maximum: Int) -> FrameScan {
    guard bytes.count >= 2, let base = bytes.baseAddress else { return .incomplete }
    let length = Int(UInt16(block: base, at: 0))
    if length < FrameHeader.length { return .malformed(.tooShort) }
    return length > maximum ? .malformed(.tooLong) : .incomplete
  }
}
