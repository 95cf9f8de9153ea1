import Values

/// A proof that has been verified: the account's figures in a report that the venue has signed.
public struct VerifiedProof: Equatable, Sendable {
  public let account: AccountId
  public let signed: SignedReport
  public let parts: Int
  /// One per column: the sums of the account's parts.
  public let figures: [Int128]

  public var equity: Money { Money(figures[signed.report.columns.equity]) }
  public var maintenanceMargin: Money { Money(figures[signed.report.columns.maintenanceMargin]) }
  public var positions: Money { Money(figures[signed.report.columns.positions]) }
  /// Equity without haircuts beyond the maintenance margin; negative: it falls short of it.
  public var free: Money { equity - maintenanceMargin }

  /// Verifies a proof file with nothing but the venue's public key.
  ///
  /// The signature; that every part, with its place, leads through nodes with the right numbers of leaves, without a
  /// carry and past empty padding, to the signed root, count and totals; that the parts are different ones, of one sign,
  /// and add up to figures that fit each other.
  public init(verifying bytes: [UInt8], publicKey: Bytes32) throws(SolvencyFault) {
    let proof = try AccountProof(reading: bytes, publicKey: publicKey)
    let report = proof.signed.report
    guard Set(proof.parts.map(\.index)).count == proof.parts.count else {
      throw .badFigures("two parts are the same leaf")
    }
    var sums = [Int128](repeating: 0, count: report.columns.count)
    for (number, part) in proof.parts.enumerated() {
      try verifyPath(of: number, in: proof)
      for (column, figure) in part.figures.enumerated() {
        guard (sums[column] >= 0 || figure <= 0) && (sums[column] <= 0 || figure >= 0) else {
          throw .badFigures("the parts of \(report.columns.name(column)) have different signs")
        }
        let (sum, overflow) = sums[column].addingReportingOverflow(figure)
        if overflow { throw .overflow("the account's \(report.columns.name(column))") }
        sums[column] = sum
      }
    }
    try checkFigures(sums, report)
    account = proof.account
    signed = proof.signed
    parts = proof.parts.count
    figures = sums
  }
}

/// Follows one part to the root.
private func verifyPath(of number: Int, in proof: AccountProof) throws(SolvencyFault) {
  let report = proof.signed.report
  let part = proof.parts[number]
  guard part.index < report.leaves else {
    throw .malformed("part \(number) stands at place \(part.index) in a row of \(report.leaves) leaves")
  }
  guard part.figures.allSatisfy({ $0 != .min }), part.figures[report.columns.maintenanceMargin] >= 0 else {
    throw .badFigures("part \(number) has a negative maintenance margin")
  }
  var hasher = TreeHash(report.columns)
  var hash = hasher.leaf(
    account: proof.account, part: number, parts: proof.parts.count, salt: part.salt, figures: part.figures)
  var sums = leafSums(part.figures)
  for (height, sibling) in part.siblings.enumerated() {
    let index = part.index >> UInt64(height)
    try check(sibling, at: index ^ 1, height: height, part: number, report, &hasher)
    let own = NodeView(
      hash: hash, count: leavesBelow(index, height: height, leaves: report.leaves), sums: sums[...])
    let other = NodeView(hash: sibling.hash, count: sibling.count, sums: sibling.sums[...])
    let isLeft = index & 1 == 0
    hash = hasher.node(height: height + 1, left: isLeft ? own : other, right: isLeft ? other : own)
    for index in sums.indices {
      let (sum, carry) = sums[index].addingReportingOverflow(sibling.sums[index])
      if carry { throw .overflow("part \(number), the node at height \(height + 1)") }
      sums[index] = sum
    }
  }
  let top = NodeView(hash: hash, count: report.leaves, sums: sums[...])
  guard sums == report.sums, hasher.root(of: top, height: report.height, context: report.context) == report.root
  else { throw .wrongRoot(part: number) }
}

/// Checks what can be told of a sibling from its place alone.
private func check(
  _ sibling: Sibling, at index: UInt64, height: Int, part: Int, _ report: SolvencyReport, _ hasher: inout TreeHash
) throws(SolvencyFault) {
  guard sibling.count == leavesBelow(index, height: height, leaves: report.leaves) else {
    throw .wrongCount(part: part, height: height)
  }
  if sibling.count == 0 {
    guard sibling.hash == hasher.padding(height: height), sibling.sums.allSatisfy({ $0 == 0 }) else {
      throw .badPadding(part: part, height: height)
    }
  }
  guard sibling.sums[2 * report.columns.maintenanceMargin + 1] == 0 else {
    throw .badFigures("a node has a negative maintenance margin")
  }
}

/// Whether an account's figures fit each other: margin not negative, and equity what balances and positions are worth
/// at the report's prices.
func checkFigures(_ figures: [Int128], _ report: SolvencyReport) throws(SolvencyFault) {
  let columns = report.columns
  guard figures.count == columns.count else { throw .badFigures("there are not \(columns.count) of them") }
  guard figures.allSatisfy({ $0 != .min }), figures[columns.maintenanceMargin] >= 0 else {
    throw .badFigures("the maintenance margin is negative")
  }
  let worth =
    zip(report.assets, figures).map { asset, quanta in asset.value(of: quanta) } + [figures[columns.positions]]
  guard sum(worth) == figures[columns.equity] else {
    throw .badFigures("equity is not what the balances and positions are worth at the report's prices")
  }
}
