import MarketData
import Wire

/// What a connection still has to be sent: whole frames, of which the first may be partly sent.
///
/// Reports are bounded by a limit. An answer to one query (a large book, many accounts) may go over it by its own
/// length, because its size was not the client's doing; while such an answer waits, no other query is admitted.
public struct OutputQueue: ~Copyable {
  private var queue = ByteQueue()
  /// Bytes of the first frame that are still to be sent; 0: the queue starts with a whole frame.
  private var restOfFrame = 0
  private var allowance = 0

  public init() {}

  /// Bytes waiting.
  public var count: Int { queue.count }
  /// Whether nothing waits.
  public var isEmpty: Bool { queue.isEmpty }
  /// The bytes waiting, in the order to send; valid until the next mutation.
  public var bytes: UnsafeRawBufferPointer { queue.bytes }

  /// Appends one or more whole frames.
  public mutating func append(_ frames: UnsafeRawBufferPointer) { queue.append(frames) }

  /// Appends `message` as a frame.
  public mutating func append<M: Message>(_ message: M) { queue.append(message) }

  /// Lets `body` append an answer that may exceed the limit by its own length.
  public mutating func appendAnswer(_ body: (inout ByteQueue) -> Void) {
    let before = queue.count
    body(&queue)
    allowance += queue.count - before
  }

  /// Whether more waits than `limit` admits.
  public func exceeds(_ limit: Int) -> Bool { queue.count > limit + allowance }

  /// Notes that `byteCount` bytes have been sent.
  public mutating func removeFirst(_ byteCount: Int) {
    let bytes = queue.bytes
    var boundary = min(restOfFrame, byteCount)
    restOfFrame -= boundary
    while boundary < byteCount {
      let length = ByteQueue.frameLength(in: bytes, at: boundary)
      restOfFrame = max(0, boundary + length - byteCount)
      boundary += length
    }
    queue.removeFirst(byteCount)
    if queue.isEmpty { allowance = 0 }
  }

  /// Drops every frame of which nothing has been sent yet, so that a last message can still go out in order.
  public mutating func dropUnsent() {
    queue.truncate(to: restOfFrame)
    allowance = 0
  }
}
