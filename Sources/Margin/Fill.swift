import Values

extension Ledger {
  /// One account's half of a fill: its open order shrinks, its position or balances move, its fee is charged, and its
  /// sums are up to date when this returns.
  ///
  /// The account must have been touched in this command. `order` is what was open before; `remaining` its provision
  /// afterwards; `fee` in quanta of the quote asset.
  @inlinable public mutating func fill(
    _ order: OpenLots, lots: Quantity, price: Price, fee: Money, remainingProvision: Money, in position: UInt32
  ) {
    precondition(lots > .zero && lots <= order.lots, "fill of more than is open")
    var gone = order
    gone.lots = lots
    gone.provision = order.provision - remainingProvision
    shift(gone, in: position, sign: -1)
    if positions[position].allBuy == 0 { positions[position].worstBuy = Price(0) }
    if positions[position].allSell == 0 { positions[position].worstSell = Price(0) }
    execute(order.side, lots: lots, price: price, fee: fee, in: position)
  }

  /// Moves position or balances for `lots` traded at `price`, charges `fee`, and brings the sums up to date.
  @inlinable public mutating func execute(
    _ side: Side, lots: Quantity, price: Price, fee: Money, in position: UInt32
  ) {
    let account = positions[position].account
    let instrument = positions[position].instrument
    if instruments[instrument].kind == .spot {
      let value = instruments[instrument].value(lots, at: price)
      let quanta = Money(Int128(lots.rawValue) * Int128(instruments[instrument].baseLot))
      let sign: Int128 = side == .buy ? 1 : -1
      let (base, quote) = (positions[position].baseBalance, positions[position].quoteBalance)
      move(Money(quanta.rawValue * sign), account: account, balance: base)
      move(Money(-value.rawValue * sign) - fee, account: account, balance: quote)
      collect(fee, quote: instruments[instrument].quoteAsset)
    } else {
      changeCash(by: -fee, of: account)
      collect(fee, quote: 0)
      trade(side == .buy ? lots : -lots, at: price, in: position)
    }
    refresh(position)
  }

  /// Changes a derivative position by `change` lots at `price`. The premium of an option moves as cash, and its cost
  /// stays 0: its whole value is in equity.
  ///
  /// Every reduction realises its share of the entry value, ⌈cost·closed/|q|⌉, into cash; a flip realises all and opens
  /// the rest. cash − cost changes by −change·price·m exactly, so the two sides of a fill cancel. Funding
  /// is paid before it.
  @inlinable mutating func trade(_ change: Quantity, at price: Price, in position: UInt32) {
    let instrument = positions[position].instrument
    let account = positions[position].account
    payFunding(of: position)
    let before = positions[position].quantity.rawValue
    var opening = change.rawValue
    if instruments[instrument].kind == .option {
      changeCash(by: -instruments[instrument].value(change, at: price), of: account)
      positions[position].quantity += change
      let after = positions[position].quantity.rawValue
      instruments[instrument].openInterest += Quantity(max(after, 0) - max(before, 0))
      return
    }
    if before != 0 && (before < 0) != (opening < 0) {
      let closed = min(abs(before), abs(opening))
      let share = Money(
        (positions[position].cost.rawValue * Int128(closed)).dividedRoundingUp(by: Int128(abs(before))))
      let signedClosed = before > 0 ? closed : -closed
      changeCash(by: instruments[instrument].value(Quantity(signedClosed), at: price) - share, of: account)
      positions[position].cost -= share
      positions[position].quantity -= Quantity(signedClosed)
      opening += signedClosed
    }
    positions[position].cost += instruments[instrument].value(Quantity(opening), at: price)
    positions[position].quantity += Quantity(opening)
    let after = positions[position].quantity.rawValue
    instruments[instrument].openInterest += Quantity(max(after, 0) - max(before, 0))
    assert(after != 0 || positions[position].cost == .zero, "a flat position has no cost left")
  }

  /// Changes a linear position by `change` lots for `worth` in all (positive: paid), without an order, and brings the
  /// sums up to date. As ``trade(_:at:in:)``, but the price need not be whole: cash − cost changes by −worth exactly.
  public mutating func exchange(_ change: Quantity, worth: Money, in position: UInt32) {
    let account = positions[position].account
    let instrument = positions[position].instrument
    payFunding(of: position)
    let before = positions[position].quantity.rawValue
    var opening = worth
    if instruments[instrument].kind == .option {
      changeCash(by: -worth, of: account)
      opening = .zero
    } else if before != 0 && (before < 0) != (change.rawValue < 0) {
      let closed = min(abs(before), abs(change.rawValue))
      let share = Money(
        (positions[position].cost.rawValue * Int128(closed)).dividedRoundingUp(by: Int128(abs(before))))
      let closedWorth = Money(
        (worth.rawValue * Int128(closed)).dividedRoundingDown(by: Int128(abs(change.rawValue))))
      changeCash(by: -(closedWorth + share), of: account)
      positions[position].cost -= share
      opening -= closedWorth
    }
    positions[position].cost += opening
    positions[position].quantity += change
    let after = positions[position].quantity.rawValue
    instruments[instrument].openInterest += Quantity(max(after, 0) - max(before, 0))
    assert(after != 0 || positions[position].cost == .zero, "a flat position has no cost left")
    refresh(position)
  }

  /// Changes a balance (zero: the settlement currency) and what it counts for.
  @inlinable mutating func move(_ amount: Money, account: UInt32, balance: UInt32) {
    if balance == 0 {
      changeCash(by: amount, of: account)
    } else {
      changeAmount(by: amount, of: balance)
      refreshValue(balance)
      accounts[account].spotStale = true
    }
  }

  @inlinable mutating func collect(_ fee: Money, quote: UInt32) {
    if quote == 0 { settlement.fees += fee } else { assets[quote].fees += fee }
  }

  /// Deposits (positive) or withdraws quanta of an asset; balance 0 is the settlement currency.
  public mutating func deposit(_ amount: Money, account: UInt32, asset: UInt32) {
    transferIn(amount, account: account, asset: asset)
    if asset == 0 { settlement.deposited += amount } else { assets[asset].deposited += amount }
  }

  /// Adds quanta of an asset to an account (negative: takes them) without counting them as deposited.
  public mutating func transferIn(_ amount: Money, account: UInt32, asset: UInt32) {
    let balance = asset == 0 ? 0 : balance(account: account, asset: asset)
    move(amount, account: account, balance: balance)
    touch(account)
  }

  /// Amount as of now and open-order claims of a balance; asset 0 is the settlement currency.
  @inlinable public func holding(account: UInt32, asset: UInt32) -> (amount: Money, payable: Money, receivable: Money) {
    if asset == 0 { return (cash(of: account), accounts[account].payable, accounts[account].receivable) }
    let balance = findBalance(account: account, asset: asset)
    if balance == 0 { return (.zero, .zero, .zero) }
    return (Money(amount(of: balance)), balances[balance].payable, balances[balance].receivable)
  }
}
