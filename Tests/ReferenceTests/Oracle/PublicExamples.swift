import Testing
import Values
import Wire

/// Worked examples that others have published, traded through the whole venue. Each names its source.
@Suite struct PublicExamples {
  /// Source: dydxprotocol/v4-chain, protocol/x/perpetuals/lib/lib_test.go, TestGetMarginRequirementsInQuoteQuantums.
  @Test("dYdX: 20 % initial, 10 % maintenance of one quantum at 123456789123·10^5", arguments: VenueKind.allCases)
  func dydxRequirements(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual(
      mark: 123_456_789_123, initial: 200_000_000, maintenance: 100_000_000, priceUnit: 100_000_000_000_000_000)
    for trader: UInt32 in 1...2 { desk.trader(trader, cash: 500_000_000_000_000_000) }
    desk.order(1, .sell, 1, at: 123_456_789_123)
    desk.order(2, .buy, 1, at: 123_456_789_123)
    let margin = Figures(try #require(desk.all(OrderFilled.self).last).margin)
    #expect(margin.initial == 2_469_135_782_460_000 && margin.maintenance == 1_234_567_891_230_000)
  }

  /// Source: tradeparadex/paradex-docs, risk-system/cross-margin-requirement.mdx: position −1, buys 3, sells 2, 2 %.
  @Test("Paradex: the larger of both sides, 5,400", arguments: VenueKind.allCases)
  func paradexOpenOrders(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual(mark: 90_000, initial: 20_000_000, maintenance: 10_000_000)
    for trader: UInt32 in 1...2 { desk.trader(trader, cash: 1_000_000) }
    desk.order(1, .sell, 1, at: 90_000)
    desk.order(2, .buy, 1, at: 90_000)
    desk.order(1, .buy, 3, at: 89_999)
    desk.order(1, .sell, 2, at: 90_001)
    #expect(Figures(try desk.only(OrderAccepted.self).margin).initial == 5_400)
  }

  /// Source: blockworks-foundation/mango-v4, programs/mango-v4/src/health/cache.rs, test_health1 cases 0 and 1: lots of
  /// 10, price 5, weights 0.8 and 1.2, 7 lots bid and 11 offered; 3 lots long with −131: health −81 = 19 − 100, and 10
  /// lots short with −131: health −841 = −631 − 210.
  @Test("Mango: the worse of all bids or all asks filling", arguments: VenueKind.allCases)
  func mangoOpenOrders(kind: VenueKind) throws {
    for (lots, expected) in [(3, 100), (-10, 210)] as [(Int64, Int64)] {
      let desk = Desk(kind)
      desk.openPerpetual(
        mark: 5, initial: 200_000_000, maintenance: 100_000_000, lotSize: 10_000_000_000_000)
      for trader: UInt32 in 1...2 { desk.trader(trader, cash: 100_000) }
      let side: Side = lots > 0 ? .buy : .sell
      desk.order(2, side.opposite, abs(lots), at: 5)
      desk.order(1, side, abs(lots), at: 5)
      desk.order(1, .buy, 7, at: 4)
      desk.order(1, .sell, 11, at: 6)
      #expect(Figures(try desk.only(OrderAccepted.self).margin).initial == expected)
    }
  }

  /// Source: vegaprotocol/specs, protocol/0019-MCAL-margin_calculator.md, 0019-MCAL-210 and Example 1 step 1.
  @Test("Vega: slippage and risk factor add up, 5,565 and 705.6", arguments: VenueKind.allCases)
  func vegaLiquidity(kind: VenueKind) throws {
    for (mark, position, buys, expected) in [(15_900, 1, 0, 55_650), (144, 10, 4, 7_056)]
      as [(Int64, Int64, Int64, Int64)]
    {
      let desk = Desk(kind, venueDefinition(moneyDigits: 1))
      desk.openPerpetual(mark: mark, initial: 100_000_000, maintenance: 100_000_000)
      desk.impactCurve([(1, 250_000_000), (100, 250_000_000)])
      for trader: UInt32 in 1...2 { desk.trader(trader, cash: 10_000_000) }
      desk.order(2, .sell, position, at: mark)
      desk.order(1, .buy, position, at: mark)
      if buys > 0 { desk.order(1, .buy, buys, at: mark) }
      let margin = try desk.margin(1)
      #expect(margin.initial == expected)
      if buys == 0 { #expect(margin.maintenance == expected) }
    }
  }

  /// Source: vegaprotocol/specs, protocol/0019-MCAL-margin_calculator.md, 0019-MCAL-154 and 155: highest price 100.
  @Test("Vega, fully collateralised: 300, then 10 × 70 + 5 × 80 = 1,100", arguments: VenueKind.allCases)
  func vegaFullyCollateralised(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual(mark: 30, maximumPrice: 100)
    for trader: UInt32 in 1...2 {
      desk.trader(trader, cash: 10_000, mayBorrow: false, mode: .fullyCollateralised)
    }
    desk.order(1, .buy, 10, at: 30)
    #expect(Figures(try desk.only(OrderAccepted.self).margin).initial == 300)
    desk.order(2, .sell, 15, at: 20)
    let fill = try #require(desk.all(OrderFilled.self).last)
    #expect(fill.price == Price(30) && fill.quantity == Quantity(10))
    #expect(Figures(fill.margin).initial == 1_100)
  }

  /// Source: the liquidation example of Binance's FAQ, in freqtrade, tests/exchange/test_binance.py,
  /// test_liquidation_price: wallet 1,535,443.01, 3,683.979 ETH at 1,456.84, rate 10 % with maintenance amount 135,365:
  /// liquidation at 1,114.78. (The amount is that of 5 % below 2,707,300.)
  @Test("Binance: the account is under water at 1,114.78", arguments: VenueKind.allCases)
  func binanceLiquidation(kind: VenueKind) throws {
    let desk = Desk(kind, venueDefinition(moneyDigits: 8))
    let cent: Int64 = 1_000_000
    desk.schedule(1, [(0, 50_000_000), (2_707_300 * 100 * cent, 100_000_000)])
    desk.schedule(2, [(0, 200_000_000)])
    desk.openPerpetual(
      mark: 145_684, initial: 0, maintenance: 0, tiers: (1, 2), priceUnit: 10_000_000_000, lotSize: 1_000_000_000)
    desk.trader(1, cash: 153_544_301 * cent)
    desk.trader(2, cash: 10_000_000_000 * cent)
    desk.order(2, .sell, 3_683_979, at: 145_684)
    desk.order(1, .buy, 3_683_979, at: 145_684)
    #expect(desk.all(OrderFilled.self).count == 2)
    desk.mark(111_479)
    let above = try desk.margin(1)
    desk.mark(111_478)
    let below = try desk.margin(1)
    #expect(above.equity >= above.maintenance && below.equity < below.maintenance, "\(above); \(below)")
  }

  /// Source: github.com/TorchTrade/torchtrade/issues/344: equity 5 with one unit at 100 and a rate of 0.4 %, while
  /// another position needs 4: liquidation at 99.4, not where this position alone would be.
  @Test("A liquidation price counts the other positions", arguments: VenueKind.allCases)
  func crossLiquidation(kind: VenueKind) throws {
    let desk = Desk(kind, venueDefinition(moneyDigits: 4))
    let other = InstrumentId(3)
    desk.openPerpetual(
      mark: 10_000, initial: 4_000_000, maintenance: 4_000_000, priceUnit: 10_000_000_000)
    desk.openPerpetual(other, mark: 400, initial: 10_000_000, maintenance: 10_000_000)
    desk.trader(1, cash: 5_0000)
    desk.trader(2, cash: 1_000_0000)
    desk.order(2, .sell, 1, at: 400, other)
    desk.order(1, .buy, 1, at: 400, other)
    desk.order(2, .sell, 1, at: 10_000)
    desk.order(1, .buy, 1, at: 10_000)
    #expect(desk.all(OrderFilled.self).count == 2)
    desk.mark(9_940)
    let above = try desk.margin(1)
    desk.mark(9_939)
    let below = try desk.margin(1)
    #expect(
      above.maintenance == 4_0000 + 3_976 && above.equity >= above.maintenance && below.equity < below.maintenance)
  }
}
