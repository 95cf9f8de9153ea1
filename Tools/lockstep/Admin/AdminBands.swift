import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin bands`
struct AdminBands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bands", abstract: "How far marks, rates and prices may move before an account is looked at again.",
    discussion: """
      While everything stays inside its bounds the account does not pass its next
      edge (a margin call, or liquidation), whatever joint move it is.

      Example:
        lockstep admin bands 131 --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The account.") var account: UInt32

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    var rows: [BandReport] = []
    for case .band(let row) in try venue.client.rows(QueryBands(queryId: 0, account: AccountId(account))).rows {
      rows.append(row)
    }
    let directory = venue.directory
    venue.show(
      rows, empty: "Account \(account) has no bands: nothing that moves can bring it to an edge.",
      table: { table, row in
        func text(_ value: Price?) -> String {
          guard let value else { return "–" }
          switch row.factor {
          case .mark, .underlying: return directory.price(value, of: row.instrument)
          case .rate, .impliedVolatility, .scanRange: return Amounts.percent(Rate(value.rawValue))
          case .timeToExpiry: return "\(Decimal.format(value.rawValue / 1_000_000_000)) s"
          default: return Decimal.format(value.rawValue)
          }
        }
        let name = row.instrument == .none ? "asset \(row.asset.rawValue)" : "\(row.instrument.rawValue)"
        table.add(
          name, row.factor.map { "\($0)" } ?? "–", text(row.lower), text(row.coordinate), text(row.upper),
          row.holds == true ? "yes" : "no", row.state.map { "\($0)" } ?? "–", row.watched == true ? "yes" : "no")
      },
      columns: TextTable("instrument", "factor", ">from", ">now", ">to", "holds", "state", "watched"))
  }
}
