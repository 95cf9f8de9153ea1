import ArgumentParser
import ToolSupport
import Values

/// `lockstep admin funding`
struct AdminFunding: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "funding", abstract: "Perpetuals with their newest funding rate, and when it is exchanged next.",
    discussion: "A positive rate is paid by longs. Example:\n  lockstep admin funding --config venue.toml")

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let directory = venue.directory
    venue.show(
      directory.instruments.filter { $0.kind == .perpetual }, empty: "There are no perpetuals.",
      table: { table, row in
        table.add(
          "\(row.instrument.rawValue)", "\(row.symbol)", Amounts.percent(row.fundingRate),
          row.nextFunding == Timestamp(0) ? "–" : UtcTime.format(row.nextFunding),
          directory.price(row.mark, of: row.instrument), directory.size(row.openInterest, of: row.instrument))
      },
      columns: TextTable(">id", "symbol", ">rate", "next", ">mark", ">open interest"))
  }
}
