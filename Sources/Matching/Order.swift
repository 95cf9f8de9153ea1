import Values

/// Where an order rests in ``OrderBooks``; 0 means "none". Slots are reused and must never reach an output.
public typealias OrderSlot = UInt32

/// A resting order, and an incoming one while it matches.
///
/// 128 bytes: what matching touches stands in the first 64, what reports and margin need in the second.
@frozen public struct Order: BitwiseCopyable {
  // What the book reads. Only the book changes these while the order rests.

  /// Limit price, any 64-bit value. Never changed while the order rests.
  public var price: Price
  /// Lots still to be filled, hidden ones included.
  public var open: Quantity
  /// Lots shown in the book now: equal to `open` unless the order is an iceberg.
  public var visible: Quantity
  /// Most lots an iceberg shows at a time; 0 for a plain order.
  public var display: Quantity
  /// Lots filled so far.
  public var filled: Quantity
  @usableFromInline var next: OrderSlot = 0
  @usableFromInline var previous: OrderSlot = 0
  /// 0 unless the order rests.
  @usableFromInline var level: LevelSlot = 0
  /// Never changed while the order rests.
  public var side: Side
  public var timeInForce: TimeInForce
  public var flags: OrderFlags
  public var prevention: SelfTradePrevention
  public var instrument: InstrumentId
  /// Slot of the owner's account record; opaque to the book.
  public var account: UInt32

  // What only its owner's side of the kernel reads.

  /// Σ filled notional × fee rate, in money quanta × parts per billion; opaque to the book.
  public var feeAccrued: Int128
  /// Never changed while the order rests: it is the order's key in the name table.
  public var name: OrderName
  /// Public, anonymous order id: the journal sequence of the command that entered the order.
  public var id: UInt64
  /// Sequence of the command that last gave the order its time priority; gates of mass cancels compare with it.
  public var entry: UInt64
  /// Slot of the owner's position record; opaque to the book.
  public var position: UInt32
  /// Next order of the same position; kept by the kernel, the book never touches it.
  public var ownerNext: OrderSlot = 0
  /// Previous order of the same position; kept by the kernel, the book never touches it.
  public var ownerPrevious: OrderSlot = 0
  /// Where the kernel keeps the time at which the order ends; 0: it does not. The book never touches it.
  public var expiry: UInt32 = 0

  /// An order that rests nowhere yet; `visible` starts at what it would show.
  @inlinable public init(
    name: OrderName, id: UInt64, entry: UInt64, instrument: InstrumentId, position: UInt32, account: UInt32, side: Side,
    price: Price, open: Quantity, display: Quantity = .zero, filled: Quantity = .zero, feeAccrued: Int128 = 0,
    timeInForce: TimeInForce = .goodTillCancel, flags: OrderFlags = [], prevention: SelfTradePrevention = .allow
  ) {
    self.name = name
    self.id = id
    self.entry = entry
    self.instrument = instrument
    self.position = position
    self.account = account
    self.side = side
    self.price = price
    self.open = open
    self.display = display
    self.filled = filled
    self.feeAccrued = feeAccrued
    self.timeInForce = timeInForce
    self.flags = flags
    self.prevention = prevention
    visible = open
    visible = peak
  }

  /// What the order shows when it enters a queue: everything, or at most its display quantity.
  @inlinable public var peak: Quantity { display > .zero ? min(display, open) : open }
}
