import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin var`
struct AdminValueAtRisk: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "var", abstract: "Value at risk and expected shortfall of an account, and what they come from.",
    discussion: """
      What the account's equity would lose if the market moved once more as it did
      in each of the venue's samples (SetPriceHistory; at most 256 of them). The
      terms say what each position and balance loses in the samples of the tail.

      Example:
        lockstep admin var 131 --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The account.") var account: UInt32

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let answer = try venue.client.rows(QueryValueAtRisk(queryId: 0, account: AccountId(account)))
    for event in answer.rows {
      switch event {
      case .valueAtRisk(let report): if !venue.printed(report) { print(text(report, venue)) }
      case .valueAtRiskTerm(let term): _ = venue.printed(term)
      default: break
      }
    }
    if connection.json { return }
    let terms = answer.rows.compactMap { event in
      if case .valueAtRiskTerm(let term) = event { return term }
      return nil
    }
    if !terms.isEmpty { print(table(terms, venue)) }
  }

  private func text(_ report: ValueAtRiskReport, _ venue: VenueConnection) -> String {
    let amounts = venue.directory.amounts
    if report.interval == 0 {
      return "The venue keeps no price history: a risk admin starts one with\n"
        + "  lockstep admin send 'SetPriceHistory interval=3600000'"
    }
    if report.samples == 0 { return "No sample yet: one is taken every \(period(report))." }
    var lines = [
      "account \(account): \(report.samples) samples of \(period(report)), the worst \(report.tail) count as the tail",
      "  value at risk (99 %)   \(amounts.shortMoney(report.valueAtRisk))",
      "  expected shortfall     \(amounts.shortMoney(report.expectedShortfall))",
      "  worst loss             \(amounts.shortMoney(report.worst)), \(report.worstAge) samples ago",
      "  equity                 \(amounts.shortMoney(report.margin.equity))",
    ]
    if report.samples < 100 { lines.append("  fewer than 100 samples: the figures are those of the worst one") }
    return lines.joined(separator: "\n")
  }

  private func period(_ report: ValueAtRiskReport) -> String {
    let seconds = Double(report.interval) / 1000
    return seconds >= 3600 ? "\(seconds / 3600) h" : seconds >= 60 ? "\(seconds / 60) min" : "\(seconds) s"
  }

  private func table(_ terms: [ValueAtRiskTerm], _ venue: VenueConnection) -> String {
    var table = TextTable("position or balance", ">loss in the tail")
    for term in terms {
      let name =
        term.instrument == .none ? venue.directory.name(of: term.asset) : venue.directory.name(of: term.instrument)
      table.add(name, venue.directory.amounts.shortMoney(term.tailLoss))
    }
    return table.text
  }
}
