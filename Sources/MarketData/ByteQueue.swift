/// A queue of bytes in one contiguous buffer that grows: append at the end, take from the front.
///
/// Owns its buffer and frees it; every access goes through `bytes`, whose bounds are those of the bytes held. Positions
/// count all bytes ever appended, so a cursor into the stream stays valid while bytes in front of it are taken.
public struct ByteQueue: ~Copyable {
  private var base: UnsafeMutableRawPointer?
  private var capacity = 0
  private var head = 0
  private var tail = 0
  /// Stream position of the first byte held.
  public private(set) var start: UInt64 = 0

  /// An empty queue; takes no memory before the first append.
  public init() {}

  deinit { base?.deallocate() }

  /// How many bytes are held.
  public var count: Int { tail - head }
  /// Whether nothing is held.
  public var isEmpty: Bool { head == tail }
  /// Stream position behind the last byte held.
  public var end: UInt64 { start + UInt64(count) }

  /// The bytes held, oldest first; valid until the next mutation.
  public var bytes: UnsafeRawBufferPointer {
    guard let base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: base + head, count: tail - head)
  }

  /// Appends a copy of `source`. Amortised O(bytes).
  public mutating func append(_ source: UnsafeRawBufferPointer) {
    guard let address = source.baseAddress, source.count > 0 else { return }
    room(for: source.count).copyMemory(from: address, byteCount: source.count)
    tail += source.count
  }

  /// Lets `body` write at most `limit` bytes behind the end; it returns how many it has written.
  public mutating func append(upTo limit: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) {
    let written = body(UnsafeMutableRawBufferPointer(start: room(for: limit), count: limit))
    precondition(written >= 0 && written <= limit, "wrote outside the room it was given")
    tail += written
  }

  /// Takes the `byteCount` oldest bytes.
  public mutating func removeFirst(_ byteCount: Int) {
    precondition(byteCount >= 0 && byteCount <= count, "takes more bytes than are held")
    head += byteCount
    start += UInt64(byteCount)
    if head == tail { rewind() }
  }

  /// Drops all bytes behind the first `byteCount`; positions of later appends continue from there.
  public mutating func truncate(to byteCount: Int) {
    precondition(byteCount >= 0 && byteCount <= count, "truncates to more bytes than are held")
    tail = head + byteCount
    if head == tail { rewind() }
  }

  /// Empty queues go back to the front of their buffer, and give a large one back.
  private mutating func rewind() {
    head = 0
    tail = 0
    if capacity > ByteQueue.keptBytes {
      base?.deallocate()
      base = nil
      capacity = 0
    }
  }

  /// A buffer larger than this is freed as soon as the queue is empty, so one burst does not hold memory for good.
  private static let keptBytes = 1 << 18

  private mutating func room(for byteCount: Int) -> UnsafeMutableRawPointer {
    if let base, tail + byteCount <= capacity { return base + tail }
    let held = count
    if let base, held + byteCount <= capacity, head >= held {
      base.copyMemory(from: base + head, byteCount: held)
    } else {
      var size = max(capacity, 4096)
      while size < held + byteCount { size *= 2 }
      let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
      if let base {
        larger.copyMemory(from: base + head, byteCount: held)
        base.deallocate()
      }
      base = larger
      capacity = size
    }
    head = 0
    tail = held
    return base! + tail
  }
}
