import Testing
import Values

@testable import Margin

struct ScheduleTests {
  /// The tax on `notional`, bracket by bracket, in mq·ppb.
  func tax(_ rows: [Bracket], _ notional: Int128) -> Int128 {
    var sum: Int128 = 0
    for (index, row) in rows.enumerated() where notional > row.lower.rawValue {
      let upper = index + 1 < rows.count ? min(notional, rows[index + 1].lower.rawValue) : notional
      sum += (upper - row.lower.rawValue) * Int128(row.rate.rawValue)
    }
    return sum
  }

  func randomRows(_ generator: inout SeededGenerator) -> [Bracket] {
    var rows: [Bracket] = []
    var lower: Int64 = 0
    var rate: Int64 = 0
    for _ in 0..<Int.random(in: 1...Limits.scheduleRows, using: &generator) {
      rate += Int64.random(in: 0...300_000_000, using: &generator)
      rows.append(Bracket(lower: Money(lower), rate: Rate(rate)))
      lower += Int64.random(in: 1...50_000_000_000_000_000, using: &generator)
    }
    return rows
  }

  @Test func theAmountIsTheTaxOfEveryBracketRoundedUpOnce() {
    var generator = SeededGenerator(1)
    for _ in 0..<400 {
      let rows = randomRows(&generator)
      #expect(Schedule.firstFault(in: rows) == nil)
      let schedule = Schedule(id: ScheduleId(1), rows: rows)
      var notionals = rows.flatMap { [$0.lower.rawValue - 1, $0.lower.rawValue, $0.lower.rawValue + 1] }
      notionals += (0..<20).map { _ in Int128(Int64.random(in: 0...1_000_000_000_000_000_000, using: &generator)) }
      for notional in notionals where notional >= 0 {
        let exact = tax(rows, notional)
        #expect(schedule.exactAmount(Money(notional)) == exact)
        #expect(schedule.amount(Money(notional)).rawValue == roundUp(exact, 1_000_000_000))
      }
    }
  }

  @Test func aPartOfAMastersLotsPaysTheAverageRateOfAll() {
    var generator = SeededGenerator(2)
    for _ in 0..<300 {
      let rows = randomRows(&generator)
      let schedule = Schedule(id: ScheduleId(1), rows: rows)
      // Small enough that notional · tax fits 128 bits, so that the pencil can check it.
      let whole = Int128(Int64.random(in: 1...4_000_000_000_000, using: &generator))
      let part = Int128.random(in: 0...whole, using: &generator)
      let exact = tax(rows, whole)
      #expect(
        schedule.amount(Money(part), atAverageOf: Money(whole)).rawValue
          == roundUp(part * exact, whole * 1_000_000_000))
      #expect(schedule.amount(Money(part), atAverageOf: Money(whole)) >= schedule.amount(Money(part)))
    }
  }

  @Test func sharesAtTheAverageRateAddUpToTheWhole() {
    // 2^100 mq: the product needs more than 128 bits.
    let schedule = Schedule(
      id: ScheduleId(1),
      rows: [Bracket(lower: .zero, rate: basisPoints(100)), Bracket(lower: dollars(1000), rate: basisPoints(500))])
    let whole = Money(Int128(1) << 90)
    let part = Money(whole.rawValue / 4)
    let all = schedule.amount(whole)
    let quarter = schedule.amount(part, atAverageOf: whole)
    #expect(4 * quarter.rawValue - all.rawValue >= 0 && 4 * quarter.rawValue - all.rawValue < 8)
  }

  @Test func theRequirementSaturatesUpwardWhenAMarkHasRisenBeyondEveryBound() {
    let schedule = Schedule(
      id: ScheduleId(1), rows: [Bracket(lower: .zero, rate: .zero), Bracket(lower: dollars(1), rate: .maximum)])
    // The largest notional there is: 10^18 mq at a mark of 1, and the mark rises to its highest.
    let notional = Money(Int128(Limits.notionalPerAccount) * Int128(Limits.price))
    #expect(schedule.exactAmount(notional) == nil)
    #expect(schedule.amount(notional) >= notional)
  }

  @Test(
    arguments: [
      ([(1, 10)], 0), ([(0, 10), (0, 20)], 1), ([(0, 10), (5, 9)], 1), ([(0, 10), (5, 10_000_000_001)], 1),
      ([(0, -1)], 0), ([(0, 10), (1_000_000_000_000_000_001, 20)], 1),
    ] as [([(Int64, Int64)], Int)])
  func tablesThatDoNotRiseAreRefused(rows: [(Int64, Int64)], row: Int) {
    #expect(Schedule.firstFault(in: rows.map { Bracket(lower: Money($0.0), rate: Rate($0.1)) }) == row)
  }

  @Test func theFirstNotionalThatPaysLessIsFound() {
    func table(_ rows: [(Int64, Int64)]) -> Schedule {
      Schedule(id: ScheduleId(1), rows: rows.map { Bracket(lower: Money($0.0), rate: Rate($0.1)) })
    }
    let flat = table([(0, 100)])
    #expect(flat.firstNotional(wherePaysLessThan: table([(0, 100)])) == nil)
    #expect(flat.firstNotional(wherePaysLessThan: table([(0, 50), (1000, 150), (3000, 400)])) == Money(Int64(3000)))
    #expect(flat.firstNotional(wherePaysLessThan: table([(0, 50), (1000, 150)])) == Money(Int64(1000)))
  }
}
