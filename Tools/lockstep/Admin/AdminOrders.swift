import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin orders`
struct AdminOrders: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "orders", abstract: "The open orders of an account, and those that are held until a price is reached.",
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
    let answer = try venue.client.rows(
      QueryOpenOrders(queryId: 0, account: AccountId(account), instrument: id))
    var rows: [OpenOrderReport] = []
    var held: [HeldOrderReport] = []
    for event in answer.rows {
      if case .openOrder(let row) = event { rows.append(row) }
      if case .heldOrder(let row) = event { held.append(row) }
    }
    venue.show(
      rows, empty: "Account \(account) has no open orders.",
      table: { table, row in
        table.add(
          "\(row.orderKey.rawValue)/\(row.orderRequestId)", directory.name(of: row.instrument),
          row.side.map { "\($0)" } ?? "–", directory.price(row.price, of: row.instrument),
          directory.size(row.open, of: row.instrument), directory.size(row.filled, of: row.instrument),
          row.display == .zero ? "all" : directory.size(row.display, of: row.instrument),
          ends(row.timeInForce, row.expiry), text(row.flags))
      },
      columns: TextTable("order", "instrument", "side", ">price", ">open", ">filled", ">shown", "ends", "flags"))
    if held.isEmpty { return }
    venue.show(
      held, empty: "",
      table: { table, row in
        let quantity =
          row.flags.contains(.closePosition) ? "all of it" : directory.size(row.quantity, of: row.instrument)
        table.add(
          "\(row.orderKey.rawValue)/\(row.orderRequestId)", directory.name(of: row.instrument),
          row.side.map { "\($0)" } ?? "–", trigger(row, venue), row.orderType.map { "\($0)" } ?? "–",
          directory.price(row.price, of: row.instrument), quantity, row.partner == 0 ? "" : "\(row.partner)",
          ends(row.timeInForce, row.expiry), text(row.flags))
      },
      columns: TextTable(
        "held order", "instrument", "side", "when", "type", ">price", ">quantity", "partner", "ends", "flags"))
  }

  private func ends(_ timeInForce: TimeInForce?, _ expiry: Timestamp) -> String {
    expiry == Timestamp(0) ? "" : "\(timeInForce.map { "\($0)" } ?? "") \(Amounts.time(expiry))"
  }

  /// For example `mark ≤ 63,000.0`.
  private func trigger(_ row: HeldOrderReport, _ venue: VenueConnection) -> String {
    let rises = (row.side == .buy) == (row.condition == .stop)
    let price = venue.directory.price(row.triggerPrice, of: row.instrument)
    let now = "\(row.source.map { "\($0)" } ?? "") \(rises ? "≥" : "≤") \(price)"
    guard let unit = row.trailing, unit != .none else { return now }
    let trails = "trailing \(row.distance) \(unit == .ticks ? "ticks" : "ppm")"
    if row.triggerPrice > Price(0) { return "\(now), \(trails)" }
    let activation = venue.directory.price(row.activationPrice, of: row.instrument)
    return "\(trails) from \(rises ? "≤" : "≥") \(activation)"
  }

  private func text(_ flags: OrderFlags) -> String {
    let names: [(OrderFlags, String)] = [
      (.postOnly, "post only"), (.reprice, "re-price"), (.reduceOnly, "reduce only"),
      (.closePosition, "close position"),
    ]
    return names.filter { flags.contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}
