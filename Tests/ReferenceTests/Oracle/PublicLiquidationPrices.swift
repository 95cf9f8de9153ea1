import Testing
import Values
import Wire

/// Prices at which published examples say that an account is liquidated: there, and not one cent before, the equity is
/// below the maintenance margin. Each names its source.
@Suite struct PublicLiquidationPrices {
  /// A perpetual of a published example. Money is counted in 10^-8, prices in cents, sizes in thousandths.
  private struct Holding {
    var instrument: InstrumentId
    var lots: Int64
    var entry: Int64
    var mark: Int64
    var schedule: UInt16
  }

  private static let cent: Int64 = 1_000_000
  private static let ether = Holding(
    instrument: InstrumentId(1), lots: 3_683_979, entry: 145_684, mark: 133_518, schedule: 1)
  private static let bitcoin = Holding(
    instrument: InstrumentId(3), lots: 109_488, entry: 3_248_198, mark: 3_196_727, schedule: 2)

  /// Account 1 holds both, bought at their entry prices, and the marks are the example's.
  private func binanceAccount(_ kind: VenueKind) -> Desk {
    let desk = Desk(kind, venueDefinition(moneyDigits: 8))
    // Rate 10 % with a maintenance amount of 135,365, as 5 % below 2,707,300 gives it; BTCUSDT's own brackets, in which
    // 2.5 % goes with 16,300.
    let unit = 100 * Self.cent
    desk.schedule(1, [(0, 50_000_000), (2_707_300 * unit, 100_000_000)])
    desk.schedule(
      2, [(0, 4_000_000), (50_000 * unit, 5_000_000), (250_000 * unit, 10_000_000), (1_000_000 * unit, 25_000_000)])
    desk.schedule(3, [(0, 100_000_000)])
    desk.trader(1, cash: 153_544_301 * Self.cent)
    desk.trader(2, cash: 10_000_000_000 * Self.cent)
    for holding in [Self.ether, Self.bitcoin] {
      desk.openPerpetual(
        holding.instrument, mark: holding.entry, initial: 0, maintenance: 0, tiers: (holding.schedule, 3),
        priceUnit: 10_000_000_000, lotSize: 1_000_000_000)
      desk.order(2, .sell, holding.lots, at: holding.entry, holding.instrument)
      desk.order(1, .buy, holding.lots, at: holding.entry, holding.instrument)
    }
    for holding in [Self.ether, Self.bitcoin] { desk.mark(holding.mark, holding.instrument) }
    return desk
  }

  /// Source: the liquidation example of Binance's FAQ, in freqtrade, tests/exchange/test_binance.py,
  /// test_liquidation_price, cross margin: wallet 1,535,443.01; 3,683.979 ETH at 1,456.84 and 109.488 BTC at 32,481.98,
  /// one account. The other position counts with its maintenance (356,512.508; 71,200.81144) and its profit
  /// (−448,192.89; −56,354.57): liquidation at 1,153.26 and at 26,316.89.
  @Test(
    "Binance, cross margin: ETH at 1,153.26, BTC at 26,316.89", arguments: VenueKind.allCases,
    [(InstrumentId(1), 115_326), (InstrumentId(3), 2_631_689)] as [(InstrumentId, Int64)])
  func binanceCross(kind: VenueKind, figure: (instrument: InstrumentId, price: Int64)) throws {
    let desk = binanceAccount(kind)
    let start = try desk.margin(1)
    // 1,535,443.01 − 448,192.89 − 56,354.57 and 356,512.51 + 71,200.81.
    #expect(abs(start.equity - 103_089_555 * Self.cent) <= 2 * Self.cent, "\(start)")
    #expect(abs(start.maintenance - 42_771_332 * Self.cent) <= Self.cent, "\(start)")
    desk.mark(figure.price + 1, figure.instrument)
    let above = try desk.margin(1)
    desk.mark(figure.price - 1, figure.instrument)
    let below = try desk.margin(1)
    #expect(above.equity >= above.maintenance && below.equity < below.maintenance, "\(above); \(below)")
  }

  /// Source: hyperliquid.gitbook.io/hyperliquid-docs/trading/liquidations: price − side · margin available / size /
  /// (1 − l · side). One long at 50,000 with leverage 10 and l = 5 % has 5,000 − 2,500 available: 47,368.42.
  /// (usekeel.io/learn/hyperliquid-liquidation says 47,500, keeping the maintenance margin of the entry.)
  @Test("Hyperliquid's formula: one long at 50,000 is liquidated at 47,368.42", arguments: VenueKind.allCases)
  func hyperliquid(kind: VenueKind) throws {
    let desk = Desk(kind, venueDefinition(moneyDigits: 4))
    desk.openPerpetual(mark: 5_000_000, priceUnit: 10_000_000_000)
    desk.trader(1, cash: 5_000_0000)
    desk.trader(2, cash: 1_000_000_0000)
    desk.order(2, .sell, 1, at: 5_000_000)
    desk.order(1, .buy, 1, at: 5_000_000)
    #expect(desk.all(OrderFilled.self).count == 2)
    desk.mark(4_736_843)
    let above = try desk.margin(1)
    desk.mark(4_736_841)
    let below = try desk.margin(1)
    #expect(above.equity >= above.maintenance && below.equity < below.maintenance, "\(above); \(below)")
  }

  /// Source: tradeparadex/paradex-docs, risk-system/paradex-risk-checks.mdx: collateral 100, rate 10 %. A purchase of 10 at
  /// 100 needs 100. At a mark of 98 that is 98 of 80; an order to sell 5 of them is taken, one to sell another 8 is not:
  /// both together are more than the position, 3 short beyond it.
  @Test("Paradex: an account below its initial margin may only reduce", arguments: VenueKind.allCases)
  func paradexRiskChecks(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual()
    desk.trader(1, cash: 100)
    desk.trader(2, cash: 10_000)
    desk.order(2, .sell, 10, at: 100)
    desk.order(1, .buy, 10, at: 100)
    #expect(Figures(try #require(desk.all(OrderFilled.self).last).margin).initial == 100)
    desk.mark(98)
    desk.order(1, .sell, 5, at: 98)
    let accepted = Figures(try desk.only(OrderAccepted.self).margin)
    #expect(accepted.equity == 80 && accepted.initial == 98)
    desk.order(1, .sell, 8, at: 98)
    #expect(try desk.refusal() == Refusal(.insufficientMargin, -18))
  }
}
