import Values

/// What a report is of: one state of one venue.
public struct SolvencyContext: Equatable, Sendable {
  public var venueId: UInt64
  /// The last command in the state.
  public var sequence: UInt64
  /// Its logged time.
  public var time: Timestamp
  /// BLAKE2b-256 of the canonical state, as in the header of its snapshot.
  public var stateHash: Bytes32
  public var logChain: Bytes32

  public init(venueId: UInt64, sequence: UInt64, time: Timestamp, stateHash: Bytes32, logChain: Bytes32) {
    self.venueId = venueId
    self.sequence = sequence
    self.time = time
    self.stateHash = stateHash
    self.logChain = logChain
  }
}

/// An asset of a report.
public struct ReportedAsset: Equatable, Sendable {
  public var id: AssetId
  public var symbol: Symbol
  /// Decimal digits of its quantum.
  public var digits: UInt8
  /// e: value in mq = quanta × price / 10^e.
  public var priceScale: UInt8
  /// Index price; 0: none, and the asset counts 0 in equity. The settlement currency has price 1, e 0.
  public var price: Price
  /// Deposits less withdrawals, in quanta.
  public var deposited: Money

  public init(id: AssetId, symbol: Symbol, digits: UInt8, priceScale: UInt8, price: Price, deposited: Money) {
    self.id = id
    self.symbol = symbol
    self.digits = digits
    self.priceScale = priceScale
    self.price = price
    self.deposited = deposited
  }

  static let settlementPrice = Price(1)

  /// ⌊quanta × price / 10^e⌋ in mq: what `quanta` are worth without a haircut or an add-on; `nil` beyond 128 bits.
  func value(of quanta: Int128) -> Int128? {
    let (gross, overflow) = quanta.multipliedReportingOverflow(by: Int128(price.rawValue))
    if overflow { return nil }
    var scale: Int128 = 1
    for _ in 0..<priceScale { scale *= 10 }
    return gross.dividedRoundingDown(by: scale)
  }
}

/// Money that belongs to no account.
public struct HouseBucket: Equatable, Sendable {
  public enum Kind: UInt16, Sendable, CaseIterable {
    /// Fees collected, net of rebates.
    case fees = 1
    /// An instrument's pool: what has come in from one side and not gone out to the other yet.
    case pool = 2
    case insuranceFund = 3
    case reserve = 4
    /// What rounding has left.
    case dust = 5
    /// Counter-entry of what has accrued in accounts and is not settled: with it the report adds up between touches.
    case accrued = 6
  }

  public var kind: Kind
  public var asset: AssetId
  /// Of a pool; otherwise none.
  public var instrument: InstrumentId
  public var amount: Money

  public init(_ kind: Kind, asset: AssetId, instrument: InstrumentId = .none, amount: Money) {
    self.kind = kind
    self.asset = asset
    self.instrument = instrument
    self.amount = amount
  }
}

/// What a venue owes its customers in one state, as it is signed: totals per column, the house's own money, and the root
/// of the tree in which every account finds itself.
///
/// It is about liabilities. Whether the venue has the assets to pay them is not in it.
public struct SolvencyReport: Equatable, Sendable {
  public var context: SolvencyContext
  public var moneyDigits: UInt8
  /// The settlement currency first, then by rising id.
  public var assets: [ReportedAsset]
  public var house: [HouseBucket]
  public internal(set) var root = Bytes32()
  public internal(set) var leaves: UInt64 = 0
  public internal(set) var height = 0
  /// One per column.
  public internal(set) var totals: [ColumnTotal]

  /// The report of a state; the tree adds root and totals.
  public init(context: SolvencyContext, moneyDigits: UInt8, assets: [ReportedAsset], house: [HouseBucket]) {
    self.context = context
    self.moneyDigits = moneyDigits
    self.assets = assets
    self.house = house
    totals = [ColumnTotal](
      repeating: ColumnTotal(positive: 0, negative: 0), count: Columns(assets: max(1, assets.count)).count)
  }

  public var columns: Columns { Columns(assets: assets.count) }

  /// The totals in the order of a node's sums.
  var sums: [UInt128] { totals.flatMap { [$0.positive, $0.negative] } }

  /// Checks what the report claims about itself: assets in order, a tree of the right height, no negative margin, and for
  /// every asset: what was deposited is what the accounts and the house have.
  func check() throws(SolvencyFault) {
    guard let first = assets.first, first.id == .settlement, first.price == ReportedAsset.settlementPrice,
      first.priceScale == 0, first.digits == moneyDigits
    else { throw .malformed("the first asset is not the settlement currency") }
    guard zip(assets, assets.dropFirst()).allSatisfy({ $0.id < $1.id }) else {
      throw .malformed("the assets are not in order")
    }
    guard assets.allSatisfy({ $0.priceScale <= 36 && $0.digits <= 36 && $0.price.rawValue >= 0 }) else {
      throw .malformed("an asset's price or digits are out of range")
    }
    guard leaves <= 1 << UInt64(greatestHeight), height == treeHeight(leaves: leaves) else {
      throw .malformed("a tree of height \(height) is not the one for \(leaves) leaves")
    }
    guard totals[columns.maintenanceMargin].negative == 0 else {
      throw .badFigures("the total of maintenance margins has a negative part")
    }
    for (column, asset) in assets.enumerated() {
      var amounts = [totals[column].net]
      if asset.id == .settlement { amounts.append(totals[columns.positions].net) }
      amounts += house.filter { $0.asset == asset.id }.map { $0.amount.rawValue }
      guard sum(amounts) == asset.deposited.rawValue else { throw .notConserved(asset: asset.id) }
    }
    guard house.allSatisfy({ bucket in assets.contains { $0.id == bucket.asset } }) else {
      throw .malformed("money of the house in an asset that the report does not list")
    }
  }
}

/// The sum; `nil` when one of them, or a sum, does not fit.
func sum(_ amounts: [Int128?]) -> Int128? {
  var total: Int128 = 0
  for amount in amounts {
    guard let amount else { return nil }
    let (next, overflow) = total.addingReportingOverflow(amount)
    if overflow { return nil }
    total = next
  }
  return total
}
