import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin instruments`
struct AdminInstruments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "instruments", abstract: "Instruments with their marks, best prices and phases.")

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let directory = venue.directory
    venue.show(
      directory.instruments, empty: "There are no instruments.",
      table: { table, row in
        table.add(
          "\(row.instrument.rawValue)", "\(row.symbol)", kind(row, directory),
          Self.state(row), directory.price(row.mark, of: row.instrument),
          directory.price(row.bestBid, of: row.instrument), directory.price(row.bestAsk, of: row.instrument),
          row.expiry == Timestamp(0) ? "–" : UtcTime.format(row.expiry),
          directory.size(row.openInterest, of: row.instrument), Amounts.percent(row.makerFee),
          Amounts.percent(row.takerFee))
      },
      columns: TextTable(
        ">id", "symbol", "kind", "phase", ">mark", ">bid", ">ask", "expiry", ">open interest", ">maker fee",
        ">taker fee"))
  }

  /// The phase, or where it stands in its life, and what is due.
  private static func state(_ row: InstrumentReport) -> String {
    let state = row.listing == .active ? row.phase.map { "\($0)" } : row.listing.map { "\($0)" }
    if row.listingTime == Timestamp(0) { return state ?? "–" }
    let next = row.listing == .pending ? "opens" : "delisted"
    return "\(state ?? "–"), \(next) \(UtcTime.format(row.listingTime))"
  }

  /// The kind; of an option its right and strike.
  private func kind(_ row: InstrumentReport, _ directory: VenueDirectory) -> String {
    if let strike = row.strike {
      return "\(row.optionType.map { "\($0)" } ?? "option") \(directory.price(strike, of: row.instrument))"
    }
    return row.kind.map { "\($0)" } ?? "–"
  }
}
