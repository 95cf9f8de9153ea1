import Testing
import Values
import Wire

/// What came up in a stream, so that it can be shown that everything did.
struct StreamStatistics {
  private(set) var rejects: [RejectReason: Int] = [:]
  private(set) var cancels: [CancelReason: Int] = [:]
  private(set) var reports: [Template: Int] = [:]
  /// Entries of mass quotes that were done.
  private(set) var quotes = 0
  private(set) var commands = 0

  mutating func count(_ report: Report) {
    reports[report.template, default: 0] += 1
    let reject = report.decoded(OrderRejected.self)?.reason ?? report.decoded(RequestRejected.self)?.reason
    if let reject { rejects[reject, default: 0] += 1 }
    if report.template == .quotesAcknowledged {
      for row in report.withFrame({ $0.rows(of: QuotesAcknowledged.self) }) {
        if let reason = row.reason { rejects[reason, default: 0] += 1 } else { quotes += 1 }
      }
    }
    let cancel = report.decoded(OrderCancelled.self)?.reason ?? report.decoded(OrderExpired.self)?.reason
    if let cancel { cancels[cancel, default: 0] += 1 }
  }

  mutating func count(_ all: [Report]) {
    commands += 1
    for report in all { count(report) }
  }

  var text: String {
    var lines = ["\(commands) commands, \(quotes) quotes"]
    lines += Template.allCases.compactMap { template in reports[template].map { "  \(template): \($0)" } }
    lines += RejectReason.allCases.map { "  rejected \($0): \(rejects[$0] ?? 0)" }
    lines += CancelReason.allCases.map { "  cancelled \($0): \(cancels[$0] ?? 0)" }
    return lines.joined(separator: "\n")
  }

  /// Reasons of parts that the model does not have; the streams of Tests/DynamicTests bring them up.
  private static let elsewhere: Set<RejectReason> = [
    .instrumentExpired, .instrumentDelisted, .watchListFull,
    .liquidationCostTooHigh,
    .guardFailed,
    .noNewRisk, .reduceOnlyMarket,
    .inLiquidation, .noRiskGroup, .creditShares,
  ]
  private static let cancelledElsewhere: Set<CancelReason> = [.instrumentExpired, .instrumentDelisted, .liquidation]

  /// Reasons of the kernel that never came up.
  var missing: [String] {
    RejectReason.allCases.filter { $0.rawValue >= 10 && rejects[$0] == nil && !Self.elsewhere.contains($0) }
      .map { "reject \($0)" }
      + CancelReason.allCases.filter { cancels[$0] == nil && !Self.cancelledElsewhere.contains($0) }
      .map { "cancel \($0)" }
  }
}

/// Runs one stream through the model and another venue, and looks for the first difference.
struct Comparison {
  let seed: UInt64
  let model: ReferenceVenue
  let other: any Venue
  private var stream: CommandStream
  private var recent: [Command] = []
  private(set) var number = 0
  /// What the other venue said to the last command.
  private(set) var lastReports: [Report] = []

  init(seed: UInt64, other: (DefineVenue) -> any Venue) {
    self.seed = seed
    let definition = StreamCast.definition(seed)
    model = ReferenceVenue(definition)
    self.other = other(definition)
    stream = CommandStream(seed: seed, model: model)
  }

  /// Applies the next command to both; a text about the difference, if there is one.
  mutating func step(_ statistics: inout StreamStatistics) -> String? {
    let command = stream.next()
    number += 1
    recent.append(command)
    if recent.count > 2_000 { recent.removeFirst(1_000) }
    let expected = model.apply(command)
    let found = other.apply(command)
    lastReports = found
    statistics.count(expected)
    if expected != found { return difference(command, expected, found) }
    if model.nextDue != other.nextDue || model.hasPendingWork != other.hasPendingWork {
      return "seed \(seed), command \(number): due \(model.nextDue) and \(other.nextDue), pending "
        + "\(model.hasPendingWork) and \(other.hasPendingWork) after \(command.text)"
    }
    return number.isMultiple(of: 500) ? imbalance() ?? disagreement() : nil
  }

  /// Runs `count` commands, or until the first difference.
  mutating func run(_ count: Int, _ statistics: inout StreamStatistics) -> String? {
    for _ in 0..<count {
      if let difference = step(&statistics) { return difference }
    }
    return imbalance() ?? disagreement()
  }

  /// The kernel's answers to queries say what the model's state is.
  private func disagreement() -> String? {
    // The stream may have taken the staff's roles away; then nobody is left who may look at everything.
    let staff = model.keys.first { $0.id == StreamCast.staff }
    guard staff?.roles.contains(.observer) == true else { return nil }
    guard let kernel = other as? KernelVenue, let difference = stateDifference(model, kernel) else { return nil }
    return "seed \(seed), command \(number): \(difference)"
  }

  /// Money is conserved and every long has its short.
  private func imbalance() -> String? {
    for asset in [AssetId.settlement] + model.assets.keys.sorted() {
      let balances = model.accounts.reduce(Int128(0)) { $0 + $1.balance(asset) }
      let costs =
        asset == .settlement
        ? model.accounts.reduce(Int128(0)) { $0 + $1.positions.values.reduce(Int128(0)) { $0 + $1.cost } } : 0
      if balances - costs + (model.fees[asset] ?? 0) != model.netDeposits[asset] ?? 0 {
        return "seed \(seed), command \(number): asset \(asset.rawValue) is not conserved"
      }
    }
    for id in model.instruments.keys.sorted() where model.accounts.reduce(0, { $0 + $1.lots(id) }) != 0 {
      return "seed \(seed), command \(number): instrument \(id.rawValue) has longs without shorts"
    }
    return nil
  }

  private func difference(_ command: Command, _ expected: [Report], _ found: [Report]) -> String {
    let index = zip(expected, found).enumerated().first { $1.0 != $1.1 }?.offset ?? min(expected.count, found.count)
    let model = index < expected.count ? expected[index].text : "nothing"
    let other = index < found.count ? found[index].text : "nothing"
    var lines = [
      "seed \(seed), command \(number): \(command.text)", "report \(index + 1) of \(expected.count) and \(found.count)",
      "model:  \(model)", "venue:  \(other)",
    ]
    if let account = (index < expected.count ? expected[index] : found[index]).text.split(separator: " ")
      .first(where: { $0.hasPrefix("account=") })
    {
      let texts = recent.suffix(1_000).map(\.text).filter { $0.split(separator: " ").contains(account) }
      if let kernel = self.other as? KernelVenue, let id = UInt32(account.dropFirst(8)) {
        let query = QueryMargin(queryId: 0, account: AccountId(id))
        lines += kernel.answer(query, for: StreamCast.staff).map { "  kernel \($0.text)" }
        if let state = self.model.accounts.first(where: { $0.id.rawValue == id }) { lines += self.model.explain(state) }
      }
      lines += ["the last commands that name \(account):"] + texts.suffix(12).map { "  \($0)" }
    }
    return lines.joined(separator: "\n")
  }
}
