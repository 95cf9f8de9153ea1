import Foundation
import Testing
import Values

@testable import History

/// Hourly prices and funding rates of the past, where the files are at hand: LOCKSTEP_SHARED or ../shared.
private enum Recorded {
  static let folder: String? = {
    let folders = [ProcessInfo.processInfo.environment["LOCKSTEP_SHARED"], "../shared"].compactMap { $0 }
    return folders.map { $0 + "/data/" }
      .first { FileManager.default.fileExists(atPath: $0 + "btc-usd-hourly-2018-2022.csv.gz") }
  }()

  static func read(_ name: String) throws -> String {
    let gzip = Process()
    let output = Pipe()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-dc", try #require(folder) + name]
    gzip.standardOutput = output
    try gzip.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    gzip.waitUntilExit()
    return String(decoding: text, as: UTF8.self)
  }
}

@Suite struct RealHistoryTests {
  @Test(
    "Two crashes with their funding: rates rose before the worst hour, promises held, money is conserved",
    .enabled(
      if: Recorded.folder != nil, "the recorded prices are not on this machine (LOCKSTEP_SHARED or ../shared)"))
  func crashes() throws {
    let prices = try PriceHistory(csv: try Recorded.read("btc-usd-hourly-2018-2022.csv.gz"))
    let funding = try FundingHistory(csv: try Recorded.read("btc-funding-8h-2020-2023.csv.gz"), offset: 3 * 3_600)
    for event in HistoryEvent.allCases {
      let run = try HistoryRun(
        prices, funding: funding, from: try #require(PriceHistory.seconds(ofDay: event.days.from)),
        to: try #require(PriceHistory.seconds(ofDay: event.days.to)))
      let summary = HistorySummary(run)
      #expect(run.findings.isEmpty, "\(event): \(run.findings)")
      #expect(run.hours.count == 504 && run.missingFunding == 0)
      #expect(run.dynamic.money.isConserved && run.fixed.money.isConserved)
      let rate = summary.initialRate
      #expect(rate.beforeWorst > rate.start && rate.highest > rate.beforeWorst, "\(event)")
      #expect(rate.end < rate.highest && run.ramps.steepest.down == Rate(500_000), "\(event)")
      let long = summary.lines.filter { $0.account == "long 5×" }
      let called = try long.map { try #require($0.called) }
      // In May 2021 the fixed rates are high: they stem from a week that had its own crash.
      #expect(event == .may2021 || called[0] < called[1], "dynamic before fixed")
      #expect(long.allSatisfy { $0.liquidated != nil })
      let short = summary.lines.filter { $0.account == "short 3×" }
      #expect(short.allSatisfy { $0.called == nil && $0.funding != .zero })
      for pair in summary.comparisons where pair.name.hasPrefix("calendar") {
        #expect(pair.hours > 48 && pair.highest < Rate(250_000_000), "\(event): \(pair)")
      }
    }
  }
}
