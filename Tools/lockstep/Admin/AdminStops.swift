import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin kill`
struct AdminKill: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill",
    abstract: "Cancel all orders of an account, a key, a firm or the venue, and refuse new ones. [operator, firmAdmin]",
    discussion: """
      Orders that would only reduce a position are refused too; positions stay. A firm's
      administrator stops accounts and keys of its own firm. Who has stopped what:
      “admin accounts”, “admin keys”, “admin status”.

      Examples:
        lockstep admin kill account 131 --config venue.toml
        lockstep admin kill key 113 --config venue.toml
        lockstep admin kill master 13 --release --config venue.toml
        lockstep admin kill venue --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "account, key, master or venue.") var scope: KillScope
  @Argument(help: "Which account, key or master.") var target: UInt32 = 0
  @Flag(help: "Let trading go on.") var release = false

  func validate() throws {
    if (scope == .venue) != (target == 0) {
      throw ValidationError("Name the account, key or master; for the venue nothing.")
    }
  }

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let request = SetKillSwitch(requestId: 0, target: target, scope: scope, engaged: !release)
    let answer = try venue.client.perform(request)
    venue.show(answer)
    if !release { venue.showCancelled(by: answer) }
  }
}

/// `lockstep admin cancel`
struct AdminCancel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Cancel all orders that everything given here matches. [operator, firmAdmin, trader]",
    discussion: """
      Held orders go too. Without an account, key or master: all orders of the venue
      (operator), or of the sender's own firm.

      Examples:
        lockstep admin cancel --instrument BTC-PERP --side buy --config venue.toml
        lockstep admin cancel --key-of-orders 113 --config venue.toml
        lockstep admin cancel --master 13 --underlying BTC --kind future --kind option --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Option(help: "Orders of this account.") var account: UInt32 = 0
  @Option(help: "Orders of this firm's accounts.") var master: UInt32 = 0
  @Option(help: "Orders that this key entered.") var keyOfOrders: UInt32 = 0
  @Option(help: "Symbol or id of the instrument.") var instrument: String?
  @Option(help: "Instruments with this base asset.") var underlying: String?
  @Option(help: "spot, perpetual, future or option; may be repeated.") var kind: [InstrumentKind] = []
  @Option(help: "buy, sell or both.") var side: SideScope = .both
  @Flag(help: "Quotes of market makers alone.") var quotes = false

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let request = MassCancel(
      requestId: 0, account: AccountId(account),
      instrument: try instrument.map { try venue.directory.instrument($0).instrument } ?? .none, side: side,
      kinds: InstrumentKinds(kind.map { InstrumentKinds($0) }),
      underlying: try underlying.map { try venue.directory.asset($0) } ?? .settlement, master: MasterId(master),
      orderKey: KeyId(keyOfOrders), quotesOnly: quotes)
    let answer = try venue.client.perform(request)
    venue.show(answer)
    venue.showCancelled(by: answer)
  }
}

/// `lockstep admin keys`
struct AdminKeys: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Login keys, their sessions, and which of them are stopped.",
    discussion:
      "Example:\n  lockstep admin keys --config venue.toml\n\nKeys come in the order in which they were created.")

  @OptionGroup var connection: ConnectionOptions
  @Option(help: "Begin with this key; 0: the first.") var from: UInt32 = 0

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    venue.show(
      try keys(venue), empty: from == 0 ? "There are no keys." : "There is no key \(from).",
      table: { table, row in
        table.add(
          "\(row.key.rawValue)", row.master == .none ? "" : "\(row.master.rawValue)",
          row.roles.names.joined(separator: " "), row.connected == true ? "connected" : "",
          row.kill == .released ? "" : row.kill.map { "\($0)" } ?? "–",
          row.cancelOnDisconnect == 0 ? "" : "\(Decimal.format(row.cancelOnDisconnect)) ms",
          row.disconnectDeadline == Timestamp(0) ? "" : UtcTime.format(row.disconnectDeadline),
          row.countdownEnd == Timestamp(0) ? "" : UtcTime.format(row.countdownEnd),
          row.countdownEnd == Timestamp(0)
            ? "" : row.countdownAccount == .none ? "its own" : "account \(row.countdownAccount.rawValue)")
      },
      columns: TextTable(
        ">key", ">master", "roles", "session", "stopped by", ">cancel after", "orders end", "countdown to", "cancels"))
  }

  /// A further page begins with the last row of the one before.
  private func keys(_ venue: VenueConnection) throws -> [KeyReport] {
    var rows: [KeyReport] = []
    while true {
      let first = rows.popLast()?.key ?? KeyId(from)
      let answer = try venue.client.rows(QueryKeys(queryId: 0, first: first, count: 0))
      let before = rows.count
      for case .key(let row) in answer.rows { rows.append(row) }
      guard answer.more, rows.count > before + 1 else { return rows }
    }
  }
}

extension VenueConnection {
  /// Waits until the job that a request began is done, and says how many orders it cancelled.
  func showCancelled(by answer: Event) {
    guard answer.requestId != 0 else { return }
    let done = try? client.wait(for: "the cancels", timeout: .seconds(60)) { event in
      if case .massCancelDone(let report) = event { return report.requestId == answer.requestId }
      return false
    }
    guard case .massCancelDone(let report) = done, !printed(report) else { return }
    print("\(Decimal.format(report.count)) orders cancelled")
  }
}

extension KillScope: ExpressibleByArgument {
  public init?(argument: String) {
    guard let scope = KillScope.allCases.first(where: { "\($0)" == argument }) else { return nil }
    self = scope
  }

  public static var allValueStrings: [String] { allCases.map { "\($0)" } }
}

extension SideScope: ExpressibleByArgument {
  public init?(argument: String) {
    guard let side = SideScope.allCases.first(where: { "\($0)" == argument }) else { return nil }
    self = side
  }

  public static var allValueStrings: [String] { allCases.map { "\($0)" } }
}

extension InstrumentKind: ExpressibleByArgument {
  public init?(argument: String) {
    guard let kind = InstrumentKind.allCases.first(where: { "\($0)" == argument }) else { return nil }
    self = kind
  }

  public static var allValueStrings: [String] { allCases.map { "\($0)" } }
}
