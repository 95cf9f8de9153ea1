import Margin
import Values

/// A queue of accounts, linked through their records.
struct AccountQueue: BitwiseCopyable {
  var first: UInt32 = 0
  var last: UInt32 = 0
  var count: UInt32 = 0
}

/// What the venue has done to accounts without margin since it began.
struct LiquidationTotals: BitwiseCopyable {
  /// Paid into the insurance fund less paid out by the treasurer.
  var contributed = Money.zero
  var penalties = Money.zero
  var lossShared = Money.zero
  /// Positions and accounts that the fund took over, and positions closed by auto-deleveraging.
  var takeovers: UInt64 = 0
  var deleveragings: UInt64 = 0
}

/// Margin calls, liquidation and the insurance fund: what there is to do.
///
/// Everything here is durable. Work is done by Ticks, in this order: unchecked accounts, accounts whose bands were left, accounts that a
/// change of parameters makes us look at, accounts in liquidation that are due, auto-deleveraging.
struct LiquidationDesk: BitwiseCopyable {
  var parameters = LiquidationParameters()
  /// Slot of the fund's account; 0: the venue neither calls nor liquidates.
  var fund: UInt32 = 0
  /// Accounts in liquidation (and the fund, while it has something to unwind): those that are due, and those that wait
  /// for the next round.
  var due = AccountQueue()
  var waiting = AccountQueue()
  var nextRound = Timestamp.never
  /// Next account to look at after a change of parameters, and how many are left.
  var sweepNext: UInt32 = 1
  var sweepLeft: UInt32 = 0
  /// Accounts in liquidation.
  var inLiquidation: UInt32 = 0
  /// The instrument whose position the fund unwinds next, and rounds that it rests after nothing more could be done.
  var unwindFrom: UInt32 = 1
  var fundRests: UInt32 = 0
  var totals = LiquidationTotals()
  var deleveraging = Deleveraging()

  @inline(__always) var isOn: Bool { fund != 0 }
}

extension Kernel {
  /// The venue itself as the sender of a command.
  var venueCommand: Command {
    Command(key: .venue, keySlot: 0, master: .none, roles: .all, template: .tick, requestId: 0)
  }

  /// Whether Ticks have something to do for margin calls and liquidation besides what time brings.
  var hasLiquidationWork: Bool {
    desk.isOn
      && (ledger.uncheckedAreDue || ledger.needsSweep || desk.sweepLeft > 0 || desk.due.count > 0
        || desk.deleveraging.isActive
        || ledger.hasCrossedTrigger())
  }

  /// Does up to `units` of work.
  mutating func workOnMargin(units: inout Int, output: inout Output) {
    guard desk.isOn else { return }
    if ledger.needsSweep {
      ledger.needsSweep = false
      desk.sweepLeft = UInt32(ledger.accounts.count)
    }
    while units > 0 {
      if ledger.uncheckedAreDue {
        lookAtUnchecked(units: &units, output: &output)
      } else if case let account = ledger.popCrossedAccount(), account != 0 {
        units -= 1
        review(account, output: &output)
      } else if desk.sweepLeft > 0 {
        sweepNext(units: &units, output: &output)
      } else if desk.due.count > 0 {
        step(units: &units, output: &output)
      } else if desk.deleveraging.isActive {
        workOnDeleveraging(units: &units, output: &output)
      } else {
        return
      }
    }
  }

  /// Looks at the next account in portfolio mode that has traded since its last look. Sixteen positions are one unit.
  private mutating func lookAtUnchecked(units: inout Int, output: inout Output) {
    let account = ledger.uncheckedAccounts.first()
    if account == 0 {
      ledger.uncheckedAreDue = false
      return
    }
    units -= 1 + Int(ledger.accounts[account].positionCount) / 16
    ledger.uncheckedAccounts.remove(account)
    review(account, output: &output)
  }

  /// Looks at the next account after a change of parameters. Sixteen empty ones count as one unit.
  private mutating func sweepNext(units: inout Int, output: inout Output) {
    units -= 1
    for _ in 0..<16 where desk.sweepLeft > 0 {
      if Int(desk.sweepNext) > ledger.accounts.count { desk.sweepNext = 1 }
      let account = desk.sweepNext
      desk.sweepNext += 1
      desk.sweepLeft -= 1
      if ledger.accounts[account].positionCount > 0 || ledger.accounts[account].firstBalance != 0
        || ledger.accounts[account].cash < .zero
      {
        review(account, output: &output)
        return
      }
    }
  }

  // MARK: Queues

  /// Puts an account at the end of the queue of those that are due (1) or that wait (2). It must be in none.
  mutating func enqueue(_ account: UInt32, in queue: UInt8) {
    precondition(ledger.accounts[account].queue == 0, "an account is in one queue at most")
    ledger.accounts[account].queue = queue
    ledger.accounts[account].nextInQueue = 0
    let last = queue == 1 ? desk.due.last : desk.waiting.last
    if last != 0 { ledger.accounts[last].nextInQueue = account }
    if queue == 1 {
      if last == 0 { desk.due.first = account }
      desk.due.last = account
      desk.due.count += 1
    } else {
      if last == 0 { desk.waiting.first = account }
      desk.waiting.last = account
      desk.waiting.count += 1
      if desk.nextRound == .never { setNextRound(at: time.adding(milliseconds: desk.parameters.interval)) }
    }
  }

  /// Takes the first account out of the queue of those that are due.
  mutating func dequeueDue() -> UInt32 {
    let account = desk.due.first
    desk.due.first = ledger.accounts[account].nextInQueue
    if desk.due.first == 0 { desk.due.last = 0 }
    desk.due.count -= 1
    ledger.accounts[account].queue = 0
    ledger.accounts[account].nextInQueue = 0
    return account
  }

  mutating func setNextRound(at due: Timestamp) {
    desk.nextRound = due
    timers.set(.liquidation, 0, at: due)
  }

  /// A round begins: all that wait are due.
  mutating func startRound() {
    desk.nextRound = .never
    var account = desk.waiting.first
    let count = desk.waiting.count
    desk.waiting = AccountQueue()
    for _ in 0..<count {
      let next = ledger.accounts[account].nextInQueue
      ledger.accounts[account].queue = 0
      enqueue(account, in: 1)
      account = next
    }
  }
}

extension Timestamp {
  /// Later by so many milliseconds; ``never`` beyond the end of time.
  func adding(milliseconds: UInt32) -> Timestamp {
    let (later, overflow) = rawValue.addingReportingOverflow(Int64(milliseconds) * 1_000_000)
    return overflow ? .never : Timestamp(later)
  }
}
