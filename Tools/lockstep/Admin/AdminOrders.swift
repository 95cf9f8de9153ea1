import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin orders`
struct AdminOrders: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "orders", abstract: "The open orders of an account.",
    discussion:
      "An order's name is the key that entered it and its request id.\n\nExample:\n  lockstep admin orders 131 --instrument BTC-PERP --config venue.toml"
  )

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The account.") var account: UInt32
  @Option(help: "Only this instrument.") var instrument: String?

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let directory = venue.directory
    let id = try instrument.map { try directory.instrument($0).instrument } ?? .none
    var rows: [OpenOrderReport] = []
    for case .openOrder(let row) in try venue.client.rows(
      QueryOpenOrders(queryId: 0, account: AccountId(account), instrument: id)
    ).rows { rows.append(row) }
    venue.show(
      rows, empty: "Account \(account) has no open orders.",
      table: { table, row in
        let marks = [
          row.flags.contains(.postOnly) ? "post only" : nil, row.flags.contains(.reduceOnly) ? "reduce only" : nil,
        ]
        table.add(
          "\(row.orderKey.rawValue)/\(row.orderRequestId)", directory.name(of: row.instrument),
          row.side.map { "\($0)" } ?? "–", directory.price(row.price, of: row.instrument),
          directory.size(row.open, of: row.instrument), directory.size(row.filled, of: row.instrument),
          row.display == .zero ? "all" : directory.size(row.display, of: row.instrument),
          marks.compactMap { $0 }.joined(separator: ", "))
      },
      columns: TextTable("order", "instrument", "side", ">price", ">open", ">filled", ">shown", "flags"))
  }
}
