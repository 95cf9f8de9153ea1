import Values

/// Makes the tree of one state, the signed report, and the proofs.
///
/// Holds the whole tree: about (40 + 32 × columns) × 2 bytes per leaf.
public struct SolvencyProver: Sendable {
  /// Fewest and most parts of an account.
  public static let parts = 4...64

  public let signed: SignedReport
  private let tree: SumTree
  private let seed: SolvencySeed
  private let partCount: Int
  private let ids: [AccountId]
  /// Row position of part p of account a at a × parts + p.
  private let places: [UInt32]

  /// Splits every account into `parts` parts, places them, and signs the root. Ids must be different; order does not
  /// matter. The same accounts, seed and signer give the same bytes. O(leaves · log leaves).
  public init(
    _ report: SolvencyReport, accounts: [SolvencyAccount], seed: SolvencySeed, parts: Int = 4, signer: ReportSigner
  ) throws(SolvencyFault) {
    guard Self.parts.contains(parts) else {
      throw .badInput("an account has \(Self.parts.lowerBound) to \(Self.parts.upperBound) parts, not \(parts)")
    }
    let sorted = accounts.sorted { $0.id < $1.id }
    guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.id < $1.id }) else {
      throw .badInput("two accounts have the same id")
    }
    guard sorted.count * parts < Int(UInt32.max) else { throw .badInput("too many accounts for one tree") }
    for account in sorted { try check(account, report) }
    ids = sorted.map(\.id)
    partCount = parts
    self.seed = seed
    let rows = LeafRow(sorted, columns: report.columns, seed: seed, parts: parts)
    places = rows.places
    tree = try SumTree(columns: report.columns, hashes: rows.hashes, sums: rows.sums)
    var complete = report
    let top = tree.top
    var hasher = TreeHash(report.columns)
    complete.root = hasher.root(of: top, height: tree.height, context: report.context)
    complete.leaves = tree.leaves
    complete.height = tree.height
    let sums = Array(top.sums)
    complete.totals = stride(from: 0, to: sums.count, by: 2).map {
      ColumnTotal(positive: sums[$0], negative: sums[$0 + 1])
    }
    signed = try SignedReport(complete, signer: signer)
  }

  /// The accounts in the tree, by id.
  public var accounts: [AccountId] { ids }

  /// The proof of an account; `nil` when the tree does not have it.
  public func proof(of account: AccountId) -> AccountProof? {
    guard let index = place(of: account) else { return nil }
    return AccountProof(
      account: account, signed: signed,
      parts: (0..<partCount).map { part in
        let leaf = UInt64(places[index * partCount + part])
        return PartProof(
          index: leaf, salt: seed.secrets(of: account, part: part).salt, figures: tree.figures(of: leaf),
          siblings: tree.siblings(of: leaf).map { Sibling(hash: $0.hash, count: $0.count, sums: Array($0.sums)) })
      })
  }

  private func place(of account: AccountId) -> Int? {
    var (low, high) = (0, ids.count)
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < account { low = middle + 1 } else { high = middle }
    }
    return low < ids.count && ids[low] == account ? low : nil
  }
}

/// Checks that an account's figures are what the verifier will ask for.
private func check(_ account: SolvencyAccount, _ report: SolvencyReport) throws(SolvencyFault) {
  do throws(SolvencyFault) {
    try checkFigures(account.figures, report)
  } catch {
    throw .badInput("account \(account.id.rawValue): \(error)")
  }
}

/// The leaves in the order in which they stand in the tree.
private struct LeafRow {
  var hashes: [Bytes32] = []
  var sums: [UInt128] = []
  var places: [UInt32]

  init(_ accounts: [SolvencyAccount], columns: Columns, seed: SolvencySeed, parts: Int) {
    let count = accounts.count * parts
    var hasher = TreeHash(columns)
    var unplaced: [Bytes32] = []
    var figures: [Int128] = []
    var order: [(place: UInt128, leaf: UInt32)] = []
    unplaced.reserveCapacity(count)
    figures.reserveCapacity(count * columns.count)
    order.reserveCapacity(count)
    for account in accounts {
      let split = account.figures.enumerated().map { column, figure in
        seed.parts(of: figure, account: account.id, column: column, parts: parts)
      }
      for part in 0..<parts {
        let row = split.map { $0[part] }
        let secrets = seed.secrets(of: account.id, part: part)
        order.append((secrets.place, UInt32(unplaced.count)))
        unplaced.append(
          hasher.leaf(account: account.id, part: part, parts: parts, salt: secrets.salt, figures: row))
        figures.append(contentsOf: row)
      }
    }
    order.sort { $0.place != $1.place ? $0.place < $1.place : $0.leaf < $1.leaf }
    places = [UInt32](repeating: 0, count: count)
    hashes.reserveCapacity(count)
    sums.reserveCapacity(count * columns.sums)
    for (place, entry) in order.enumerated() {
      let leaf = Int(entry.leaf)
      places[leaf] = UInt32(place)
      hashes.append(unplaced[leaf])
      sums.append(contentsOf: leafSums(Array(figures[leaf * columns.count..<(leaf + 1) * columns.count])))
    }
  }
}
