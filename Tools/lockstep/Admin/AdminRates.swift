import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin rates`
struct AdminRates: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rates", abstract: "Volatility, open-interest and liquidity rates in force, and where they go.",
    discussion: """
      The rates of each instrument, the target they move to, and the guarantee: the
      highest rates that can be in force 1, 10 and 60 intervals from now, whatever
      prices do. Without an interval the rates are fixed by the risk administrator.
      Then the impact curves: in force, as the last look at the book found it, and the
      least depth of the window.

      Examples:
        lockstep admin rates --config venue.toml
        lockstep admin rates BTC-PERP --config venue.toml --json
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The instrument, by symbol or id. [default: all]") var instrument: String?

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let named = try instrument.map { try venue.directory.instrument($0).instrument } ?? .none
    var rates: [RiskRateReport] = []
    var curves: [(report: ImpactCurveReport, rows: [ImpactCurveReport.Row])] = []
    for event in try venue.client.rows(QueryParameters(queryId: 0, instrument: named)).rows {
      if case .riskRates(let report) = event { rates.append(report) }
      if case .impactCurve(let report, let rows) = event { curves.append((report, rows)) }
    }
    show(rates, venue)
    if connection.json {
      for curve in curves { print(jsonText(curve.report, rows: curve.rows)) }
    } else if curves.contains(where: { !$0.rows.isEmpty }) {
      print("\n\(table(of: curves, venue.directory).text)")
    }
  }

  private func show(_ rates: [RiskRateReport], _ venue: VenueConnection) {
    venue.show(
      rates, empty: "There are no instruments with such rates.",
      table: { table, row in
        table.add(
          [
            venue.directory.name(of: row.instrument),
            row.interval == 0 ? "fixed" : Decimal.format(Int128(row.interval), digits: 3, minimumDigits: 0) + " s",
          ]
            + [
              row.deviation, row.target, row.initialRate, row.maintenanceRate, row.openInterestRate, row.initialIn1,
              row.initialIn10, row.initialIn60, row.maintenanceIn1, row.maintenanceIn10, row.maintenanceIn60,
            ].map(Amounts.percent))
      },
      columns: TextTable(
        "instrument", ">interval", ">σ", ">target", ">initial", ">maintenance", ">OI", ">initial ≤ +1", ">+10", ">+60",
        ">maintenance ≤ +1", ">+10", ">+60"))
  }

  private func table(
    of curves: [(report: ImpactCurveReport, rows: [ImpactCurveReport.Row])], _ directory: VenueDirectory
  ) -> TextTable {
    var table = TextTable("instrument", "closing", ">size", ">impact", ">last look", ">least depth")
    for (report, rows) in curves {
      for row in rows {
        let isMeasured = report.looks > 0
        table.add(
          directory.name(of: report.instrument), report.side == .buy ? "longs" : "shorts",
          directory.size(row.lots, of: report.instrument), Amounts.percent(row.rate),
          isMeasured ? Amounts.percent(row.lastLook) : "–", isMeasured ? Amounts.percent(row.worst) : "–")
      }
    }
    return table
  }
}

/// A message with rows as one line of JSON.
func jsonText<M: MessageWithRows>(_ message: M, rows: [M.Row]) -> String {
  withUnsafeTemporaryAllocation(byteCount: M.frameLength(rows: rows.count), alignment: 8) { memory in
    message.encode(to: memory.baseAddress!, rows: rows)
    return FrameText.json(Frame(UnsafeRawBufferPointer(memory)))
  }
}
