import Values

@testable import Margin

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: Int) { state = UInt64(seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

/// Random streams: ten times as many in release, where each takes a fraction of the time.
#if DEBUG
  let seeds = 1...40
#else
  let seeds = 1...400
#endif

/// A rate of whole hundredths of a percent.
func basisPoints(_ value: Int64) -> Rate { Rate(value * 100_000) }

/// An amount of whole dollars in mq of 10^-8.
func dollars(_ value: Int64) -> Money { Money(value * 100_000_000) }

/// An amount in money quanta.
func mq(_ value: Int64) -> Money { Money(value) }

/// Quotient rounded up and down, written without the library.
func roundUp(_ numerator: Int128, _ denominator: Int128) -> Int128 {
  let quotient = numerator / denominator
  return quotient * denominator < numerator ? quotient + 1 : quotient
}

func roundDown(_ numerator: Int128, _ denominator: Int128) -> Int128 { -roundUp(-numerator, denominator) }

extension Limits {
  /// Small tables: a test makes thousands of ledgers.
  static var small: Limits {
    var limits = Limits()
    limits.assets = 8
    limits.schedules = 16
    limits.instruments = 8
    limits.accounts = 16
    limits.positions = 128
    limits.balances = 128
    return limits
  }
}

extension Ledger {
  init() { self.init(limits: .small, moneyDigits: 8) }

  /// A schedule of (lower bound in mq, rate); returns its slot.
  @discardableResult mutating func addSchedule(_ id: UInt16, _ rows: [(Money, Rate)]) -> UInt32 {
    add(Schedule(id: ScheduleId(id), rows: rows.map { Bracket(lower: $0.0, rate: $0.1) }))
    return find(ScheduleId(id))
  }

  /// A perpetual with a multiplier given in mq per lot × price unit.
  mutating func addPerpetual(
    _ id: UInt32, multiplier: Int64 = 1, lotSize: Int64 = 1_000_000_000_000, maximumPrice: Price? = nil,
    parameters: MarginParameters = MarginParameters(), fees: (maker: Rate, taker: Rate) = (.zero, .zero), mark: Int64
  ) -> UInt32 {
    add(
      Instrument(
        id: InstrumentId(id), base: .settlement, quote: .settlement, kind: .perpetual,
        hasPriceCap: maximumPrice != nil, symbol: "TEST", priceUnit: 1, lotSize: lotSize, multiplier: multiplier,
        baseLot: 0, maximumPrice: maximumPrice ?? Price(Limits.price), priceBand: .zero,
        maximumOrder: Quantity(Limits.quantity), positionLimit: Quantity(Limits.quantity), makerFee: fees.maker,
        takerFee: fees.taker, book: 0, baseAsset: 0, quoteAsset: 0, longCurve: curves.insert(ImpactCurve()),
        shortCurve: curves.insert(ImpactCurve())))
    let slot = find(InstrumentId(id))
    setParameters(of: slot, to: parameters)
    setMark(of: slot, to: Price(mark))
    return slot
  }

  /// A spot pair between two assets (slots; zero: the settlement currency).
  mutating func addSpot(_ id: UInt32, base: UInt32, quote: UInt32, multiplier: Int64, baseLot: Int64) -> UInt32 {
    add(
      Instrument(
        id: InstrumentId(id), base: base == 0 ? .settlement : assets[base].id,
        quote: quote == 0 ? .settlement : assets[quote].id, kind: .spot, hasPriceCap: false, symbol: "TEST",
        priceUnit: 1, lotSize: 1, multiplier: multiplier, baseLot: baseLot, maximumPrice: Price(Limits.price),
        priceBand: .zero, maximumOrder: Quantity(Limits.quantity), positionLimit: Quantity(Limits.quantity),
        makerFee: .zero, takerFee: .zero, book: 0, baseAsset: base, quoteAsset: quote,
        longCurve: curves.insert(ImpactCurve()), shortCurve: curves.insert(ImpactCurve())))
    return find(InstrumentId(id))
  }

  /// An asset with haircut schedules (slots) and debt add-ons; returns its slot.
  mutating func addAsset(
    _ id: UInt16, priceScale: UInt8 = 0, haircuts: (maintenance: UInt32, initial: UInt32) = (0, 0),
    addons: (maintenance: Rate, initial: Rate) = (.zero, .zero), price: Int64? = nil, stable: Int64? = nil
  ) -> UInt32 {
    add(
      Asset(
        id: AssetId(id), symbol: "ASSET", digits: 8, priceScale: priceScale, haircutMaintenance: haircuts.maintenance,
        haircutInitial: haircuts.initial, debtAddonMaintenance: addons.maintenance, debtAddonInitial: addons.initial))
    let slot = find(AssetId(id))
    if let price { setPrice(of: slot, to: Price(price), stable: stable.map { Price($0) }) }
    return slot
  }

  mutating func addAccount(
    _ id: UInt32, master: UInt32? = nil, mode: AccountMode = .standard, flags: AccountFlags = [.mayBorrow],
    multiplier: Rate = .one, leverageCap: UInt16 = 0, cash: Money = .zero
  ) -> UInt32 {
    let slot = add(
      Account(
        id: AccountId(id), master: 0, parent: .none, isolatedInstrument: .none, leverageCap: leverageCap, mode: mode,
        flags: flags, multiplier: multiplier), of: MasterId(master ?? id))
    deposit(cash, account: slot, asset: 0)
    return slot
  }

  /// Gives an account a position bought or sold at `price`, without a fee and without an order.
  mutating func give(_ lots: Int64, at price: Int64, account: UInt32, instrument: UInt32) -> UInt32 {
    let slot = position(account: account, instrument: instrument)
    touch(account)
    execute(
      lots > 0 ? .buy : .sell, lots: Quantity(abs(lots)), price: Price(price), fee: .zero, in: slot)
    return slot
  }

  /// Puts an open order without a provision among an account's open orders.
  @discardableResult mutating func open(
    _ side: Side, _ lots: Int64, at limit: Int64, reduceOnly: Bool = false, account: UInt32, instrument: UInt32
  ) -> UInt32 {
    let slot = position(account: account, instrument: instrument)
    addOpen(
      OpenLots(side: side, reduceOnly: reduceOnly, lots: Quantity(lots), limit: Price(limit), provision: .zero),
      to: slot)
    touch(account)
    return slot
  }
}

extension MarginParameters {
  /// Flat rates, every dynamic term off.
  static func flat(maintenance: Rate, initial: Rate) -> MarginParameters {
    var parameters = MarginParameters()
    parameters.maintenanceBase = maintenance
    parameters.initialBase = initial
    return parameters
  }
}
