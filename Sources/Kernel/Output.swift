import Values
import Wire

/// What one command says to the world: report frames with their destination, and book events.
///
/// Owns one buffer that grows to the largest command seen and is then reused; nothing is allocated after that.
public struct Output: ~Copyable {
  @usableFromInline var base: UnsafeMutableRawPointer
  @usableFromInline var capacity: Int
  @usableFromInline var used = 0
  /// Number of frames since the last ``clear()``.
  public private(set) var frameCount = 0
  /// How many of them are for the risk feed.
  public private(set) var publishedCount = 0
  /// Changes of the books, in order.
  public var events = BookEvents()

  /// Bytes before each frame: destination key and frame length.
  @usableFromInline static var prefix: Int { 8 }

  public init() {
    capacity = 1 << 16
    base = .allocate(byteCount: capacity, alignment: 8)
  }

  deinit { base.deallocate() }

  /// Forgets all frames and events; keeps the memory.
  public mutating func clear() {
    used = 0
    frameCount = 0
    publishedCount = 0
    events.clear()
  }

  /// Adds a frame for `key`.
  mutating func append<M: Message>(_ message: M, to key: KeyId) {
    let length = M.frameLength
    let stride = Self.prefix + (length + 7) & ~7
    if used + stride > capacity { grow(toFit: used + stride) }
    let entry = base + used
    entry.storeBytes(of: key.rawValue, as: UInt32.self)
    entry.storeBytes(of: UInt32(length), toByteOffset: 4, as: UInt32.self)
    message.encode(to: entry + Self.prefix)
    used += stride
    frameCount += 1
  }

  /// Adds a frame for the risk feed of its instrument. Such messages begin with feed number, time and instrument.
  mutating func publish<M: Message>(_ message: M) {
    append(message, to: .feed)
    publishedCount += 1
  }

  /// As ``publish(_:)``, for a message with rows.
  mutating func publish<M: MessageWithRows>(_ message: M, rows: some Collection<M.Row>) {
    append(message, rows: rows, to: .feed)
    publishedCount += 1
  }

  /// Adds a frame with rows for `key`.
  mutating func append<M: MessageWithRows>(_ message: M, rows: some Collection<M.Row>, to key: KeyId) {
    message.encode(to: room(for: M.frameLength(rows: rows.count), key), rows: rows)
  }

  /// Room for a frame of `length` bytes for `key`, which the caller fills.
  private mutating func room(for length: Int, _ key: KeyId) -> UnsafeMutableRawPointer {
    let stride = Self.prefix + (length + 7) & ~7
    if used + stride > capacity { grow(toFit: used + stride) }
    let entry = base + used
    entry.storeBytes(of: key.rawValue, as: UInt32.self)
    entry.storeBytes(of: UInt32(length), toByteOffset: 4, as: UInt32.self)
    used += stride
    frameCount += 1
    return entry + Self.prefix
  }

  private mutating func grow(toFit needed: Int) {
    var larger = capacity * 2
    while larger < needed { larger *= 2 }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 8)
    memory.copyMemory(from: base, byteCount: used)
    base.deallocate()
    base = memory
    capacity = larger
  }

  /// Calls `body` with the destination and bytes of each frame, in order. The bytes live until the next change.
  @inlinable public borrowing func forEachFrame(_ body: (KeyId, UnsafeRawBufferPointer) -> Void) {
    var offset = 0
    while offset < used {
      let key = KeyId(base.load(fromByteOffset: offset, as: UInt32.self))
      let length = Int(base.load(fromByteOffset: offset + 4, as: UInt32.self))
      body(key, UnsafeRawBufferPointer(start: base + offset + Self.prefix, count: length))
      offset += Self.prefix + (length + 7) & ~7
    }
  }
}
