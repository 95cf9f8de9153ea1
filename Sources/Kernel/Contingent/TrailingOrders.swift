import Matching
import Values

/// A trailing order among those that follow the same price in the same direction.
///
/// A node of a search tree by `order` that is a heap by `priority`. `least…`, `nearest` and `lowestBest` are over the
/// node and all below it.
struct TrailingNode: BitwiseCopyable {
  var left: UInt32 = 0
  var right: UInt32 = 0
  /// How many had become active before it, and what is made of it: the shape of the tree decides nothing.
  var order: UInt64 = 0
  var priority: UInt64 = 0
  /// The best price since it became active. Prices here are negative for orders that a rise releases, so that the best
  /// is always the highest.
  var best: Int64 = 0
  /// Distance; the other is `Int64.max`.
  var ticks = Int64.max
  var parts = Int64.max
  var leastTicks = Int64.max
  var leastParts = Int64.max
  /// The highest trigger price.
  var nearest = Int64.min
  var lowestBest = Int64.max
  /// What became of `best` for all below it, that they have not been told yet.
  var pending: Int64 = 0
  var hasPending = false
}

/// Orders that follow a price, in order of becoming active: trees with one root for each instrument, source and direction.
///
/// Who became active later has seen fewer prices, so in this order the best prices never rise: a new best price changes
/// those of the last so many orders, and makes them equal. It is written at the top of their subtrees and handed down when
/// somebody looks. With the least distances of a subtree its highest trigger price is then known without a look at its
/// orders. A price costs O(log orders), whether it moves none of them or all; so does everything else but a walk through all.
struct TrailingOrders: ~Copyable {
  private var nodes: ZeroedArray<TrailingNode>
  private var count: UInt64 = 0

  init(orders: Int) {
    nodes = ZeroedArray(count: orders + 1)
    nodes[0] = TrailingNode()
  }

  private static func trigger(_ best: Int64, _ ticks: Int64, _ parts: Int64) -> Int64 {
    let byTicks = ticks == .max ? .min : best - ticks
    return parts == .max ? byTicks : max(byTicks, best - Self.distance(of: best, parts: parts))
  }

  /// So many parts per million of a price, rounded down, at least 1.
  static func distance(of price: Int64, parts: Int64) -> Int64 {
    max(1, Int64(Int128(price.magnitude) * Int128(parts) / 1_000_000))
  }

  // MARK: Orders

  /// Adds an order that becomes active at the price `best`.
  mutating func append(_ slot: OrderSlot, to root: inout UInt32, best: Int64, _ unit: TrailingUnit, _ distance: Int64) {
    count += 1
    var node = TrailingNode()
    node.order = count
    node.priority = Self.mixed(count)
    node.best = best
    nodes[slot] = node
    setDistance(slot, unit, distance)
    pull(slot)
    root = merge(root, slot)
  }

  /// Numbers that look like chance (the finaliser of SplitMix64).
  private static func mixed(_ number: UInt64) -> UInt64 {
    var bits = number &* 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// Takes an order out. Its best price is then the present one.
  mutating func remove(_ slot: OrderSlot, from root: inout UInt32) { root = removing(slot, from: root) }

  private mutating func removing(_ slot: OrderSlot, from root: UInt32) -> UInt32 {
    precondition(root != 0, "the order does not follow this price")
    push(root)
    if root == slot { return merge(nodes[root].left, nodes[root].right) }
    if nodes[slot].order < nodes[root].order {
      nodes[root].left = removing(slot, from: nodes[root].left)
    } else {
      nodes[root].right = removing(slot, from: nodes[root].right)
    }
    pull(root)
    return root
  }

  /// Another distance from the same best price.
  mutating func change(_ slot: OrderSlot, below root: UInt32, _ unit: TrailingUnit, _ distance: Int64) {
    precondition(root != 0, "the order does not follow this price")
    push(root)
    if root == slot {
      setDistance(slot, unit, distance)
    } else {
      let isLeft = nodes[slot].order < nodes[root].order
      change(slot, below: isLeft ? nodes[root].left : nodes[root].right, unit, distance)
    }
    pull(root)
  }

  private mutating func setDistance(_ slot: OrderSlot, _ unit: TrailingUnit, _ distance: Int64) {
    nodes[slot].ticks = unit == .ticks ? distance : .max
    nodes[slot].parts = unit == .partsPerMillion ? distance : .max
  }

  /// The best price of an order that follows its price.
  func best(of slot: OrderSlot, below root: UInt32) -> Int64 {
    var node = root
    while node != slot {
      precondition(node != 0, "the order does not follow this price")
      if nodes[node].hasPending { return nodes[node].pending }
      node = nodes[slot].order < nodes[node].order ? nodes[node].left : nodes[node].right
    }
    return nodes[slot].best
  }

  /// The best price of an order that has been taken out.
  func lastBest(of slot: OrderSlot) -> Int64 { nodes[slot].best }

  mutating func setLastBest(of slot: OrderSlot, to best: Int64) { nodes[slot].best = best }

  /// The best price of the last order of a tree: none there is lower.
  func lowestBest(below root: UInt32) -> Int64 { nodes[root].lowestBest }

  /// The first order of a tree after `slot` (0: of all) in order of becoming active, or 0.
  func next(after slot: OrderSlot, below root: UInt32) -> OrderSlot {
    var (node, found): (UInt32, UInt32) = (root, 0)
    while node != 0 {
      let isAfter = slot == 0 || nodes[node].order > nodes[slot].order
      if isAfter { found = node }
      node = isAfter ? nodes[node].left : nodes[node].right
    }
    return found
  }

  // MARK: Prices

  /// All orders of a tree follow a price that is better than their best one.
  mutating func follow(_ price: Int64, below root: UInt32) {
    if root == 0 || nodes[root].lowestBest >= price { return }
    push(root)
    if nodes[root].best < price {
      nodes[root].best = price
      apply(price, to: nodes[root].right)
      follow(price, below: nodes[root].left)
    } else {
      follow(price, below: nodes[root].right)
    }
    pull(root)
  }

  /// The order with the highest trigger price, of equal ones the first to become active, if `price` reaches it; else 0.
  mutating func reached(by price: Int64, below root: UInt32) -> OrderSlot {
    guard root != 0, nodes[root].nearest >= price else { return 0 }
    let nearest = nodes[root].nearest
    var node = root
    while true {
      push(node)
      let (left, right) = (nodes[node].left, nodes[node].right)
      if left != 0 && nodes[left].nearest == nearest {
        node = left
      } else if Self.trigger(nodes[node].best, nodes[node].ticks, nodes[node].parts) == nearest {
        return node
      } else {
        node = right
      }
    }
  }

  // MARK: The trees

  private mutating func merge(_ first: UInt32, _ second: UInt32) -> UInt32 {
    if first == 0 { return second }
    if second == 0 { return first }
    if nodes[first].priority > nodes[second].priority {
      push(first)
      nodes[first].right = merge(nodes[first].right, second)
      pull(first)
      return first
    }
    push(second)
    nodes[second].left = merge(first, nodes[second].left)
    pull(second)
    return second
  }

  /// The best price of a whole subtree is now `best`.
  private mutating func apply(_ best: Int64, to node: UInt32) {
    if node == 0 { return }
    nodes[node].best = best
    nodes[node].lowestBest = best
    nodes[node].nearest = Self.trigger(best, nodes[node].leastTicks, nodes[node].leastParts)
    nodes[node].pending = best
    nodes[node].hasPending = true
  }

  private mutating func push(_ node: UInt32) {
    guard nodes[node].hasPending else { return }
    nodes[node].hasPending = false
    apply(nodes[node].pending, to: nodes[node].left)
    apply(nodes[node].pending, to: nodes[node].right)
  }

  private mutating func pull(_ node: UInt32) {
    let (left, right) = (nodes[nodes[node].left], nodes[nodes[node].right])
    let own = Self.trigger(nodes[node].best, nodes[node].ticks, nodes[node].parts)
    nodes[node].leastTicks = min(nodes[node].ticks, left.leastTicks, right.leastTicks)
    nodes[node].leastParts = min(nodes[node].parts, left.leastParts, right.leastParts)
    nodes[node].nearest = max(own, left.nearest, right.nearest)
    nodes[node].lowestBest = nodes[node].right == 0 ? nodes[node].best : right.lowestBest
  }
}
