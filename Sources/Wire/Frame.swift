/// One frame in somebody else's memory: a view that owns nothing.
///
/// The bytes must be a frame that ``scan(_:maximum:)`` has accepted, and must outlive the view.
@frozen public struct Frame: BitwiseCopyable {
  /// The whole frame, header included.
  public let bytes: UnsafeRawBufferPointer

  /// A view of bytes that ``scan(_:maximum:)`` has accepted. Traps when there is not even a header.
  @inlinable public init(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count >= FrameHeader.length && bytes.count <= Int(UInt16.max), "not a frame")
    self.bytes = bytes
  }

  @inlinable @inline(__always) var base: UnsafeRawPointer { bytes.baseAddress.unsafelyUnwrapped }

  /// Which message it is. Traps when the frame was not scanned and its template is unknown.
  @inlinable @inline(__always) public var template: Template {
    guard let template = Template(rawValue: UInt16(block: base, at: 6)) else { preconditionFailure("unknown template") }
    return template
  }

  /// Bytes of the root block, which may be longer than this version of the schema knows.
  @inlinable public var blockLength: Int { Int(UInt16(block: base, at: 4)) }

  /// The message in the frame. Traps when it is another message or the frame was not scanned.
  @inlinable @inline(__always) public func decode<M: Message>(_ type: M.Type) -> M {
    precondition(
      UInt16(block: base, at: 6) == M.template.rawValue && bytes.count >= FrameHeader.length + M.blockLength,
      "the frame holds another message")
    return M(decoding: base + FrameHeader.length)
  }

  /// Number of rows. Traps when it is another message.
  @inlinable public func rowCount<M: MessageWithRows>(of type: M.Type) -> Int {
    let offset = rowsOffset(of: type)
    return Int(UInt16(block: base, at: offset + 2))
  }

  /// Row `index`, which must be below ``rowCount(of:)``. Longer rows than this version knows are read by their stride.
  @inlinable @inline(__always) public func row<M: MessageWithRows>(_ index: Int, of type: M.Type) -> M.Row {
    let offset = rowsOffset(of: type)
    let stride = Int(UInt16(block: base, at: offset))
    precondition(index >= 0 && index < Int(UInt16(block: base, at: offset + 2)), "row out of range")
    let start = offset + FrameHeader.rowsLength + index * stride
    precondition(start + M.Row.blockLength <= bytes.count, "the row is not in the frame")
    return M.Row(decoding: base + start)
  }

  /// Where the size of the rows stands.
  @inlinable func rowsOffset<M: MessageWithRows>(of type: M.Type) -> Int {
    let offset = FrameHeader.length + blockLength
    precondition(
      UInt16(block: base, at: 6) == M.template.rawValue && offset + FrameHeader.rowsLength <= bytes.count,
      "the frame holds another message")
    return offset
  }
}

extension Template {
  /// Whether it tells a key what became of its requests, orders and positions: the messages that are numbered per key and
  /// can be sent again.
  @inlinable public var isReport: Bool { (100...119).contains(rawValue) }
}
