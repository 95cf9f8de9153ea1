import Client
import ToolSupport
import Values
import Wire

/// The demo's price shock: a trader who has taken all the risk he may is called, then closed in parts, while the others
/// go on trading.
struct DemoCrash {
  /// What happened to the account while the price stood at one step of its fall.
  private struct Row {
    let fall: Double
    let text: String
    var size = Quantity.zero
    var paid = Money.zero
    var price: Price?
    var position: Quantity?
    var margin: AccountMargin
  }

  static let account = AccountId(151)
  private static let instrument = InstrumentId(1)
  private static let steps = 24
  private static let stepFall = 0.0025

  private let session: DemoSession
  private let rate: Double
  private var rows: [Row] = []
  private var calls = 0
  private var closed = Quantity.zero
  private var wasClosedInParts = false
  private var penalties = Money.zero

  init(_ session: DemoSession, rate: Double) {
    self.session = session
    self.rate = rate
  }

  /// Lets it happen and shows it; `checks` hold what must have happened.
  mutating func run(_ checks: inout DemoChecks) throws {
    let fund = try insurance()
    try takeAllRisk()
    let before = try explanation()
    var fallen = 0.0
    for _ in 0..<Self.steps {
      try session.fall(by: Self.stepFall)
      fallen = 1 - (1 - fallen) * (1 - Self.stepFall)
      try session.trade(seconds: 0.25, rate: rate)
      try hear(at: fallen)
    }
    try session.settle()
    try hear(at: fallen)
    show()
    let after = try explanation()
    show(before, after)
    let fundAfter = try insurance()
    let amounts = session.directory.amounts
    checks.check(calls > 0, "the account was called before it was closed: \(calls) changes of its state")
    checks.check(
      wasClosedInParts,
      "it was closed in parts, through the book: \(session.directory.size(closed, of: Self.instrument)) BTC sold")
    checks.check(
      penalties > .zero && fundAfter.penalties - fund.penalties >= penalties,
      "its penalties of \(amounts.shortMoney(penalties)) USD are in the insurance fund, which has "
        + "\(amounts.shortMoney(fundAfter.equity)) USD")
  }

  /// Buys until the venue refuses more.
  private mutating func takeAllRisk() throws {
    let client = session.reckless
    var lots = Quantity(1000)
    for _ in 0..<60 where lots >= Quantity(50) {
      let instrument = session.market.instruments[0]
      let request = try client.newOrder(
        account: Self.account, instrument: instrument.id, side: .buy,
        price: session.market.price(of: instrument, times: 1.003), quantity: lots, timeInForce: .immediateOrCancel)
      var isAnswered = false
      while !isAnswered, let event = try client.next(timeout: .seconds(10)) {
        switch event {
        case .rejected(let reject) where reject.requestId == request:
          lots = Quantity(lots.rawValue / 2)
          isAnswered = true
        case .filled(let fill): isAnswered = fill.open == .zero
        case .expired: isAnswered = true
        case .disconnected(let error): throw error
        default: break
        }
      }
      try session.trade(seconds: 0.02, rate: rate)
    }
  }

  private mutating func hear(at fall: Double) throws {
    while let event = try session.reckless.next() {
      switch event {
      case .marginCall(let call):
        calls += 1
        rows.append(Row(fall: fall, text: Self.name(call.state), margin: call.margin))
      case .liquidationStep(let step): take(step, at: fall)
      case .disconnected(let error): throw error
      default: break
      }
    }
  }

  /// Fills of one step of the fall share a row, and so do their penalties.
  private mutating func take(_ step: LiquidationStep, at fall: Double) {
    let text = step.action.map(Self.name) ?? "code \(step.actionCode)"
    if rows.last(where: { $0.fall == fall && $0.text == text }) == nil {
      rows.append(Row(fall: fall, text: text, margin: step.margin))
    }
    guard let index = rows.lastIndex(where: { $0.fall == fall && $0.text == text }) else { return }
    rows[index].margin = step.margin
    rows[index].position = step.position
    if step.action == .penalty {
      penalties += step.value
      rows[index].paid += step.value
    } else {
      rows[index].size += step.quantity
      rows[index].price = step.price
    }
    if step.action == .orderFilled {
      closed += step.quantity.magnitude
      if step.position != .zero { wasClosedInParts = true }
    }
  }

  // MARK: What is shown

  private func show() {
    let (directory, amounts) = (session.directory, session.directory.amounts)
    var table = TextTable(
      ">fall", "what the account hears", ">BTC", ">price", ">paid", ">left", ">equity", ">maintenance")
    for row in rows {
      table.add(
        "\(Decimal.format(Int128(row.fall * 1e4), digits: 2)) %", row.text,
        row.size == .zero ? "" : directory.size(row.size, of: Self.instrument),
        row.price == nil ? "" : directory.price(row.price, of: Self.instrument),
        row.paid == .zero ? "" : amounts.shortMoney(row.paid),
        row.position.map { directory.size($0, of: Self.instrument) } ?? "", amounts.shortMoney(row.margin.equity),
        amounts.shortMoney(row.margin.maintenanceMargin))
    }
    print(table.text + "\n")
  }

  /// The account's explanation before and after, side by side.
  private func show(_ before: Explanation, _ after: Explanation) {
    let (directory, amounts) = (session.directory, session.directory.amounts)
    var table = TextTable("account \(Self.account.rawValue) explained", ">before the fall", ">after it")
    func add(_ name: String, _ value: (Explanation) -> String) { table.add(name, value(before), value(after)) }
    add("position, BTC-PERP") { directory.size($0.term?.position ?? .zero, of: Self.instrument) }
    add("mark") { directory.price($0.term?.mark, of: Self.instrument) }
    add("cash") { amounts.shortMoney($0.report.cash) }
    add("unrealised profit") { amounts.shortMoney($0.report.profitMaintenance) }
    add("equity") { amounts.shortMoney($0.report.margin.equity) }
    add("maintenance margin") { amounts.shortMoney($0.report.margin.maintenanceMargin) }
    add("initial margin") { amounts.shortMoney($0.report.margin.initialMargin) }
    add("  rate of the tiers") { Amounts.percent($0.term?.tierRate ?? .zero) }
    add("  rate by size") { Amounts.percent($0.term?.sizeRate ?? .zero) }
    add("  rate by volatility") { Amounts.percent($0.term?.volatilityRate ?? .zero) }
    add("  and for liquidity") { Amounts.percent($0.term?.liquidityRate ?? .zero) }
    print(table.text + "\n")
  }

  private struct Explanation {
    let report: MarginReport
    let term: MarginTerm?
  }

  private func explanation() throws -> Explanation {
    var report: MarginReport?
    var term: MarginTerm?
    for event in try session.observer.rows(QueryMargin(queryId: 0, account: Self.account)).rows {
      if case .margin(let row) = event { report = row }
      if case .marginTerm(let row) = event, row.instrument == Self.instrument { term = row }
    }
    guard let report else { throw Failure(exit: .failure, message: "the server does not explain the account.") }
    return Explanation(report: report, term: term)
  }

  private func insurance() throws -> InsuranceReport {
    for case .insurance(let report) in try session.observer.rows(QueryInsurance(queryId: 0)).rows { return report }
    throw Failure(exit: .failure, message: "the server does not say what the insurance fund has.")
  }

  private static func name(_ state: MarginState?) -> String {
    switch state {
    case .normal: "in order again"
    case .reduceOnly: "may only reduce risk"
    case .firstCall: "first margin call"
    case .secondCall: "second margin call"
    case .liquidation: "below maintenance margin"
    case .bankrupt: "below nothing"
    case nil: "unknown state"
    }
  }

  private static func name(_ action: LiquidationAction) -> String {
    switch action {
    case .orderFilled: "closed by the venue"
    case .penalty: "penalty to the fund"
    case .takeover: "taken over by the fund"
    case .accountTakeover: "account taken over"
    case .unwound: "unwound by the fund"
    case .deleveraged: "deleveraged"
    case .lossShared: "loss shared"
    }
  }
}
