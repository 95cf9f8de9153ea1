import Values

/// The figures that stand in every leaf and are summed up in every node, in this order: one balance per asset, the
/// settlement currency first; then the value of the positions, equity without haircuts, maintenance margin.
///
/// Balances are in quanta of their asset, the other three in mq.
public struct Columns: Equatable, Sendable {
  public let assets: Int

  /// Columns of a venue with so many assets, the settlement currency included.
  public init(assets: Int) {
    precondition(assets >= 1)
    self.assets = assets
  }

  public var count: Int { assets + 3 }
  /// Unrealised profit at the marks, net option value, and whatever has accrued and is not settled yet.
  public var positions: Int { assets }
  /// Settlement balance + positions + every other balance at its price, ⌊balance × price / 10^e⌋.
  public var equity: Int { assets + 1 }
  public var maintenanceMargin: Int { assets + 2 }

  /// Positive and negative sums, side by side: what a node has per column.
  var sums: Int { 2 * count }

  func name(_ column: Int) -> String {
    switch column {
    case 0..<assets: "balance \(column)"
    case positions: "positions"
    case equity: "equity"
    default: "maintenance margin"
    }
  }
}

/// One account as it enters the tree.
public struct SolvencyAccount: Equatable, Sendable {
  public var id: AccountId
  /// One figure per column.
  public var figures: [Int128]

  public init(id: AccountId, figures: [Int128]) {
    self.id = id
    self.figures = figures
  }
}

/// Sum of all positive and of all negative figures of a column, kept apart so that a debt of one customer never
/// shortens what another is owed.
public struct ColumnTotal: Equatable, Sendable {
  public var positive: UInt128
  /// Magnitude.
  public var negative: UInt128

  public init(positive: UInt128, negative: UInt128) {
    self.positive = positive
    self.negative = negative
  }

  /// `nil` when it does not fit 128 bits.
  public var net: Int128? {
    guard let positive = Int128(exactly: positive), let negative = Int128(exactly: negative) else { return nil }
    return positive - negative
  }
}

/// The sums of a leaf with these figures.
func leafSums(_ figures: [Int128]) -> [UInt128] {
  var sums: [UInt128] = []
  sums.reserveCapacity(2 * figures.count)
  for figure in figures {
    sums.append(figure > 0 ? figure.magnitude : 0)
    sums.append(figure < 0 ? figure.magnitude : 0)
  }
  return sums
}
