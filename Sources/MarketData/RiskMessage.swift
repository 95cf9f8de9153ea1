import Values
import Wire

/// A frame of the risk feed as the kernel has written it. All of them begin with the same three fields: feed number
/// (8 bytes, filled in here), time (8) and instrument (4).
struct RiskMessage {
  private let frame: UnsafeRawBufferPointer

  init(_ frame: UnsafeRawBufferPointer) {
    precondition(frame.count >= FrameHeader.length + 20, "a message of the risk feed is too short")
    self.frame = frame
  }

  var instrument: InstrumentId {
    InstrumentId(UInt32(littleEndian: frame.loadUnaligned(fromByteOffset: FrameHeader.length + 16, as: UInt32.self)))
  }

  /// Appends the frame with the number it has on the feed.
  func append(numbered number: UInt64, to frames: inout ByteQueue) {
    frames.append(upTo: frame.count) { room in
      room.copyMemory(from: frame)
      room.storeBytes(of: number.littleEndian, toByteOffset: FrameHeader.length, as: UInt64.self)
      return frame.count
    }
  }
}
