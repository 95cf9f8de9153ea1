import Margin
import Values
import Wire

extension Kernel {
  /// Keys in order of creation, from the one named (0: the first); traders and firms see those of their master.
  func answerKeys(_ query: QueryKeys, _ key: KeyId, output: inout Output) -> (rows: Int, more: Bool) {
    let keySlot = keys.find(key)
    guard keySlot != 0 else { return (0, false) }
    let seesAll = !keys.records[keySlot].roles.isDisjoint(with: [.observer, .operator, .registrar])
    let most = query.count == 0 ? Self.rowsPerAnswer : min(Int(query.count), Self.rowsPerAnswer)
    var rows = 0
    var slot = query.first == .venue ? 1 : keys.find(query.first)
    while slot != 0 && Int(slot) <= keys.records.count {
      let record = keys.records[slot]
      if seesAll || record.master == keys.records[keySlot].master {
        if rows == most { return (rows, true) }
        let deadline = record.disconnectDeadline == .never ? Timestamp(0) : record.disconnectDeadline
        output.append(
          KeyReport(
            queryId: query.queryId, key: record.id, master: record.master, roles: record.roles,
            connected: record.connectionId != 0, kill: record.killed, cancelOnDisconnect: record.cancelOnDisconnect,
            disconnectDeadline: deadline, lastRequest: record.lastRequest,
            countdown: record.countdown,
            countdownAccount: record.countdownAccount == 0 ? .none : ledger.accounts[record.countdownAccount].id,
            countdownEnd: record.countdownEnd == .never ? Timestamp(0) : record.countdownEnd), to: key)
        rows += 1
      }
      slot += 1
    }
    return (rows, false)
  }
}
