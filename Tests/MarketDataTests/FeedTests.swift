import Testing
import Values
import Wire

@testable import Kernel
@testable import MarketData

@Suite("Market-data feeds")
struct FeedTests {
  static let instrument = InstrumentId(7)
  static let orders = FeedId(instrument: instrument, kind: .orders)
  static let levels = FeedId(instrument: instrument, kind: .levels)

  static func event(
    _ kind: BookEvent.Kind, side: Side = .buy, price: Int64 = 100, level: Int64 = 5,
    instrument: InstrumentId = instrument
  ) -> BookEvent {
    BookEvent(
      kind: kind, side: side, phase: .continuous, listing: .active, instrument: instrument, orderId: 1,
      otherOrderId: 99,
      price: Price(price), quantity: Quantity(5), tradeId: 3, levelQuantity: Quantity(level), levelOrders: 1)
  }

  /// Every frame that the subscription has to read.
  static func read(_ subscription: FeedSubscription, upTo limit: Int = .max) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    subscription.read(upTo: limit) { bytes in
      var offset = 0
      while offset < bytes.count {
        let length = ByteQueue.frameLength(in: bytes, at: offset)
        frames.append(Array(bytes[offset..<offset + length]))
        offset += length
      }
    }
    return frames
  }

  /// "template feedSequence" of each frame.
  static func names(_ frames: [[UInt8]]) -> [String] {
    frames.map { frame in
      frame.withUnsafeBytes { "\(Frame($0).template) \($0.loadUnaligned(fromByteOffset: 12, as: UInt64.self))" }
    }
  }

  @Test("An order feed has a message for every event, numbered from 1")
  func orderFeed() {
    var hub = FeedHub(lagLimit: 1 << 20)
    let subscription = hub.subscribe(FeedTests.orders, subscriber: 4)
    for kind in [BookEvent.Kind.orderAdded, .trade, .orderChanged, .orderRemoved, .status] {
      hub.publish(FeedTests.event(kind), time: Timestamp(1))
    }
    hub.finishCommand()
    #expect(
      FeedTests.names(FeedTests.read(subscription)) == [
        "bookOrder 1", "trade 2", "bookOrderChanged 3", "bookOrderRemoved 4", "instrumentStatus 5",
      ])
    #expect(!subscription.hasNews)
  }

  @Test("A level feed tells each level once per run of changes, and trades as they are")
  func levelFeed() {
    var hub = FeedHub(lagLimit: 1 << 20)
    let subscription = hub.subscribe(FeedTests.levels, subscriber: 4)
    for level in [30, 20, 10] {
      hub.publish(FeedTests.event(.trade, side: .sell), time: Timestamp(1))
      hub.publish(FeedTests.event(.orderRemoved, level: Int64(level)), time: Timestamp(1))
    }
    hub.publish(FeedTests.event(.orderAdded, side: .sell, price: 101), time: Timestamp(1))
    hub.finishCommand()
    let frames = FeedTests.read(subscription)
    #expect(FeedTests.names(frames) == ["trade 1", "trade 2", "trade 3", "bookLevel 4", "bookLevel 5"])
    let level = frames[3].withUnsafeBytes { Frame($0).decode(BookLevel.self) }
    #expect(level.quantity == Quantity(10) && level.price == Price(100) && level.side == .buy)
  }

  @Test("Nothing is encoded for feeds without subscribers")
  func noSubscribers() {
    var hub = FeedHub(lagLimit: 1 << 20)
    let subscription = hub.subscribe(FeedTests.orders, subscriber: 4)
    hub.publish(FeedTests.event(.orderAdded, instrument: InstrumentId(8)), time: Timestamp(1))
    #expect(!subscription.hasNews && subscription.feed.sequence == 0)
    hub.unsubscribe(subscription)
    hub.publish(FeedTests.event(.orderAdded), time: Timestamp(1))
    let left = hub.subscriptionCount
    #expect(subscription.feed.sequence == 0 && left == 0)
  }

  @Test("A later subscriber starts behind the last message and shares the frames")
  func twoSubscribers() {
    var hub = FeedHub(lagLimit: 1 << 20)
    let early = hub.subscribe(FeedTests.orders, subscriber: 1)
    hub.publish(FeedTests.event(.orderAdded), time: Timestamp(1))
    let late = hub.subscribe(FeedTests.orders, subscriber: 2)
    #expect(late.feed.sequence == 1)
    hub.publish(FeedTests.event(.orderRemoved), time: Timestamp(1))
    #expect(FeedTests.names(FeedTests.read(early)) == ["bookOrder 1", "bookOrderRemoved 2"])
    #expect(FeedTests.names(FeedTests.read(late)) == ["bookOrderRemoved 2"])
    var told: [Int] = []
    hub.forEachChanged { told.append($0.subscriber) }
    #expect(told == [1, 2])
    hub.trim()
    told = []
    hub.forEachChanged { told.append($0.subscriber) }
    let held = early.feed.frames.count
    #expect(told.isEmpty && held == 0)
  }

  @Test("A subscriber that is too far behind finds its subscription broken, and others do not")
  func lagging() {
    var hub = FeedHub(lagLimit: 200)
    let fast = hub.subscribe(FeedTests.orders, subscriber: 1)
    let slow = hub.subscribe(FeedTests.orders, subscriber: 2)
    for _ in 0..<10 {
      hub.publish(FeedTests.event(.orderAdded), time: Timestamp(1))
      _ = FeedTests.read(fast)
      hub.trim()
    }
    #expect(slow.isBroken && !fast.isBroken)
    slow.skipToEnd()
    #expect(!slow.isBroken && !slow.hasNews)
  }

  @Test("Reading stops at whole frames")
  func partialReads() {
    var hub = FeedHub(lagLimit: 1 << 20)
    let subscription = hub.subscribe(FeedTests.orders, subscriber: 1)
    for _ in 0..<3 { hub.publish(FeedTests.event(.orderAdded), time: Timestamp(1)) }
    #expect(FeedTests.read(subscription, upTo: BookOrder.frameLength * 2 + 1).count == 2)
    #expect(FeedTests.names(FeedTests.read(subscription, upTo: 1)) == ["bookOrder 3"])
    #expect(FeedTests.read(subscription).isEmpty)
  }
}

@Suite("Byte queues")
struct ByteQueueTests {
  @Test("Bytes come out as they went in, through growth and wrapping")
  func order() {
    var queue = ByteQueue()
    var next: UInt8 = 0
    var expected: UInt8 = 0
    var faults = 0
    for step in 0..<5000 {
      var bytes: [UInt8] = []
      for _ in 0..<(step * 37) % 97 {
        bytes.append(next)
        next &+= 1
      }
      bytes.withUnsafeBytes { queue.append($0) }
      let taken = min(queue.count, (step * 53) % 101)
      for byte in queue.bytes.prefix(taken) {
        if byte != expected { faults += 1 }
        expected &+= 1
      }
      queue.removeFirst(taken)
    }
    let (start, end, count) = (queue.start, queue.end, queue.count)
    #expect(faults == 0 && end == start + UInt64(count) && start > 100_000)
  }

  @Test("Truncation drops the newest bytes")
  func truncation() {
    var queue = ByteQueue()
    [UInt8](1...6).withUnsafeBytes { queue.append($0) }
    queue.removeFirst(2)
    queue.truncate(to: 3)
    let left = Array(queue.bytes)
    #expect(left == [3, 4, 5])
    queue.truncate(to: 0)
    let count = queue.count
    #expect(count == 0)
  }
}
