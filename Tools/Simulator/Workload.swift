import FuzzHarness
import Session
import Values
import Wire

/// Makes up what a client asks for: mostly orders near the market and their ends, and now and then any message at all
/// with any values.
struct Workload {
  private static let commands = Template.allCases.filter {
    TemplateClass($0) == .command && $0 != .defineVenue
  }
  private static let instruments = [Fixture.perpetual, Fixture.spot, Fixture.capped]

  let key: KeyId
  private var chance: Chance

  init(key: KeyId, chance: Chance) {
    self.key = key
    self.chance = chance
  }

  private var isTrader: Bool { Fixture.traders.contains(key) || key == Fixture.everything }
  private var account: AccountId { AccountId(key == Fixture.everything ? 1 : key.rawValue - 1) }

  /// The next request, with this id.
  mutating func next(requestId: UInt64) -> [UInt8] {
    if chance.once(in: 12) { return anything(requestId) }
    if !isTrader { return staff(requestId) }
    switch chance.below(10) {
    case 0...5: return order(requestId)
    case 6, 7: return cancel(requestId)
    case 8: return anything(requestId, .replaceOrder)
    default:
      return frameBytes(
        MassCancel(
          requestId: requestId, account: account, instrument: .none, side: .both, kinds: [], underlying: .settlement,
          master: .none, orderKey: .venue, quotesOnly: false))
    }
  }

  private mutating func price() -> Price { Price(9_900 + Int64(chance.below(200))) }

  private mutating func order(_ requestId: UInt64) -> [UInt8] {
    let isHidden = chance.once(in: 20)
    return frameBytes(
      NewOrder(
        requestId: requestId, account: account, instrument: chance.pick(Self.instruments), price: price(),
        quantity: Quantity(1 + Int64(chance.below(9))), display: Quantity(isHidden ? 1 : 0),
        side: chance.once(in: 2) ? .buy : .sell, orderType: .limit,
        timeInForce: chance.once(in: 5) ? .immediateOrCancel : .goodTillCancel,
        flags: chance.once(in: 10) ? .postOnly : [], selfTradePrevention: .cancelNewest))
  }

  /// One of the last orders, or what may be one.
  private mutating func target(_ requestId: UInt64) -> UInt64 {
    requestId - min(requestId - 1, 1 + UInt64(chance.below(30)))
  }

  private mutating func cancel(_ requestId: UInt64) -> [UInt8] {
    frameBytes(CancelOrder(requestId: requestId, orderRequestId: target(requestId), orderKey: key))
  }

  private mutating func staff(_ requestId: UInt64) -> [UInt8] {
    switch chance.below(4) {
    case 0, 1:
      return frameBytes(
        MarkPrice(
          requestId: requestId, price: price(), instrument: chance.pick([Fixture.perpetual, Fixture.capped])))
    case 2:
      return frameBytes(
        Deposit(
          requestId: requestId, account: chance.pick(Fixture.accounts), asset: .settlement,
          amount: Money(rawValue: 100_000)))
    default:
      return frameBytes(
        SetPhase(requestId: requestId, instrument: chance.pick(Fixture.instruments), phase: .continuous))
    }
  }

  private mutating func anything(_ requestId: UInt64, _ template: Template? = nil) -> [UInt8] {
    let shape = FrameShape.of(template ?? chance.pick(Self.commands))
    var values = (0..<256).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
    // The request id is the right one: an edge there would use up all ids that the key has.
    values[0] = 0
    return values.withUnsafeBytes { bytes in
      var program = ByteCursor(bytes)
      return shape.frame(shape.takeValues(from: &program), nextRequest: requestId)
    }
  }
}
