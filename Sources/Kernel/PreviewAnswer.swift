import Margin
import Values
import Wire

extension Kernel {
  /// Answers a Preview: the checks of a new order, then its rehearsal. Durable state is as before afterwards.
  mutating func answerPreview(_ query: Preview, _ key: KeyId, output: inout Output) -> RejectReason? {
    let slot = keys.find(key)
    guard slot != 0, keys.records[slot].roles != [] else { return .unknownKey }
    guard keys.records[slot].roles.contains(.trader) else { return .notPermitted }
    var command = Command(
      key: key, keySlot: slot, master: keys.records[slot].master, roles: keys.records[slot].roles,
      template: .newOrder, requestId: 0)
    rehearsals += 1
    let before = walk
    walk = 1 << 63 | rehearsals
    defer { walk = before }
    var report = PreviewReport(
      queryId: query.queryId, sequence: sequence, account: query.account, instrument: query.instrument,
      before: AccountMargin(), after: AccountMargin(), filled: .zero, resting: .zero, value: .zero, fees: .zero,
      worstPrice: nil, detail: 0, accountTag: 0, marketTag: 0, bookTag: 0, fills: 0, reason: nil,
      isRestCancelled: false, restReason: .requested)
    do throws(Reject) {
      let account = ledger.find(query.account)
      try require(account != 0, Reject(.unknownAccount))
      try require(isOwn(account, command), Reject(.notYourAccount))
      report.before = ledger.currentMargin(of: account)
      report.after = report.before
      let order = try admit(NewOrder(query), &command)
      let outcome = rehearse(order)
      let tags = tags(of: order, outcome)
      withdraw(order)
      report.after = outcome.after
      report.filled = outcome.filled
      report.resting = outcome.resting
      report.value = outcome.value
      report.fees = outcome.fees
      report.worstPrice = outcome.worstPrice
      report.accountTag = tags.account
      report.marketTag = tags.market
      report.bookTag = outcome.bookTag.value
      report.fills = UInt32(outcome.fills)
      if let reason = outcome.restReason {
        report.isRestCancelledCode = 1
        report.restReasonCode = reason.rawValue
      }
    } catch {
      report.reasonCode = error.reason.rawValue
      report.detail = error.detail
    }
    output.append(report, to: key)
    return nil
  }
}
