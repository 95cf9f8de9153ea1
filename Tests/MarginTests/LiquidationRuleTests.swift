import Testing
import Values

@testable import Margin

@Suite struct LiquidationRuleTests {
  private func figures(
    equity: Int64, maintenance: Int64, initialEquity: Int64? = nil, initial: Int64 = 0
  ) -> AccountMargin {
    AccountMargin(
      equity: mq(equity), initialEquity: mq(initialEquity ?? equity), initialMargin: mq(initial),
      maintenanceMargin: mq(maintenance))
  }

  @Test(
    "Edges of the states, and 2 % of hysteresis on the way back",
    arguments: [
      (100, 80, 0, .normal, .normal), (100, 81, 0, .normal, .firstCall), (100, 79, 0, .firstCall, .firstCall),
      (100, 78, 0, .firstCall, .normal), (100, 90, 0, .firstCall, .firstCall), (100, 91, 0, .normal, .secondCall),
      (100, 89, 0, .secondCall, .secondCall), (100, 88, 0, .secondCall, .firstCall),
      (100, 100, 0, .normal, .secondCall), (100, 101, 0, .normal, .liquidation),
      (109, 100, 0, .liquidation, .liquidation), (110, 100, 0, .liquidation, .secondCall),
      (200, 100, 0, .liquidation, .normal), (0, 0, 0, .liquidation, .normal), (-1, 0, 0, .normal, .bankrupt),
      (-1, 50, 0, .firstCall, .bankrupt), (100, 50, 101, .normal, .reduceOnly), (100, 50, 99, .reduceOnly, .reduceOnly),
      (100, 50, 98, .reduceOnly, .normal), (100, 50, 100, .normal, .normal),
    ] as [(Int64, Int64, Int64, MarginState, MarginState)])
  func states(case figure: (equity: Int64, maintenance: Int64, initial: Int64, before: MarginState, after: MarginState))
  {
    let margin = figures(equity: figure.equity, maintenance: figure.maintenance, initial: figure.initial)
    #expect(margin.state(before: figure.before, LiquidationParameters()) == figure.after)
  }

  /// Source: dydxprotocol/v4-chain, protocol/x/clob/keeper/liquidations_test.go,
  /// TestGetBankruptcyPriceInQuoteQuantums: one position at price 500 (or 3, with a second one of 400,000 at 500),
  /// maintenance 10 % rounded up.
  @Test(
    "dYdX's bankruptcy prices",
    arguments: [
      (10_000_000, 500, -4_501_000_000, -10_000_000, 0, 4_501_000_000),
      (-10_000_000, 500, 5_499_000_000, 10_000_000, 0, -5_499_000_000),
      (10_000_000, 500, -5_000_000_000, -10_000_000, 0, 5_000_000_000),
      (10_000_000, 500, -5_000_000_000, -5_000_000, 0, 2_500_000_000),
      (-10_000_000, 500, 5_000_000_000, 5_000_000, 0, -2_500_000_000),
      (10_000_000, 500, -5_100_000_000, -10_000_000, 0, 5_100_000_000),
      (-100_000_000, 3, 510_000_000, 100_000_000, -400_000, -306_000_000),
      (-100_000_000, 3, 110_000_000, 100_000_000, 400_000, -306_000_000),
      (100_000_000, 500, -13_000_000, -21_347, 0, 2_776),
    ] as [(Int64, Int64, Int64, Int64, Int64, Int64)])
  func bankruptcy(
    figure: (size: Int64, price: Int64, balance: Int64, change: Int64, other: Int64, expected: Int64)
  ) {
    func value(_ size: Int64) -> Int64 { size * figure.price }
    let rate = basisPoints(1_000)
    func requirement(_ value: Int64) -> Money { rate.roundedUp(of: mq(abs(value))) }
    let (before, after) = (value(figure.size), value(figure.size + figure.change))
    let other = figure.other * 500
    let released = abs(requirement(after).rawValue - requirement(before).rawValue)
    let result = bankruptcyValue(
      valueChange: mq(after - before), equity: mq(figure.balance + before + other),
      requirementChange: Money(released), requirement: requirement(before) + requirement(other))
    #expect(result == mq(figure.expected))
  }

  @Test("The bankruptcy value is rounded towards the account, whatever the signs")
  func bankruptcyRounding() {
    let up = bankruptcyValue(
      valueChange: mq(-10), equity: mq(10), requirementChange: mq(1), requirement: mq(3))
    #expect(up == mq(10 - 3))
    let debt = bankruptcyValue(
      valueChange: mq(-10), equity: mq(-10), requirementChange: mq(1), requirement: mq(3))
    #expect(debt == mq(10 + 4))
    let huge = Money(Int128(1) << 100)
    #expect(
      bankruptcyValue(valueChange: .zero, equity: huge, requirementChange: huge, requirement: huge) == -huge)
  }

  /// Source: doc.sat.is, "System gain and losses": bankrupt at 99, filled at 99.25 and at 98.75.
  @Test("What a fund gains and loses between bankruptcy price and fill")
  func fundResult() {
    func result(fill: Int64) -> Money {
      // One lot at a mark of 100.00 with 1.00 of equity: worth 99.00 to its owner.
      mq(fill)
        - bankruptcyValue(
          valueChange: mq(-10_000), equity: mq(100), requirementChange: mq(50), requirement: mq(50))
    }
    #expect(result(fill: 9_925) == mq(25))
    #expect(result(fill: 9_925) + result(fill: 9_875) == .zero)
  }

  @Test(
    "The penalty is rounded up and never more than what is there",
    arguments: [(1_000, 10, 50, 1), (999, 10, 50, 1), (100_000, 50, 50, 50), (100_000, 50, -3, 0), (0, 50, 9, 0)]
      as [(Int64, Int64, Int64, Int64)])
  func penalty(figure: (value: Int64, rate: Int64, equity: Int64, expected: Int64)) {
    #expect(
      liquidationPenalty(on: mq(figure.value), rate: basisPoints(figure.rate), equityAfter: mq(figure.equity))
        == mq(figure.expected))
  }

  /// Source: bitmex.com/app/autoDeleveragingExamples: six traders, ranks given; 20 lots are needed.
  @Test("BitMEX's example: the two highest ranks are deleveraged")
  func bitmex() {
    let traders: [(id: Int, lots: Int64, rank: Int64)] = [
      (1, 10, 3), (2, 10, 6), (3, 20, 1), (4, 30, 4), (5, 20, 5), (6, 10, 2),
    ]
    // A profit of rank per entry value of 1, at leverage 1.
    let ranked = traders.sorted { left, right in
      let ranks = [left, right].map {
        DeleveragingRank(
          profit: mq($0.rank * 100), notional: mq(100), entryNotional: mq(100), equity: mq(100))!
      }
      return ranks[0].isAbove(ranks[1])
    }
    var needed: Int64 = 20
    var taken: [(Int, Int64)] = []
    for trader in ranked where needed > 0 {
      let lots = min(needed, trader.lots)
      taken.append((trader.id, lots))
      needed -= lots
    }
    #expect(taken.map(\.0) == [2, 5] && taken.map(\.1) == [10, 10])
  }

  @Test("Ranks compare exactly: 256 bits, losses below gains, less loss first")
  func ranks() {
    func rank(_ profit: Int128, _ notional: Int128, _ entry: Int128, _ equity: Int128) -> DeleveragingRank {
      DeleveragingRank(
        profit: Money(profit), notional: Money(notional), entryNotional: Money(entry), equity: Money(equity))!
    }
    let huge: Int128 = 1_000_000_000_000_000_000
    #expect(rank(huge, huge, huge, huge - 1).isAbove(rank(huge, huge, huge, huge)))
    #expect(!rank(huge, huge, huge, huge).isAbove(rank(huge, huge, huge, huge)))
    #expect(rank(1, 100, 100, 100).isAbove(rank(-1, 100, 100, 100)))
    #expect(rank(-1, 100, 100, 100).isAbove(rank(-2, 100, 100, 100)))
    #expect(rank(0, 100, 100, 100).isAbove(rank(-1, 100, 100, 100)))
    #expect(rank(10, 300, 100, 100).isAbove(rank(10, 200, 100, 100)), "more leverage in profit")
    #expect(rank(-10, 300, 100, 100).isAbove(rank(-10, 200, 100, 100)), "more leverage in loss: nearer to zero")
    #expect(DeleveragingRank(profit: mq(1), notional: mq(1), entryNotional: mq(1), equity: .zero) == nil)
    #expect((0..<10).map { deleveragingQuintile(index: $0, of: 10) } == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1])
    #expect(deleveragingQuintile(index: 0, of: 1) == 5)
  }

  @Test(
    "Sizes of a step",
    arguments: [
      (80, 80, [10, 20, 40, 80]), (3, 3, [1, 2, 3]), (1, 1, [1]), (80, 15, [10, 15]), (80, 5, [5]), (80, 0, []),
    ] as [(Int64, Int64, [Int64])])
  func sizes(figure: (lots: Int64, most: Int64, expected: [Int64])) {
    #expect(Array(LiquidationSizes(of: figure.lots, atMost: figure.most)) == figure.expected)
  }
}
