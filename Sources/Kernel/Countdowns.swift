import Margin
import Values
import Wire

// A dead man's switch: whoever does not send it again in time is taken for dead, and orders are cancelled.
// Protocol/rules.md §7.

extension Kernel {
  /// Milliseconds that a countdown may have.
  static var countdownRange: ClosedRange<UInt32> { 1_000...86_400_000 }

  mutating func setCountdown(_ message: SetCountdown, _ command: Command, output: inout Output) throws(Reject) {
    try require(
      message.milliseconds == 0 || Self.countdownRange.contains(message.milliseconds),
      Reject(.parameterOutOfRange, SetCountdown.Field.milliseconds))
    try require(command.keySlot != 0, Reject(.notPermitted, Int64(Roles.trader.rawValue)))
    let account = ledger.find(message.account)
    try require(message.account == .none || account != 0, Reject(.unknownAccount))
    try require(account == 0 || isOwn(account, command), Reject(.notYourAccount))
    let isSet = message.milliseconds > 0
    let (end, overflow) = time.rawValue.addingReportingOverflow(Int64(message.milliseconds) * 1_000_000)
    keys.records[command.keySlot].countdown = message.milliseconds
    keys.records[command.keySlot].countdownAccount = isSet ? account : 0
    keys.records[command.keySlot].countdownRequest = isSet ? command.requestId : 0
    keys.records[command.keySlot].countdownEnd = !isSet || overflow ? .never : Timestamp(end)
    armCountdown(of: command.keySlot)
    acceptRequest(command, value: isSet ? end : 0, output: &output)
  }

  mutating func armCountdown(of key: UInt32) { timers.set(.countdown, key, at: keys.records[key].countdownEnd) }

  /// Starts the cancel job of a countdown that has ended. While there is no room for one it is tried again every
  /// millisecond.
  mutating func endCountdown(of key: UInt32) {
    let record = keys.records[key]
    if jobs.isFull {
      keys.records[key].countdownEnd = Timestamp(time.rawValue + 1_000_000)
      return armCountdown(of: key)
    }
    keys.records[key].countdown = 0
    keys.records[key].countdownAccount = 0
    keys.records[key].countdownRequest = 0
    keys.records[key].countdownEnd = .never
    var job =
      record.countdownAccount == 0
      ? jobOfKey(key, .countdown, venueCommand)
      : CancelJob(
        .account, record.countdownAccount, .countdown, first: record.countdownAccount, sequence, venueCommand)
    job.requester = record.id
    job.requestId = record.countdownRequest
    jobs.append(job)
  }
}
