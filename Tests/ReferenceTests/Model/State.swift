import Values
import Wire

// The state of the model. Everything that can be derived is derived, every time it is needed: an account's open lots come
// from its list of orders, a master's lots from its accounts. Only what history decides is stored.

let one: Int128 = 1_000_000_000

/// A bracket table.
struct ModelSchedule {
  var rows: [(lower: Int128, rate: Int128)]

  static let none = ModelSchedule(rows: [(0, 0)])

  /// The sum over the brackets below `notional`, bracket by bracket, in mq × ppb; bounds count `scale` times.
  func amount(_ notional: Int128, scale: Int128 = 1) -> Int128 {
    var sum: Int128 = 0
    for (index, row) in rows.enumerated() where notional > row.lower * scale {
      let end = index + 1 < rows.count ? min(notional, rows[index + 1].lower * scale) : notional
      sum += (end - row.lower * scale) * row.rate
    }
    return sum
  }

  /// Rate that applies just above (or just below) `notional`.
  func rate(at notional: Int128, above: Bool, scale: Int128) -> Int128 {
    var rate = rows[0].rate
    for row in rows.dropFirst() {
      let bound = row.lower * scale
      if notional > bound || (above && notional == bound) { rate = row.rate }
    }
    return rate
  }
}

struct ModelAsset {
  var digits: Int
  var scale: Int128
  var haircutMaintenance: ModelSchedule
  var haircutInitial: ModelSchedule
  var addonMaintenance: Int128
  var addonInitial: Int128
  var price: Int128?
  var stablePrice: Int128?
}

struct ModelParameters {
  var maintenanceTiers: ModelSchedule
  var initialTiers: ModelSchedule
  var maintenanceBase: Int128
  var initialBase: Int128
  var sizeFactor: Int128
  var maintenanceVolatility: Int128
  var initialVolatility: Int128
  var volatilityRatio: Int128
  var profitWeight: Int128
}

struct ModelInstrument {
  var id: InstrumentId
  /// In order of definition.
  var number: Int
  var kind: InstrumentKind
  var base: AssetId
  var quote: AssetId
  /// Quote quanta per lot × price unit.
  var multiplier: Int128
  /// Of 10^-12 of the quote currency.
  var priceUnit: Int128
  /// Units of 10^-12 of the underlying per lot.
  var lotSize: Int128
  /// Spot: quanta of the base asset per lot.
  var baseLot: Int128
  /// 0: not given.
  var maximumPriceGiven: Int128
  var priceBand: Int128
  var maximumOrder: Int128
  var positionLimit: Int128
  var makerFee: Int128
  var takerFee: Int128
  var parameters: ModelParameters?
  /// Impact of closing longs, and of closing shorts.
  var longCurve: [(lots: Int128, rate: Int128)] = []
  var shortCurve: [(lots: Int128, rate: Int128)] = []
  var mark: Int128?
  /// Set by the command being applied.
  var hasMoved = false
  var lastTrade: Int128?
  var phase = Phase.halted
  var listing = Listing.active
  /// When a pending instrument opens, and in which phase.
  var opening: (time: Int64, phase: Phase)?
  /// Resting orders, best first, by price and then time.
  var bids: [ModelBookEntry] = []
  var asks: [ModelBookEntry] = []

  var maximumPrice: Int128 { maximumPriceGiven == 0 ? Int128(Limits.price) : maximumPriceGiven }
  var isPerpetual: Bool { kind == .perpetual }
  var highestFee: Int128 { max(makerFee, takerFee, 0) }

  subscript(side: Side) -> [ModelBookEntry] {
    get { side == .buy ? bids : asks }
    set { if side == .buy { bids = newValue } else { asks = newValue } }
  }
}

/// Where a resting order stands.
struct ModelBookEntry {
  var name: OrderName
  var account: Int
  var price: Int128
}

struct ModelOrder {
  var name: OrderName
  /// Anonymous id in market data.
  var id: UInt64
  var instrument: InstrumentId
  var side: Side
  var price: Int128
  var open: Int128
  var display: Int128
  var shown: Int128
  var filled: Int128 = 0
  var flags: OrderFlags
  var timeInForce: TimeInForce
  var orderType: OrderType
  var selfTradePrevention: SelfTradePrevention
  /// Sequence of the command with which it entered or last lost its priority.
  var entry: UInt64
  /// Σ filled notional × rate, in mq × ppb.
  var feeBase: Int128 = 0
  var provisionRate: Int128
  var provisionPrice: Int128
  /// When it ends, in nanoseconds; 0: never.
  var expiry: Int64 = 0
  /// The side's worst limit before this order came; `nil` once it rests.
  var worstBefore: Int128?

  var isReduceOnly: Bool { flags.contains(.reduceOnly) }
  var charged: Int128 { feeBase.dividedRoundingUp(by: one) }

  /// Most notional that a provision is reckoned on: 10^24.
  static let provisionCap: Int128 = 1_000_000_000_000_000_000_000_000

  func provision(_ instrument: ModelInstrument) -> Int128 {
    let all = feeBase + min(open * provisionPrice * instrument.multiplier, ModelOrder.provisionCap) * provisionRate
    return max(0, all.dividedRoundingUp(by: one) - charged)
  }
}

struct ModelPosition {
  var lots: Int128 = 0
  var cost: Int128 = 0
  var worstBuy: Int128 = 0
  var worstSell: Int128 = 0
}

struct ModelAccount {
  var id: AccountId
  var master: MasterId
  var parent: AccountId
  var isolatedInstrument: InstrumentId
  var multiplier: Int128
  var leverageCap: Int128
  var mode: AccountMode
  var mayBorrow: Bool
  var preventionGroup: UInt32 = 0
  var limits: SetAccountLimits?
  /// Seconds of the clock in which new orders were accepted, and the last of them, since there are limits.
  var sentSeconds: [Int64] = []
  var lastOrder: (order: ModelOrder, price: Int128, quantity: Int128, time: Int64)?
  var balances: [AssetId: Int128] = [.settlement: 0]
  var positions: [InstrumentId: ModelPosition] = [:]
  /// Open orders by entry; the incoming order is one of them.
  var orders: [ModelOrder] = []

  func balance(_ asset: AssetId) -> Int128 { balances[asset] ?? 0 }
  func lots(_ instrument: InstrumentId) -> Int128 { positions[instrument]?.lots ?? 0 }
  func index(_ name: OrderName) -> Int {
    guard let index = orders.firstIndex(where: { $0.name == name }) else { preconditionFailure("no such order") }
    return index
  }
}

struct ModelKey {
  var id: KeyId
  var master: MasterId
  var roles: Roles
  var lastRequest: UInt64 = 0
  var lastReport: UInt64 = 0
  var connection: UInt64 = 0
  var cancelOnDisconnect: UInt32 = 0
  var windowEnd: Int64?
  /// When its countdown ends, the account it is for, and the request that set it.
  var countdown: (end: Int64, account: Int?, request: UInt64)?
}

struct KillTarget: Hashable {
  var scope: KillScope
  var id: UInt32
}

/// Orders of the command that are cancelled: those that everything given matches.
struct ModelJob {
  /// In accounts of this firm, in this account.
  var master: MasterId?
  var account: Int?
  /// Entered by this key.
  var key: KeyId?
  var side = SideScope.both
  var instrument: InstrumentId?
  var underlying: AssetId?
  var kinds: [InstrumentKind]?
  var reason: CancelReason
  var sequence: UInt64
  /// Who gets `MassCancelDone`; `nil` for lost sessions.
  var asker: KeyId?
  var requestId: UInt64
  var count: UInt64 = 0
  var accountsPassed = 0
  var quotesOnly = false
}

/// A deliberate mistake in the model, to show that the comparison would see it in the kernel.
enum PlantedFault: CaseIterable {
  case none
  /// The newest order of a level trades first.
  case lastInFirstOut
  /// Makers pay no fee.
  case lostFee
  /// A fill's margin leaves the open orders of the account out.
  case staleMargin
  /// Position cost is realised rounded down.
  case wrongRounding
  /// The master's other accounts are not counted.
  case forgottenSiblings
  /// A worst limit is forgotten as soon as its order is cancelled.
  case looseWorstLimit
}
