import Foundation
import Margin
import Testing
import Values

/// Binance's published brackets of October 2024 (349 symbols), where the file is at hand: LOCKSTEP_SHARED or ../shared.
private enum PublishedBrackets {
  struct Row: Decodable {
    struct Info: Decodable {
      let notionalFloor: String
      let maintMarginRatio: String
      let cum: String
    }
    let info: Info
  }

  static let file: String? = {
    let folders = [ProcessInfo.processInfo.environment["LOCKSTEP_SHARED"], "../shared"].compactMap { $0 }
    return folders.map { $0 + "/data/binance-usdm-brackets-2024-10.json.gz" }
      .first { FileManager.default.fileExists(atPath: $0) }
  }()

  static func read(_ path: String) throws -> [String: [Row]] {
    let gzip = Process()
    let output = Pipe()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-dc", path]
    gzip.standardOutput = output
    try gzip.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    gzip.waitUntilExit()
    return try JSONDecoder().decode([String: [Row]].self, from: text)
  }

  /// A decimal number times 10^`digits`, which must come out whole.
  static func integer(_ text: String, digits: Int) throws -> Int64 {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    let kept = fraction.prefix(digits)
    try #require(fraction.dropFirst(digits).allSatisfy { $0 == "0" }, "\(text) has more than \(digits) decimals")
    let digitText = String(parts[0] + kept) + String(repeating: "0", count: digits - kept.count)
    let number = Int64(digitText)
    return try #require(number)
  }
}

@Suite struct PublishedBracketTests {
  @Test(
    "The brackets of 349 symbols load as tiers and have the published cumulative amounts",
    .enabled(
      if: PublishedBrackets.file != nil, "the published brackets are not on this machine (LOCKSTEP_SHARED or ../shared)"
    ))
  func cumulativeAmounts() throws {
    let symbols = try PublishedBrackets.read(#require(PublishedBrackets.file))
    #expect(symbols.count == 349)
    for (number, (symbol, rows)) in symbols.sorted(by: { $0.key < $1.key }).enumerated() {
      let brackets = try rows.map { row in
        Bracket(
          lower: Money(try PublishedBrackets.integer(row.info.notionalFloor, digits: 8)),
          rate: Rate(try PublishedBrackets.integer(row.info.maintMarginRatio, digits: 9)))
      }
      try #require(Schedule.firstFault(in: brackets) == nil, "\(symbol)")
      let schedule = Schedule(id: ScheduleId(UInt16(number + 1)), rows: brackets)
      for (index, (bracket, row)) in zip(brackets, rows).enumerated() {
        let published = Int128(try PublishedBrackets.integer(row.info.cum, digits: 8))
        let top = index + 1 < brackets.count ? brackets[index + 1].lower.rawValue : 2 * bracket.lower.rawValue
        for notional in [bracket.lower.rawValue, (bracket.lower.rawValue + top) / 2, top - 1] {
          let exact = notional * Int128(bracket.rate.rawValue) - published * 1_000_000_000
          #expect(schedule.exactAmount(Money(notional)) == exact, "\(symbol) at \(notional) mq")
          #expect(schedule.amount(Money(notional)).rawValue == exact.dividedRoundingUp(by: 1_000_000_000))
        }
      }
    }
  }
}
