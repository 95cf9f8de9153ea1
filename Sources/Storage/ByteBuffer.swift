/// A growable run of raw bytes. Owns its memory and frees it; what it hands out is valid until the next mutation.
@usableFromInline struct ByteBuffer: ~Copyable {
  @usableFromInline var base: UnsafeMutableRawPointer
  private(set) var capacity: Int
  /// Bytes in use.
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = max(capacity, 64)
    base = .allocate(byteCount: self.capacity, alignment: 64)
  }

  // Inlinable because Swift 6.3 crashes in release builds when a serialised setter would inline a deinit that is not.
  @inlinable deinit { base.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
  /// All memory, used or not: for reading a file into.
  var storage: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: base, count: capacity) }

  /// Makes room for `needed` bytes in all, keeping what is there. Doubles, so appending is amortised O(1).
  mutating func reserve(_ needed: Int) {
    guard needed > capacity else { return }
    capacity = max(needed, capacity * 2)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    larger.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = larger
  }

  /// Appends `extra` zero bytes and returns where they start.
  @discardableResult mutating func appendZeros(_ extra: Int) -> Int {
    reserve(count + extra)
    let start = count
    (base + start).initializeMemory(as: UInt8.self, repeating: 0, count: extra)
    count += extra
    return start
  }

  mutating func append(_ other: UnsafeRawBufferPointer) {
    guard let source = other.baseAddress else { return }
    reserve(count + other.count)
    (base + count).copyMemory(from: source, byteCount: other.count)
    count += other.count
  }

  /// Drops the first `amount` bytes and moves the rest to the front.
  mutating func removeFirst(_ amount: Int) {
    precondition(amount <= count)
    base.copyMemory(from: base + amount, byteCount: count - amount)
    count -= amount
  }

  /// Says how many bytes of `storage` are in use now.
  mutating func setCount(_ newCount: Int) {
    precondition(newCount <= capacity)
    count = newCount
  }
}
