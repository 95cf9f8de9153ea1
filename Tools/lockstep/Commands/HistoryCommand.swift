import ArgumentParser
import History
import Tape
import ToolSupport
import Values

/// `lockstep history`
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Drive real prices through a venue: dynamic margin against fixed rates.",
    discussion: """
      Hourly prices become marks of a perpetual in which accounts hold leveraged long,
      short and hedged positions. In one venue the volatility rates follow the market, in
      the other they stay where those of the first stood at the start. Nothing is
      liquidated: what would have been is shown. Every day both venues are recomputed in
      full, and money is counted.

      The file is CSV, packed with gzip or not, with a header line that names the columns
      unix and close.

      Examples:
        lockstep history --prices btc-usd-hourly.csv.gz --from 2020-03-08 --to 2020-03-22
        lockstep history --prices btc-usd-hourly.csv.gz --from 2021-05-15 --to 2021-05-28 \\
          --svg may-2021.svg
      """)

  @Option(help: "File with the prices.") var prices: String
  @Option(help: "First day, such as 2020-03-08 (UTC). [default: the first of the file]") var from: String?
  @Option(help: "Day after the last. [default: the end of the file]") var to: String?
  @Option(help: "Write a picture to this file.") var svg: String?
  @Flag(help: "Print JSON, one object per hour.") var json = false

  func run() throws {
    let history: PriceHistory
    do {
      history = try PriceHistory(csv: String(decoding: try TextFile.read(prices), as: UTF8.self))
    } catch let problem as PriceHistory.Problem {
      throw Failure(exit: .usage, message: "\(prices): \(problem)")
    }
    let run: HistoryRun
    do {
      run = try HistoryRun(history, from: try day(from) ?? 0, to: try day(to) ?? .max)
    } catch let problem as HistoryRun.Problem {
      throw Failure(exit: .usage, message: "\(problem)")
    }
    if let svg {
      let title = "\(text(run.hours[0].start)) to \(text(run.hours[run.hours.count - 1].start)) UTC"
      let picture = HistoryPlot.svg(run, title: title) { String(text($0).prefix(13).dropFirst(5)) }
      try writeText(picture, to: svg)
    }
    if json {
      for hour in run.hours { print(HistoryText.json(hour).text) }
    } else {
      print(HistoryText.summary(HistorySummary(run)))
    }
    if let finding = run.findings.first { throw Failure(exit: .difference, message: finding) }
  }

  private func day(_ text: String?) throws -> Int64? {
    guard let text else { return nil }
    guard let seconds = PriceHistory.seconds(ofDay: text) else {
      throw Failure(exit: .usage, message: "“\(text)” is not a day such as 2020-03-08.")
    }
    return seconds
  }

  private func text(_ seconds: Int64) -> String {
    String(Amounts.time(Timestamp(seconds * 1_000_000_000)).prefix(16))
  }
}

/// How a run is printed.
enum HistoryText {
  static func json(_ hour: HistoryRun.Hour) -> Json {
    func rates(_ set: HistoryRun.SetHour) -> [(String, Json)] {
      [
        ("initialRate", .integer(set.initialRate.rawValue)),
        ("maintenanceRate", .integer(set.maintenanceRate.rawValue)),
        ("promisedRate", .integer(set.promised.rawValue)),
        (
          "accounts",
          .array(
            zip(HistoryRun.accountNames, set.accounts).map { name, account in
              .object([
                ("name", .string(name)), ("equity", .integer(account.equity.rawValue)),
                ("initialMargin", .integer(account.initialMargin.rawValue)),
                ("maintenanceMargin", .integer(account.maintenanceMargin.rawValue)),
                ("free", .integer(account.free.rawValue)), ("cushion", .integer(account.cushion.rawValue)),
                ("utilisation", .integer(account.utilisation.rawValue)),
              ])
            })
        ),
      ]
    }
    return .object([
      ("time", .integer(hour.start)), ("price", .integer(hour.price)), ("dynamic", .object(rates(hour.dynamic))),
      ("fixed", .object(rates(hour.fixed))),
    ])
  }

  static func summary(_ summary: HistorySummary) -> String {
    func time(_ seconds: Int64?) -> String {
      seconds.map { String(Amounts.time(Timestamp($0 * 1_000_000_000)).prefix(16)) } ?? "never"
    }
    func price(_ cents: Int64) -> String { Decimal.format(Int128(cents), digits: 2) }
    let rate = summary.initialRate
    var table = TextTable(
      "account", "rates", ">highest utilisation", ">hours reduce-only", "called (MM/E > 80 %)", "under water (E < MM)")
    for line in summary.lines {
      table.add(
        line.account, line.isDynamic ? "dynamic" : "fixed",
        line.highestUtilisation == .maximum ? "over 1,000 %" : Amounts.percent(rounded(line.highestUtilisation)),
        "\(line.reduceOnlyHours)", time(line.called), time(line.underWater))
    }
    return """
      worst hour      \(time(summary.worstHour)): \(price(summary.worstFall.before)) to \(price(summary.worstFall.after))
      initial rate    \(Amounts.percent(rate.start)) at the start, \(Amounts.percent(rate.beforeWorst)) before the worst hour
                      \(Amounts.percent(rate.highest)) at its highest, \(time(rate.highestAt)); \(Amounts.percent(rate.end)) at the end
                      never more than \(Amounts.percent(summary.steepest.up)) up or \(Amounts.percent(summary.steepest.down)) down in an hour
      fixed rate      \(Amounts.percent(summary.fixedRate))

      \(table.text)
      """
  }

  /// Up to hundredths of a per cent.
  private static func rounded(_ rate: Rate) -> Rate { Rate(rate.rawValue.dividedRoundingUp(by: 100_000) * 100_000) }
}
