/// What stands in front of every root block: the length of the frame and its encoding (both 16 bits), then the standard
/// SBE header (block length, template id, schema id, version; 16 bits each).
public enum FrameHeader {
  /// Bytes of the header.
  @inlinable public static var length: Int { 12 }
  /// SBE 1.0, little-endian.
  @inlinable public static var encoding: UInt16 { 0xEB50 }
  /// Bytes in front of the rows: length of a row and number of rows, 16 bits each.
  @inlinable public static var rowsLength: Int { 4 }

  /// Writes the header of a frame of `M` without rows: two constants.
  @inlinable @inline(__always) static func store<M: Message>(_ message: M.Type, in frame: UnsafeMutableRawPointer) {
    let first =
      UInt64(M.frameLength) | UInt64(encoding) << 16 | UInt64(M.blockLength) << 32 | UInt64(M.template.rawValue) << 48
    first.store(in: frame, at: 0)
    (UInt32(Schema.id) | UInt32(Schema.version) << 16).store(in: frame, at: 8)
  }
}
