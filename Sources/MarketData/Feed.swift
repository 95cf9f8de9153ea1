import Kernel
import Values
import Wire

/// Which feed: what it tells, of one instrument or of all of them (`.none`).
public struct FeedId: Hashable, Sendable {
  public var instrument: InstrumentId
  public var kind: FeedKind

  public init(instrument: InstrumentId, kind: FeedKind) {
    self.instrument = instrument
    self.kind = kind
  }

  /// Why there is no such feed at the venue; `nil`: there is.
  public func refusal(by kernel: borrowing Kernel) -> RejectReason? {
    switch kind {
    case .instruments: return instrument == .none ? nil : .invalidField
    case .best, .trades, .statistics: if instrument == .none { return nil }
    case .orders, .levels, .risk: break
    }
    return kernel.hasInstrument(instrument) ? nil : .unknownInstrument
  }
}

/// The frames of one feed, encoded once for all its subscribers.
///
/// Each message takes the next number of the feed, from 1 when the server starts. Messages are made only while there
/// are subscribers, so numbers mean nothing between subscriptions: the full book at the start of each says where its
/// increments go on.
public final class Feed {
  public let id: FeedId
  /// Number of the last message.
  public private(set) var sequence: UInt64 = 0
  /// Who reads it.
  public private(set) var subscriptions: [FeedSubscription] = []
  /// Frames that some subscriber has not read yet.
  var frames = ByteQueue()
  /// Whether the hub has it on its list of changed feeds.
  var hasChanged = false

  init(id: FeedId) { self.id = id }

  /// Starts a subscription behind the last message.
  func subscribe(_ subscriber: Int) -> FeedSubscription {
    let subscription = FeedSubscription(feed: self, subscriber: subscriber, position: frames.end)
    subscriptions.append(subscription)
    return subscription
  }

  func unsubscribe(_ subscription: FeedSubscription) {
    subscriptions.removeAll { $0 === subscription }
    trim(keeping: .max)
  }

  /// The number of the message about to be appended.
  func nextSequence() -> UInt64 {
    sequence += 1
    return sequence
  }

  /// Drops what every subscriber has read, and the oldest frames beyond `limit` bytes whether read or not.
  func trim(keeping limit: Int) {
    var slowest = frames.end
    for subscription in subscriptions { slowest = min(slowest, subscription.position) }
    if slowest > frames.start { frames.removeFirst(Int(slowest - frames.start)) }
    while frames.count > limit { frames.removeFirst(ByteQueue.frameLength(in: frames.bytes, at: 0)) }
  }
}

/// One subscriber's place in a feed.
public final class FeedSubscription {
  public let feed: Feed
  /// The subscriber, in the server's numbering.
  public let subscriber: Int
  /// Position in the feed's stream of bytes; always at the start of a frame.
  fileprivate(set) var position: UInt64

  fileprivate init(feed: Feed, subscriber: Int, position: UInt64) {
    self.feed = feed
    self.subscriber = subscriber
    self.position = position
  }

  /// Whether there is something to read.
  public var hasNews: Bool { position < feed.frames.end }

  /// Whether frames were dropped before they were read: the subscriber is too slow and its book is broken.
  public var isBroken: Bool { position < feed.frames.start }

  /// Moves whole frames to `body`, about `limit` bytes of them. The subscription must not be broken.
  public func read(upTo limit: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    precondition(!isBroken, "reads a broken subscription")
    let news = UnsafeRawBufferPointer(rebasing: feed.frames.bytes[Int(position - feed.frames.start)...])
    let length = ByteQueue.wholeFrames(in: news, upTo: limit)
    if length == 0 { return }
    body(UnsafeRawBufferPointer(rebasing: news[..<length]))
    position += UInt64(length)
  }

  /// Moves behind the last message: the subscriber is about to get a new full book.
  public func skipToEnd() { position = feed.frames.end }
}
