/// Open-addressing table from a 128-bit key to a pool slot. Never iterated, so its order can reach no output.
///
/// Linear probing with backward-shift deletion: no tombstones, so cost depends on the load (at most one half) only.
@frozen public struct SlotTable: ~Copyable {
  @frozen @usableFromInline struct Entry: BitwiseCopyable {
    @usableFromInline var high: UInt64
    @usableFromInline var low: UInt64
    @usableFromInline var slot: UInt32
    @usableFromInline var padding: UInt32

    @inlinable init(high: UInt64, low: UInt64, slot: UInt32) {
      self.high = high
      self.low = low
      self.slot = slot
      padding = 0
    }
  }

  @usableFromInline let entries: UnsafeMutablePointer<Entry>
  @usableFromInline let mask: Int
  @usableFromInline let byteCount: Int
  @usableFromInline var used = 0
  @inlinable public var count: Int { used }

  /// Room for `capacity` keys at half load.
  public init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    mask = size - 1
    byteCount = size * MemoryLayout<Entry>.stride
    entries = mapZeroed(count: size, of: Entry.self)
  }

  deinit { unmap(entries, byteCount: byteCount) }

  @inlinable func home(_ high: UInt64, _ low: UInt64) -> Int {
    var hash = (high ^ 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 32) ^ low) &* 0x94D0_49BB_1331_11EB
    return Int(truncatingIfNeeded: hash ^ (hash >> 29)) & mask
  }

  /// The slot stored for the key, or 0. Expected O(1).
  @inlinable public func find(_ high: UInt64, _ low: UInt64) -> UInt32 {
    var index = home(high, low)
    while true {
      let entry = entries[index]
      if entry.slot == 0 { return 0 }
      if entry.low == low && entry.high == high { return entry.slot }
      index = (index &+ 1) & mask
    }
  }

  /// Stores a key that is not in the table yet. Traps when more keys are stored than the capacity asked for.
  @inlinable public mutating func insert(_ high: UInt64, _ low: UInt64, slot: UInt32) {
    precondition(slot != 0 && count <= mask / 2, "slot table is full")
    var index = home(high, low)
    while entries[index].slot != 0 { index = (index &+ 1) & mask }
    entries[index] = Entry(high: high, low: low, slot: slot)
    used &+= 1
  }

  /// Takes a key out; nothing happens when it is not there. Expected O(1).
  @inlinable public mutating func remove(_ high: UInt64, _ low: UInt64) {
    var hole = home(high, low)
    while true {
      let entry = entries[hole]
      if entry.slot == 0 { return }
      if entry.low == low && entry.high == high { break }
      hole = (hole &+ 1) & mask
    }
    used &-= 1
    var index = hole
    while true {
      index = (index &+ 1) & mask
      let entry = entries[index]
      if entry.slot == 0 { break }
      let distanceFromHome = (index &- home(entry.high, entry.low)) & mask
      let distanceFromHole = (index &- hole) & mask
      if distanceFromHome >= distanceFromHole {
        entries[hole] = entry
        hole = index
      }
    }
    entries[hole] = Entry(high: 0, low: 0, slot: 0)
  }
}
