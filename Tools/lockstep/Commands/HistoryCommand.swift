import ArgumentParser
import History
import Tape
import ToolSupport
import Values

extension HistoryEvent: ExpressibleByArgument {}

/// `lockstep history`
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Drive real prices through a venue: dynamic margin against fixed rates.",
    discussion: """
      Hourly prices become index and marks of a venue with a perpetual, a future and options,
      in which accounts hold leveraged long, short, hedged and option positions, some of them
      twice: in standard and in portfolio mode. A maker quotes around the marks, accounts are
      called and liquidated through its quotes, an insurance fund takes over what is left. Two
      such venues run side by side: in one the volatility rates follow the market, in the other
      they stay where those of the first stood at the start. Every day both are recomputed in
      full, and money is counted; every rate is compared with what was promised about it.

      Prices are CSV, packed with gzip or not, with a header line that names the columns unix
      and close. Funding rates are CSV with the columns Date (2020-03-12 16:00:00) and Funding
      Rate (a decimal number per eight hours); they are exchanged as rates from outside.

      Exit status 1 when a check fails.

      Examples:
        lockstep history --prices btc-usd-hourly.csv.gz --event march-2020 --svg march.svg
        lockstep history --prices btc-usd-hourly.csv.gz --funding btc-funding-8h.csv.gz \\
          --funding-offset 3 --event may-2021 --json may.jsonl
        lockstep history --prices btc-usd-hourly.csv.gz --from 2022-01-15 --to 2022-02-01
      """)

  @Option(help: "File with the prices.") var prices: String
  @Option(help: "File with funding rates. [default: none are exchanged]") var funding: String?
  @Option(help: "Hours by which its dates are ahead of UTC.") var fundingOffset: Int64 = 0
  @Option(help: "A crash by name, in place of --from and --to.") var event: HistoryEvent?
  @Option(help: "First day, such as 2020-03-08 (UTC). [default: the first of the file]") var from: String?
  @Option(help: "Day after the last. [default: the end of the file]") var to: String?
  @Option(help: "Write a picture to this file.") var svg: String?
  @Option(help: "Write JSON to this file: one object per hour, then one with what happened.") var json: String?

  func validate() throws {
    if event != nil && (from != nil || to != nil) { throw ValidationError("--event has its own days.") }
    if !(-14...14).contains(fundingOffset) { throw ValidationError("--funding-offset is a number of hours.") }
  }

  func run() throws {
    let run = try drive()
    let summary = HistorySummary(run)
    if let svg {
      let title =
        "\(HistoryText.time(run.hours[0].start)) to \(HistoryText.time(run.hours[run.hours.count - 1].start)) UTC"
      try writeText(
        HistoryPlot.svg(run, title: title) { String(HistoryText.time($0).prefix(10).dropFirst(5)) }, to: svg)
    }
    if let json {
      try writeText(HistoryJson.lines(run, summary).map { $0.text + "\n" }.joined(), to: json)
    }
    print(HistoryText(run: run, summary: summary).text)
    if let finding = run.findings.first { throw Failure(exit: .difference, message: finding) }
  }

  private func drive() throws -> HistoryRun {
    let days = event.map { (from: $0.days.from, to: $0.days.to) }
    do {
      return try HistoryRun(
        try read(prices) { text throws(PriceHistory.Problem) in try PriceHistory(csv: text) },
        funding: try fundingRates(), from: try day(days?.from ?? from) ?? 0, to: try day(days?.to ?? to) ?? .max)
    } catch let problem as HistoryRun.Problem {
      throw Failure(exit: .usage, message: "\(problem)")
    }
  }

  private func fundingRates() throws -> FundingHistory {
    guard let funding else { return FundingHistory([:]) }
    let offset = fundingOffset * 3_600
    return try read(funding) { text throws(FundingHistory.Problem) in try FundingHistory(csv: text, offset: offset) }
  }

  /// Reads a file, and says its name with what is wrong in it.
  private func read<Content, Problem: Error>(
    _ path: String, _ parse: (String) throws(Problem) -> Content
  ) throws -> Content {
    let text = String(decoding: try TextFile.read(path), as: UTF8.self)
    do { return try parse(text) } catch { throw Failure(exit: .usage, message: "\(path): \(error)") }
  }

  private func day(_ text: String?) throws -> Int64? {
    guard let text else { return nil }
    guard let seconds = PriceHistory.seconds(ofDay: text) else {
      throw Failure(exit: .usage, message: "“\(text)” is not a day such as 2020-03-08.")
    }
    return seconds
  }
}
