import Values

/// Finds resting orders by name: an open-addressing table of eight-byte entries, at most half full.
///
/// The names themselves stay in the order pool; an entry holds 32 bits of the name's hash, enough to skip nearly all
/// others and to move entries without looking at their orders. Sixteen consecutive request ids of a key share two cache
/// lines: with a million orders the table is far bigger than the caches, and clients number their requests in sequence.
/// Never iterated, so neither its order nor its seed can reach an output.
@frozen @usableFromInline struct NameIndex: ~Copyable {
  @frozen @usableFromInline struct Entry: BitwiseCopyable {
    @usableFromInline let hash: UInt32
    /// 0 where the entry is free.
    @usableFromInline let slot: OrderSlot

    @inlinable init(hash: UInt32, slot: OrderSlot) {
      self.hash = hash
      self.slot = slot
    }
  }

  @usableFromInline var entries: ZeroedArray<Entry>
  @usableFromInline let mask: Int
  @usableFromInline let seeds: (key: UInt64, request: UInt64)

  @inlinable init(capacity: Int, seed: UInt64) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    entries = ZeroedArray(count: size)
    mask = size - 1
    // Odd constants of the golden ratio and of SplitMix64, so that seed 0 mixes as well.
    seeds = (seed ^ 0x9E37_79B9_7F4A_7C15, (seed << 32 | seed >> 32) ^ 0xBF58_476D_1CE4_E5B9)
  }

  /// The low four bits are those of the request id, the others mix all the rest.
  @inlinable @inline(__always) func hash(_ name: OrderName) -> UInt32 {
    // Legs of one request stand where consecutive requests would.
    let request = name.requestId &+ UInt64(name.leg)
    let product = (UInt64(name.key.rawValue) ^ seeds.key).multipliedFullWidth(by: request >> 4 ^ seeds.request)
    let mixed = UInt32(truncatingIfNeeded: (product.high ^ product.low) >> 16)
    return mixed & ~15 | UInt32(truncatingIfNeeded: request & 15)
  }

  /// The slot of the order of that name, or 0. Expected O(1).
  @inlinable @inline(__always) func find(_ name: OrderName, in orders: borrowing Pool<Order>) -> OrderSlot {
    let hash = hash(name)
    var index = Int(hash) & mask
    while true {
      let entry = entries[index]
      if entry.slot == 0 || entry.hash == hash && orders[entry.slot].name == name { return entry.slot }
      index = (index &+ 1) & mask
    }
  }

  /// Registers the name of the order in `slot`. Traps when another order has it. Expected O(1).
  @inlinable mutating func insert(_ name: OrderName, _ slot: OrderSlot, in orders: borrowing Pool<Order>) {
    let hash = hash(name)
    var index = Int(hash) & mask
    while entries[index].slot != 0 {
      precondition(entries[index].hash != hash || orders[entries[index].slot].name != name, "the name is in use")
      index = (index &+ 1) & mask
    }
    entries[index] = Entry(hash: hash, slot: slot)
  }

  /// Forgets the order in `slot`, whose name is registered. Expected O(1).
  ///
  /// Entries behind the hole move up instead of leaving a tombstone, so churn never slows the table.
  @inlinable mutating func remove(_ name: OrderName, _ slot: OrderSlot) {
    var hole = Int(hash(name)) & mask
    while entries[hole].slot != slot {
      precondition(entries[hole].slot != 0, "the name is not registered")
      hole = (hole &+ 1) & mask
    }
    var index = hole
    while true {
      index = (index &+ 1) & mask
      let entry = entries[index]
      if entry.slot == 0 { break }
      let distanceFromHome = (index &- Int(entry.hash)) & mask
      let distanceFromHole = (index &- hole) & mask
      if distanceFromHome >= distanceFromHole {
        entries[hole] = entry
        hole = index
      }
    }
    entries[hole] = Entry(hash: 0, slot: 0)
  }
}
