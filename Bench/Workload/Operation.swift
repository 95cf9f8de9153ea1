/// What an operation of a workload asks of an engine.
public enum OperationKind: UInt8, Sendable {
  /// A limit order that crosses nothing and rests whole.
  case add = 0
  /// Takes out a live order.
  case cancel = 1
  /// A limit order that is filled whole at once.
  case take = 2
  /// Fewer lots, same place in the queue.
  case reduce = 3
  /// Another price and quantity under the same id; it rests whole and loses its priority.
  case reprice = 4
}

/// One operation as it stands in a workload file: 32 bytes, little-endian, without padding.
@frozen public struct Operation: BitwiseCopyable, Sendable {
  public let kindCode: UInt8
  /// 0 buy, 1 sell.
  public let side: UInt8
  /// From 0.
  public let symbol: UInt16
  /// From 1. The first nine tenths only make, the rest only take: nobody ever meets himself.
  public let account: UInt32
  /// From 1, dense, in order of submission.
  public let orderId: UInt64
  /// In ticks; the new price of a reprice.
  public let price: UInt32
  /// In lots; what is open afterwards for an amend.
  public let quantity: UInt32
  /// Price and open lots before a cancel or an amend, else 0.
  public let oldPrice: UInt32
  public let oldQuantity: UInt32

  @inlinable public var kind: OperationKind {
    guard let kind = OperationKind(rawValue: kindCode) else { preconditionFailure("not an operation of a workload") }
    return kind
  }
}

/// What a workload file says of itself, and what an engine must come to: the first 128 bytes of the file.
@frozen public struct WorkloadHeader: BitwiseCopyable, Sendable {
  /// "LSWL0001".
  public var magic: UInt64 = 0x3130_3030_4C57_534C
  public var headerBytes: UInt32 = 128
  public var operationBytes: UInt32 = 32
  public var operationCount: UInt64 = 0
  /// The first operations only build the books; they are not timed.
  public var prefillCount: UInt64 = 0
  public var instruments: UInt32 = 0
  public var accounts: UInt32 = 0
  public var maximumOrderId: UInt64 = 0
  public var minimumPrice: UInt32 = 0
  public var maximumPrice: UInt32 = 0
  public var seed: UInt64 = 0

  // The whole file, applied in price-time priority.
  public var trades: UInt64 = 0
  public var volume: UInt64 = 0
  /// Σ price × quantity, modulo 2^64.
  public var notional: UInt64 = 0
  /// See ``TradeDigest``.
  public var digest: UInt64 = 0
  public var liveOrders: UInt64 = 0
  public var liveQuantity: UInt64 = 0

  // How many timed operations of each kind.
  public var timedAdds: UInt32 = 0
  public var timedCancels: UInt32 = 0
  public var timedTakes: UInt32 = 0
  public var timedAmends: UInt32 = 0
}

/// A number that depends on every trade and on their order: makers by order id, prices in ticks, quantities in lots.
@frozen public struct TradeDigest: BitwiseCopyable, Equatable, Sendable {
  @inlinable static var prime: UInt64 { 0x9E37_79B9_7F4A_7C15 }
  public var value = TradeDigest.prime

  @inlinable public init() {}

  @inlinable @inline(__always) public mutating func add(maker: UInt64, price: UInt64, quantity: UInt64) {
    var mixed = (value ^ maker) &* Self.prime
    mixed ^= mixed >> 29
    mixed = (mixed ^ (price << 32 | quantity)) &* Self.prime
    value = mixed ^ mixed >> 29
  }
}
