import Values

/// A price level in the level pool; 0 means "none". Valid until the level's last order leaves.
public typealias LevelSlot = UInt32

/// What one side of a book shows at one price.
@frozen public struct BookLevel: BitwiseCopyable, Equatable, Sendable {
  public let price: Price
  /// Sum of the visible lots of the level's orders; clamped to the 64-bit range.
  public let visible: Quantity
  /// Orders at this price.
  public let orderCount: Int

  @inlinable public init(price: Price, visible: Quantity, orderCount: Int) {
    self.price = price
    self.visible = visible
    self.orderCount = orderCount
  }
}

/// A level as it is kept: the ends of its queue, its neighbours in price, its place in the price index. 64 bytes.
@frozen @usableFromInline struct Level: BitwiseCopyable {
  /// 128 bits wide: a full pool of the largest orders at one price does not fit 64.
  @usableFromInline var visible: Int128 = 0
  @usableFromInline let price: Price
  @usableFromInline let rank: PriceRank
  @usableFromInline let bookSide: UInt32
  @usableFromInline var head: OrderSlot = 0
  @usableFromInline var tail: OrderSlot = 0
  @usableFromInline var orderCount: UInt32 = 0
  @usableFromInline var better: LevelSlot = 0
  @usableFromInline var worse: LevelSlot = 0
  /// The index node that points at this level; 0 when it is the only level of its side.
  @usableFromInline var node: UInt32 = 0

  @inlinable init(price: Price, rank: PriceRank, bookSide: UInt32) {
    self.price = price
    self.rank = rank
    self.bookSide = bookSide
  }
}

/// One side of one book.
@frozen @usableFromInline struct BookSide: BitwiseCopyable {
  @usableFromInline var best: LevelSlot = 0
  @usableFromInline var root: PriceBranch = .none

  @inlinable init() {}
}
