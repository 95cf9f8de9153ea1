import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin greeks`
struct AdminGreeks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "greeks", abstract: "The Greeks of an account: by position, by underlying, in all.",
    discussion: """
      delta is in units of the underlying, gamma is the change of delta when the
      underlying rises by 1 %. delta value, vega (one point of volatility), theta (one
      day) and rho (one point of interest) are money. The hedge is what to trade, in
      the linear instrument named, to bring an underlying's delta nearest to zero.

      Example:
        lockstep admin greeks 131 --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The account.") var account: UInt32

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let answer = try venue.client.rows(QueryGreeks(queryId: 0, account: AccountId(account)))
    let rows = answer.rows.compactMap { event -> GreeksReport? in
      if case .greeks(let row) = event { row } else { nil }
    }
    let directory = venue.directory
    let amounts = directory.amounts
    venue.show(
      rows, empty: "The account holds nothing.",
      table: { table, row in
        let isAll = row.scope == .account
        table.add(
          [
            name(of: row, directory),
            row.scope == .position ? directory.size(row.lots, of: row.instrument) : "",
            isAll ? "" : Decimal.format(Int128(row.delta), digits: 9, minimumDigits: 4),
            amounts.shortMoney(row.deltaValue),
            isAll ? "" : Decimal.format(Int128(row.gamma), digits: 9, minimumDigits: 4),
          ] + [row.vega, row.theta, row.rho, row.value].map(amounts.shortMoney) + [hedge(of: row, directory)])
      },
      columns: TextTable(
        "", ">position", ">delta", ">delta value", ">gamma", ">vega", ">theta", ">rho", ">value", "hedge"))
  }

  private func name(of row: GreeksReport, _ directory: VenueDirectory) -> String {
    switch row.scope {
    case .position: "  " + directory.name(of: row.instrument)
    case .balance: "  balance"
    case .underlying: "all on \(directory.name(of: row.asset))"
    case .account, nil: "account \(row.account.rawValue)"
    }
  }

  private func hedge(of row: GreeksReport, _ directory: VenueDirectory) -> String {
    guard row.scope == .underlying, row.instrument != .none, row.lots != .zero else { return "" }
    let size = directory.size(row.lots.magnitude, of: row.instrument)
    return "\(row.lots < .zero ? "sell" : "buy") \(size) \(directory.name(of: row.instrument))"
  }
}
