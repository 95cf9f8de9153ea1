import Client
import ToolSupport
import Values

/// Feeds a whole tape to a throw-away venue and compares what was traded with what its own venue published.
public struct TapeCheck: Sendable {
  /// How the commands reach the matching engine.
  public enum Route: String, Sendable {
    /// A server of this process, over TCP on the loopback interface, with logins and reports.
    case tcp
    /// Straight into a kernel.
    case offline
  }

  public let route: Route
  public let commands: Int
  public let comparison: FillComparison
  public let scale: TapeScale
  public let accounts: Int
  public let seconds: Double
  /// Rows that had to wait for the answers to everything before them.
  public let barriers: Int
  /// Refused commands by reason code.
  public let rejects: [UInt16: Int]
  /// Refusals other than cancels of unknown orders and post-only orders that would have traded.
  public let unexpectedRefusals: Int
  public let firstUnexpectedRefusal: String?
  /// Orders that the venue cut off because one command makes at most 4,096 fills.
  public let cutOffOrders: Int

  /// Runs the tape. `isSilent`: without progress on standard error.
  public static func run(_ tape: Tape, route: Route, isSilent: Bool = false) throws -> TapeCheck {
    switch route {
    case .offline:
      let link = try KernelLink(
        genesis: TapeWorld.genesis(publicKey: Bytes32(), capacity: TapeWorld.capacity(for: tape.rows)),
        publicKey: Bytes32(), time: TapeWorld.startTime(of: tape.rows))
      return try run(tape, through: link, route: route, isSilent: isSilent)
    case .tcp:
      let keyPair = KeyPair.generate()
      let server = try ThrowAwayServer(
        genesis: TapeWorld.genesis(publicKey: keyPair.publicKey, capacity: TapeWorld.capacity(for: tape.rows)))
      defer { server.stop() }
      let link = ClientLink(address: server.address, keyPair: keyPair)
      try link.open(TapeWorld.operatorKey)
      return try run(tape, through: link, route: route, isSilent: isSilent)
    }
  }

  /// Runs the tape through a link to a fresh venue of ``TapeWorld``.
  static func run(_ tape: Tape, through link: any VenueLink, route: Route, isSilent: Bool) throws -> TapeCheck {
    let scale = TapeScale(of: tape.rows)
    let driver = TapeDriver(link: link, scale: scale)
    var progress = Progress("check-tape", total: tape.rows.count, isSilent: isSilent)
    let start = SteadyClock.now
    try driver.run(tape.rows) { progress.show($0) }
    let seconds = SteadyClock.now - start
    progress.finish()
    link.close()
    let tracker = driver.tracker
    return TapeCheck(
      route: route, commands: tape.rows.count,
      comparison: FillComparison(published: tape.fills, actual: driver.fills(of: tape.rows)), scale: scale,
      accounts: tracker.pool.accounts.count, seconds: seconds, barriers: driver.barrierCount, rejects: tracker.rejects,
      unexpectedRefusals: tracker.refusalCount,
      firstUnexpectedRefusal: tracker.firstRefusal.map {
        "command \(tape.rows[$0.row].sequence) (\(tape.rows[$0.row].kind.letter)): \(reasonName($0.reason)), "
          + "detail \($0.detail)"
      }, cutOffOrders: tracker.matchLimitCount)
  }

  /// Commands per second.
  public var rate: Int { seconds > 0 ? Int(Double(commands) / seconds) : commands }
}

extension TapeCheck {
  /// What a person reads.
  public var text: String {
    var table = TextColumns()
    let how = route == .tcp ? "over TCP" : "straight into a kernel"
    let count = Decimal.format(commands)
    table.add("commands", "\(count) in \(decimals(seconds)) s, \(Decimal.format(rate))/s \(how)")
    table.add(
      "venue", "price unit \(scale.priceUnit), lot \(scale.lot) of the tape's units; \(accounts) funded accounts")
    table.add("rejects", rejectText)
    if let refusal = firstUnexpectedRefusal {
      table.add("refusals", "\(Decimal.format(unexpectedRefusals)) unexpected, the first: \(refusal)")
    }
    if cutOffOrders > 0 {
      table.add(
        "cut off", "\(Decimal.format(cutOffOrders)) orders, after \(Limits.fillsPerCommand) fills in one command")
    }
    table.add(comparison)
    return table.text
  }

  private var rejectText: String {
    let texts = rejects.sorted { $0.key < $1.key }.map { "\(reasonName($0.key)) \(Decimal.format($0.value))" }
    return texts.isEmpty ? "none" : texts.joined(separator: ", ")
  }

  /// The same as one JSON object.
  public var json: Json {
    .object([
      ("route", .string(route.rawValue)),
      ("exact", .boolean(comparison.isExact)),
      ("publishedFills", .integer(comparison.published)),
      ("exactFills", .integer(comparison.exact)),
      ("extraFills", .integer(comparison.extra)),
      ("takerOrders", .integer(comparison.takerOrders)),
      ("exactTakerOrders", .integer(comparison.exactTakerOrders)),
      ("firstDifference", comparison.firstDifference?.json ?? .null),
      ("commands", .integer(commands)),
      ("seconds", .seconds(seconds)),
      ("commandsPerSecond", .integer(rate)),
      ("accounts", .integer(accounts)),
      ("priceUnit", .integer(scale.priceUnit)),
      ("lot", .integer(scale.lot)),
      ("barriers", .integer(barriers)),
      ("rejects", .object(rejects.sorted { $0.key < $1.key }.map { (reasonName($0.key), .integer($0.value)) })),
      ("unexpectedRefusals", .integer(unexpectedRefusals)), ("cutOffOrders", .integer(cutOffOrders)),
    ])
  }
}

extension FillComparison.Difference {
  /// As a JSON object.
  public var json: Json {
    func object(_ fill: TapeFill?) -> Json {
      guard let fill else { return .null }
      return .object([
        ("takerId", .integer(fill.takerId)), ("makerId", .integer(fill.makerId)), ("price", .integer(fill.price)),
        ("size", .integer(fill.size)),
      ])
    }
    return .object([
      ("seq", .integer(sequence)), ("position", .integer(position)), ("published", object(published)),
      ("actual", object(actual)),
    ])
  }
}

extension Json {
  /// A duration, to the microsecond.
  static func seconds(_ seconds: Double) -> Json { .number("\((seconds * 1_000_000).rounded() / 1_000_000)") }
}

/// A duration with three decimals.
func decimals(_ seconds: Double) -> String {
  Decimal.format(Int128((seconds * 1000).rounded()), digits: 3, minimumDigits: 3)
}
