import CSodium
import Values

@testable import Solvency

/// A Merkle-sum tree as Protocol/solvency.md describes it, written plainly and apart from the product's: with all its
/// padding, sums that wrap around, and whatever a venue that lies wants to put into it.
struct PlainTree {
  struct Node {
    var hash: [UInt8]
    var count: UInt64
    var sums: [UInt128]
  }

  let columns: Int
  /// Rows from the leaves up, each full.
  private(set) var rows: [[Node]]

  static func blake(_ name: String, _ input: [UInt8]) -> [UInt8] {
    let person = Array(name.utf8) + [UInt8](repeating: 0, count: 16 - name.utf8.count)
    var output = [UInt8](repeating: 0, count: 32)
    crypto_generichash_blake2b_salt_personal(
      &output, 32, input, UInt64(input.count), nil, 0, [UInt8](repeating: 0, count: 16), person)
    return output
  }

  static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
  }

  static func leafInput(account: UInt32, part: Int, parts: Int, salt: [UInt8], figures: [Int128]) -> [UInt8] {
    let start = little(account) + little(UInt16(part)) + little(UInt16(parts)) + little(UInt32(figures.count))
    return start + salt + figures.flatMap { little($0) }
  }

  static func leaf(account: UInt32, part: Int, parts: Int, salt: [UInt8], figures: [Int128]) -> Node {
    let input = leafInput(account: account, part: part, parts: parts, salt: salt, figures: figures)
    return Node(
      hash: blake("lockstep.leaf", input), count: 1,
      sums: figures.flatMap { [$0 > 0 ? UInt128($0) : 0, $0 < 0 ? $0.magnitude : 0] })
  }

  func padding(_ height: Int) -> Node {
    Node(
      hash: Self.blake("lockstep.padding", Self.little(UInt32(height)) + Self.little(UInt32(columns))), count: 0,
      sums: [UInt128](repeating: 0, count: 2 * columns))
  }

  func nodeInput(_ left: Node, _ right: Node, height: Int) -> [UInt8] {
    let start = Self.little(UInt32(height)) + Self.little(UInt32(columns))
    let counts = Self.little(left.count) + Self.little(right.count)
    let sums = (left.sums + right.sums).flatMap { Self.little($0) }
    return start + counts + left.hash + right.hash + sums
  }

  func parent(_ left: Node, _ right: Node, height: Int) -> Node {
    Node(
      hash: Self.blake("lockstep.node", nodeInput(left, right, height: height)), count: left.count + right.count,
      sums: zip(left.sums, right.sums).map { $0 &+ $1 })
  }

  /// A tree over `leaves`; `padding` may be replaced by something that is none.
  init(columns: Int, leaves: [Node], padding filler: Node? = nil) {
    self.columns = columns
    rows = [leaves]
    var width = 1
    while width < leaves.count { width *= 2 }
    while rows[0].count < width { rows[0].append(filler ?? padding(0)) }
    var height = 0
    while rows[height].count > 1 {
      let row = rows[height]
      rows.append(
        stride(from: 0, to: row.count, by: 2).map { index in
          let (left, right) = (row[index], row[index + 1])
          let isEmpty = left.count == 0 && right.count == 0 && filler == nil
          return isEmpty ? padding(height + 1) : parent(left, right, height: height + 1)
        })
      height += 1
    }
  }

  var top: Node { rows[rows.count - 1][0] }
  var height: Int { rows.count - 1 }

  func root(_ context: SolvencyContext) -> [UInt8] { Self.blake("lockstep.root", rootInput(context)) }

  func rootInput(_ context: SolvencyContext) -> [UInt8] {
    let state =
      Self.little(context.venueId) + Self.little(context.sequence) + Self.little(context.time.rawValue)
      + [context.stateHash.word0, context.stateHash.word1, context.stateHash.word2, context.stateHash.word3].flatMap {
        Self.little($0)
      }
    let size = Self.little(UInt32(height)) + Self.little(UInt32(columns)) + Self.little(top.count)
    return state + size + top.hash + top.sums.flatMap { Self.little($0) }
  }

  func siblings(of index: Int) -> [Sibling] {
    (0..<height).map { level in
      let node = rows[level][(index >> level) ^ 1]
      return Sibling(hash: bytes32(node.hash), count: node.count, sums: node.sums)
    }
  }
}

/// A venue that signs whatever it likes: leaves in the order given, totals as the plain tree adds them up.
struct LyingVenue {
  struct Leaf {
    var account: UInt32
    var part: Int
    var parts = 4
    var figures: [Int128]
    var salt: UInt8 = 1
    /// What the tree is told instead of the sums of the figures.
    var claimed: [UInt128]?
  }

  var report: SolvencyReport
  var leaves: [Leaf]
  var tree: PlainTree

  init(_ report: SolvencyReport, leaves: [Leaf], padding: PlainTree.Node? = nil) {
    self.report = report
    self.leaves = leaves
    tree = PlainTree(
      columns: report.columns.count,
      leaves: leaves.map { leaf in
        var node = PlainTree.leaf(
          account: leaf.account, part: leaf.part, parts: leaf.parts, salt: Self.salt(leaf.salt), figures: leaf.figures)
        if let claimed = leaf.claimed { node.sums = claimed }
        return node
      }, padding: padding)
    sign()
  }

  static func salt(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

  /// Takes root, count and totals from the tree.
  private mutating func sign() {
    report.root = bytes32(tree.root(report.context))
    report.leaves = UInt64(leaves.count)
    report.height = tree.height
    report.totals = stride(from: 0, to: tree.top.sums.count, by: 2).map {
      ColumnTotal(positive: tree.top.sums[$0], negative: tree.top.sums[$0 + 1])
    }
    for (column, asset) in report.assets.enumerated() {
      var total = report.totals[column].net ?? 0
      if column == 0 { total += report.totals[report.columns.positions].net ?? 0 }
      for bucket in report.house where bucket.asset == asset.id { total += bucket.amount.rawValue }
      report.assets[column].deposited = Money(total)
    }
  }

  var signed: SignedReport { SignedReport(unchecked: report, signer: TestKey.venue.signer) }

  /// A proof for `account` from the leaves at `places`.
  func proof(of account: UInt32, at places: [Int]) -> AccountProof {
    AccountProof(
      account: AccountId(account), signed: signed,
      parts: places.map { place in
        PartProof(
          index: UInt64(place), salt: bytes32(Self.salt(leaves[place].salt)), figures: leaves[place].figures,
          siblings: tree.siblings(of: place))
      })
  }
}

/// What the verifier says about a proof; `nil`: it believes it.
func fault(_ proof: AccountProof) -> SolvencyFault? { fault(proof.bytes) }

func fault(_ bytes: [UInt8], key: TestKey = .venue) -> SolvencyFault? {
  do throws(SolvencyFault) {
    _ = try VerifiedProof(verifying: bytes, publicKey: key.publicKey)
    return nil
  } catch {
    return error
  }
}
