import Client
import Values
import Wire

/// What a key knows about its orders and positions from its reports alone: the client's side of a reconciliation.
public struct OrderLedger: Sendable {
  /// An open order.
  public struct Order: Equatable, Sendable {
    public var account: AccountId
    public var instrument: InstrumentId
    public var price: Price
    /// Lots.
    public var open: Quantity
  }

  /// An account's position in an instrument.
  public struct Place: Hashable, Sendable {
    public let account: AccountId
    public let instrument: InstrumentId

    public init(account: AccountId, instrument: InstrumentId) {
      self.account = account
      self.instrument = instrument
    }
  }

  /// Open orders by the request id that named them.
  public private(set) var orders: [UInt64: Order] = [:]
  /// Positions as the newest fill, liquidation step or settlement told them (0 for spot).
  public private(set) var positions: [Place: Quantity] = [:]
  public private(set) var fills: UInt64 = 0

  public init() {}

  /// Takes in an event; what is no order report is ignored.
  public mutating func apply(_ event: Event) {
    switch event {
    case .accepted(let report):
      orders[report.orderRequestId] = Order(
        account: report.account, instrument: report.instrument, price: report.price, open: report.quantity)
    case .filled(let report):
      fills += 1
      positions[Place(account: report.account, instrument: report.instrument)] = report.position
      if report.open == .zero {
        orders[report.orderRequestId] = nil
      } else {
        orders[report.orderRequestId]?.open = report.open
      }
    case .replaced(let report):
      orders[report.orderRequestId] = Order(
        account: report.account, instrument: report.instrument, price: report.price, open: report.quantity)
    case .liquidationStep(let report):
      if report.quantity != .zero {
        positions[Place(account: report.account, instrument: report.instrument)] = report.position
      }
    case .positionSettled(let report):
      positions[Place(account: report.account, instrument: report.instrument)] = .zero
    case .cancelled(let report): orders[report.orderRequestId] = nil
    case .expired(let report): orders[report.orderRequestId] = nil
    default: break
    }
  }

  /// How the venue's open orders of this key differ from these; empty: not at all.
  public func differences(from venue: [OpenOrderReport]) -> [String] {
    var rest = orders
    var found: [String] = []
    for row in venue {
      guard let known = rest.removeValue(forKey: row.orderRequestId) else {
        found.append("order \(row.orderRequestId) is open at the venue, and nothing said so")
        continue
      }
      let actual = Order(account: row.account, instrument: row.instrument, price: row.price, open: row.open)
      if actual != known {
        found.append(
          "order \(row.orderRequestId): \(actual.open.rawValue) lots open at \(actual.price.rawValue) at the venue, "
            + "\(known.open.rawValue) at \(known.price.rawValue) according to the reports")
      }
    }
    return found + rest.keys.sorted().map { "order \($0) was acknowledged and is not at the venue" }
  }
}
