import Kernel
import Values
import Wire

/// Turns the book events of commands into feed frames, for the feeds that somebody reads.
///
/// Used off the command path: after a command has been applied and its reports are on their way to their queues.
public struct FeedHub: ~Copyable {
  private final class InstrumentFeeds {
    let orders: Feed
    let levels: Feed
    let risk: Feed

    init(_ instrument: InstrumentId) {
      orders = Feed(id: FeedId(instrument: instrument, kind: .orders))
      levels = Feed(id: FeedId(instrument: instrument, kind: .levels))
      risk = Feed(id: FeedId(instrument: instrument, kind: .risk))
    }

    func feed(_ kind: FeedKind) -> Feed {
      switch kind {
      case .orders: orders
      case .levels: levels
      case .risk: risk
      }
    }
  }

  private var instruments: [InstrumentId: InstrumentFeeds] = [:]
  private let lagLimit: Int
  private var changed: [Feed] = []
  /// The level of the last order event, not yet published: one sweep through a level makes one message, not one per
  /// order.
  private var level: BookEvent?
  /// Subscriptions of all feeds.
  public private(set) var subscriptionCount = 0

  /// `lagLimit`: bytes that a subscriber may be behind.
  public init(lagLimit: Int) { self.lagLimit = lagLimit }

  /// Starts a subscription behind the last message of the feed; the caller sends the full book first.
  public mutating func subscribe(_ id: FeedId, subscriber: Int) -> FeedSubscription {
    let feeds = instruments[id.instrument] ?? InstrumentFeeds(id.instrument)
    instruments[id.instrument] = feeds
    subscriptionCount += 1
    return feeds.feed(id.kind).subscribe(subscriber)
  }

  /// Ends a subscription.
  public mutating func unsubscribe(_ subscription: FeedSubscription) {
    subscription.feed.unsubscribe(subscription)
    subscriptionCount -= 1
  }

  /// Publishes what one command, applied at `time`, did to the books, and what it said about risk.
  public mutating func publish(_ output: borrowing Output, time: Timestamp) {
    if subscriptionCount == 0 { return }
    for index in 0..<output.events.count { publish(output.events[index], time: time) }
    finishCommand()
    if output.publishedCount == 0 { return }
    output.forEachFrame { key, frame in
      if key == .feed { publishRisk(frame) }
    }
  }

  /// Copies a frame of the risk feed with the feed's next number.
  private mutating func publishRisk(_ frame: UnsafeRawBufferPointer) {
    let message = RiskMessage(frame)
    guard let feed = instruments[message.instrument]?.risk, !feed.subscriptions.isEmpty else { return }
    note(feed)
    message.append(numbered: feed.nextSequence(), to: &feed.frames)
  }

  /// Publishes one book event of the command applied at `time`.
  mutating func publish(_ event: BookEvent, time: Timestamp) {
    guard let feeds = instruments[event.instrument] else { return }
    if !feeds.orders.subscriptions.isEmpty { publishOrder(event, time: time, to: feeds.orders) }
    if feeds.levels.subscriptions.isEmpty { return }
    switch event.kind {
    case .orderAdded, .orderChanged, .orderRemoved:
      if let last = level, last.instrument != event.instrument || last.side != event.side || last.price != event.price {
        finishCommand()
      }
      level = event
    case .trade, .status:
      publishShared(event, time: time, to: feeds.levels)
    }
  }

  /// Publishes the last level that is still held back.
  mutating func finishCommand() {
    guard let last = level else { return }
    level = nil
    guard let feed = instruments[last.instrument]?.levels else { return }
    note(feed)
    feed.frames.append(
      BookLevel(
        feedSequence: feed.nextSequence(), price: last.price, quantity: last.levelQuantity, orders: last.levelOrders,
        instrument: last.instrument, side: last.side))
  }

  private mutating func publishOrder(_ event: BookEvent, time: Timestamp, to feed: Feed) {
    switch event.kind {
    case .orderAdded:
      note(feed)
      feed.frames.append(
        BookOrder(
          feedSequence: feed.nextSequence(), orderId: event.orderId, price: event.price, quantity: event.quantity,
          instrument: event.instrument, side: event.side))
    case .orderChanged:
      note(feed)
      feed.frames.append(
        BookOrderChanged(
          feedSequence: feed.nextSequence(), orderId: event.orderId, price: event.price, quantity: event.quantity,
          instrument: event.instrument, side: event.side))
    case .orderRemoved:
      note(feed)
      feed.frames.append(
        BookOrderRemoved(
          feedSequence: feed.nextSequence(), orderId: event.orderId, price: event.price, instrument: event.instrument,
          side: event.side))
    case .trade, .status:
      publishShared(event, time: time, to: feed)
    }
  }

  /// Trades and phases are part of both kinds of feed.
  private mutating func publishShared(_ event: BookEvent, time: Timestamp, to feed: Feed) {
    note(feed)
    if event.kind == .trade {
      feed.frames.append(
        Trade(
          feedSequence: feed.nextSequence(), tradeId: event.tradeId, price: event.price, quantity: event.quantity,
          makerOrderId: event.orderId, takerOrderId: event.otherOrderId, time: time, instrument: event.instrument,
          takerSide: event.side))
    } else {
      feed.frames.append(
        InstrumentStatus(
          feedSequence: feed.nextSequence(), time: time, instrument: event.instrument, phase: event.phase,
          listing: event.listing))
    }
  }

  private mutating func note(_ feed: Feed) {
    if !feed.hasChanged {
      feed.hasChanged = true
      changed.append(feed)
    }
  }

  /// Calls `body` for each subscription of each feed that has changed since the last `trim`.
  public func forEachChanged(_ body: (FeedSubscription) -> Void) {
    for feed in changed {
      for subscription in feed.subscriptions { body(subscription) }
    }
  }

  /// Frees what the changed feeds no longer need. Subscribers that are too far behind find their subscription broken
  /// afterwards.
  public mutating func trim() {
    for feed in changed {
      feed.hasChanged = false
      feed.trim(keeping: lagLimit)
    }
    changed.removeAll(keepingCapacity: true)
  }
}
