import Wire

extension ByteQueue {
  /// Appends `message` as one frame.
  @inlinable public mutating func append<M: Message>(_ message: M) {
    append(upTo: M.frameLength) { room in
      message.encode(to: room.baseAddress!)
      return M.frameLength
    }
  }

  /// Bytes of whole frames at the front, at most `limit` of them (but the first frame in any case). The front must be
  /// the start of a frame.
  public func wholeFrames(upTo limit: Int) -> Int {
    ByteQueue.wholeFrames(in: bytes, upTo: limit)
  }

  /// Bytes of whole frames at the start of `bytes`, at most `limit` of them (but the first frame in any case).
  public static func wholeFrames(in bytes: UnsafeRawBufferPointer, upTo limit: Int) -> Int {
    if bytes.count <= limit { return bytes.count }
    var end = 0
    while end < bytes.count {
      let next = end + frameLength(in: bytes, at: end)
      if next > limit && end > 0 { break }
      end = next
    }
    return end
  }

  /// Length of the frame that starts at `offset` of `bytes`.
  public static func frameLength(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
    Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
  }
}
