import Values

// After a fill only one position and the cash have changed: whether the bands still keep their promise is then found in
// O(1), however many positions the account has.
//
// In standard mode f = ℓ·E − k·MM is a sum: ℓ times the settled cash, and of each position p (with U its profit and D the
// funding it has coming) φ = ℓ·(U + D) − k·M, of each balance ℓ times its value. Each depends on coordinates of its own.
// At coordinates x0, with cost C of its way to its thresholds (Bands.swift), φ ≥ φ(x0) − C =: F as long as its coordinates
// are in its band, wherever they are now. So
//
//   f ≥ ⌊ℓ·cash⌋ + ΣF,
//
// the account's floor being ΣF over positions and balances. A fill of p changes cash, and F of p to φ'(x1) − C' at the
// present coordinates x1; all other F stand. Everything is rounded down, and what roundings on the way take (8 mq per
// position and balance, times the multiplier) is left over as in Bands.swift. Other changes go through `bandsHold` and
// `makeBands`, which measure all floors anew.
//
// Portfolio mode is no such sum. There the floor is that of the whole account, and only where it has options: it is what a
// check compares with. A fill leaves the bands as they are and puts the account among the unchecked ones:
// its state has been found exactly, and cannot change before a coordinate moves. With the first move they are all due.

extension Ledger {
  /// The floor of an account of which nothing is promised: its figures are beyond all that entry admits.
  static var unknownFloor: Money { Money(-(Int128(1) << 98)) }
  /// Larger figures are not reckoned with.
  static var largestPart: Int128 { 1 << 80 }

  /// Measures the floors of an account in standard mode whose triggers all stand. O(positions + balances).
  mutating func measureFloors(of account: UInt32, _ view: BandView) {
    let level = view.level
    if view.hasOptions { measureScenarioFloor(of: account, view) }
    guard accounts[account].mode == .standard else { return }
    var floor = -Self.roundings * wholeMultiplier(of: account)
    var isKnown = true
    var position = accounts[account].firstPosition
    while position != 0 {
      let cost = cost(of: position, bandLoss(of: position, view), view) ?? 0
      let part = part(of: position, level: level)
      if cost > Self.largestPart || part.magnitude > Self.largestPart {
        isKnown = false
        positions[position].bandFloor = .zero
      } else {
        positions[position].bandFloor = Money(part - cost)
        floor += part - cost
      }
      position = positions[position].next
    }
    var balance = accounts[account].firstBalance
    while balance != 0 {
      let cost = cost(ofBalance: balance) ?? 0
      if cost > Self.largestPart { isKnown = false } else { floor -= cost }
      floor += level.roundedDown(of: balances[balance].valueMaintenance).rawValue
      floor -= Self.roundings * wholeMultiplier(of: account)
      balance = balances[balance].next
    }
    accounts[account].bandFloor = isKnown ? Money(floor) : Self.unknownFloor
  }

  /// ``bandsHold(of:margin:level:)`` after a fill: only `position` of a touched account, and its cash, have changed since
  /// bands were made or found to hold at the same level. O(1). In portfolio mode the look is put off.
  ///
  /// Where the position's own triggers do not fit any more (it is new, has turned or grown) they are set again, with half
  /// of what the others leave. False says that a look at all of the account must decide.
  public mutating func bandsHold(afterFillIn position: UInt32, level: Rate) -> Bool {
    let account = positions[position].account
    let instrument = positions[position].instrument
    if instruments[instrument].kind == .spot || instruments[instrument].isExpired { return false }
    if accounts[account].mode == .portfolio {
      uncheckedAccounts.insert(account)
      return true
    }
    guard accounts[account].mode == .standard, accounts[account].bandFloor > Self.unknownFloor else { return false }
    let cash = accounts[account].cash + accounts[account].interestDue
    let others = accounts[account].bandFloor - positions[position].bandFloor
    let part = part(of: position, level: level)
    if part.magnitude > Self.largestPart { return false }
    // What may still be lost on the way to the thresholds of this position.
    let room = level.roundedDown(of: cash).rawValue + others.rawValue + part
    if room < 0 { return false }
    let view = BandView(level: level)
    let loss = bandLoss(of: position, view)
    var cost = cost(of: position, loss, view)
    if cost.map({ $0 > room }) ?? true {
      guard replaceBands(of: position, loss, view, room: room) else { return false }
      cost = self.cost(of: position, loss, view)
    }
    guard let cost, cost <= room else { return false }
    positions[position].bandFloor = Money(part - cost)
    accounts[account].bandFloor = others + positions[position].bandFloor
    return true
  }

  /// Sets the triggers of one position anew with half of `room`. False, and nothing changed: its mark could move by less
  /// than a fiftieth then, and the account had better share its room out again.
  private mutating func replaceBands(of position: UInt32, _ loss: BandLoss, _ view: BandView, room: Int128) -> Bool {
    let (prices, rates) = (loss.price, Self.sum(loss.rate, loss.range))
    let budget = room / 2
    let rateBudget = min(budget / 4, Self.share(rates, Int128(Self.widestRateBand)))
    let priceBudget = min(budget - rateBudget, prices)
    if priceBudget < prices / 50 { return false }
    let widest = rates == 0 ? 0 : productOverRoundedDown(rateBudget, 1_000_000_000, rates)
    place(
      position, loss,
      BandShare(
        budget: priceBudget, losses: prices, rateWidth: min(Self.widestRateBand, Int64(clamping: widest))),
      view, isWatched: false)
    return true
  }

  /// φ of a position at the present coordinates, rounded down, less its roundings.
  private func part(of position: UInt32, level: Rate) -> Int128 {
    let account = positions[position].account
    let terms = positions[position].terms
    let multiplier = accounts[account].multiplier
    let maintenance =
      multiplier == .one ? terms.maintenanceMargin : multiplier.roundedUp(of: terms.maintenanceMargin)
    return level.roundedDown(of: terms.profit + terms.fundingDue).rawValue - maintenance.rawValue
      - Self.roundings * wholeMultiplier(of: account)
  }

  private func wholeMultiplier(of account: UInt32) -> Int128 {
    Int128(accounts[account].multiplier.rawValue).dividedRoundingUp(by: 1_000_000_000)
  }

  /// Whether an account's figures are at least what its floors promise: so it is while its coordinates are in its bands.
  public func isAboveFloor(_ account: UInt32, _ margin: AccountMargin, level: Rate) -> Bool {
    let view = bandView(of: account, level: level)
    if view.hasOptions { return isAboveScenarioFloor(account, margin, view) }
    if accounts[account].mode != .standard { return true }
    let cash = accounts[account].cash + accounts[account].interestDue
    return level.roundedDown(of: margin.equity).rawValue - margin.maintenanceMargin.rawValue
      >= level.roundedDown(of: cash).rawValue + accounts[account].bandFloor.rawValue
  }
}
