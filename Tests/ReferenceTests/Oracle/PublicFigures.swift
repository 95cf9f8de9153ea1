import Margin
import Testing
import Values
import Wire

/// Figures that others have published, against the product's functions. Each names its source.
@Suite struct PublicFigures {
  private func table(_ rows: [(lower: Int64, rate: Int64)]) -> Schedule {
    Schedule(id: ScheduleId(1), rows: rows.map { Bracket(lower: Money($0.lower), rate: Rate($0.rate)) })
  }

  /// Source: gist.github.com/highfestiva/b71e76f51eed84d56c1be8ebbcc286b5, the BTCUSDT brackets of Binance with their
  /// maintenance amounts; also binance.com/en/support/faq/b3c689c1f50a44cabb3a84e663b81d93 (level 3: 1,300).
  @Test("Binance's BTCUSDT brackets: notional × rate − maintenance amount")
  func binanceBitcoin() {
    let rows: [(lower: Int64, rate: Int64)] = [
      (0, 4_000_000), (50_000, 5_000_000), (250_000, 10_000_000), (1_000_000, 25_000_000), (10_000_000, 50_000_000),
      (20_000_000, 100_000_000), (50_000_000, 125_000_000), (100_000_000, 150_000_000), (200_000_000, 250_000_000),
      (300_000_000, 500_000_000),
    ]
    let amounts: [Int64] = [0, 50, 1_300, 16_300, 266_300, 1_266_300, 2_516_300, 5_016_300, 25_016_300, 100_016_300]
    check(rows, amounts)
  }

  /// Source: freqtrade, tests/exchange/test_binance.py, tiers of ZEC/USDT.
  @Test("Binance's ZECUSDT brackets")
  func binanceZcash() {
    let rows: [(lower: Int64, rate: Int64)] = [
      (0, 10_000_000), (50_000, 25_000_000), (150_000, 50_000_000), (250_000, 100_000_000), (500_000, 125_000_000),
      (1_000_000, 250_000_000), (2_000_000, 500_000_000),
    ]
    check(rows, [0, 750, 4_500, 17_000, 29_500, 154_500, 654_500])
  }

  /// Source: binance.com/es/support/faq/ceccfcfb4e3a45e3b48b0b1bb1a8ae46, COIN-M level 5: from 50 on 5 %, after 2.5 % with an
  /// amount of 0.56. Here in hundredths, and as the third level.
  @Test("Binance's maintenance amount of a small bracket: 1.81")
  func smallBracket() {
    // 1.1 % up to 40 gives the 0.56 of the second level.
    check([(0, 11_000_000), (4_000, 25_000_000), (5_000, 50_000_000)], [0, 56, 181])
  }

  private func check(_ rows: [(lower: Int64, rate: Int64)], _ amounts: [Int64]) {
    let schedule = table(rows)
    for (index, row) in rows.enumerated() {
      let next = index + 1 < rows.count ? rows[index + 1].lower : row.lower * 2
      for notional in [row.lower, (row.lower + next) / 2, next] {
        let expected =
          (Int128(notional) * Int128(row.rate)).dividedRoundingUp(by: 1_000_000_000) - Int128(amounts[index])
        #expect(schedule.amount(Money(notional)).rawValue == expected, "at \(notional)")
      }
    }
  }

  /// Source: drift-labs/protocol-v2, programs/drift/src/math/margin/tests.rs, spot_market_asset_weight: 1,000 units,
  /// weights in 1/10,000.
  @Test(
    "Drift's size premium for 1,000 units",
    arguments: [
      (base: 1_100_000_000, factor: 10_000_000, expected: 11_962), (base: 0, factor: 100_000_000, expected: 31_622),
      (base: 1_100_000_000, factor: 10_000, expected: 11_000),
    ] as [(base: Int64, factor: Int64, expected: Int64)])
  func driftSizePremium(figure: (base: Int64, factor: Int64, expected: Int64)) {
    for (lots, lotSize) in [(1_000, 1_000_000_000_000), (1_000_000, 1_000_000_000)] as [(Int64, Int64)] {
      let rate = sizePremium(base: Rate(figure.base), factor: Rate(figure.factor), lots: lots, lotSize: lotSize)
      // The root is rounded up to a thousandth here: against the account.
      #expect((figure.expected...figure.expected + 1).contains(rate.rawValue / 100_000))
    }
  }

  /// Source: dydxprotocol/v4-chain, protocol/x/perpetuals/types/liquidity_tier_test.go,
  /// TestGetInitialMarginQuoteQuantums: initial margin in parts per million, rounded up.
  @Test(
    "dYdX's initial margin, rounded up",
    arguments: [
      (200_000, 500_000, 100_000), (500_000, 1_000_000, 500_000), (100_000, 1, 1), (567_243, 123_456, 70_030),
    ]
      as [(Int64, Int64, Int64)])
  func dydxInitialMargin(figure: (partsPerMillion: Int64, notional: Int64, expected: Int64)) {
    #expect(
      Rate(figure.partsPerMillion * 1_000).roundedUp(of: Money(figure.notional)) == Money(figure.expected))
  }

  /// Source: vegaprotocol/specs, protocol/0019-MCAL-margin_calculator.md, cases 1–3: the riskiest long and short.
  @Test(
    "Vega's worst case of open orders",
    arguments: [(1, 1, 2, 2, -1), (-1, 2, 0, 1, -1), (1, 0, 2, 1, -1)] as [(Int64, Int64, Int64, Int64, Int64)])
  func vegaWorstCase(figure: (position: Int64, buys: Int64, sells: Int64, long: Int64, short: Int64)) {
    var position = Position(account: 1, instrument: 1, exposure: 1)
    position.quantity = Quantity(figure.position)
    position.openBuy = Quantity(figure.buys)
    position.openSell = Quantity(figure.sells)
    #expect(max(position.worstLong, 0) == figure.long && min(position.worstShort, 0) == figure.short)
  }
}
