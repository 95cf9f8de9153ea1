import Client
import ToolSupport
import Values
import Wire

/// A simulated trader: one key, one session, a way to behave.
final class DemoTrader {
  /// How a trader behaves.
  enum Behaviour {
    /// Quotes both sides of every instrument around the fair price.
    case maker
    /// Trades at once, sometimes leaves an order behind. Sizes are multiplied.
    case taker(accounts: [AccountId], size: Double)
  }

  let name: String
  let client: Client
  let behaviour: Behaviour
  let account: AccountId
  private(set) var ledger = OrderLedger()
  /// When each unanswered request was sent, in steady nanoseconds.
  private var sentAt: [UInt64: Int64] = [:]
  private var quotes: [UInt64]
  private var isQuotePending: [Bool]

  private static let quotesPerInstrument = 12

  init(name: String, client: Client, account: AccountId, behaviour: Behaviour, instruments: Int) {
    self.name = name
    self.client = client
    self.account = account
    self.behaviour = behaviour
    quotes = [UInt64](repeating: 0, count: instruments * Self.quotesPerInstrument)
    isQuotePending = [Bool](repeating: false, count: quotes.count)
  }

  var unanswered: Int { sentAt.count }

  /// Accounts that it trades with.
  var accounts: [AccountId] {
    if case .taker(let accounts, _) = behaviour { return accounts }
    return [account]
  }

  // MARK: Acting

  /// Sends one request, if there is anything to do. True: it did.
  func act(_ market: inout DemoMarket) throws(ClientError) -> Bool {
    guard sentAt.count < 64, client.isConnected else { return false }
    switch behaviour {
    case .maker: return try quote(&market)
    case .taker(let accounts, let size): return try take(&market, accounts: accounts, size: size)
    }
  }

  private func quote(_ market: inout DemoMarket) throws(ClientError) -> Bool {
    let slot = Int.random(in: 0..<quotes.count, using: &market.numbers)
    guard !isQuotePending[slot] else { return false }
    let instrument = market.instruments[slot / Self.quotesPerInstrument]
    let place = slot % Self.quotesPerInstrument
    let side: Side = place.isMultiple(of: 2) ? .buy : .sell
    let distance = 0.0001 + 0.0002 * Double(place / 2) + Double.random(in: 0...0.0001, using: &market.numbers)
    let price = market.price(of: instrument, times: side == .buy ? 1 - distance : 1 + distance)
    let quantity = market.size(of: instrument, times: 1 + Double(place / 2))
    let request: UInt64
    if let order = ledger.orders[quotes[slot]] {
      if order.price == price { return false }
      request = try client.replace(order: quotes[slot], price: price, quantity: quantity)
    } else {
      request = try client.newOrder(
        account: account, instrument: instrument.id, side: side, price: price, quantity: quantity, flags: .postOnly)
      quotes[slot] = request
    }
    isQuotePending[slot] = true
    slots[request] = slot
    sentAt[request] = steadyTime()
    return true
  }

  /// A taker cancels its orders from the oldest to the newest.
  private var lastCancelled: UInt64 = 0

  /// Which quote a request is about.
  private var slots: [UInt64: Int] = [:]

  private func take(
    _ market: inout DemoMarket, accounts: [AccountId], size: Double
  ) throws(ClientError) -> Bool {
    let choice = Int.random(in: 0..<100, using: &market.numbers)
    if choice < 15, let order = ledger.orders.keys.filter({ $0 > lastCancelled }).min() {
      lastCancelled = order
      sentAt[try client.cancel(order: order)] = steadyTime()
      return true
    }
    let account = accounts.randomElement(using: &market.numbers) ?? account
    let isIsolated = account != self.account
    let candidates = market.instruments.filter { !isIsolated || $0.symbol == "ETH-PERP" }
    guard let instrument = candidates.randomElement(using: &market.numbers) else { return false }
    let side: Side = Bool.random(using: &market.numbers) ? .buy : .sell
    let rests = choice < 35
    let distance = rests ? -Double.random(in: 0...0.001, using: &market.numbers) : 0.002
    let price = market.price(of: instrument, times: side == .buy ? 1 + distance : 1 - distance)
    let request = try client.newOrder(
      account: account, instrument: instrument.id, side: side, price: price,
      quantity: market.size(of: instrument, times: size), timeInForce: rests ? .goodTillCancel : .immediateOrCancel)
    sentAt[request] = steadyTime()
    return true
  }

  // MARK: Hearing

  /// Takes in an event; returns how long its request took, in nanoseconds, when it is the first answer to one.
  func hear(_ event: Event, at now: Int64) -> Int64? {
    ledger.apply(event)
    let request = event.requestId
    guard request != 0, let sent = sentAt.removeValue(forKey: request) else { return nil }
    if let slot = slots.removeValue(forKey: request) { isQuotePending[slot] = false }
    return now - sent
  }

  /// After a new connection: requests that never arrived will not be answered.
  func forget(_ requests: [UInt64]) {
    for request in requests {
      sentAt[request] = nil
      if let slot = slots.removeValue(forKey: request) { isQuotePending[slot] = false }
    }
  }
}
