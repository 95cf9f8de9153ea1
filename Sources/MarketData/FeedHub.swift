import Kernel
import Values
import Wire

/// Turns the book events of commands into feed frames, for the feeds that somebody reads.
///
/// Used off the command path: after a command has been applied and its reports are on their way to their queues.
public struct FeedHub: ~Copyable {
  /// In the order in which they came up, which outputs follow.
  private var instruments: [InstrumentFeeds] = []
  private var places: [InstrumentId: Int] = [:]
  private let venueWide = InstrumentFeeds(.none)
  /// Instruments that the command being published has changed.
  private var touched: [InstrumentFeeds] = []
  private var definitions: [InstrumentDefinition] = []
  /// Trades before this time are not counted.
  private let startedAt: Timestamp
  /// Beginning and end of the day whose trades are counted.
  private var day: Range<Timestamp>
  private let lagLimit: Int
  private var changed: [Feed] = []
  /// The level of the last order event, not yet published: one sweep through a level makes one message, not one per
  /// order.
  private var level: BookEvent?
  /// Subscriptions of all feeds.
  public private(set) var subscriptionCount = 0

  /// `lagLimit`: bytes that a subscriber may be behind. `startedAt`: time of the last command before the first one that
  /// is published.
  public init(lagLimit: Int, startedAt: Timestamp = Timestamp(0)) {
    self.lagLimit = lagLimit
    self.startedAt = startedAt
    day = FeedHub.day(of: startedAt)
  }

  /// Starts a subscription behind the last message of the feed; the caller sends what the feed starts with first.
  public mutating func subscribe(_ id: FeedId, subscriber: Int) -> FeedSubscription {
    subscriptionCount += 1
    return feeds(of: id.instrument)[id.kind].subscribe(subscriber)
  }

  /// The feeds of `instrument`, made when they are asked for first.
  private mutating func feeds(of instrument: InstrumentId) -> InstrumentFeeds {
    if instrument == .none { return venueWide }
    if let place = places[instrument] { return instruments[place] }
    let feeds = InstrumentFeeds(instrument)
    places[instrument] = instruments.count
    instruments.append(feeds)
    return feeds
  }

  /// Ends a subscription.
  public mutating func unsubscribe(_ subscription: FeedSubscription) {
    subscription.feed.unsubscribe(subscription)
    subscriptionCount -= 1
  }

  /// Publishes what one command of `template`, the last one that `kernel` has applied, did to the books and
  /// instruments, and what it said about risk.
  public mutating func publish(_ output: borrowing Output, of template: Template, kernel: borrowing Kernel) {
    let time = kernel.time
    if time >= day.upperBound { beginDay(of: time) }
    let hasSubscribers = subscriptionCount > 0
    for index in 0..<output.events.count {
      let event = output.events[index]
      if event.kind == .trade { count(event, kernel) }
      if hasSubscribers { publish(event, time: time) }
    }
    if !hasSubscribers { return }
    finishCommand()
    finishTouched(kernel)
    if template.mayChangeDefinitions && !venueWide[.instruments].subscriptions.isEmpty { publishDefinitions(kernel) }
    if output.publishedCount == 0 { return }
    output.forEachFrame { key, frame in
      if key == .feed { publishRisk(frame) }
    }
  }

  /// Copies a frame of the risk feed with the feed's next number.
  private mutating func publishRisk(_ frame: UnsafeRawBufferPointer) {
    let message = RiskMessage(frame)
    let feed = feeds(of: message.instrument)[.risk]
    if feed.subscriptions.isEmpty { return }
    note(feed)
    message.append(numbered: feed.nextSequence(), to: &feed.frames)
  }

  /// Publishes one book event of the command applied at `time`.
  mutating func publish(_ event: BookEvent, time: Timestamp) {
    let feeds = feeds(of: event.instrument)
    touch(feeds)
    if !feeds[.orders].subscriptions.isEmpty { publishOrder(event, time: time, to: feeds[.orders]) }
    if event.kind == .trade {
      if !feeds[.trades].subscriptions.isEmpty { publishShared(event, time, feeds[.trades]) }
      if !venueWide[.trades].subscriptions.isEmpty { publishShared(event, time, venueWide[.trades]) }
    }
    if event.kind == .status && !venueWide[.instruments].subscriptions.isEmpty {
      publishShared(event, time, venueWide[.instruments])
    }
    if feeds[.levels].subscriptions.isEmpty { return }
    switch event.kind {
    case .orderAdded, .orderChanged, .orderRemoved:
      if let last = level, last.instrument != event.instrument || last.side != event.side || last.price != event.price {
        finishCommand()
      }
      level = event
    case .trade, .status:
      publishShared(event, time, feeds[.levels])
    }
  }

  /// Publishes the last level that is still held back.
  mutating func finishCommand() {
    guard let last = level else { return }
    level = nil
    let feed = feeds(of: last.instrument)[.levels]
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
      publishShared(event, time, feed)
    }
  }

  /// Trades and phases are part of several feeds, and say which.
  private mutating func publishShared(_ event: BookEvent, _ time: Timestamp, _ feed: Feed) {
    note(feed)
    if event.kind == .trade {
      feed.frames.append(
        Trade(
          feedSequence: feed.nextSequence(), tradeId: event.tradeId, price: event.price, quantity: event.quantity,
          makerOrderId: event.orderId, takerOrderId: event.otherOrderId, time: time, instrument: event.instrument,
          takerSide: event.side, feed: feed.id.kind, allInstruments: feed.id.instrument == .none))
    } else {
      feed.frames.append(
        InstrumentStatus(
          feedSequence: feed.nextSequence(), time: time, instrument: event.instrument, phase: event.phase,
          listing: event.listing, feed: feed.id.kind))
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

  // MARK: Best prices and statistics

  private mutating func touch(_ feeds: InstrumentFeeds) {
    if !feeds.isTouched {
      feeds.isTouched = true
      touched.append(feeds)
    }
  }

  /// Takes a trade into its instrument's statistics.
  private mutating func count(_ trade: BookEvent, _ kernel: borrowing Kernel) {
    let feeds = feeds(of: trade.instrument)
    feeds.statistics.add(
      price: trade.price, quantity: trade.quantity, multiplier: kernel.multiplier(of: trade.instrument))
    tellStatistics(of: feeds)
  }

  /// The statistics are told at the end of the command, where somebody reads any feed at all.
  private mutating func tellStatistics(of feeds: InstrumentFeeds) {
    if subscriptionCount == 0 { return }
    feeds.hasNewStatistics = true
    touch(feeds)
  }

  /// From midnight to midnight UTC.
  private static func day(of time: Timestamp) -> Range<Timestamp> {
    let length: Int64 = 86_400_000_000_000
    let start = time.rawValue / length * length
    let (end, overflow) = start.addingReportingOverflow(length)
    return Timestamp(start)..<Timestamp(overflow ? .max : end)
  }

  /// Begins the day of `time`.
  private mutating func beginDay(of time: Timestamp) {
    day = FeedHub.day(of: time)
    for feeds in instruments {
      feeds.statistics.begin()
      tellStatistics(of: feeds)
    }
  }

  /// Tells what the command has changed of best prices and statistics, once.
  private mutating func finishTouched(_ kernel: borrowing Kernel) {
    if touched.isEmpty { return }
    for feeds in touched {
      feeds.isTouched = false
      if !feeds[.best].subscriptions.isEmpty || !venueWide[.best].subscriptions.isEmpty {
        let top = TopOfBook(feeds.instrument, of: kernel)
        if top != feeds.top {
          feeds.top = top
          tell(.best, of: feeds) { feed in feeds.best(feed.id, number: feed.nextSequence(), kernel) }
        }
      }
      if feeds.hasNewStatistics {
        feeds.hasNewStatistics = false
        let since = since
        tell(.statistics, of: feeds) { feed in
          feeds.statistics(feed.id, number: feed.nextSequence(), since: since, kernel)
        }
      }
    }
    touched.removeAll(keepingCapacity: true)
  }

  /// Gives a message to the subscribers of one instrument, and to those of all.
  private mutating func tell<M: Message>(_ kind: FeedKind, of feeds: InstrumentFeeds, _ message: (Feed) -> M) {
    tell(feeds[kind], message)
    tell(venueWide[kind], message)
  }

  private mutating func tell<M: Message>(_ feed: Feed, _ message: (Feed) -> M) {
    if feed.subscriptions.isEmpty { return }
    note(feed)
    feed.frames.append(message(feed))
  }

  private var since: Timestamp { max(day.lowerBound, startedAt) }

  // MARK: Definitions

  /// Tells the definitions that are new or not what they were.
  private mutating func publishDefinitions(_ kernel: borrowing Kernel) {
    let known = definitions
    let feed = venueWide[.instruments]
    readDefinitions(kernel)
    for (index, definition) in definitions.enumerated() {
      if index < known.count && known[index].isSame(as: definition) { continue }
      var message = definition
      message.feedSequence = feed.nextSequence()
      note(feed)
      feed.frames.append(message)
    }
  }

  private mutating func readDefinitions(_ kernel: borrowing Kernel) {
    var list: [InstrumentDefinition] = []
    kernel.forEachInstrument { list.append(kernel.definition(of: $0)) }
    definitions = list
  }

  // MARK: What a feed starts with

  /// Starts `subscription` over: appends what its feed starts with to `queue`, BookSnapshot and rows, and returns the
  /// number of rows. Its instrument must exist. O(rows).
  public mutating func start(
    _ subscription: FeedSubscription, of kernel: borrowing Kernel, to queue: inout ByteQueue
  ) -> UInt32 {
    subscription.skipToEnd()
    let feed = subscription.feed
    let id = feed.id
    if id.kind == .orders || id.kind == .levels { return BookImage.append(feed, of: kernel, to: &queue) }
    var rows: [InstrumentId] = []
    if id.kind == .best || id.kind == .statistics || id.kind == .instruments {
      if id.instrument == .none { kernel.forEachInstrument { rows.append($0) } } else { rows = [id.instrument] }
    }
    queue.append(
      BookSnapshot(
        feedSequence: feed.sequence, sequence: kernel.sequence, time: kernel.time, instrument: id.instrument,
        rows: UInt32(rows.count), feed: id.kind, phase: kernel.phase(of: id.instrument)))
    if id.kind == .instruments { readDefinitions(kernel) }
    for instrument in rows {
      let feeds = feeds(of: instrument)
      switch id.kind {
      case .best:
        feeds.top = TopOfBook(instrument, of: kernel)
        queue.append(feeds.best(id, number: 0, kernel))
      case .statistics: queue.append(feeds.statistics(id, number: 0, since: since, kernel))
      default: queue.append(kernel.definition(of: instrument))
      }
    }
    return UInt32(rows.count)
  }
}

extension Template {
  /// Whether a command can make or change an instrument's definition: definitions and parameters, not orders, prices,
  /// money or time.
  fileprivate var mayChangeDefinitions: Bool {
    switch rawValue {
    case 19...39, 60...69, 80...89: true
    default: false
    }
  }
}

extension InstrumentDefinition {
  /// Whether both say the same of the same instrument; the time at which they do and the phase, which has its own
  /// message, do not count.
  fileprivate func isSame(as other: InstrumentDefinition) -> Bool {
    var twin = other
    twin.time = time
    twin.phaseCode = phaseCode
    return twin == self
  }
}

extension TopOfBook {
  /// The top of an instrument's book as it is now.
  fileprivate init(_ instrument: InstrumentId, of kernel: borrowing Kernel) {
    let bid = kernel.best(.buy, of: instrument)
    let ask = kernel.best(.sell, of: instrument)
    self.init(
      bidPrice: bid?.price, bidQuantity: bid?.quantity ?? .zero, askPrice: ask?.price,
      askQuantity: ask?.quantity ?? .zero)
  }
}

extension InstrumentFeeds {
  fileprivate func best(_ id: FeedId, number: UInt64, _ kernel: borrowing Kernel) -> BestPrice {
    BestPrice(
      feedSequence: number, time: kernel.time, bidPrice: top.bidPrice, bidQuantity: top.bidQuantity,
      askPrice: top.askPrice, askQuantity: top.askQuantity, instrument: instrument,
      allInstruments: id.instrument == .none)
  }

  fileprivate func statistics(
    _ id: FeedId, number: UInt64, since: Timestamp, _ kernel: borrowing Kernel
  ) -> Statistics {
    Statistics(
      feedSequence: number, time: kernel.time, since: since, open: statistics.open, high: statistics.high,
      low: statistics.low, last: statistics.last, volume: statistics.volume, notional: statistics.notional,
      trades: statistics.trades, openInterest: kernel.openInterest(of: instrument), instrument: instrument,
      allInstruments: id.instrument == .none)
  }
}
