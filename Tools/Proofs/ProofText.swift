import Solvency
import Storage
import ToolSupport
import Values

/// What has been verified, in words.
public struct ProofText {
  private let file: ProofFile
  private let report: SolvencyReport
  private let columns: Columns

  public init(_ file: ProofFile) {
    self.file = file
    report = file.signed.report
    columns = report.columns
  }

  public var lines: [String] {
    let context = report.context
    let state =
      "venue \(String(context.venueId, radix: 16)) owed after command \(Decimal.format(context.sequence)), "
      + "\(Amounts.time(context.time)) UTC"
    switch file {
    case .report:
      return ["Verified: the venue's signed report of what \(state).", ""] + totals + [""] + reportChecks + [""]
        + limits(ofProof: false)
    case .proof(let proof):
      return ["Verified: account \(proof.account.rawValue) is counted in full in what \(state).", ""] + account(proof)
        + [""] + checks(proof) + [""] + totals + [""] + limits(ofProof: true)
    }
  }

  private func name(_ asset: ReportedAsset) -> String {
    let symbol = "\(asset.symbol)"
    return symbol.isEmpty ? (asset.id == .settlement ? "settlement" : "asset \(asset.id.rawValue)") : symbol
  }

  private func amount(_ value: Int128, digits: UInt8) -> String {
    Decimal.format(value, digits: Int(digits), minimumDigits: min(2, Int(digits)))
  }

  private func money(_ value: Money) -> String { amount(value.rawValue, digits: report.moneyDigits) }

  private func account(_ proof: VerifiedProof) -> [String] {
    var table = TextTable("the account", ">amount")
    for (asset, figure) in zip(report.assets, proof.figures) {
      table.add("balance, \(name(asset))", amount(figure, digits: asset.digits))
    }
    table.add("positions at the marks", money(proof.positions))
    table.add("equity without haircuts", money(proof.equity))
    table.add("maintenance margin", money(proof.maintenanceMargin))
    table.add("free of it", money(proof.free))
    return table.lines
  }

  private var totals: [String] {
    var table = TextTable("in all", ">owed to customers", ">owed by customers", ">the house", ">net deposits")
    func row(_ title: String, _ total: ColumnTotal, _ house: Int128?, _ deposited: Int128?, _ digits: UInt8) {
      table.add(
        title, amount(Int128(clamping: total.positive), digits: digits),
        amount(Int128(clamping: total.negative), digits: digits), house.map { amount($0, digits: digits) } ?? "",
        deposited.map { amount($0, digits: digits) } ?? "")
    }
    for (column, asset) in report.assets.enumerated() {
      let house = report.house.filter { $0.asset == asset.id }.reduce(Int128(0)) { $0 &+ $1.amount.rawValue }
      row(name(asset), report.totals[column], house, asset.deposited.rawValue, asset.digits)
    }
    row("positions", report.totals[columns.positions], nil, nil, report.moneyDigits)
    row("equity", report.totals[columns.equity], nil, nil, report.moneyDigits)
    row("maintenance margin", report.totals[columns.maintenanceMargin], nil, nil, report.moneyDigits)
    let house = report.house.map { entry in
      let asset = report.assets.first { $0.id == entry.asset }
      let instrument = entry.instrument == .none ? "" : " of instrument \(entry.instrument.rawValue)"
      return "\(entry.kind)\(instrument) \(amount(entry.amount.rawValue, digits: asset?.digits ?? 0)) "
        + (asset.map(name) ?? "")
    }
    return table.lines + ["  the house: \(house.joined(separator: ", "))"]
  }

  private var reportChecks: [String] {
    [
      "What was verified",
      "  The signature is that of key \(file.signed.publicKey.hexadecimal).",
      "  Report hash \(file.signed.hash.hexadecimal):",
      "  compare it with the one that the venue publishes, or with other customers'.",
      "  It is about the state with hash \(report.context.stateHash.hexadecimal).",
      "  For every asset, what accounts and house have is what was deposited.",
    ]
  }

  private func checks(_ proof: VerifiedProof) -> [String] {
    reportChecks + [
      "  The account's \(proof.parts) parts lead through \(report.height) nodes each to the signed root over "
        + "\(Decimal.format(report.leaves)) parts;",
      "  every node counts them, no sum overflows, the padding is empty, no debt is set off against them.",
      "  Equity is what balances and positions are worth at the report's prices.",
    ]
  }

  private func limits(ofProof: Bool) -> [String] {
    var lines = [
      "What is not proved",
      "  That the venue has the assets: this is about what it owes.",
      "  That every other account was counted: each owner can check his own only.",
      "  Anything about the time after this command.",
    ]
    if ofProof {
      lines.append("  The file shows sums of parts of other accounts, never an account; show yours to whom you trust.")
    }
    return lines
  }

  // MARK: JSON. Amounts in quanta.

  /// Everything as one JSON object.
  public var json: Json {
    var members: [(String, Json)] = [("verified", true)] + head
    if case .proof(let proof) = file { members += figures(proof) }
    members += [
      ("stateHash", .string(report.context.stateHash.hexadecimal)), ("root", .string(report.root.hexadecimal)),
      ("parts", .integer(report.leaves)), ("height", .integer(report.height)),
      (
        "assets",
        .array(
          zip(report.assets, report.totals).map { asset, total in
            .object([
              ("asset", .integer(asset.id.rawValue)), ("symbol", .string("\(asset.symbol)")),
              ("digits", .integer(asset.digits)), ("price", .integer(asset.price.rawValue)),
              ("priceScale", .integer(asset.priceScale)), ("owedToCustomers", .integer(total.positive)),
              ("owedByCustomers", .integer(total.negative)), ("netDeposits", .integer(asset.deposited.rawValue)),
            ])
          })
      ),
      ("positions", total(columns.positions)), ("equityInAll", total(columns.equity)),
      ("maintenanceMarginInAll", total(columns.maintenanceMargin)),
      (
        "house",
        .array(
          report.house.map { entry in
            .object([
              ("kind", .string("\(entry.kind)")), ("asset", .integer(entry.asset.rawValue)),
              ("instrument", .integer(entry.instrument.rawValue)), ("amount", .integer(entry.amount.rawValue)),
            ])
          })
      ),
      ("assetsProved", false),
    ]
    return .object(members)
  }

  /// What another venue needs to know of the owner of a proof; `nil` for a report. Protocol/solvency.md explains it.
  public func evidence(at now: Timestamp) -> Json? {
    guard case .proof(let proof) = file else { return nil }
    return .object(head + [("ageSeconds", .integer(file.age(at: now)))] + figures(proof))
  }

  private var head: [(String, Json)] {
    [
      ("venue", .string(String(report.context.venueId, radix: 16))), ("sequence", .integer(report.context.sequence)),
      ("time", .integer(report.context.time.rawValue)), ("unit", .string("1e-\(report.moneyDigits)")),
      ("reportHash", .string(file.signed.hash.hexadecimal)), ("publicKey", .string(file.signed.publicKey.hexadecimal)),
    ]
  }

  private func figures(_ proof: VerifiedProof) -> [(String, Json)] {
    [
      ("account", .integer(proof.account.rawValue)),
      ("balances", .array(proof.figures[..<columns.assets].map { .integer($0) })),
      ("positionsValue", .integer(proof.positions.rawValue)), ("equity", .integer(proof.equity.rawValue)),
      ("maintenanceMargin", .integer(proof.maintenanceMargin.rawValue)), ("free", .integer(proof.free.rawValue)),
    ]
  }

  private func total(_ column: Int) -> Json {
    .object([
      ("positive", .integer(report.totals[column].positive)), ("negative", .integer(report.totals[column].negative)),
    ])
  }
}
