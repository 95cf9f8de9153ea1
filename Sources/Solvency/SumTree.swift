import Values

/// How the hashes of a Merkle-sum tree are formed. Protocol/solvency.md has the bytes.
struct TreeHash {
  private let columns: Columns
  private let leaf = DomainHash(.leaf)
  private let node = DomainHash(.node)
  private let padding = DomainHash(.padding)
  private let root = DomainHash(.root)
  private var input = ByteWriter()

  init(_ columns: Columns) { self.columns = columns }

  mutating func leaf(
    account: AccountId, part: Int, parts: Int, salt: Bytes32, figures: [Int128]
  ) -> Bytes32 {
    input.clear()
    input.put(account.rawValue)
    input.put(UInt16(part))
    input.put(UInt16(parts))
    input.put(UInt32(columns.count))
    input.put(salt)
    input.put(figures)
    return leaf(input)
  }

  /// The node at `height` (1: above the leaves) with these children.
  mutating func node(height: Int, left: NodeView, right: NodeView) -> Bytes32 {
    input.clear()
    input.put(UInt32(height))
    input.put(UInt32(columns.count))
    input.put(left.count)
    input.put(right.count)
    input.put(left.hash)
    input.put(right.hash)
    input.put(left.sums)
    input.put(right.sums)
    return node(input)
  }

  /// An empty subtree of `height` (0: in the row of the leaves).
  mutating func padding(height: Int) -> Bytes32 {
    input.clear()
    input.put(UInt32(height))
    input.put(UInt32(columns.count))
    return padding(input)
  }

  /// The root: the top node, and what it is the state of.
  mutating func root(of top: NodeView, height: Int, context: SolvencyContext) -> Bytes32 {
    input.clear()
    input.put(context.venueId)
    input.put(context.sequence)
    input.put(context.time.rawValue)
    input.put(context.stateHash)
    input.put(UInt32(height))
    input.put(UInt32(columns.count))
    input.put(top.count)
    input.put(top.hash)
    input.put(top.sums)
    return root(input)
  }
}

/// A node as its parent sees it.
struct NodeView {
  var hash: Bytes32
  /// Leaves below it, padding not counted.
  var count: UInt64
  /// Per column the positive, then the negative sum.
  var sums: ArraySlice<UInt128>
}

/// Leaves of a full tree of `height` above row position `index` of that height, of which `leaves` are there: they stand
/// at the left, so a node's count follows from its place.
func leavesBelow(_ index: UInt64, height: Int, leaves: UInt64) -> UInt64 {
  let width = UInt64(1) << UInt64(height)
  let (start, overflow) = index.multipliedReportingOverflow(by: width)
  return overflow || start >= leaves ? 0 : min(width, leaves - start)
}

/// Height of the smallest full tree for so many leaves.
func treeHeight(leaves: UInt64) -> Int { leaves < 2 ? 0 : UInt64.bitWidth - (leaves - 1).leadingZeroBitCount }

/// Most levels of a tree: 2^40 leaves are far more than a venue can have.
let greatestHeight = 40

/// A Merkle-sum tree, all of it in memory. Of the padding nothing is kept: it is the same at every place of a height.
struct SumTree: Sendable {
  private struct Level: Sendable {
    var hashes: [Bytes32] = []
    /// ``Columns/sums`` per node.
    var sums: [UInt128] = []
  }

  let columns: Columns
  let leaves: UInt64
  let height: Int
  private var levels: [Level]
  private let padding: [Bytes32]
  private let noSums: [UInt128]

  /// A tree over leaves with these hashes and sums. O(leaves).
  init(columns: Columns, hashes: [Bytes32], sums: [UInt128]) throws(SolvencyFault) {
    precondition(sums.count == hashes.count * columns.sums)
    self.columns = columns
    leaves = UInt64(hashes.count)
    height = treeHeight(leaves: leaves)
    noSums = [UInt128](repeating: 0, count: columns.sums)
    var hasher = TreeHash(columns)
    padding = (0...height).map { hasher.padding(height: $0) }
    levels = [Level(hashes: hashes, sums: sums)]
    for level in 0..<height { levels.append(try above(level, &hasher)) }
  }

  private func above(_ height: Int, _ hasher: inout TreeHash) throws(SolvencyFault) -> Level {
    var result = Level()
    let count = (levels[height].hashes.count + 1) / 2
    result.hashes.reserveCapacity(count)
    result.sums.reserveCapacity(count * columns.sums)
    for index in 0..<UInt64(count) {
      let (left, right) = (node(height, 2 * index), node(height, 2 * index + 1))
      result.hashes.append(hasher.node(height: height + 1, left: left, right: right))
      for (one, other) in zip(left.sums, right.sums) {
        let (sum, carry) = one.addingReportingOverflow(other)
        if carry { throw .overflow("a node at height \(height + 1)") }
        result.sums.append(sum)
      }
    }
    return result
  }

  /// The node at `index` of the row at `height`.
  func node(_ height: Int, _ index: UInt64) -> NodeView {
    let level = levels[height]
    guard index < UInt64(level.hashes.count) else {
      return NodeView(hash: padding[height], count: 0, sums: noSums[...])
    }
    let start = Int(index) * columns.sums
    return NodeView(
      hash: level.hashes[Int(index)], count: leavesBelow(index, height: height, leaves: leaves),
      sums: level.sums[start..<start + columns.sums])
  }

  var top: NodeView { node(height, 0) }

  /// The siblings on the way from a leaf to the top, lowest first.
  func siblings(of leaf: UInt64) -> [NodeView] {
    (0..<height).map { node($0, (leaf >> UInt64($0)) ^ 1) }
  }

  /// The figures of a leaf.
  func figures(of leaf: UInt64) -> [Int128] {
    let sums = Array(node(0, leaf).sums)
    return (0..<columns.count).map { Int128(sums[2 * $0]) - Int128(sums[2 * $0 + 1]) }
  }
}
