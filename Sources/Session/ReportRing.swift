import MarketData
import Wire

/// The latest report frames of one key, for clients that come back.
///
/// Holds whole frames in report order, without gaps. Old frames make room for new ones once `limit` bytes are held, but
/// never the frames of the key's last command: however many reports that made, they can all be sent again.
public struct ReportRing: ~Copyable {
  private var frames = ByteQueue()
  private let limit: Int
  /// Number of the oldest report held; 0: none is held.
  public private(set) var oldest: UInt64 = 0
  /// Number of the newest report held; 0: none is held.
  public private(set) var newest: UInt64 = 0

  /// Takes no memory before the first report.
  public init(limit: Int) { self.limit = limit }

  /// Bytes held.
  public var byteCount: Int { frames.count }

  // Every report starts with the same three fields (lockstep.xml): reportNumber, requestId, sequence.
  private static func reportNumber(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + FrameHeader.length, as: UInt64.self))
  }

  private static func sequence(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + FrameHeader.length + 16, as: UInt64.self))
  }

  /// Whether `frame` is a numbered report, that is, one that a ring keeps.
  public static func holds(_ frame: UnsafeRawBufferPointer) -> Bool {
    Frame(frame).template.isReport && reportNumber(frame) != 0
  }

  /// Appends the numbered report `frame`. A number that does not continue the ring (a restart in mode `none`) empties
  /// it first. Amortised O(bytes).
  public mutating func append(_ frame: UnsafeRawBufferPointer) {
    let number = ReportRing.reportNumber(frame)
    if number != newest + 1 || oldest == 0 {
      frames.removeFirst(frames.count)
      oldest = number
    }
    frames.append(frame)
    newest = number
    let command = ReportRing.sequence(frame)
    while frames.count > limit {
      let held = frames.bytes
      if ReportRing.sequence(held) == command { break }
      frames.removeFirst(ByteQueue.frameLength(in: held, at: 0))
      oldest += 1
    }
  }

  /// Where reports `first`... stand: the frames from the later of `first` and `oldest`, at most `count` of them.
  /// Returns the number of the first one and their bytes; 0 frames when there are none. O(frames held).
  public func slice(from first: UInt64, count: UInt64 = .max) -> (
    first: UInt64, count: UInt64, bytes: UnsafeRawBufferPointer
  ) {
    let begin = max(first, oldest)
    if oldest == 0 || begin > newest || count == 0 {
      return (begin, 0, UnsafeRawBufferPointer(start: nil, count: 0))
    }
    let wanted = min(count, newest - begin + 1)
    let held = frames.bytes
    var offset = 0
    for _ in oldest..<begin { offset += ByteQueue.frameLength(in: held, at: offset) }
    var end = offset
    for _ in 0..<wanted { end += ByteQueue.frameLength(in: held, at: end) }
    return (begin, wanted, UnsafeRawBufferPointer(rebasing: held[offset..<end]))
  }
}
