import Values

/// The price levels of all books: linked in price order, best first, and found by a price index per side.
///
/// The index is a path-compressed trie over the 64 bits of the price rank, six bits a node. Every node has at least two
/// branches, so n levels need at most n − 1 nodes whatever their prices; a dense book has one node per 64 prices and one
/// per 4,096 above it, a gap between prices costs nothing, and no search takes more than 11 steps. Its shape depends on
/// the set of prices only, never on history.
@frozen @usableFromInline struct PriceLevels: ~Copyable {
  @usableFromInline var levels: Pool<Level>
  @usableFromInline var nodes: Pool<PriceNode>
  /// 64 for each node; what stands at digits not in use is left over.
  @usableFromInline var branches: ZeroedArray<PriceBranch>
  @usableFromInline var sides: Pool<BookSide>

  /// Room for `levels` levels in all books together.
  @inlinable init(levels: Int, books: Int) {
    self.levels = Pool(capacity: levels)
    nodes = Pool(capacity: levels)
    branches = ZeroedArray(count: (levels + 1) * 64)
    sides = Pool(capacity: 2 * books)
  }

  /// Adds the two sides of a book, which are always neighbours in the pool.
  @inlinable mutating func addBook() -> UInt32 {
    let buy = sides.insert(BookSide())
    let sell = sides.insert(BookSide())
    precondition(buy != 0 && sell == buy + 1, "no room for another book")
    return buy / 2
  }

  @inlinable static func bookSide(_ side: Side, of book: UInt32) -> UInt32 { book * 2 + 1 + UInt32(side.rawValue) }

  /// Where the branch of a node for a digit stands.
  @inlinable static func place(_ node: UInt32, _ digit: UInt64) -> Int {
    Int(truncatingIfNeeded: UInt64(node) &* 64 &+ digit)
  }

  /// The level at `price`, or 0.
  @inlinable @inline(__always) func find(_ price: Price, _ side: Side, in book: UInt32) -> LevelSlot {
    let rank = PriceRank(price, side)
    var branch = sides[Self.bookSide(side, of: book)].root
    while branch.isNode {
      let digit = nodes[branch.slot].digit(rank.bits)
      guard digit < 64, nodes[branch.slot].has(digit) else { return 0 }
      branch = branches[Self.place(branch.slot, digit)]
    }
    return !branch.isNone && levels[branch.slot].rank == rank ? branch.slot : 0
  }

  /// The level at `price`, made when there is none.
  @inlinable mutating func findOrInsert(_ price: Price, _ side: Side, in book: UInt32) -> LevelSlot {
    let rank = PriceRank(price, side)
    let bookSide = Self.bookSide(side, of: book)
    let best = sides[bookSide].best
    if best != 0 && levels[best].rank == rank { return best }
    var parent: UInt32 = 0
    var branch = sides[bookSide].root
    while branch.isNode {
      let digit = nodes[branch.slot].digit(rank.bits)
      guard digit < 64 else { break }
      parent = branch.slot
      guard nodes[parent].has(digit) else {
        return add(Level(price: price, rank: rank, bookSide: bookSide), digit: digit, in: parent)
      }
      branch = branches[Self.place(parent, digit)]
    }
    if !branch.isNode && !branch.isNone && levels[branch.slot].rank == rank { return branch.slot }
    return add(Level(price: price, rank: rank, bookSide: bookSide), beside: branch, below: parent)
  }

  /// Puts a level into a free digit of an existing node.
  @inlinable mutating func add(_ new: Level, digit: UInt64, in node: UInt32) -> LevelSlot {
    let level = insert(new)
    let lower = nodes[node].occupied(below: digit)
    if lower != 0 {
      let neighbour = UInt64(truncatingIfNeeded: 63 - lower.leadingZeroBitCount)
      link(level, after: lastLevel(of: branches[Self.place(node, neighbour)]))
    } else {
      link(level, before: firstLevel(of: branches[Self.place(node, nodes[node].first)]))
    }
    nodes[node].occupied |= 1 &<< digit
    branches[Self.place(node, digit)] = PriceBranch(level: level)
    levels[level].node = node
    return level
  }

  /// Puts a level next to a branch that does not contain its price, under a new node that tells them apart.
  ///
  /// `parent` is the node that points at the branch now, 0 when the branch is the root.
  @inlinable mutating func add(_ new: Level, beside branch: PriceBranch, below parent: UInt32) -> LevelSlot {
    let level = insert(new)
    if branch.isNone {
      sides[new.bookSide].root = PriceBranch(level: level)
      sides[new.bookSide].best = level
      return level
    }
    let rank = new.rank.bits
    let other = branch.isNode ? nodes[branch.slot].prefix : levels[branch.slot].rank.bits
    if rank < other {
      link(level, before: firstLevel(of: branch))
    } else {
      link(level, after: lastLevel(of: branch))
    }
    let fork = PriceNode(telling: rank, from: other, parent: parent)
    let node = nodes.insert(fork)
    precondition(node != 0, "the node pool is smaller than the level pool")
    branches[Self.place(node, fork.digit(rank))] = PriceBranch(level: level)
    branches[Self.place(node, fork.digit(other))] = branch
    levels[level].node = node
    setParent(of: branch, to: node)
    replaceBranch(at: rank, of: parent, side: new.bookSide, with: PriceBranch(node: node))
    return level
  }

  /// Takes out a level that has no orders left.
  @inlinable mutating func remove(_ level: LevelSlot) {
    let removed = levels[level]
    if removed.better == 0 {
      sides[removed.bookSide].best = removed.worse
    } else {
      levels[removed.better].worse = removed.worse
    }
    if removed.worse != 0 { levels[removed.worse].better = removed.better }
    levels.remove(level)

    let node = removed.node
    if node == 0 {
      sides[removed.bookSide].root = .none
      return
    }
    nodes[node].occupied &= ~(1 &<< nodes[node].digit(removed.rank.bits))
    if nodes[node].hasOneBranch {
      let survivor = branches[Self.place(node, nodes[node].first)]
      let parent = nodes[node].parent
      setParent(of: survivor, to: parent)
      replaceBranch(at: removed.rank.bits, of: parent, side: removed.bookSide, with: survivor)
      nodes.remove(node)
    }
  }

  @inlinable mutating func insert(_ new: Level) -> LevelSlot {
    let level = levels.insert(new)
    precondition(level != 0, "the level pool is smaller than the order pool")
    return level
  }

  @inlinable @inline(__always) func firstLevel(of start: PriceBranch) -> LevelSlot {
    var branch = start
    while branch.isNode { branch = branches[Self.place(branch.slot, nodes[branch.slot].first)] }
    return branch.slot
  }

  @inlinable @inline(__always) func lastLevel(of start: PriceBranch) -> LevelSlot {
    var branch = start
    while branch.isNode { branch = branches[Self.place(branch.slot, nodes[branch.slot].last)] }
    return branch.slot
  }

  @inlinable mutating func link(_ level: LevelSlot, after better: LevelSlot) {
    let worse = levels[better].worse
    levels[better].worse = level
    levels[level].better = better
    levels[level].worse = worse
    if worse != 0 { levels[worse].better = level }
  }

  @inlinable mutating func link(_ level: LevelSlot, before worse: LevelSlot) {
    let better = levels[worse].better
    levels[worse].better = level
    levels[level].worse = worse
    levels[level].better = better
    if better != 0 {
      levels[better].worse = level
    } else {
      sides[levels[level].bookSide].best = level
    }
  }

  @inlinable mutating func setParent(of branch: PriceBranch, to node: UInt32) {
    if branch.isNode {
      nodes[branch.slot].parent = node
    } else {
      levels[branch.slot].node = node
    }
  }

  /// Points `node` (or the side, when 0) at another branch for the digit of `rank`.
  @inlinable mutating func replaceBranch(at rank: UInt64, of node: UInt32, side: UInt32, with branch: PriceBranch) {
    if node == 0 {
      sides[side].root = branch
    } else {
      branches[Self.place(node, nodes[node].digit(rank))] = branch
    }
  }
}
