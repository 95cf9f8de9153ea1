import FuzzHarness
import Testing
import Values
import Wire

/// Not one number at its edge but the whole venue: the largest multiplier, positions, balances, prices and rates at once.
@Suite("A venue at all its bounds")
struct ExtremeVenueTests {
  private let venue = HostileVenue()
  private static let instrument = InstrumentId(7)
  private static let asset = AssetId(3)
  private static let rich = (1...2).map { AccountId(UInt32($0)) }

  private func send(_ make: (UInt64) -> [UInt8], from key: KeyId = Fixture.staff) -> Refusal? {
    let reports = venue.apply(make(venue.nextRequest(of: key)), key: key)
    if let finding = venue.audit() { Issue.record("\(finding)") }
    return reports.first?.refusal
  }

  private func accept(
    from key: KeyId = Fixture.staff, _ location: SourceLocation = #_sourceLocation, _ make: (UInt64) -> some Message
  ) throws {
    let refusal = send({ frameBytes(make($0)) }, from: key)
    try #require(refusal == nil, sourceLocation: location)
  }

  /// An instrument whose lot and price unit are worth 10^15 quanta, with these rates; two accounts as rich as can be.
  private func prepare(rates: Rate, sizeFactor: Rate) throws {
    try accept {
      DefineInstrument(
        requestId: $0, instrument: Self.instrument, kind: .perpetual, base: Fixture.coin, quote: .settlement,
        symbol: "HUGE", priceUnit: 5_000_000_000_000_000_000, lotSize: 2_000_000_000_000_000_000,
        maximumPrice: Price(0), priceBand: Rate(0), maximumOrder: Quantity(0), positionLimit: Quantity(0),
        makerFee: Rate(100_000_000), takerFee: Rate(100_000_000))
    }
    try accept {
      SetMarginParameters(
        requestId: $0, instrument: Self.instrument, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: rates, initialBase: rates, sizeFactor: sizeFactor, maintenanceVolatility: rates,
        initialVolatility: Rate(10_000_000_000), volatilityRatio: Rate(10_000_000_000),
        profitWeight: Rate(1_000_000_000),
        liquidationFee: Rate(0), maximumSlippage: Rate(0))
    }
    for side in Side.allCases {
      let curve = { (requestId: UInt64) in
        frameBytes(
          SetImpactCurve(requestId: requestId, instrument: Self.instrument, side: side),
          rows: [SetImpactCurve.Row(lots: Quantity(1), rate: Rate(1_000_000_000))])
      }
      #expect(send(curve) == nil)
    }
    try accept {
      DefineAsset(
        requestId: $0, asset: Self.asset, symbol: "DEAR", digits: 0, priceScale: 0, haircutMaintenance: ScheduleId(3),
        haircutInitial: ScheduleId(4), debtAddonMaintenance: Rate(10_000_000_000),
        debtAddonInitial: Rate(10_000_000_000))
    }
    try accept { IndexPrice(requestId: $0, price: Price(Limits.assetPrice), stablePrice: nil, asset: Self.asset) }
    for account in Self.rich {
      try accept {
        Deposit(
          requestId: $0, account: account, asset: .settlement,
          amount: Money(rawValue: Int128(Limits.balance) - 1_000_000))
      }
      try accept {
        Deposit(requestId: $0, account: account, asset: Self.asset, amount: Money(rawValue: Int128(Limits.balance)))
      }
    }
    try mark(1)
    try accept { SetPhase(requestId: $0, instrument: Self.instrument, phase: .continuous) }
  }

  private func mark(_ price: Int64) throws {
    try accept { MarkPrice(requestId: $0, price: Price(price), instrument: Self.instrument) }
  }

  private func order(
    _ trader: Int, _ side: Side, _ lots: Int64, at price: Int64, _ instrument: InstrumentId = Self.instrument
  ) -> Refusal? {
    send(
      {
        frameBytes(
          NewOrder(
            requestId: $0, account: Self.rich[trader], instrument: instrument, price: Price(price),
            quantity: Quantity(lots), display: Quantity(0), side: side, orderType: .limit,
            timeInForce: .goodTillCancel, flags: [], selfTradePrevention: .allow))
      }, from: Fixture.traders[trader])
  }

  /// Everything that looks at an account, and a way through its state's bytes.
  private func look() throws {
    for account in Self.rich {
      for query in [
        frameBytes(QueryMargin(queryId: 1, account: account)), frameBytes(QueryPositions(queryId: 1, account: account)),
        frameBytes(QueryBalances(queryId: 1, account: account)),
      ] {
        #expect(venue.answer(query, key: Fixture.staff).count >= 2)
      }
      _ = send({
        frameBytes(Withdraw(requestId: $0, account: account, asset: .settlement, amount: Money(rawValue: 1)))
      })
    }
    #expect(StateBytes(of: try venue.state.restored()) == venue.state)
  }

  @Test(
    "Positions of the largest notional while the mark goes through every price",
    arguments: [0, 1_000_000_000, 10_000_000_000])
  func wildMarks(rate: Int64) throws {
    try prepare(rates: Rate(rate), sizeFactor: Rate(rate))
    let tradesBefore = venue.kernel.trades
    // Near the bound of 10^18 for one account, most of which the fixture's own positions leave free.
    for (trader, side) in [(0, Side.sell), (1, .buy)] {
      #expect(order(trader, side, 1_001, at: 1)?.reason == .notionalLimit)
      let lots: Int64 = rate == 0 ? 999 : 20
      #expect(order(trader, side, lots, at: 1) == nil)
    }
    #expect(venue.kernel.trades > tradesBefore)
    var price: Int64 = 1
    while price < Limits.price {
      try mark(price)
      try look()
      for side in Side.allCases {
        for trader in 0...1 {
          _ = order(trader, side, 1, at: price)
          _ = order(trader, side, 1_000, at: 0)
          _ = order(trader, side, Limits.quantity, at: Limits.price)
        }
      }
      price = price < 1 << 50 ? price << 5 : Limits.price
    }
    try mark(Limits.price)
    try look()
    try mark(1)
    try look()
  }

  @Test("A sale far above its limit is bounded by what it can fetch, not by what it asks")
  func saleAboveLimit() throws {
    try prepare(rates: Rate(0), sizeFactor: Rate(0))
    let pair = InstrumentId(8)
    try accept {
      DefineInstrument(
        requestId: $0, instrument: pair, kind: .spot, base: Fixture.coin, quote: Self.asset, symbol: "PAIR",
        priceUnit: 1_000_000_000_000_000_000, lotSize: 1_000_000_000_000_000_000, maximumPrice: Price(0),
        priceBand: Rate(0), maximumOrder: Quantity(0), positionLimit: Quantity(0), makerFee: Rate(-100_000_000),
        takerFee: Rate(100_000_000))
    }
    try accept { SetPhase(requestId: $0, instrument: pair, phase: .continuous) }
    try accept { Deposit(requestId: $0, account: Self.rich[0], asset: Fixture.coin, amount: Money(rawValue: 1 << 60)) }
    // Worth 8·10^17: most of what one account may be worth.
    #expect(order(1, .buy, 1, at: 800_000, pair) == nil)
    for lots in [2, 1 << 20, Limits.quantity] {
      #expect(order(0, .sell, lots, at: 0, pair)?.reason == .notionalLimit, "\(lots) lots")
    }
    #expect(order(0, .sell, 1, at: 0, pair) == nil)
    #expect(venue.kernel.orderCount > 0)
    try look()
  }
}
