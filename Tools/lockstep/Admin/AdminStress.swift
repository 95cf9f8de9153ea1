import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin stress`
struct AdminStress: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stress", abstract: "Who is called and who is liquidated if prices and volatilities change.",
    discussion: """
      Every account is recomputed in full on the changed prices; nothing of the
      venue changes. A shock is ASSET=PRICE or ASSET=PRICE/VOLATILITY, both in per
      cent; “all” stands for every asset that is not named.

      The last lines add up what accounts with negative equity would be short of:
      what the insurance fund would have to pay. --find looks for the smallest fall
      (or rise) of all prices at which that is above an amount.

      Examples:
        lockstep admin stress all=-20/+50 --config venue.toml
        lockstep admin stress BTC=-30 ETH=-35 --worst 20 --config venue.toml
        lockstep admin stress all=-1 --find 250000 --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "Shocks: ASSET=PRICE or ASSET=PRICE/VOLATILITY, in per cent.") var shocks: [String]
  @Option(help: "Accounts shown, those with the smallest cushion first; 0: all.") var worst = 10
  @Option(help: "Scale the shocks until the shortfall is above this amount of money, to 0.1 % of price.")
  var find: String?

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let rows = try shocks.map { try row($0, venue) }
    if let find {
      let limit = try amount(find, venue)
      return try search(rows, beyond: limit, venue)
    }
    let accounts = try ask(rows, venue)
    if connection.json {
      for account in accounts { print(jsonText(account)) }
      return
    }
    print(table(accounts, venue))
    print(summary(accounts, venue))
  }

  // MARK: Shocks

  private func row(_ text: String, _ venue: VenueConnection) throws -> QueryStress.Row {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else {
      throw Failure(exit: .usage, message: "a shock is ASSET=PRICE or ASSET=PRICE/VOLATILITY, not “\(text)”.")
    }
    let changes = parts[1].split(separator: "/", maxSplits: 1)
    let asset = parts[0] == "all" ? AssetId.settlement : try venue.directory.asset(String(parts[0]))
    return QueryStress.Row(
      price: try percent(changes[0], in: text),
      volatility: changes.count > 1 ? try percent(changes[1], in: text) : .zero,
      asset: asset)
  }

  private func percent(_ text: Substring, in shock: String) throws -> Rate {
    let digits = text.hasPrefix("+") ? text.dropFirst() : text
    do {
      return Rate(Int64(clamping: try Decimal.parse(String(digits), digits: 7)))
    } catch {
      throw Failure(exit: .usage, message: "“\(text)” in “\(shock)” is not a percentage.")
    }
  }

  private func amount(_ text: String, _ venue: VenueConnection) throws -> Money {
    do {
      return Money(try Decimal.parse(text, digits: venue.directory.amounts.moneyDigits))
    } catch {
      throw Failure(exit: .usage, message: "“\(text)” is not an amount of money.")
    }
  }

  // MARK: Asking

  private func ask(_ rows: [QueryStress.Row], _ venue: VenueConnection) throws -> [StressReport] {
    var accounts: [StressReport] = []
    var first = AccountId.none
    while true {
      let answer = try venue.client.rows(QueryStress(queryId: 0, first: first, count: 0), with: rows)
      let page: [StressReport] = answer.rows.compactMap { event in
        if case .stress(let report) = event { return report }
        return nil
      }
      // The account that an answer goes on from is the last one of the answer before.
      accounts += accounts.isEmpty ? page[...] : page.dropFirst()
      guard answer.more, let last = page.last, last.account != first else { return accounts }
      first = last.account
    }
  }

  // MARK: Showing

  private func table(_ accounts: [StressReport], _ venue: VenueConnection) -> String {
    let amounts = venue.directory.amounts
    var table = TextTable(
      ">account", ">equity now", ">equity then", ">maintenance then", ">cushion now", ">cushion then", "then")
    let ranked = accounts.sorted { $0.stressed.cushion < $1.stressed.cushion }
    for row in worst == 0 ? ranked[...] : ranked.prefix(worst) {
      table.add(
        "\(row.account.rawValue)", amounts.shortMoney(row.now.equity), amounts.shortMoney(row.stressed.equity),
        amounts.shortMoney(row.stressed.maintenanceMargin), amounts.shortMoney(row.now.cushion),
        amounts.shortMoney(row.stressed.cushion), AdminStress.state(row.stressed))
    }
    return table.text
  }

  /// What the account would be, by the usual levels: calls at 80 % and 90 % of equity.
  static func state(_ margin: AccountMargin) -> String {
    let (equity, maintenance) = (margin.equity.rawValue, margin.maintenanceMargin.rawValue)
    if equity < 0 { return "BANKRUPT" }
    if equity < maintenance { return "liquidated" }
    if 10 * maintenance > 9 * equity { return "second call" }
    if 10 * maintenance > 8 * equity { return "first call" }
    return margin.free < .zero ? "reduce only" : ""
  }

  private func shortfall(_ accounts: [StressReport]) -> Money {
    accounts.reduce(Money.zero) { $0 + max(.zero, -$1.stressed.equity) }
  }

  private func summary(_ accounts: [StressReport], _ venue: VenueConnection) -> String {
    let amounts = venue.directory.amounts
    func count(_ state: String) -> Int { accounts.filter { AdminStress.state($0.stressed) == state }.count }
    let equity = accounts.reduce(Money.zero) { $0 + $1.stressed.equity - $1.now.equity }
    return "  \(accounts.count) accounts: \(count("first call")) first call, \(count("second call")) second call, "
      + "\(count("liquidated")) liquidated, \(count("BANKRUPT")) bankrupt\n"
      + "  all equity changes by \(amounts.shortMoney(equity)); bankrupt accounts are short of "
      + "\(amounts.shortMoney(shortfall(accounts)))"
  }

  /// The smallest multiple of the shocks, in steps of a tenth of a per cent of price, that leaves more than `limit` unpaid.
  private func search(_ rows: [QueryStress.Row], beyond limit: Money, _ venue: VenueConnection) throws {
    func scaled(_ step: Int64) -> [QueryStress.Row] {
      let unit = rows.map(\.price.rawValue.magnitude).max() ?? 0
      return rows.map { row in
        var row = row
        row.price = Rate(row.price.rawValue * step * 1_000_000 / Int64(max(1, unit)))
        return row
      }
    }
    func isBeyond(_ step: Int64) throws -> Bool { shortfall(try ask(scaled(step), venue)) > limit }
    var (low, high): (Int64, Int64) = (0, 999)
    guard try isBeyond(high) else {
      return print("even a change of 99.9 % leaves no more than \(venue.directory.amounts.shortMoney(limit)) unpaid")
    }
    while low < high {
      let middle = (low + high) / 2
      if try isBeyond(middle) { high = middle } else { low = middle + 1 }
    }
    let changes = scaled(low).map { row in
      "\(row.asset == .settlement ? "all" : venue.directory.name(of: row.asset)) \(Amounts.percent(row.price))"
    }
    print("\(changes.joined(separator: ", ")):")
    print(summary(try ask(scaled(low), venue), venue))
  }
}
