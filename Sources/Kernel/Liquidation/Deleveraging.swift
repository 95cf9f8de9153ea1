import Margin
import Values

/// Auto-deleveraging and the sharing of losses, under way: what is left when the insurance fund has less than nothing.
///
/// For each position of the fund, accounts on the other side are ranked and the best of them close against it, at the
/// price at which the fund's positions share what it lacks. What that does not bring is taken from open profits. All in
/// slices, an account or a trade at a time, so that the state of the work is durable.
struct Deleveraging: BitwiseCopyable {
  enum Phase: UInt8, BitwiseCopyable {
    case idle
    /// Looking at one account after the other for the best of those that could stand in.
    case ranking
    /// Trading with those that were found.
    case trading
    /// Adding up open profits.
    case summing
    /// Taking a part of them.
    case sharing
  }

  /// Accounts found by one ranking.
  static var chosenCapacity: Int { 32 }

  var phase = Phase.idle
  /// First pass: nobody's cushion may turn negative; second: nobody's equity.
  var isSecondPass = false
  /// Whether this ranking has led to a trade.
  var hasTraded = false
  var instrument: UInt32 = 0
  /// Next account to look at, or next of those that were found.
  var cursor: UInt32 = 1
  /// Accounts ranked, of which the best are in `chosen`.
  var ranked: UInt32 = 0
  var chosenCount: UInt32 = 0
  var chosen = InlineArray<32, UInt32>(repeating: 0)
  /// Of the sharing: open profits, what was missing when it began, and what has been paid.
  var profits = Money.zero
  var missing = Money.zero
  var paid = Money.zero

  var isActive: Bool { phase != .idle }
}

extension Kernel {
  mutating func startDeleveraging() {
    desk.deleveraging = Deleveraging()
    deleverage(from: 1)
  }

  /// Begins with the fund's next position, or with sharing the loss when there is none left.
  private mutating func deleverage(from instrument: UInt32) {
    let position = nextFundPosition(from: instrument)
    if position == 0 {
      startSharing()
    } else {
      desk.deleveraging.instrument = ledger.positions[position].instrument
      startRanking(secondPass: false)
    }
  }

  private mutating func startRanking(secondPass: Bool) {
    desk.deleveraging.phase = .ranking
    desk.deleveraging.isSecondPass = secondPass
    desk.deleveraging.hasTraded = false
    desk.deleveraging.cursor = 1
    desk.deleveraging.ranked = 0
    desk.deleveraging.chosenCount = 0
  }

  mutating func workOnDeleveraging(units: inout Int, output: inout Output) {
    if ledger.currentMargin(of: desk.fund).equity >= .zero {
      finishDeleveraging(rests: 0)
      return
    }
    switch desk.deleveraging.phase {
    case .idle: break
    case .ranking: rankNext(units: &units)
    case .trading: tradeNext(units: &units, output: &output)
    case .summing: sumNext(units: &units)
    case .sharing: shareNext(units: &units, output: &output)
    }
  }

  private mutating func finishDeleveraging(rests: UInt32) {
    desk.deleveraging = Deleveraging()
    wakeFund()
    desk.fundRests = rests
  }

  // MARK: Ranking

  /// Looks at the next accounts; sixteen without a position count as one unit.
  private mutating func rankNext(units: inout Int) {
    units -= 1
    for _ in 0..<16 {
      let account = desk.deleveraging.cursor
      guard Int(account) <= ledger.accounts.count else {
        desk.deleveraging.phase = .trading
        desk.deleveraging.cursor = 0
        return
      }
      desk.deleveraging.cursor += 1
      if ledger.findPosition(account: account, instrument: desk.deleveraging.instrument) != 0 {
        if let rank = rank(of: account) { choose(account, rank) }
        return
      }
    }
  }

  /// The account's place in the queue: `nil` when it does not stand on the other side, with a profit. In portfolio mode
  /// the perpetuals and futures on the underlying count together: a hedged position is ranked by what its spread earns.
  private mutating func rank(of account: UInt32) -> DeleveragingRank? {
    let instrument = desk.deleveraging.instrument
    let position = ledger.findPosition(account: account, instrument: instrument)
    let fund = ledger.findPosition(account: desk.fund, instrument: instrument)
    guard account != desk.fund, position != 0, fund != 0, !isInLiquidation(account) else { return nil }
    let (lots, held) = (ledger.positions[position].quantity, ledger.positions[fund].quantity)
    guard lots != .zero, held != .zero, (lots < .zero) != (held < .zero) else { return nil }
    let margin = ledger.currentMargin(of: account)
    var sums = RankSums()
    if ledger.accounts[account].mode == .portfolio {
      let underlying = ledger.instruments[instrument].baseAsset
      var other = ledger.accounts[account].firstPosition
      while other != 0 {
        let record = ledger.instruments[ledger.positions[other].instrument]
        if record.kind.isLinear && record.baseAsset == underlying { add(other, to: &sums) }
        other = ledger.positions[other].next
      }
    } else {
      add(position, to: &sums)
    }
    guard sums.profit > .zero else { return nil }
    return DeleveragingRank(
      profit: sums.profit, notional: sums.notional, entryNotional: sums.entryNotional, equity: margin.equity)
  }

  /// What a rank is made of.
  private struct RankSums {
    var profit = Money.zero
    var notional = Money.zero
    var entryNotional = Money.zero
  }

  private func add(_ position: UInt32, to sums: inout RankSums) {
    let record = ledger.instruments[ledger.positions[position].instrument]
    let cost = ledger.positions[position].cost
    sums.profit += ledger.positions[position].terms.profit
    sums.notional += record.value(ledger.positions[position].quantity.magnitude, at: record.mark)
    sums.entryNotional += cost < .zero ? -cost : cost
  }

  /// Puts an account into the list of the best, if it belongs there. Equal ranks by account id.
  private mutating func choose(_ account: UInt32, _ rank: DeleveragingRank) {
    desk.deleveraging.ranked += 1
    var place = Int(desk.deleveraging.chosenCount)
    while place > 0, isBefore(account, rank, desk.deleveraging.chosen[place - 1]) { place -= 1 }
    guard place < Deleveraging.chosenCapacity else { return }
    let last = min(Int(desk.deleveraging.chosenCount), Deleveraging.chosenCapacity - 1)
    var index = last
    while index > place {
      desk.deleveraging.chosen[index] = desk.deleveraging.chosen[index - 1]
      index -= 1
    }
    desk.deleveraging.chosen[place] = account
    desk.deleveraging.chosenCount = UInt32(last + 1)
  }

  private mutating func isBefore(_ account: UInt32, _ rank: DeleveragingRank, _ other: UInt32) -> Bool {
    guard let theirs = self.rank(of: other) else { return true }
    if rank.isAbove(theirs) { return true }
    return !theirs.isAbove(rank) && ledger.accounts[account].id < ledger.accounts[other].id
  }

  // MARK: Trading

  private mutating func tradeNext(units: inout Int, output: inout Output) {
    units -= 1
    let fund = ledger.findPosition(account: desk.fund, instrument: desk.deleveraging.instrument)
    if fund == 0 || ledger.positions[fund].quantity == .zero {
      deleverage(from: desk.deleveraging.instrument + 1)
      return
    }
    let index = desk.deleveraging.cursor
    guard index < desk.deleveraging.chosenCount else {
      if desk.deleveraging.hasTraded {
        startRanking(secondPass: desk.deleveraging.isSecondPass)
      } else if !desk.deleveraging.isSecondPass {
        startRanking(secondPass: true)
      } else {
        deleverage(from: desk.deleveraging.instrument + 1)
      }
      return
    }
    desk.deleveraging.cursor += 1
    let account = desk.deleveraging.chosen[Int(index)]
    if rank(of: account) != nil { trade(with: account, index: Int(index), fund: fund, output: &output) }
  }

  /// Closes a position against the fund's, at the price at which all the fund's positions share what it lacks by value.
  private mutating func trade(with account: UInt32, index: Int, fund: UInt32, output: inout Output) {
    let instrument = desk.deleveraging.instrument
    let position = ledger.findPosition(account: account, instrument: instrument)
    let held = ledger.positions[fund].quantity
    let lots = min(ledger.positions[position].quantity.magnitude, held.magnitude)
    let given = held > .zero ? lots : -lots
    let worth = fundWorth(of: given, instrument: instrument)

    ledger.touch(account)
    ledger.touch(desk.fund)
    let (theirFunding, fundFunding) = (pendingFunding(of: position), pendingFunding(of: fund))
    let trial = ledger.beginTrial(on: position)
    ledger.exchange(given, worth: worth, in: position)
    let after = ledger.currentMargin(of: account)
    let isBearable = desk.deleveraging.isSecondPass ? after.equity >= .zero : after.cushion >= .zero
    guard isBearable else {
      ledger.undo(trial, on: position)
      ledger.touch(account)
      return
    }
    ledger.exchange(-given, worth: -worth, in: fund)
    ledger.touch(desk.fund)
    // What was known of its margin as a maker in this Tick does not hold any more.
    ledger.accounts[account].standingCommand = 0
    desk.deleveraging.hasTraded = true
    desk.totals.deleveragings += 1
    report(theirFunding, of: position, venueCommand, output: &output)
    report(fundFunding, of: fund, venueCommand, output: &output)
    let value = worth < .zero ? -worth : worth
    let quintile = UInt8(deleveragingQuintile(index: index, of: Int(max(1, desk.deleveraging.ranked))))
    reportStep(
      .deleveraged, account, position: position, lots: given, value: value, quintile: quintile, output: &output)
    reportStep(.deleveraged, desk.fund, position: fund, lots: -given, value: value, output: &output)
    publishStep(.deleveraged, instrument: instrument, change: given, value: value, output: &output)
    review(account, output: &output)
  }

  /// What the fund receives for `given` lots: their value, and their share by value of what it lacks.
  private mutating func fundWorth(of given: Quantity, instrument: UInt32) -> Money {
    var total = Money.zero
    var position = ledger.accounts[desk.fund].firstPosition
    while position != 0 {
      let here = ledger.positions[position].instrument
      if !ledger.instruments[here].isExpired {
        total += ledger.instruments[here].value(
          ledger.positions[position].quantity.magnitude, at: ledger.instruments[here].mark)
      }
      position = ledger.positions[position].next
    }
    let value = ledger.instruments[instrument].value(given, at: ledger.instruments[instrument].mark)
    return bankruptcyValue(
      valueChange: -value, equity: ledger.currentMargin(of: desk.fund).equity,
      requirementChange: value < .zero ? -value : value, requirement: total)
  }

  // MARK: Sharing the loss

  private mutating func startSharing() {
    desk.deleveraging.phase = .summing
    desk.deleveraging.cursor = 1
    desk.deleveraging.profits = .zero
    desk.deleveraging.paid = .zero
  }

  /// Σ max(0, U) of an account that can be made to pay; the account is touched.
  private mutating func openProfits(of account: UInt32) -> Money {
    guard account != desk.fund, !isInLiquidation(account), ledger.accounts[account].positionCount > 0 else {
      return .zero
    }
    ledger.touch(account)
    var profits = Money.zero
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      // The value of an option is no profit: its premium was paid for it.
      if ledger.instruments[ledger.positions[position].instrument].kind.isLinear {
        profits += max(.zero, ledger.positions[position].terms.profit)
      }
      position = ledger.positions[position].next
    }
    return profits
  }

  private mutating func sumNext(units: inout Int) {
    units -= 1
    for _ in 0..<16 {
      let account = desk.deleveraging.cursor
      guard Int(account) <= ledger.accounts.count else {
        if desk.deleveraging.profits == .zero {
          finishDeleveraging(rests: 100)
        } else {
          desk.deleveraging.phase = .sharing
          desk.deleveraging.cursor = 1
          desk.deleveraging.missing = -ledger.currentMargin(of: desk.fund).equity
        }
        return
      }
      desk.deleveraging.cursor += 1
      let profits = openProfits(of: account)
      desk.deleveraging.profits += profits
      if profits > .zero { return }
    }
  }

  private mutating func shareNext(units: inout Int, output: inout Output) {
    units -= 1
    let account = desk.deleveraging.cursor
    guard Int(account) <= ledger.accounts.count else {
      // What marks did meanwhile may leave something over: once more, unless nobody could pay.
      if desk.deleveraging.paid > .zero { startSharing() } else { finishDeleveraging(rests: 100) }
      return
    }
    desk.deleveraging.cursor += 1
    let profits = openProfits(of: account)
    if profits == .zero { return }
    let share = lossShare(of: profits, in: desk.deleveraging.profits, missing: desk.deleveraging.missing)
    let lacking = -ledger.currentMargin(of: desk.fund).equity
    let payment = min(min(share, profits), min(lacking, ledger.currentMargin(of: account).equity))
    guard payment > .zero else { return }
    ledger.transferIn(-payment, account: account, asset: 0)
    ledger.transferIn(payment, account: desk.fund, asset: 0)
    ledger.accounts[account].standingCommand = 0
    desk.deleveraging.paid += payment
    desk.totals.lossShared += payment
    reportStep(.lossShared, account, position: 0, value: payment, output: &output)
    review(account, output: &output)
  }
}
