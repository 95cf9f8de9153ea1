import Foundation
import Testing
import Values

@testable import History

@Suite struct HistoryTests {
  /// A calm market of 60,000 for 300 hours, ten hours of falls by 5 %, then calm.
  private static let crash: PriceHistory = {
    var price: Int64 = 6_000_000
    return PriceHistory(
      (0..<700).map { hour in
        if (300..<310).contains(hour) { price = price * 95 / 100 }
        return PriceHistory.Hour(start: Int64(hour) * 3_600, close: price + (hour.isMultiple(of: 2) ? 0 : price / 400))
      })
  }()

  @Test("In a crash the dynamic rate rises by the ramp, falls slowly afterwards, and every promise is kept")
  func ramps() throws {
    let run = try HistoryRun(Self.crash, from: 290 * 3_600, to: 700 * 3_600)
    let summary = HistorySummary(run)
    #expect(run.findings.isEmpty, "\(run.findings)")
    #expect(run.hours.count == 410 && run.hours.allSatisfy { $0.fixed.initialRate == summary.fixedRate })
    #expect(summary.initialRate.start == summary.fixedRate && summary.initialRate.highest > summary.fixedRate)
    #expect(summary.steepest.up <= Rate(10_000_000) && summary.steepest.down <= Rate(500_000))
    #expect(summary.initialRate.end > summary.fixedRate, "two weeks later it has not fallen all the way")
    // The first fall is in hour 10; maintenance follows three hours later.
    let maintenance = run.hours.map(\.dynamic.maintenanceRate)
    #expect(maintenance[12].rawValue - maintenance[0].rawValue < 10_000, "at rest but for what calm hours move")
    #expect(maintenance[13].rawValue - maintenance[12].rawValue == 6_000_000, "60 % of 1 %")
  }

  /// 100,000 in equity, 200,000 long at 60,000: at the end of the crash 0.95^10 = 59.9 % of the price is left.
  @Test("Positions lose what the price loses, the same in both venues")
  func equity() throws {
    let run = try HistoryRun(Self.crash, from: 290 * 3_600, to: 330 * 3_600)
    for hour in run.hours {
      #expect(zip(hour.dynamic.accounts, hour.fixed.accounts).allSatisfy { $0.equity == $1.equity })
    }
    let long = try #require(run.hours.last).dynamic.accounts[0]
    #expect((Money(Int64(19_000_00000000))...Money(Int64(21_000_00000000))).contains(long.equity))
    let hedged = run.hours.map { $0.dynamic.accounts[3].equity }
    let drift = try #require(hedged.max()) - (try #require(hedged.min()))
    #expect(drift < Money(Int64(20_00000000)), "rounding of the position to whole lots")
    let summary = HistorySummary(run)
    #expect(summary.lines.first { $0.account == "long 5×" }?.underWater != nil)
    #expect(summary.lines.filter { $0.account == "short 3×" }.allSatisfy { $0.underWater == nil })
  }

  @Test("The picture is well-formed and has a curve for every figure")
  func picture() throws {
    let run = try HistoryRun(Self.crash, from: 290 * 3_600, to: 330 * 3_600)
    let svg = HistoryPlot.svg(run, title: "a < b & c") { "\($0)" }
    #expect(svg.components(separatedBy: "<polyline").count - 1 == 1 + 3 + 2 + 8)
    #expect(svg.contains("a &lt; b &amp; c") && svg.hasSuffix("</svg>\n"))
    #expect(XMLNesting.isSound(svg))
  }

  @Test("Prices are read by the names of their columns, newest first or oldest first")
  func reading() throws {
    let text = """
      unix,date,symbol,open,close
      1577840400,2020-01-01 01:00,BTC,1,7201.5
      1577836800,2020-01-01 00:00,BTC,1,7199.999
      1577836800,2020-01-01 00:00,BTC,1,7199.999
      """
    let history = try PriceHistory(csv: text)
    #expect(
      history.hours == [
        PriceHistory.Hour(start: 1_577_836_800, close: 719_999),
        PriceHistory.Hour(start: 1_577_840_400, close: 720_150),
      ])
    #expect(PriceHistory.seconds(ofDay: "2020-01-01") == 1_577_836_800)
    #expect(PriceHistory.seconds(ofDay: "2020-03-12") == 1_583_971_200)
    #expect(PriceHistory.seconds(ofDay: "2020-13-01") == nil && PriceHistory.seconds(ofDay: "x") == nil)
    #expect(throws: PriceHistory.Problem.self) { try PriceHistory(csv: "unix,close\n1,abc") }
    #expect(throws: PriceHistory.Problem.self) { try PriceHistory(csv: "time,price\n") }
    #expect(throws: HistoryRun.Problem.self) { try HistoryRun(history, from: 2_000_000_000, to: .max) }
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
