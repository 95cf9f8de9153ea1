import Values

/// A price as an unsigned number that is smaller the better the price is for the other side.
///
/// With it both sides share one code: sell ranks rise with the price, buy ranks fall.
@frozen @usableFromInline struct PriceRank: BitwiseCopyable, Equatable {
  @usableFromInline let bits: UInt64

  @inlinable init(_ price: Price, _ side: Side) {
    let rising = UInt64(bitPattern: price.rawValue) ^ (1 << 63)
    bits = side == .sell ? rising : ~rising
  }
}

/// What an index node points at: nothing, a level, or (top bit set) another node.
@frozen @usableFromInline struct PriceBranch: BitwiseCopyable {
  @usableFromInline let bits: UInt32

  @inlinable init(bits: UInt32) { self.bits = bits }
  @inlinable init(level: LevelSlot) { bits = level }
  @inlinable init(node: UInt32) { bits = node | 1 << 31 }
  @inlinable static var none: PriceBranch { PriceBranch(bits: 0) }
  @inlinable var isNone: Bool { bits == 0 }
  @inlinable var isNode: Bool { bits >> 31 != 0 }
  /// The slot in the node pool or in the level pool; both hold fewer than 2^31.
  @inlinable var slot: UInt32 { bits & ~(1 << 31) }
}

/// A node of a side's price index: which 6-bit digit of the rank it decides, and a bitmap of the digits in use.
///
/// Its 64 branches stand in an array of their own, so that making a node writes 24 bytes and not 280.
@frozen @usableFromInline struct PriceNode: BitwiseCopyable {
  /// The rank's bits above the digit, which all levels below this node share; zero from the digit downward.
  @usableFromInline let prefix: UInt64
  @usableFromInline var occupied: UInt64
  /// 0 for the root.
  @usableFromInline var parent: UInt32
  /// Position of the digit's lowest bit: a multiple of 6, at most 60.
  @usableFromInline let shift: UInt32

  /// The node that tells `rank` from `other`, which differs from it; both digits are in use.
  @inlinable init(telling rank: UInt64, from other: UInt64, parent: UInt32) {
    let highest = UInt32(truncatingIfNeeded: 63 - (rank ^ other).leadingZeroBitCount)
    shift = highest / 6 * 6
    // Above the topmost digit nothing is left: there 64 &<< 60 is 0 and the prefix too.
    prefix = rank & ~((64 &<< UInt64(shift)) &- 1)
    self.parent = parent
    occupied = 0
    occupied = 1 &<< digit(rank) | 1 &<< digit(other)
  }

  /// The digit of `rank` at this node; 64 or more when the rank does not share the prefix.
  @inlinable func digit(_ rank: UInt64) -> UInt64 { (rank ^ prefix) &>> UInt64(shift) }

  @inlinable func has(_ digit: UInt64) -> Bool { occupied &>> digit & 1 != 0 }
  /// The digit in use with the best prices.
  @inlinable var first: UInt64 { UInt64(truncatingIfNeeded: occupied.trailingZeroBitCount) }
  /// The digit in use with the worst prices.
  @inlinable var last: UInt64 { UInt64(truncatingIfNeeded: 63 - occupied.leadingZeroBitCount) }
  /// The bits of the digits in use below `digit`.
  @inlinable func occupied(below digit: UInt64) -> UInt64 { occupied & ((1 &<< digit) &- 1) }
  @inlinable var hasOneBranch: Bool { occupied & (occupied &- 1) == 0 }
}
