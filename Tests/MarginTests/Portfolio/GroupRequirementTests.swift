import Testing
import Values

@testable import Margin

struct GroupRequirementTests {
  @Test func theCalendarChargeIsOnWhatIsLongAndShort() {
    let rate = basisPoints(100)
    #expect(calendarCharge(long: dollars(600), short: dollars(400), rate: rate) == dollars(4))
    #expect(calendarCharge(long: dollars(600), short: .zero, rate: rate) == .zero)
    #expect(calendarCharge(long: Money(Int64(1)), short: Money(Int64(1)), rate: rate) == Money(Int64(1)))
  }

  @Test func onlyACertainDeltaEarnsCredit() {
    #expect(guaranteedDelta(low: dollars(3), high: dollars(9)) == dollars(3))
    #expect(guaranteedDelta(low: dollars(-9), high: dollars(-3)) == dollars(-3))
    #expect(guaranteedDelta(low: dollars(-9), high: dollars(3)) == .zero)
    #expect(guaranteedDelta(low: .zero, high: dollars(3)) == .zero)
  }

  /// Long 100,000 of one, short 60,000 of the other, shares 100 % and 50 %, rate 60 %: 30,000 are matched; with ranges of
  /// 10 % and 15 % the legs are 1,800 and 2,700.
  @Test func aPairIsRelievedOnBothSides() {
    let pair = GroupCredit(
      first: 1, second: 2, rate: Rate(600_000_000), firstShare: .one, secondShare: Rate(500_000_000))
    let matched = pair.matched(dollars(100_000), dollars(-60_000))
    #expect(matched == dollars(30_000))
    #expect(pair.leg(of: matched, range: basisPoints(1000)) == dollars(1_800))
    #expect(pair.leg(of: matched, range: basisPoints(1500)) == dollars(2_700))
    #expect(pair.matched(dollars(100_000), dollars(60_000)) == .zero)
    #expect(pair.matched(.zero, dollars(60_000)) == .zero)
    // Beyond 128 bits the leg is rounded down twice: less credit, never more.
    let wide = pair.leg(of: Money(Int128(1) << 110), range: .maximum)
    #expect(wide.rawValue > Int128(1) << 112 && wide.rawValue <= (Int128(1) << 110) * 6)
  }

  @Test func aCreditNeverEatsTheScanLoss() {
    var figures = GroupFigures()
    figures.scanLoss = dollars(1_000)
    #expect(figures.credit(dollars(400), cap: Rate(700_000_000)) == dollars(400))
    #expect(figures.credit(dollars(5_000), cap: Rate(700_000_000)) == dollars(700))
    figures.spread = dollars(10)
    #expect(figures.requirement(credit: dollars(400)) == dollars(610))
    figures.shortOptions = dollars(800)
    #expect(figures.requirement(credit: dollars(400)) == dollars(800))
  }

  /// More scan loss, less certain delta or more spread never lower a requirement: the fill theorem rests on it.
  @Test(arguments: seeds)
  func theRequirementIsMonotone(seed: Int) {
    var generator = SeededGenerator(seed)
    func number(_ most: Int64) -> Int64 { Int64.random(in: 0...most, using: &generator) }
    for _ in 0..<500 {
      let pair = GroupCredit(
        first: 1, second: 2, rate: Rate(number(999_999_999)), firstShare: Rate(number(1_000_000_000)),
        secondShare: Rate(number(1_000_000_000)))
      let cap = Rate(number(999_999_999))
      let range = Rate(number(500_000_000))
      let other = Money(-number(100_000))
      func requirement(_ loss: Int64, _ delta: Int64, _ spread: Int64) -> Money {
        var figures = GroupFigures()
        figures.scanLoss = Money(loss)
        figures.spread = Money(spread)
        let legs = pair.leg(of: pair.matched(Money(delta), other), range: range)
        return figures.requirement(credit: figures.credit(legs, cap: cap))
      }
      let (loss, delta, spread) = (number(100_000), number(100_000), number(1_000))
      let more = requirement(loss + number(50), delta - min(delta, number(50)), spread + number(5))
      #expect(more >= requirement(loss, delta, spread))
      #expect(loss == 0 || requirement(loss, delta, spread) > .zero)
    }
  }
}
