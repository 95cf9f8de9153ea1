import Margin
import Matching
import Values
import Wire

/// What an account may send, and what it has sent: controls before trading that do not depend on its margin (SEC rule
/// 15c3-5; MiFID II, RTS 6). Zero: no limit.
struct AccountLimits: BitwiseCopyable {
  var openOrders: UInt32 = 0
  var orderValue = Money.zero
  var ordersPerSecond: UInt32 = 0
  /// Milliseconds.
  var duplicateWindow: UInt32 = 0

  /// New orders accepted in `second` of the logged clock.
  var sent: UInt32 = 0
  var second: Int64 = 0
  /// The last new order that was accepted, and when.
  var lastTime = Timestamp(0)
  var lastRequest: UInt64 = 0
  var lastInstrument = InstrumentId.none
  var lastSide = Side.buy
  var lastPrice = Price(0)
  var lastQuantity = Quantity.zero

  /// Counts `orders` new orders that have been accepted in `second`.
  mutating func count(_ orders: UInt32, in second: Int64) {
    if orders == 0 { return }
    sent = self.second == second ? sent + orders : orders
    self.second = second
  }

  var isSet: Bool { openOrders > 0 || orderValue > .zero || ordersPerSecond > 0 || duplicateWindow > 0 }
}

extension Kernel {
  /// Protocol/rules.md §2.
  mutating func setAccountLimits(
    _ message: SetAccountLimits, _ command: Command, output: inout Output
  ) throws(Reject) {
    typealias Field = SetAccountLimits.Field
    let account = ledger.find(message.account)
    try require(account != 0, Reject(.unknownAccount))
    try require(
      (Money.zero...Money(Limits.notionalPerAccount)).contains(message.orderValue),
      Reject(.parameterOutOfRange, Field.orderValue))
    var limits = accountLimits[account]
    limits.openOrders = message.openOrders
    limits.orderValue = message.orderValue
    limits.ordersPerSecond = message.ordersPerSecond
    limits.duplicateWindow = message.duplicateWindow
    // Without limits nothing is remembered.
    accountLimits[account] = limits.isSet ? limits : AccountLimits()
    ledger.accounts[account].isLimited = limits.isSet
    acceptRequest(command, output: &output)
  }

  /// The controls of one account on a new order, or on one that a replace makes (`isNew` false: its value alone).
  func checkAccountLimits(_ order: Order, instrument: UInt32, isNew: Bool) throws(Reject) {
    try checkOrderValue(order.open, at: order.price, account: order.account, instrument: instrument)
    guard isNew else { return }
    if order.timeInForce.rests {
      try checkOpenOrders(Int(ledger.accounts[order.account].openOrders) + 1, account: order.account)
    }
    try checkOrderRate(adding: 1, account: order.account)
    let limits = accountLimits[order.account]
    if limits.duplicateWindow > 0 && limits.lastTime > Timestamp(0) {
      let isSame =
        limits.lastInstrument == order.instrument && limits.lastSide == order.side && limits.lastPrice == order.price
        && limits.lastQuantity == order.open
      let isSoon = time < limits.lastTime.adding(milliseconds: limits.duplicateWindow)
      try require(!(isSame && isSoon), Reject(.duplicateOrder, Int64(clamping: limits.lastRequest)))
    }
  }

  /// Lots are worth their price or the mark, whichever is higher.
  func checkOrderValue(_ lots: Quantity, at price: Price, account: UInt32, instrument: UInt32) throws(Reject) {
    let most = accountLimits[account].orderValue
    if most == .zero { return }
    let highest = max(price, ledger.instruments[instrument].mark)
    try require(ledger.instruments[instrument].value(lots, at: highest) <= most, Reject(.orderValueLimit, most))
  }

  /// `open`: how many orders there would be.
  func checkOpenOrders(_ open: Int, account: UInt32) throws(Reject) {
    let most = accountLimits[account].openOrders
    try require(most == 0 || open <= Int(most), Reject(.tooManyOpenOrders, Int64(most)))
  }

  func checkOrderRate(adding orders: Int, account: UInt32) throws(Reject) {
    let limits = accountLimits[account]
    let sent = limits.second == second ? Int(limits.sent) : 0
    try require(
      limits.ordersPerSecond == 0 || sent + orders <= Int(limits.ordersPerSecond),
      Reject(.orderRateLimit, Int64(limits.ordersPerSecond)))
  }

  /// Counts a new order that has been accepted.
  mutating func countForLimits(_ order: Order) {
    accountLimits[order.account].count(1, in: second)
    accountLimits[order.account].lastTime = time
    accountLimits[order.account].lastRequest = order.name.requestId
    accountLimits[order.account].lastInstrument = order.instrument
    accountLimits[order.account].lastSide = order.side
    accountLimits[order.account].lastPrice = order.price
    accountLimits[order.account].lastQuantity = order.open
  }

  /// The second of the logged clock.
  var second: Int64 { time.rawValue / 1_000_000_000 }

  // MARK: State

  borrowing func writeLimits(of account: UInt32, to sink: inout StateChunk) {
    sink.put(ledger.accounts[account].isLimited)
    guard ledger.accounts[account].isLimited else { return }
    let limits = accountLimits[account]
    sink.put(limits.openOrders)
    sink.put(limits.orderValue.wireValue)
    sink.put(limits.ordersPerSecond)
    sink.put(limits.duplicateWindow)
    sink.put(limits.sent)
    sink.put(limits.second)
    sink.put(limits.lastTime.rawValue)
    sink.put(limits.lastRequest)
    sink.put(limits.lastInstrument.rawValue)
    sink.put(limits.lastSide.rawValue)
    sink.put(limits.lastPrice.rawValue)
    sink.put(limits.lastQuantity.rawValue)
  }

  func readLimits(from reader: inout StateReader) throws(StateError) -> AccountLimits {
    var limits = AccountLimits()
    guard try reader.flag("account limits") else { return limits }
    limits.openOrders = try reader.get()
    limits.orderValue = Money(try reader.get(Int64.self))
    limits.ordersPerSecond = try reader.get()
    limits.duplicateWindow = try reader.get()
    limits.sent = try reader.get()
    limits.second = try reader.get()
    limits.lastTime = Timestamp(try reader.get())
    limits.lastRequest = try reader.get()
    limits.lastInstrument = InstrumentId(try reader.get())
    limits.lastSide = try reader.code("side", Side.self)
    limits.lastPrice = try reader.price()
    limits.lastQuantity = try reader.quantity()
    guard limits.isSet, (Money.zero...Money(Limits.notionalPerAccount)).contains(limits.orderValue),
      limits.sent < .max
    else { throw .invalid("account limits") }
    return limits
  }
}
