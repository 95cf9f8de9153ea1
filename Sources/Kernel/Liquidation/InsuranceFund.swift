import Margin
import Values
import Wire

// The insurance fund takes over what cannot be closed in time, and sells it when it can: Protocol/rules.md §10.3.

extension Kernel {
  /// Whether the fund has the records to take a position in every instrument the account holds, and its balances.
  private func fundHasRoom(for account: UInt32) -> Bool {
    var (positions, balances) = (0, 0)
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      let instrument = ledger.positions[position].instrument
      if ledger.positions[position].quantity != .zero
        && ledger.findPosition(account: desk.fund, instrument: instrument) == 0
      {
        positions += 1
      }
      position = ledger.positions[position].next
    }
    var balance = ledger.accounts[account].firstBalance
    while balance != 0 {
      if ledger.findBalance(account: desk.fund, asset: ledger.balances[balance].asset) == 0 { balances += 1 }
      balance = ledger.balances[balance].next
    }
    return ledger.positions.count + positions <= ledger.positions.capacity
      && ledger.exposures.count + positions <= ledger.exposures.capacity
      && ledger.balances.count + balances <= ledger.balances.capacity
  }

  private func holdsExpired(_ account: UInt32) -> Bool {
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      if ledger.positions[position].quantity != .zero
        && ledger.instruments[ledger.positions[position].instrument].isExpired
      {
        return true
      }
      position = ledger.positions[position].next
    }
    return false
  }

  /// The fund takes over all positions at their bankruptcy prices, or, where no requirement says what each of them shares
  /// of what is left (also in portfolio mode), the whole account at the marks. Without room in its tables it waits for the next round.
  mutating func takeOver(_ account: UInt32, units: inout Int, output: inout Output) {
    guard fundHasRoom(for: account) else { return }
    if ledger.accounts[account].mode == .portfolio {
      return takeOverAccount(account, units: &units, output: &output)
    }
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      if ledger.positions[position].quantity != .zero {
        let margin = ledger.currentMargin(of: account)
        if margin.maintenanceMargin <= .zero { break }
        units -= 1
        hand(position, for: bankruptcyWorth(of: position, margin), .takeover, output: &output)
      }
      position = ledger.positions[position].next
    }
    let margin = ledger.currentMargin(of: account)
    if position != 0 || margin.equity < .zero { takeOverAccount(account, units: &units, output: &output) }
    wakeFund()
  }

  /// What the account receives for a whole position at its bankruptcy price.
  private mutating func bankruptcyWorth(of position: UInt32, _ margin: AccountMargin) -> Money {
    let instrument = ledger.positions[position].instrument
    let value = ledger.instruments[instrument].value(
      ledger.positions[position].quantity, at: ledger.instruments[instrument].mark)
    let account = ledger.positions[position].account
    let trial = ledger.beginTrial(on: position)
    ledger.exchange(-ledger.positions[position].quantity, worth: -value, in: position)
    let after = ledger.currentMargin(of: account)
    ledger.undo(trial, on: position)
    ledger.touch(account)
    return bankruptcyValue(
      valueChange: -value, equity: margin.equity,
      requirementChange: margin.maintenanceMargin - after.maintenanceMargin, requirement: margin.maintenanceMargin)
  }

  /// The fund takes a position and pays `worth` for it (or is paid, for a short).
  private mutating func hand(
    _ position: UInt32, for worth: Money, _ action: LiquidationAction, output: inout Output
  ) {
    let instrument = ledger.positions[position].instrument
    let account = ledger.positions[position].account
    let lots = ledger.positions[position].quantity
    let mine = ledger.position(account: desk.fund, instrument: instrument)
    ledger.touch(account)
    ledger.touch(desk.fund)
    let (theirFunding, myFunding) = (pendingFunding(of: position), pendingFunding(of: mine))
    ledger.exchange(-lots, worth: -worth, in: position)
    ledger.exchange(lots, worth: worth, in: mine)
    ledger.touch(account)
    ledger.touch(desk.fund)
    desk.totals.takeovers += 1
    report(theirFunding, of: position, venueCommand, output: &output)
    report(myFunding, of: mine, venueCommand, output: &output)
    let value = worth < .zero ? -worth : worth
    reportStep(action, account, position: position, lots: -lots, value: value, output: &output)
    reportStep(action, desk.fund, position: mine, lots: lots, value: value, output: &output)
    publishStep(action, instrument: instrument, change: -lots, value: value, output: &output)
  }

  /// The fund takes the whole account at the marks: positions, collateral and debts. The account ends at 0.
  mutating func takeOverAccount(_ account: UInt32, units: inout Int, output: inout Output) {
    guard fundHasRoom(for: account), !holdsExpired(account) else { return }
    let equity = ledger.currentMargin(of: account).equity
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      let instrument = ledger.positions[position].instrument
      if ledger.positions[position].quantity != .zero {
        let value = ledger.instruments[instrument].value(
          ledger.positions[position].quantity, at: ledger.instruments[instrument].mark)
        units -= 1
        hand(position, for: value, .accountTakeover, output: &output)
      }
      position = ledger.positions[position].next
    }
    var balance = ledger.accounts[account].firstBalance
    while balance != 0 {
      let amount = Money(ledger.amount(of: balance))
      let asset = ledger.balances[balance].asset
      balance = ledger.balances[balance].next
      if amount != .zero { give(amount, from: account, asset: asset) }
    }
    give(ledger.cash(of: account), from: account, asset: 0)
    desk.totals.takeovers += 1
    reportStep(.accountTakeover, account, position: 0, value: equity, output: &output)
    wakeFund()
  }

  private mutating func give(_ amount: Money, from account: UInt32, asset: UInt32) {
    ledger.transferIn(-amount, account: account, asset: asset)
    ledger.transferIn(amount, account: desk.fund, asset: asset)
  }

  // MARK: Unwinding

  /// Puts the fund into the queue of those that wait, if it has something to do.
  mutating func wakeFund() {
    desk.fundRests = 0
    if ledger.accounts[desk.fund].queue == 0 && !desk.deleveraging.isActive && fundHasWork() {
      enqueue(desk.fund, in: 2)
    }
  }

  private mutating func fundHasWork() -> Bool {
    if ledger.currentMargin(of: desk.fund).equity < .zero { return true }
    return nextFundPosition(from: 1) != 0
  }

  /// The fund's first position in an instrument that has not expired and does not come before `instrument`, in order of
  /// creation; 0: none.
  func nextFundPosition(from instrument: UInt32) -> UInt32 {
    var found: UInt32 = 0
    var position = ledger.accounts[desk.fund].firstPosition
    while position != 0 {
      let here = ledger.positions[position].instrument
      if ledger.positions[position].quantity != .zero && here >= instrument && !ledger.instruments[here].isExpired
        && (found == 0 || here < ledger.positions[found].instrument)
      {
        found = position
      }
      position = ledger.positions[position].next
    }
    return found
  }

  /// One step of the fund: with negative equity auto-deleveraging begins, else it sends an order for one position.
  mutating func stepOfFund(units: inout Int, output: inout Output) {
    if desk.fundRests > 0 {
      desk.fundRests -= 1
      enqueue(desk.fund, in: 2)
      return
    }
    if ledger.currentMargin(of: desk.fund).equity < .zero {
      startDeleveraging()
      return
    }
    let position = nextFundPosition(from: desk.unwindFrom)
    guard position != 0 else {
      desk.unwindFrom = 1
      if fundHasWork() { enqueue(desk.fund, in: 2) }
      return
    }
    let instrument = ledger.positions[position].instrument
    desk.unwindFrom = instrument + 1
    if ledger.instruments[instrument].phase == .continuous && !standsStill(instrument) {
      let lots = min(ledger.positions[position].quantity.magnitude, ledger.instruments[instrument].maximumOrder)
      _ = sendOrder(position: position, lots: lots, units: &units, output: &output)
    }
    enqueue(desk.fund, in: 1)
  }
}
