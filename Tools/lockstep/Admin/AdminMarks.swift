import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin marks`
struct AdminMarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "marks", abstract: "Index prices with their sources, and marks with what they are made of.",
    discussion: """
      index: median of the fresh sources. average: of the last five minutes. fair:
      index with the average basis. mark: the middle one of fair, mid and last, no
      further from the index than ± the band. Ages are those at the venue's last
      command.

      Example:
        lockstep admin marks BTC-PERP --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "Symbol or id of an instrument. [default: all]") var instrument: String?

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let id = try instrument.map { try venue.directory.instrument($0).instrument } ?? .none
    var (indexes, sources, marks): ([IndexReport], [SourceReport], [MarkReport]) = ([], [], [])
    for event in try venue.client.rows(QueryMarks(queryId: 0, instrument: id)).rows {
      switch event {
      case .index(let row): indexes.append(row)
      case .source(let row): sources.append(row)
      case .mark(let row): marks.append(row)
      default: break
      }
    }
    show(indexes, venue)
    show(sources, at: indexes.first?.time ?? Timestamp(0), venue)
    show(marks, venue)
  }

  private func show(_ rows: [IndexReport], _ venue: VenueConnection) {
    let directory = venue.directory
    venue.show(
      rows, empty: "There are no assets but the settlement currency.",
      table: { table, row in
        let isGuarded = row.quorum > 0
        let state = (row.oracleGuard.map { "\($0)" } ?? "–") + (row.cause == OracleCause.none ? "" : " (\(cause(row)))")
        table.add(
          directory.name(of: row.asset), directory.price(row.index, of: row.asset),
          isGuarded ? age(from: row.heardAt, to: row.time) : "–", directory.price(row.average, of: row.asset),
          directory.price(row.stablePrice, of: row.asset), isGuarded ? "\(row.quorum)" : "–", seconds(row.riskAge),
          seconds(row.liquidationAge), isGuarded ? Amounts.percent(row.deviation) : "–",
          isGuarded ? Amounts.percent(row.confidenceLimit) : "–", isGuarded ? state : "not guarded")
      },
      columns: TextTable(
        "asset", ">index", ">age", ">average", ">stable", ">quorum", ">a1", ">a2", ">deviation", ">confidence",
        "guard"))
  }

  private func cause(_ row: IndexReport) -> String { row.cause.map { "\($0)" } ?? "\(row.causeCode)" }

  private func show(_ rows: [SourceReport], at time: Timestamp, _ venue: VenueConnection) {
    if rows.isEmpty { return }
    let directory = venue.directory
    if !venue.json { print("") }
    venue.show(
      rows, empty: "",
      table: { table, row in
        table.add(
          directory.name(of: row.asset), row.key == .venue ? "venue" : "\(row.key.rawValue)",
          directory.price(row.price, of: row.asset), directory.price(Price(Int64(row.confidence)), of: row.asset),
          age(from: row.time, to: time), row.fresh == true ? "yes" : "no")
      },
      columns: TextTable("asset", ">source (key)", ">price", ">± confidence", ">age", "fresh"))
  }

  private func show(_ rows: [MarkReport], _ venue: VenueConnection) {
    if rows.isEmpty { return }
    let directory = venue.directory
    if !venue.json { print("") }
    venue.show(
      rows, empty: "",
      table: { table, row in
        let isComputed = row.interval > 0
        func price(_ price: Price?) -> String { directory.price(price, of: row.instrument) }
        table.add(
          directory.name(of: row.instrument), price(row.index), price(row.fair), price(row.mid), price(row.last),
          price(row.mark), isComputed ? price(row.width) : "–", isComputed ? "computed" : "set by oracle keys",
          row.oracleGuard.map { "\($0)" } ?? "–")
      },
      columns: TextTable(
        "instrument", ">index", ">fair", ">mid", ">last", ">mark", ">± band", "how", "guard"))
  }

  private func seconds(_ milliseconds: UInt32) -> String {
    milliseconds == 0 ? "–" : "\(Decimal.format(Int128(milliseconds), digits: 3, minimumDigits: 0)) s"
  }

  private func age(from earlier: Timestamp, to later: Timestamp) -> String {
    let tenths = (later.rawValue - earlier.rawValue) / 100_000_000
    return "\(tenths / 10).\(tenths % 10) s"
  }
}
