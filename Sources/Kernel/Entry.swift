import Margin
import Matching
import Values

/// An order on its way through matching: counted among its account's open orders, not in the book.
struct Entering {
  var order: Order
  let instrument: UInt32
  let book: UInt32
  /// Provision set aside for what is open.
  var provision: Money
  /// Price at which the provision is reckoned: the worst that its fees can be charged on.
  let provisionPrice: Price
  /// The account's free margin was negative when matching began: each fill must reduce its risk.
  var isGuarded: Bool
  /// The side's sticky worst limit before this order, put back when the order does not rest.
  let worstBefore: Price
  /// When what rests of it ends; 0: never.
  var expiry = Timestamp(0)

  var openLots: OpenLots {
    OpenLots(
      side: order.side, reduceOnly: order.flags.contains(.reduceOnly), lots: order.open, limit: order.price,
      provision: provision)
  }
}

/// What an order asks for besides its limit.
struct EntryTerms {
  /// When what rests of it ends; 0: never.
  var expiry = Timestamp(0)
  /// Lots that must trade at once.
  var mustFill = Quantity.zero
  /// What all of it may cost, or must bring; zero: anything.
  var budget = Money.zero
}

extension Kernel {
  /// Checks 12–16 of Protocol/rules.md §5. On success the order is counted among the open orders of its account; on a
  /// reject everything is as before.
  mutating func enter(_ order: Order, _ terms: EntryTerms, instrument: UInt32) throws(Reject) -> Entering {
    let position = order.position
    try checkReduceOnly(order)
    let before = ledger.currentMargin(of: order.account)
    try checkBounds(order, instrument: instrument)
    var entering = makeEntering(order, instrument: instrument, freeBefore: before.free)
    entering.expiry = terms.expiry
    ledger.addOpen(entering.openLots, to: position)
    do throws(Reject) {
      try checkBalanceBounds(of: position)
      try checkPriceCap(order, instrument: instrument)
      try checkEntryMargin(entering, before: before, mustFill: terms.mustFill)
      try checkCertain(entering, terms)
    } catch {
      uncount(entering)
      throw error
    }
    return entering
  }

  /// Takes an order out of the open lots, which are then as if it had never come.
  mutating func uncount(_ entering: Entering) {
    let order = entering.order
    ledger.removeOpen(entering.openLots, from: order.position)
    ledger.restoreWorst(order.side, to: entering.worstBefore, in: order.position)
    ledger.touch(order.account)
  }

  /// The order as it enters matching. It must be inside the entry bounds, which keep its provision inside 128 bits.
  func makeEntering(_ order: Order, instrument: UInt32, freeBefore: Money) -> Entering {
    let price = provisionPrice(of: order, instrument: instrument)
    return Entering(
      order: order, instrument: instrument, book: ledger.instruments[instrument].book,
      provision: provision(
        order, at: price, rate: ledger.enteringFee(of: order.account, in: instrument), instrument: instrument),
      provisionPrice: price, isGuarded: freeBefore < .zero,
      worstBefore: ledger.worstLimit(order.side, of: order.position))
  }

  /// The highest price that the order can trade at on its way in: a seller may be filled above its limit, up to the
  /// best bid, and pays its fee on that.
  private func provisionPrice(of order: Order, instrument: UInt32) -> Price {
    guard order.side == .sell, ledger.instruments[instrument].phase == .continuous,
      let best = books.bestPrice(.buy, in: ledger.instruments[instrument].book)
    else { return order.price }
    return max(order.price, best)
  }

  func checkReduceOnly(_ order: Order) throws(Reject) {
    guard order.flags.contains(.reduceOnly) else { return }
    try require(
      ledger.positions[order.position].reducible(by: order.side) > 0,
      Reject(.notReducing, ledger.positions[order.position].quantity.rawValue))
  }

  /// Entry bounds that keep every later product inside its type; the order is not counted yet.
  func checkBounds(_ order: Order, instrument: UInt32) throws(Reject) {
    let position = order.position
    let lots =
      ledger.positions[position].quantity.magnitude.rawValue + ledger.positions[position].allBuy
      + ledger.positions[position].allSell + order.open.rawValue
    try require(lots <= Limits.quantity, Reject(.positionLimit, Limits.quantity))
    if ledger.instruments[instrument].kind.isDerivative {
      try checkPositionLimit(order, instrument: instrument)
    }
    // A spot sale adds what it is filled at to a balance; a perpetual is worth its mark, whatever it was filled at.
    var price =
      ledger.instruments[instrument].kind.isDerivative
      ? max(order.price, ledger.instruments[instrument].grossPrice) : provisionPrice(of: order, instrument: instrument)
    if ledger.positions[position].allBuy > 0 { price = max(price, ledger.positions[position].worstBuy) }
    if ledger.positions[position].allSell > 0 { price = max(price, ledger.positions[position].worstSell) }
    let (gross, overflow) = (Int128(lots) * Int128(price.rawValue)).multipliedReportingOverflow(
      by: Int128(ledger.instruments[instrument].multiplier))
    let others = ledger.accounts[order.account].terms.gross - ledger.positions[position].terms.gross
    try require(
      !overflow && gross <= Int128(Limits.notionalPerAccount)
        && others.rawValue + gross <= Int128(Limits.notionalPerAccount),
      Reject(.notionalLimit, Limits.notionalPerAccount))
  }

  /// The master's worst-case lots of the order's side, if they grow.
  private func checkPositionLimit(_ order: Order, instrument: UInt32) throws(Reject) {
    let position = order.position
    let lots = order.open.rawValue
    let isReduceOnly = order.flags.contains(.reduceOnly)
    let exposure = ledger.exposures[ledger.positions[position].exposure]
    let isBuy = order.side == .buy
    let mine =
      isBuy
      ? max(0, ledger.positions[position].worstLong(with: lots, isReduceOnly: isReduceOnly))
      : max(0, -ledger.positions[position].worstShort(with: lots, isReduceOnly: isReduceOnly))
    let mineBefore = isBuy ? ledger.positions[position].exposedLong : ledger.positions[position].exposedShort
    let total = isBuy ? exposure.long : exposure.short
    let limit = ledger.instruments[instrument].positionLimit.rawValue
    try require(mine <= mineBefore || total - mineBefore + mine <= limit, Reject(.positionLimit, limit))
  }

  /// Balances stay inside 64 bits whatever fills: spot base, then quote; the settlement balance for an option's premium.
  func checkBalanceBounds(of position: UInt32) throws(Reject) {
    let instrument = ledger.positions[position].instrument
    if ledger.instruments[instrument].kind.isLinear { return }
    let account = ledger.positions[position].account
    if ledger.instruments[instrument].kind == .spot {
      try checkBalanceBounds(account: account, asset: ledger.instruments[instrument].baseAsset)
    }
    try checkBalanceBounds(account: account, asset: ledger.instruments[instrument].quoteAsset)
  }

  func checkBalanceBounds(account: UInt32, asset: UInt32, adding amount: Money = .zero) throws(Reject) {
    let holding = ledger.holding(account: account, asset: asset)
    let highest = holding.amount + amount + holding.receivable
    let lowest = holding.amount + amount - holding.payable
    try require(
      highest <= Money(Limits.balance) && lowest >= Money(-Limits.balance), Reject(.balanceLimit, Limits.balance))
  }

  func checkPriceCap(_ order: Order, instrument: UInt32) throws(Reject) {
    guard ledger.accounts[order.account].mode == .fullyCollateralised, order.side == .sell,
      ledger.instruments[instrument].kind.isDerivative
    else { return }
    let couldEndShort = ledger.positions[order.position].worstShort < 0
    try require(!couldEndShort || ledger.instruments[instrument].hasPriceCap, Reject(.noPriceCap))
  }

  /// The accept rule at entry; the order is counted.
  private mutating func checkEntryMargin(
    _ entering: Entering, before: AccountMargin, mustFill: Quantity
  ) throws(Reject) {
    let order = entering.order
    if let asset = ledger.unpricedDebt(of: order.account) { throw Reject(.noPrice, Int64(asset.rawValue)) }
    try require(before.cushion >= .zero, Reject(.belowMaintenance, before.cushion))
    if before.free >= .zero {
      let after = ledger.currentMargin(of: order.account)
      try require(after.free >= .zero, Reject(.insufficientMargin, after.free))
      if ledger.accounts[order.account].firstHolding != 0 {
        try checkWatchLists(order.account, before: before, after: after)
      }
    } else {
      try require(mustFill == .zero, Reject(.insufficientMargin, before.free))
      try checkReducingEntry(entering, before: before)
    }
    try checkCovered(order)
    try checkGuardedSpot(order, instrument: entering.instrument)
  }

  /// Free margin is negative: only an order that opposes the position (or repays a debt) and no more, judged at the fill
  /// at its limit.
  private mutating func checkReducingEntry(_ entering: Entering, before: AccountMargin) throws(Reject) {
    let order = entering.order
    uncount(entering)
    let isReducing = isReducing(order, instrument: entering.instrument)
    let after = isReducing ? marginFilledAtLimit(entering) : before
    ledger.addOpen(entering.openLots, to: order.position)
    ledger.touch(order.account)
    try require(isReducing, Reject(.insufficientMargin, before.free))
    try require(
      AccountMargin.isAcceptable(before: before, after: after), Reject(.insufficientMargin, after.free))
  }

  /// The account's figures if an order that is not counted were filled at its limit.
  private mutating func marginFilledAtLimit(_ entering: Entering) -> AccountMargin {
    let order = entering.order
    let trial = ledger.beginTrial(on: order.position)
    let value = ledger.instruments[entering.instrument].value(order.open, at: order.price)
    var filled = order
    let fee = filled.chargeFee(on: value, at: ledger.enteringFee(of: order.account, in: entering.instrument))
    ledger.execute(order.side, lots: order.open, price: order.price, fee: fee, in: order.position)
    let after = ledger.currentMargin(of: order.account)
    ledger.undo(trial, on: order.position)
    ledger.touch(order.account)
    return after
  }

  private func isReducing(_ order: Order, instrument: UInt32) -> Bool {
    let position = order.position
    if ledger.instruments[instrument].kind == .spot {
      let isBuy = order.side == .buy
      let asset = isBuy ? ledger.instruments[instrument].baseAsset : ledger.instruments[instrument].quoteAsset
      let gains =
        isBuy
        ? Money(Int128(order.open.rawValue) * Int128(ledger.instruments[instrument].baseLot))
        : ledger.instruments[instrument].value(order.open, at: order.price)
      return gains <= -ledger.holding(account: order.account, asset: asset).amount
    }
    let open = order.side == .buy ? ledger.positions[position].allBuy : ledger.positions[position].allSell
    return order.open.rawValue + open <= ledger.positions[position].reducible(by: order.side)
  }

  /// Accounts that may not borrow: all that open orders can pay is there. Base, quote, settlement.
  func checkCovered(_ order: Order) throws(Reject) {
    guard !ledger.accounts[order.account].mayBorrow else { return }
    let position = order.position
    for balance in [ledger.positions[position].baseBalance, ledger.positions[position].quoteBalance, 0] {
      let missing = ledger.shortfall(account: order.account, balance: balance)
      try require(missing <= .zero, Reject(.insufficientBalance, missing))
    }
  }

  /// Fill or kill, minimum quantity, budget: what must trade at once is certain to.
  mutating func checkCertain(_ entering: Entering, _ terms: EntryTerms) throws(Reject) {
    guard terms.mustFill > .zero else { return }
    let certain = certainLots(for: entering, upTo: terms.mustFill)
    try require(
      certain.lots >= terms.mustFill,
      Reject(entering.order.timeInForce == .fillOrKill ? .fillOrKill : .minimumQuantity, certain.lots.rawValue))
    guard terms.budget > .zero else { return }
    let isWithin = entering.order.side == .buy ? certain.value <= terms.budget : certain.value >= terms.budget
    try require(isWithin, Reject(.budget, certain.value))
  }
}
