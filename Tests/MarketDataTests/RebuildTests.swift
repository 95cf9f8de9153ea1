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
  mutating func apply<M: Message>(_ message: M, key: KeyId, at time: Timestamp? = nil) {
    output.clear()
    withUnsafeTemporaryAllocation(byteCount: M.frameLength, alignment: 8) { bytes in
      message.encode(to: bytes.baseAddress!)
      kernel.apply(
        Frame(UnsafeRawBufferPointer(bytes)), key: key, time: time ?? Timestamp(kernel.time.rawValue + 1),
        output: &output)
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
      _ = hub.start(subscription, of: market.kernel, to: &queue)
      var book = ClientBook()
      book.take(queue.bytes)
      return book
    }
    var book = fullBook()
    var differences = 0
    var mostPlaces = 0
    for _ in 0..<2000 {
      market.step()
      hub.publish(market.output, of: .newOrder, kernel: market.kernel)
      subscription.read(upTo: .max) { book.take($0) }
      hub.trim()
      if !book.hasSameBook(as: fullBook()) { differences += 1 }
      mostPlaces = max(mostPlaces, book.orders.count, book.levels.count)
    }
    #expect(differences == 0 && book.faults.isEmpty)
    #expect(market.kernel.trades > 100 && mostPlaces > 5)
  }

  @Test("Best prices equal the venue's after every command, are told only when they change, and the same to all")
  func best() {
    var market = RandomMarket(seed: 5)
    var hub = FeedHub(lagLimit: 1 << 24)
    let one = hub.subscribe(FeedId(instrument: RandomMarket.instrument, kind: .best), subscriber: 1)
    let all = hub.subscribe(FeedId(instrument: .none, kind: .best), subscriber: 2)
    var start = ByteQueue()
    let rows = hub.start(one, of: market.kernel, to: &start)
    #expect(rows == 1)
    var last: BestPrice?
    var faults = 0
    var told = 0
    for _ in 0..<2000 {
      market.step()
      hub.publish(market.output, of: .newOrder, kernel: market.kernel)
      let mine = messages(of: one, BestPrice.self)
      let same = messages(of: all, BestPrice.self)
      hub.trim()
      if mine.count > 1 || mine.count != same.count { faults += 1 }
      if let news = mine.last {
        told += 1
        if news.feedSequence != UInt64(told) || same.last?.bidPrice != news.bidPrice { faults += 1 }
        if same.last?.allInstruments != true || news.allInstruments != false { faults += 1 }
        if let last, last.bidPrice == news.bidPrice, last.bidQuantity == news.bidQuantity,
          last.askPrice == news.askPrice, last.askQuantity == news.askQuantity
        {
          faults += 1
        }
        last = news
      }
      var bid: (Price, Quantity)?
      var ask: (Price, Quantity)?
      market.kernel.forEachLevel(of: RandomMarket.instrument) { side, price, quantity, _ in
        if side == .buy { bid = bid ?? (price, quantity) } else { ask = ask ?? (price, quantity) }
      }
      if last?.bidPrice != bid?.0 || last?.askPrice != ask?.0 { faults += 1 }
      if last?.bidQuantity ?? .zero != bid?.1 ?? .zero || last?.askQuantity ?? .zero != ask?.1 ?? .zero { faults += 1 }
    }
    #expect(faults == 0 && told > 500)
  }

  @Test("Statistics are those of the trades feed, and begin anew at midnight")
  func statistics() {
    var market = RandomMarket(seed: 6)
    var hub = FeedHub(lagLimit: 1 << 24)
    let trades = hub.subscribe(FeedId(instrument: RandomMarket.instrument, kind: .trades), subscriber: 1)
    let subscription = hub.subscribe(FeedId(instrument: .none, kind: .statistics), subscriber: 1)
    var tape: [Trade] = []
    var faults = 0
    func isRight(_ news: Statistics) -> Bool {

      let multiplier = market.kernel.multiplier(of: RandomMarket.instrument).wireValue
      return news.open == tape.first?.price && news.last == tape.last?.price && news.high == tape.map(\.price).max()
        && news.low == tape.map(\.price).min() && news.trades == UInt64(tape.count)
        && news.volume.rawValue == tape.reduce(0) { $0 + $1.quantity.rawValue }
        && news.notional.wireValue == tape.reduce(0) { $0 + $1.quantity.rawValue * $1.price.rawValue } * multiplier
    }
    for _ in 0..<1000 {
      market.step()
      hub.publish(market.output, of: .newOrder, kernel: market.kernel)
      let fresh = messages(of: trades, Trade.self)
      tape += fresh
      let news = messages(of: subscription, Statistics.self)
      if news.count != (fresh.isEmpty ? 0 : 1) { faults += 1 }
      if let news = news.last, !isRight(news) || news.since != Timestamp(0) { faults += 1 }
      hub.trim()
    }
    #expect(faults == 0 && tape.count > 100)
    let midnight = Timestamp(Int64(86_400_000_000_000))
    market.apply(Tick(work: 1), key: .venue, at: midnight)
    hub.publish(market.output, of: .tick, kernel: market.kernel)
    let news = messages(of: subscription, Statistics.self)
    #expect(news.count == 1 && news[0].since == midnight && news[0].trades == 0 && news[0].volume == .zero)
    #expect(news[0].open == nil && news[0].high == nil && news[0].notional == .zero && news[0].last == tape.last?.price)
  }

  @Test("Definitions come first, then what is new or changed, and phases")
  func instruments() {
    var market = RandomMarket(seed: 7)
    var hub = FeedHub(lagLimit: 1 << 24)
    let subscription = hub.subscribe(FeedId(instrument: .none, kind: .instruments), subscriber: 1)
    var queue = ByteQueue()
    #expect(hub.start(subscription, of: market.kernel, to: &queue) == 1)
    let row = queue.bytes[BookSnapshot.frameLength...]
    let first = Frame(UnsafeRawBufferPointer(rebasing: row)).decode(InstrumentDefinition.self)
    #expect(first.instrument == RandomMarket.instrument && first.symbol == "BTC" && first.phase == .continuous)
    market.apply(
      SetInstrumentLimits(
        requestId: 1, instrument: RandomMarket.instrument, priceBand: .zero, maximumOrder: Quantity(500),
        positionLimit: .zero, makerFee: .zero, takerFee: .zero), key: .venue)
    hub.publish(market.output, of: .setInstrumentLimits, kernel: market.kernel)
    let changed = messages(of: subscription, InstrumentDefinition.self)
    #expect(changed.map(\.maximumOrder) == [Quantity(500)] && changed.map(\.feedSequence) == [1])
    market.apply(SetPhase(requestId: 1, instrument: RandomMarket.instrument, phase: .halted), key: .venue)
    hub.publish(market.output, of: .setPhase, kernel: market.kernel)
    let status = messages(of: subscription, InstrumentStatus.self)
    #expect(status.map(\.phase) == [.halted] && status.map(\.feedSequence) == [2])
    #expect(status.map(\.feed) == [.instruments])
  }

  @Test("Which feeds there are")
  func refusals() {
    let market = RandomMarket(seed: 8)
    func refusal(_ instrument: InstrumentId, _ kind: FeedKind) -> RejectReason? {
      FeedId(instrument: instrument, kind: kind).refusal(by: market.kernel)
    }
    for kind in FeedKind.allCases where kind != .instruments {
      #expect(refusal(RandomMarket.instrument, kind) == nil)
      #expect(refusal(InstrumentId(9), kind) == .unknownInstrument)
    }
    for kind in [FeedKind.orders, .levels, .risk] { #expect(refusal(.none, kind) == .unknownInstrument) }
    for kind in [FeedKind.best, .trades, .statistics, .instruments] { #expect(refusal(.none, kind) == nil) }
    #expect(refusal(RandomMarket.instrument, .instruments) == .invalidField)
  }

  /// All messages that wait for a subscription, which must be of one type.
  private func messages<M: Message>(of subscription: FeedSubscription, _ type: M.Type) -> [M] {
    FeedTests.read(subscription).map { bytes in
      bytes.withUnsafeBytes { raw in
        precondition(Frame(raw).template == M.template, "another message than \(M.template)")
        return Frame(raw).decode(type)
      }
    }
  }
}
