import Foundation
import Testing
import Values
import Wire

@testable import History

/// A calm market of 60,000 for 300 hours, so many hours of falls to so many thousandths, then calm.
private func market(falls: Int, to thousandths: Int64) -> PriceHistory {
  var price: Int64 = 6_000_000
  return PriceHistory(
    (0..<700).map { hour in
      if (300..<300 + falls).contains(hour) { price = price * thousandths / 1_000 }
      return PriceHistory.Hour(start: Int64(hour) * 3_600, close: price + (hour.isMultiple(of: 2) ? 0 : price / 400))
    })
}

private let crash = market(falls: 10, to: 950)
/// Slow enough for the venue to close positions in parts.
private let slide = market(falls: 30, to: 990)

@Suite struct HistoryTests {
  private func run(until last: Int64, funding: FundingHistory = FundingHistory([:])) throws -> HistoryRun {
    try HistoryRun(crash, funding: funding, from: 290 * 3_600, to: last * 3_600)
  }

  @Test("In a crash the dynamic rate rises by the ramp, falls slowly afterwards, and every promise is kept")
  func ramps() throws {
    let run = try run(until: 700)
    let summary = HistorySummary(run)
    #expect(run.findings.isEmpty, "\(run.findings)")
    #expect(run.hours.count == 410 && run.hours.allSatisfy { $0.fixed.initialRate == summary.fixedRate })
    #expect(summary.initialRate.start == summary.fixedRate && summary.initialRate.highest > summary.fixedRate)
    #expect(run.ramps.steepest.up == Rate(10_000_000) && run.ramps.steepest.down == Rate(500_000))
    #expect(run.ramps.moves > 410 && run.ramps.promises > 3 * 2 * 2 * 400)
    #expect(summary.initialRate.end > summary.fixedRate, "two weeks later it has not fallen all the way")
    // The first fall is in hour 10; maintenance follows three hours later.
    let maintenance = run.hours.map(\.dynamic.maintenanceRate)
    #expect(maintenance[12].rawValue - maintenance[0].rawValue < 10_000, "at rest but for what calm hours move")
    #expect(maintenance[13].rawValue - maintenance[12].rawValue == 6_000_000, "60 % of 1 %")
  }

  @Test("A rate above what was promised is a fault, and so is a step above the ramp")
  func brokenRamps() throws {
    let venue = HistoryVenue(start: 0)
    let market = HistoryMarket(expiry: 1_000_000, funding: FundingHistory([:]), price: 6_000_000)
    market.define(venue)
    market.measure(venue)
    let query = QueryParameters(queryId: 0, instrument: HistoryCast.perpetual)
    let report = try #require(venue.ask(query, for: RiskRateReport.self))
    var ramps = RampCheck()
    var above = report
    above.initialRate = Rate(report.initialIn1.rawValue + 1)
    ramps.look([report])
    ramps.look([report])
    #expect(ramps.faults.isEmpty && ramps.moves == 0)
    ramps.look([above])
    #expect(ramps.faults.count == 2 && ramps.moves == 1, "\(ramps.faults)")
  }

  /// 100,000 in equity, 200,000 long at 60,000: equity falls twice as fast as the price.
  @Test("Positions lose what the price loses, the same in both venues, until somebody is liquidated")
  func equity() throws {
    let run = try run(until: 330)
    let untouched = run.hours.prefix { $0.start < 302 * 3_600 }
    #expect(untouched.count == 12)
    for hour in untouched {
      #expect(zip(hour.dynamic.accounts, hour.fixed.accounts).allSatisfy { $0.equity == $1.equity })
      let lost = Int128(run.hours[0].price - hour.price) * 200_000 * 100_000_000 / Int128(run.hours[0].price)
      // Whole lots of 60 dollars.
      let error = hour.dynamic.accounts[0].equity.rawValue - (10_000_000_000_000 - lost)
      #expect(abs(error) < 60 * 100_000_000, "\(error)")
    }
    let hedged = run.hours.map { $0.dynamic.accounts[3].equity }
    let drift = try #require(hedged.max()) - (try #require(hedged.min()))
    #expect(drift < Money(Int64(60_00000000)), "rounding of the position to whole lots")
  }

  @Test("The long of 5× is called, then liquidated; the short is not; the fund has what it took and paid")
  func liquidation() throws {
    let run = try HistoryRun(slide, from: 290 * 3_600, to: 400 * 3_600)
    let summary = HistorySummary(run)
    #expect(run.findings.isEmpty, "\(run.findings)")
    for isDynamic in [true, false] {
      let lines = summary.lines.filter { $0.isDynamic == isDynamic }
      let long = try #require(lines.first { $0.account == "long 5×" })
      let called = try #require(long.called)
      let liquidated = try #require(long.liquidated)
      #expect(called < liquidated && called > 300 * 3_600)
      #expect(long.closed + long.takenOver > .zero && long.penalty > .zero)
      #expect(lines.filter { $0.account == "short 3×" }.allSatisfy { $0.called == nil && $0.penalty == .zero })
      let outcome = isDynamic ? run.dynamic : run.fixed
      let penalties = lines.reduce(Money.zero) { $0 + $1.penalty }
      #expect(outcome.insurance.penalties == penalties && penalties > .zero)
      #expect(outcome.money.isConserved && outcome.money.paidIn > .zero)
      #expect(outcome.insurance.contributed == Money(HistoryCast.fundDollars * HistoryCast.dollar))
    }
    #expect(summary.deeds.contains { $0.action == .orderFilled && ($0.price ?? 0) < 6_000_000 && $0.lots < 0 })
  }

  @Test("The calendar hedge needs a fraction of standard mode in portfolio mode")
  func portfolio() throws {
    let summary = HistorySummary(try run(until: 330))
    for pair in summary.comparisons.filter({ $0.name.hasPrefix("calendar") }) {
      #expect(pair.hours == 40 && pair.lowest <= pair.mean && pair.mean <= pair.highest)
      #expect(pair.highest < Rate(100_000_000) && pair.lowest > .zero && pair.portfolio < pair.standard)
    }
  }

  /// 0.01 % of 3.333 BTC at the price of hour 295, 60,150 or so; the exchange is at hour 296.
  @Test("A published rate is exchanged between longs and shorts, once, at the time it was published for")
  func funding() throws {
    let run = try run(until: 299, funding: FundingHistory([296 * 3_600: 100_000]))
    #expect(run.findings.isEmpty, "\(run.findings)")
    #expect(run.dynamic.diary.fundingRates.filter { $0.rate != 0 }.map(\.time) == [296 * 3_600])
    let price = Int128(try #require(run.hours.first { $0.start == 295 * 3_600 }).price)
    let expected: [(account: UInt32, lots: Int128)] = [(1, -3_333), (2, -8_333), (3, 5_000), (4, 1_667)]
    for (account, lots) in expected {
      let row = try #require(run.dynamic.funding.first { $0.account == AccountId(account) })
      // mq of one lot at one cent: 1,000; of its value 1/10,000.
      #expect(row.amount.rawValue == lots * price * 1_000 / 10_000, "account \(account)")
    }
    #expect(run.dynamic.funding.reduce(Money.zero) { $0 + $1.amount } == .zero)
    #expect(run.missingFunding == 0)
    let fixed = run.fixed.funding.map(\.amount)
    #expect(fixed == run.dynamic.funding.map(\.amount))
  }

  @Test("The picture is well-formed, has a curve for every figure and colours for dark pages")
  func picture() throws {
    let run = try run(until: 330)
    let svg = HistoryPlot.svg(run, title: "a < b & c") { "\($0)" }
    let curves = HistoryPanels.all(run).reduce(0) { $0 + $1.curves.count }
    #expect(svg.components(separatedBy: "<polyline").count - 1 == curves && curves > 40)
    #expect(HistoryPanels.all(run).allSatisfy { $0.curves.allSatisfy { $0.values.count == run.hours.count } })
    #expect(svg.contains("a &lt; b &amp; c") && svg.hasSuffix("</svg>\n"))
    #expect(svg.contains("prefers-color-scheme: dark"))
    #expect(XMLNesting.isSound(svg))
  }
}

/// Whether tags are closed in the order in which they were opened.
private enum XMLNesting {
  static func isSound(_ text: String) -> Bool {
    var open: [Substring] = []
    for tag in text.split(separator: "<").dropFirst(text.hasPrefix("<") ? 0 : 1) {
      guard let end = tag.firstIndex(of: ">") else { return false }
      let inside = tag[..<end]
      if inside.hasPrefix("/") {
        guard open.popLast() == inside.dropFirst() else { return false }
      } else if !inside.hasSuffix("/") {
        open.append(inside.prefix { $0 != " " })
      }
    }
    return open.isEmpty
  }
}
