import Client
import Kernel
import Storage
import ToolSupport
import Values
import Wire

/// The checks of the demo, each printed as it is made.
struct DemoChecks {
  private(set) var failed = 0

  mutating func check(_ passed: Bool, _ text: String, details: [String] = []) {
    print("  \(passed ? "ok  " : "FAIL")  \(text)")
    for detail in details.prefix(5) { print("        \(detail)") }
    if details.count > 5 { print("        … and \(details.count - 5) more") }
    if !passed { failed += 1 }
  }

  /// Compares what the traders have been told with what the venue holds.
  mutating func reconcile(_ session: DemoSession) throws {
    var orders = 0
    var places = 0
    var orderFaults: [String] = []
    var positionFaults: [String] = []
    for trader in session.traders {
      orders += trader.ledger.orders.count
      orderFaults += trader.ledger.differences(from: try openOrders(of: trader)).map { "\(trader.name): \($0)" }
      for account in trader.accounts {
        let answer = try trader.client.rows(QueryPositions(queryId: 0, account: account))
        for case .position(let row) in answer.rows {
          places += 1
          let place = OrderLedger.Place(account: account, instrument: row.instrument)
          let told = trader.ledger.positions[place] ?? .zero
          if told == row.position { continue }
          positionFaults.append(
            "account \(account.rawValue), instrument \(row.instrument.rawValue): \(row.position.rawValue) lots at the "
              + "venue, \(told.rawValue) according to the reports")
        }
      }
    }
    check(
      orderFaults.isEmpty, "every acknowledged order survived: \(Decimal.format(orders)) open orders, lot for lot",
      details: orderFaults)
    check(
      positionFaults.isEmpty, "every fill survived: \(places) positions as the fill reports told them",
      details: positionFaults)
  }

  private func openOrders(of trader: DemoTrader) throws -> [OpenOrderReport] {
    var rows: [OpenOrderReport] = []
    for account in trader.accounts {
      let query = QueryOpenOrders(queryId: 0, account: account, instrument: .none)
      for case .openOrder(let row) in try trader.client.rows(query).rows { rows.append(row) }
    }
    return rows
  }

  /// Replays the journal from its first record in this process, and compares the state at `before` and at its end.
  mutating func replay(_ data: String, before: StatusReport, after: StatusReport) throws {
    do throws(StorageError) {
      var reader = try JournalReader(directory: data, from: 1)
      guard let first = try reader.next() else {
        check(false, "the journal holds no record")
        return
      }
      var replayer = try Replayer(genesis: first)
      try replayer.take(first)
      let start = steadyTime()
      var summary = try replayer.replay(&reader, through: before.sequence)
      let hashBefore = stateHash(of: replayer.kernel).hash
      check(
        hashBefore == before.stateHash,
        "replayed to sequence \(Decimal.format(before.sequence)): the state before the kill, hash "
          + "\(short(hashBefore))…")
      summary = try replayer.replay(&reader, through: after.sequence)
      let hashAfter = stateHash(of: replayer.kernel).hash
      let seconds = max(0.001, Double(steadyTime() - start) / 1e9)
      let rate = Decimal.format(Int(Double(after.sequence) / seconds))
      check(
        hashAfter == after.stateHash && summary.end == nil,
        "replayed to sequence \(Decimal.format(after.sequence)): the restarted server's state, hash "
          + "\(short(hashAfter))… (\(rate) commands/s)")
      let finding = replayer.kernel.auditAll()
      check(
        finding == nil,
        "all accounts recomputed in full by other code: equal to the last quantum, money and contracts conserved",
        details: finding.map { [$0.description] } ?? [])
    } catch {
      check(false, "the journal cannot be replayed: \(error)")
    }
  }

  /// The first 8 bytes of a hash.
  private func short(_ hash: Bytes32) -> String {
    let digits = String(hash.word0.byteSwapped, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
