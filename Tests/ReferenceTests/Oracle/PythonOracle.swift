import Foundation
import Testing
import Values
import Wire

/// The Python margin reference of the margin specification, where it is at hand: LOCKSTEP_SHARED or ../shared.
enum PythonOracle {
  static let folder: String? = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
    let places: [String?] = [
      ProcessInfo.processInfo.environment["LOCKSTEP_SHARED"],
      package.appendingPathComponent("../shared").standardizedFileURL.path,
      "../shared",
    ]
    let folders = places.compactMap { $0 }.map { $0 + "/oracle" }
    return folders.first { FileManager.default.fileExists(atPath: $0 + "/reference.py") }
  }()

  static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  static var isHere: Bool { folder != nil && python != nil }

  /// Runs a driver next to this file on `input` and returns what it prints.
  static func run(_ input: String, driver name: String = "replay.py") throws -> String {
    let driver = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(name)
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "lockstep-oracle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = directory.appendingPathComponent("stream.jsonl")
    try Data(input.utf8).write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(python))
    process.arguments = [driver.path, try #require(folder), file.path]
    process.environment = ["PYTHONDONTWRITEBYTECODE": "1"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }
}

@Suite struct PythonOracleTests {
  @Test(
    "The kernel's margin, positions and balances are those of the Python reference",
    .enabled(if: PythonOracle.isHere, "the Python reference is not on this machine (LOCKSTEP_SHARED or ../shared)"))
  func replay() throws {
    var log = OracleLog()
    var statistics = StreamStatistics()
    for seed in 301...302 as ClosedRange<UInt64> {
      var comparison = Comparison(seed: seed) { KernelVenue($0) }
      log.begin()
      for number in 1...3_000 {
        let difference = comparison.step(&statistics)
        try #require(difference == nil, "\(difference ?? "")")
        log.record(comparison.lastReports)
        if number.isMultiple(of: 20), let kernel = comparison.other as? KernelVenue {
          log.check(comparison.model, kernel)
        }
      }
    }
    let answer = try PythonOracle.run(log.lines.joined(separator: "\n"))
    #expect(answer == "compared \(log.figures) figures, 0 differences\n", "\(answer.prefix(2_000))")
    #expect(log.figures > 10_000)
  }
}

/// What the driver is told: every movement of money and every fill, and now and then the whole market with the kernel's
/// own figures of every account.
private struct OracleLog {
  private(set) var lines: [String] = []
  private(set) var figures = 0

  mutating func begin() { lines.append(#"{"begin":1}"#) }

  mutating func record(_ reports: [Report]) {
    for report in reports {
      if let change = report.decoded(BalanceChanged.self) {
        lines.append(
          "{\"cash\":[\(change.account.rawValue),\(change.asset.rawValue),\(change.amount.rawValue)]}")
      }
      if let fill = report.decoded(OrderFilled.self), let side = fill.side {
        let lots = side == .buy ? fill.quantity.rawValue : -fill.quantity.rawValue
        lines.append(
          "{\"fill\":[\(fill.account.rawValue),\(fill.instrument.rawValue),\(lots),\(fill.price.rawValue),"
            + "\(fill.fee.rawValue)]}")
      }
    }
  }

  mutating func check(_ model: ReferenceVenue, _ kernel: KernelVenue) {
    let assets = model.assets.sorted { $0.key < $1.key }.map { id, asset in
      "[\(id.rawValue),\(text(asset.price)),\(asset.scale),\(rows(asset.haircutMaintenance)),"
        + "\(rows(asset.haircutInitial)),\(asset.addonMaintenance),\(asset.addonInitial),\(text(asset.stablePrice))]"
    }
    let instruments = model.instruments.sorted { $0.key < $1.key }.map { "[\(instrument($0.value))]" }
    var accounts: [String] = []
    for account in model.accounts {
      let answers = kernel.answer(QueryMargin(queryId: 0, account: account.id), for: StreamCast.staff)
      guard let report = answers.compactMap({ $0.decoded(MarginReport.self) }).first else { continue }
      let margin = Figures(report.margin)
      let balances = kernel.answer(QueryBalances(queryId: 0, account: account.id), for: StreamCast.staff)
        .compactMap { $0.decoded(BalanceReport.self) }
      let positions = kernel.answer(QueryPositions(queryId: 0, account: account.id), for: StreamCast.staff)
        .compactMap { $0.decoded(PositionReport.self) }
      let isStandard = account.mode == .standard
      figures += (isStandard ? 4 : 0) + balances.count + 2 * positions.count
      accounts.append(
        "{\"id\":\(account.id.rawValue),\"master\":\(account.master.rawValue),\"leverage\":\(account.leverageCap),"
          + "\"multiplier\":\(account.multiplier),\"standard\":\(isStandard ? 1 : 0),"
          + "\"figures\":[\(margin.equity),\(margin.initialEquity),\(margin.initial),\(margin.maintenance)],"
          + "\"balances\":[\(balances.map { "[\($0.asset.rawValue),\($0.balance.rawValue)]" }.joined(separator: ","))],"
          + "\"positions\":[\(positions.map { position($0, account, model) }.joined(separator: ","))]}")
    }
    lines.append(
      "{\"assets\":[\(assets.joined(separator: ","))],\"instruments\":[\(instruments.joined(separator: ","))],"
        + "\"accounts\":[\(accounts.joined(separator: ","))]}")
  }

  /// A position as the kernel reports it, with its open orders by kind.
  private func position(_ report: PositionReport, _ account: ModelAccount, _ model: ReferenceVenue) -> String {
    let instrument = model.instruments[report.instrument]!
    let open = ModelOpenOrders(account, instrument)
    func notional(_ side: Side) -> Int128 {
      account.orders.filter { $0.instrument == report.instrument && $0.side == side }
        .reduce(0) { $0 + $1.open * $1.price * instrument.multiplier }
    }
    return
      "[\(report.instrument.rawValue),\(report.position.rawValue),\(report.cost.rawValue),\(open.buys),\(open.sells),"
      + "\(open.reduceOnlyBuys),\(open.reduceOnlySells),\(notional(.buy)),\(notional(.sell)),"
      + "\(report.worstBuy.rawValue),\(report.worstSell.rawValue),\(account.provision(instrument))]"
  }

  private func instrument(_ instrument: ModelInstrument) -> String {
    let parameters = instrument.parameters
    func curve(_ curve: [(lots: Int128, rate: Int128)]) -> String {
      "[" + curve.map { "[\($0.lots),\($0.rate)]" }.joined(separator: ",") + "]"
    }
    let fixed =
      "\(instrument.id.rawValue),\(instrument.isPerpetual ? 1 : 0),\(instrument.base.rawValue),"
      + "\(instrument.quote.rawValue),\(instrument.multiplier),\(instrument.lotSize),\(instrument.baseLot),"
      + "\(instrument.mark ?? 0)"
    let rates: [Int128] = [
      parameters?.maintenanceBase ?? 0, parameters?.initialBase ?? 0, parameters?.sizeFactor ?? 0,
      parameters?.maintenanceVolatility ?? 0, parameters?.initialVolatility ?? 0, parameters?.volatilityRatio ?? 0,
      parameters?.profitWeight ?? 0,
    ]
    return fixed + ",\(rows(parameters?.maintenanceTiers ?? .none)),\(rows(parameters?.initialTiers ?? .none)),"
      + rates.map { "\($0)" }.joined(separator: ",")
      + ",\(curve(instrument.longCurve)),\(curve(instrument.shortCurve))"
  }

  private func rows(_ schedule: ModelSchedule) -> String {
    "[" + schedule.rows.map { "[\($0.lower),\($0.rate)]" }.joined(separator: ",") + "]"
  }

  private func text(_ price: Int128?) -> String { price.map { "\($0)" } ?? "null" }
}
