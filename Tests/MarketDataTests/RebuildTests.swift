import Kernel
import MarketData
import Testing
import Values
import Wire

/// What a client makes of a feed: a book kept by its messages alone.
private struct ClientBook: Equatable {
  struct Order: Equatable {
    var id: UInt64
    var quantity: Int64
  }
  struct Level: Equatable {
    var quantity: Int64
    var orders: UInt32
  }

  /// Orders by side and price, in priority order.
  var orders: [String: [Order]] = [:]
  var levels: [String: Level] = [:]
  var nextSequence: UInt64 = 0
  var faults: [String] = []

  private static func place(_ side: Side?, _ price: Price) -> String { "\(side == .buy ? "B" : "S")\(price.rawValue)" }

  /// Takes whole frames of one feed: a full book or increments.
  mutating func take(_ bytes: UnsafeRawBufferPointer) {
    var offset = 0
    while offset < bytes.count {
      let length = ByteQueue.frameLength(in: bytes, at: offset)
      take(Frame(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])))
      offset += length
    }
  }

  private mutating func take(_ frame: Frame) {
    let sequence = frame.bytes.loadUnaligned(fromByteOffset: FrameHeader.length, as: UInt64.self)
    if frame.template == .bookSnapshot {
      self = ClientBook()
      nextSequence = sequence + 1
      return
    }
    if sequence != 0 {
      if sequence != nextSequence { faults.append("message \(sequence) where \(nextSequence) is due") }
      nextSequence = sequence + 1
    }
    switch frame.template {
    case .bookOrder:
      let order = frame.decode(BookOrder.self)
      orders[ClientBook.place(order.side, order.price), default: []].append(
        Order(id: order.orderId, quantity: order.quantity.rawValue))
    case .bookOrderChanged:
      let change = frame.decode(BookOrderChanged.self)
      let place = ClientBook.place(change.side, change.price)
      guard let index = orders[place]?.firstIndex(where: { $0.id == change.orderId }) else {
        return faults.append("change of an order that is not there")
      }
      orders[place]?[index].quantity = change.quantity.rawValue
    case .bookOrderRemoved:
      let removal = frame.decode(BookOrderRemoved.self)
      let place = ClientBook.place(removal.side, removal.price)
      guard let index = orders[place]?.firstIndex(where: { $0.id == removal.orderId }) else {
        return faults.append("removal of an order that is not there")
      }
      orders[place]?.remove(at: index)
      if orders[place]?.isEmpty == true { orders[place] = nil }
    case .bookLevel:
      let level = frame.decode(BookLevel.self)
      levels[ClientBook.place(level.side, level.price)] =
        level.quantity == .zero ? nil : Level(quantity: level.quantity.rawValue, orders: level.orders)
    default: break
    }
  }

  func hasSameBook(as other: ClientBook) -> Bool { orders == other.orders && levels == other.levels }
}

/// A kernel with a spot pair and two traders of different masters, driven with random orders.
private struct RandomMarket: ~Copyable {
  var kernel: Kernel
  var output = Output()
  private var nextRequest: [UInt64] = [0, 0]
  private var generator: SplitMix

  static let instrument = InstrumentId(1)

  init(seed: UInt64) {
    let venue = DefineVenue(
      requestId: 1, venueId: 1, name: "test", assets: 4, schedules: 4, instruments: 4, accounts: 4, keys: 4,
      positions: 16, balances: 16, orders: 256, ordersPerAccount: 200, workPerTick: 3, auditInterval: 0, moneyDigits: 8)
    kernel = Kernel(venue: venue)
    generator = SplitMix(state: seed)
    apply(venue, key: .venue)
    apply(
      DefineAsset(
        requestId: 1, asset: AssetId(1), symbol: "BTC", digits: 8, priceScale: 8, haircutMaintenance: .none,
        haircutInitial: .none, debtAddonMaintenance: .zero, debtAddonInitial: .zero), key: .venue)
    apply(
      DefineInstrument(
        requestId: 1, instrument: RandomMarket.instrument, kind: .spot, base: AssetId(1), quote: .settlement,
        symbol: "BTC", priceUnit: 10_000_000_000, lotSize: 1_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero), key: .venue)
    apply(SetPhase(requestId: 1, instrument: RandomMarket.instrument, phase: .continuous), key: .venue)
    for number in [UInt32(1), 2] {
      apply(
        CreateAccount(
          requestId: 1, account: AccountId(number), master: MasterId(number), parent: .none, isolatedInstrument: .none,
          multiplier: Rate(1_000_000_000), leverageCap: 0, mode: .standard, flags: []), key: .venue)
      for asset in [AssetId(0), AssetId(1)] {
        apply(
          Deposit(requestId: 1, account: AccountId(number), asset: asset, amount: Money(Int64(1_000_000_000_000))),
          key: .venue)
      }
      apply(
        DefineKey(
          requestId: 1, key: KeyId(number), master: MasterId(number), publicKey: Bytes32(), roles: .trader),
        key: .venue)
    }
  }

  /// Applies one command; what it says is in `output`.
  mutating func apply<M: Message>(_ message: M, key: KeyId) {
    output.clear()
    withUnsafeTemporaryAllocation(byteCount: M.frameLength, alignment: 8) { bytes in
      message.encode(to: bytes.baseAddress!)
      kernel.apply(
        Frame(UnsafeRawBufferPointer(bytes)), key: key, time: Timestamp(kernel.time.rawValue + 1), output: &output)
    }
  }

  private mutating func random(_ bound: UInt64) -> UInt64 { generator.next() % bound }

  /// One random command, or a Tick while there is pending work.
  mutating func step() {
    if kernel.hasPendingWork { return apply(Tick(work: 3), key: .venue) }
    let trader = Int(random(2))
    nextRequest[trader] += 1
    let id = nextRequest[trader]
    let key = KeyId(UInt32(trader + 1))
    let account = AccountId(UInt32(trader + 1))
    let lots = Int64(random(20) + 1)
    let price = Price(Int64(95 + random(11)))
    switch random(20) {
    case 0: apply(MassCancel(requestId: id, account: account, instrument: .none, side: .both), key: key)
    case 1: apply(SetPhase(requestId: 1, instrument: .none, phase: .continuous), key: .venue)
    case 2...4: apply(CancelOrder(requestId: id, orderRequestId: random(id) + 1, orderKey: .venue), key: key)
    case 5...8:
      apply(
        ReplaceOrder(
          requestId: id, orderRequestId: random(id) + 1, price: price, quantity: Quantity(lots), display: .zero,
          expectedFilled: nil, orderKey: .venue, timeInForce: .goodTillCancel), key: key)
    default:
      let isIceberg = random(4) == 0
      apply(
        NewOrder(
          requestId: id, account: account, instrument: RandomMarket.instrument, price: price, quantity: Quantity(lots),
          display: isIceberg ? Quantity(min(lots, 3)) : .zero, side: random(2) == 0 ? .buy : .sell, orderType: .limit,
          timeInForce: .goodTillCancel, flags: [],
          selfTradePrevention: [.allow, .cancelNewest, .cancelOldest, .cancelBoth][Int(random(4))]), key: key)
    }
  }
}

/// A small generator with a fixed sequence.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

@Suite("Books kept by a feed's messages")
struct RebuildTests {
  @Test("They equal the venue's book after every command", arguments: [FeedKind.orders, .levels], [1, 2, 3, 4])
  func equalsVenue(kind: FeedKind, seed: UInt64) {
    var market = RandomMarket(seed: seed)
    var hub = FeedHub(lagLimit: 1 << 24)
    let subscription = hub.subscribe(FeedId(instrument: RandomMarket.instrument, kind: kind), subscriber: 1)
    func fullBook() -> ClientBook {
      var queue = ByteQueue()
      _ = BookImage.append(subscription.feed, of: market.kernel, to: &queue)
      var book = ClientBook()
      book.take(queue.bytes)
      return book
    }
    var book = fullBook()
    var differences = 0
    var mostPlaces = 0
    for _ in 0..<2000 {
      market.step()
      hub.publish(market.output, time: market.kernel.time)
      subscription.read(upTo: .max) { book.take($0) }
      hub.trim()
      if !book.hasSameBook(as: fullBook()) { differences += 1 }
      mostPlaces = max(mostPlaces, book.orders.count, book.levels.count)
    }
    #expect(differences == 0 && book.faults.isEmpty)
    #expect(market.kernel.trades > 100 && mostPlaces > 5)
  }
}
