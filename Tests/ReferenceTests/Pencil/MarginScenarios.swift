import Testing
import Values
import Wire

/// Figures a person can check with a pencil, on the model and on the kernel.
@Suite struct MarginScenarios {
  @Test("A fill moves both accounts at once, and each report shows its account", arguments: VenueKind.allCases)
  func fillOfTwoAccounts(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual()
    desk.trader(1, cash: 10_000)
    desk.trader(2, cash: 5_000)
    desk.order(1, .sell, 10, at: 100)
    // The order alone: 10 lots short would need 10 % of 1,000.
    #expect(Figures(try desk.only(OrderAccepted.self).margin) == Figures(equity: 10_000, initial: 100, maintenance: 0))
    desk.order(2, .buy, 4, at: 101)
    let fills = desk.all(OrderFilled.self)
    try #require(fills.count == 2)
    #expect(fills[0].account == AccountId(1) && fills[0].liquidity == .maker && fills[0].position == Quantity(-4))
    #expect(fills[0].open == Quantity(6) && fills[0].filled == Quantity(4) && fills[0].price == Price(100))
    #expect(Figures(fills[0].margin) == Figures(equity: 10_000, initial: 100, maintenance: 20))
    #expect(fills[1].account == AccountId(2) && fills[1].liquidity == .taker && fills[1].position == Quantity(4))
    #expect(Figures(fills[1].margin) == Figures(equity: 5_000, initial: 40, maintenance: 20))
    #expect(fills[0].tradeId == 1 && fills[1].tradeId == 1)
  }

  @Test("A mark moves profit from the short to the long", arguments: VenueKind.allCases)
  func markMovesProfit(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual(profitWeight: 500_000_000)
    desk.trader(1, cash: 10_000)
    desk.trader(2, cash: 5_000)
    desk.order(1, .sell, 10, at: 100)
    desk.order(2, .buy, 10, at: 100)
    desk.mark(110)
    // Long: profit 100, of which half counts for initial margin; 10 % and 5 % of 1,100.
    #expect(try desk.margin(2) == Figures(equity: 5_101, initialEquity: 5_051, initial: 110, maintenance: 55))
    #expect(try desk.margin(1) == Figures(equity: 9_901, initial: 110, maintenance: 55))
  }

  @Test("A reduction realises its share of the cost, rounded against the account", arguments: VenueKind.allCases)
  func realisedShare(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual()
    desk.trader(1, cash: 10_000)
    desk.trader(2, cash: 5_000)
    desk.order(1, .sell, 2, at: 100)
    desk.order(1, .sell, 1, at: 101)
    desk.order(2, .buy, 3, at: 101)
    desk.order(1, .buy, 1, at: 100)
    desk.order(2, .sell, 1, at: 100)
    // Long 3 at a cost of 301. Selling 1 at 100 realises ⌈301/3⌉ = 101: cash 4,999, cost 200 for 2 lots.
    #expect(try desk.margin(2) == Figures(equity: 5_000, initial: 20, maintenance: 10))
    // Short 3 at a cost of −301. Buying 1 realises ⌈−301/3⌉ = −100: cash 10,000, cost −201 for 2 lots.
    #expect(try desk.margin(1) == Figures(equity: 10_002, initial: 20, maintenance: 10))
    desk.withdraw(5_000, from: 2)
    #expect(try desk.refusal() == Refusal(.belowMaintenance, -10))
    desk.mark(150)
    desk.withdraw(4_971, from: 2)
    // A gain of 100 on paper does not count: 5,000 − 4,971 − 10 % of 300.
    #expect(try desk.refusal() == Refusal(.insufficientMargin, -1))
    desk.withdraw(4_970, from: 2)
    #expect(try desk.only(BalanceChanged.self).balance == Money(Int64(30)))
  }

  @Test("An open order needs its worst case and what its limit is worse than the mark", arguments: VenueKind.allCases)
  func openLoss(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual()
    desk.trader(1, cash: 1_000)
    desk.order(1, .buy, 5, at: 120)
    // 10 % of 500, and 5 × 20 that would be lost at once.
    #expect(Figures(try desk.only(OrderAccepted.self).margin) == Figures(equity: 1_000, initial: 150, maintenance: 0))
    desk.order(1, .sell, 2, at: 90, prevention: .allow)
    // Would trade with itself, which it may: 2 bought and sold at 120. Left: 3 × 10 and 3 × 20.
    #expect(try desk.margin(1) == Figures(equity: 1_001, initial: 90, maintenance: 0))
  }

  @Test("Tiers are marginal, like tax brackets", arguments: VenueKind.allCases)
  func tiers(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.schedule(1, [(0, 10_000_000), (1_000, 20_000_000)])
    desk.schedule(2, [(0, 20_000_000), (1_000, 50_000_000)])
    desk.openPerpetual(initial: 0, maintenance: 0, tiers: (1, 2))
    desk.trader(1, cash: 1_000)
    desk.trader(2, cash: 1_000)
    desk.order(1, .sell, 15, at: 100)
    desk.order(2, .buy, 15, at: 100)
    // Maintenance 1 % of 1,000 + 2 % of 500; initial 2 % of 1,000 + 5 % of 500.
    #expect(try desk.margin(2) == Figures(equity: 1_001, initial: 45, maintenance: 20))
  }

  @Test(
    "Sub-accounts do not evade the tiers: the rate is looked up with the master's lots", arguments: VenueKind.allCases)
  func siblings(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.schedule(1, [(0, 20_000_000), (1_000, 50_000_000)])
    desk.openPerpetual(initial: 0, maintenance: 0, tiers: (0, 1))
    desk.trader(1, cash: 1_000, master: 7)
    desk.trader(2, cash: 1_000, master: 7)
    desk.order(1, .buy, 10, at: 100)
    #expect(Figures(try desk.only(OrderAccepted.self).margin).initial == 20)
    desk.order(2, .buy, 10, at: 100)
    // Together 2,000: 20 + 50 = 70; half of it is this account's.
    #expect(Figures(try desk.only(OrderAccepted.self).margin).initial == 35)
    #expect(try desk.margin(1).initial == 35)
  }

  @Test("The size premium grows with the root of the size", arguments: VenueKind.allCases)
  func sizePremium(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual(sizeFactor: 20_000_000)
    desk.trader(1, cash: 10_000)
    desk.order(1, .buy, 16, at: 100)
    // 4/5 of 10 % and 2 % × √16 = 16 % of 1,600.
    #expect(Figures(try desk.only(OrderAccepted.self).margin).initial == 256)
  }

  @Test("The size premium of a coin that is held by the trillion has no cliff", arguments: VenueKind.allCases)
  func sizePremiumOfTrillions(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual(mark: 1, initial: 1_000_000, maintenance: 1_000_000, sizeFactor: 1)
    desk.trader(1, cash: 1_000_000_000_000)
    desk.order(1, .buy, 9_000_000_000_000, at: 1)
    // 4/5 of 0.1 % and 3,000,000 ppb of 9·10^12.
    #expect(Figures(try desk.only(OrderAccepted.self).margin).initial == 34_200_000_000)
  }

  @Test("A leverage cap and a house multiplier raise the requirement", arguments: VenueKind.allCases)
  func capAndMultiplier(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual()
    desk.trader(1, cash: 10_000, leverageCap: 3)
    desk.order(1, .buy, 10, at: 100)
    // ⌈10^9 / 3⌉ ppb of 1,000, rounded up.
    #expect(Figures(try desk.only(OrderAccepted.self).margin).initial == 334)
    desk.trader(2, cash: 10_000, multiplier: 1_500_000_000)
    desk.order(2, .buy, 9, at: 100)
    #expect(Figures(try desk.only(OrderAccepted.self).margin).initial == 135)
  }

  @Test("Fees are rounded once per order, not once per fill", arguments: VenueKind.allCases)
  func cumulativeFees(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual(makerFee: 0, takerFee: 1_000_000)
    desk.trader(1, cash: 10_000)
    desk.trader(2, cash: 10_000)
    for _ in 0..<3 { desk.order(1, .sell, 4, at: 100) }
    desk.order(2, .buy, 12, at: 100)
    // 0.1 % of 400, 800, 1,200: 0.4, 0.8, 1.2, charged so far 1, 1, 2.
    #expect(desk.all(OrderFilled.self).filter { $0.liquidity == .taker }.map(\.fee.wireValue) == [1, 0, 1])
  }

  @Test("Collateral counts after its haircut, a debt with its add-on", arguments: VenueKind.allCases)
  func collateral(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.schedule(1, [(0, 100_000_000)])
    desk.schedule(2, [(0, 200_000_000)])
    let token = AssetId(2)
    desk.send(
      DefineAsset(
        requestId: desk.next(), asset: token, symbol: "TOKEN", digits: 0, priceScale: 1,
        haircutMaintenance: ScheduleId(1), haircutInitial: ScheduleId(2), debtAddonMaintenance: Rate(50_000_000),
        debtAddonInitial: Rate(100_000_000)))
    desk.send(IndexPrice(requestId: desk.next(), price: Price(25), stablePrice: Price(20), asset: token))
    desk.trader(1, cash: 1_000)
    desk.deposit(10, to: 1, asset: token)
    // 10 × 2.5 = 25 less a tenth, rounded down; strictly 10 × 2.0 less a fifth.
    #expect(
      Figures(try desk.only(BalanceChanged.self).margin)
        == Figures(equity: 1_022, initialEquity: 1_016, initial: 0, maintenance: 0))
    desk.withdraw(20, from: 1, asset: token)
    // A debt of 10 × 2.5 = 25 plus 5 %, and plus 10 %, rounded against the account.
    #expect(
      Figures(try desk.only(BalanceChanged.self).margin)
        == Figures(equity: 973, initialEquity: 972, initial: 0, maintenance: 0))
  }

  @Test("Fully collateralised: the requirement is the most that can be lost", arguments: VenueKind.allCases)
  func fullyCollateralised(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual(maximumPrice: 150)
    desk.openPerpetual(InstrumentId(3))
    desk.trader(1, cash: 1_000, mayBorrow: false, mode: .fullyCollateralised)
    desk.trader(2, cash: 10_000)
    desk.order(1, .sell, 4, at: 100, InstrumentId(3))
    #expect(try desk.refusal().reason == .noPriceCap)
    desk.order(1, .sell, 4, at: 100)
    desk.order(2, .buy, 4, at: 100)
    #expect(try desk.margin(1) == Figures(equity: 1_001, initial: 200, maintenance: 200))
    desk.mark(140)
    // 160 lost, 40 still to lose.
    #expect(try desk.margin(1) == Figures(equity: 842, initial: 40, maintenance: 40))
  }
}
