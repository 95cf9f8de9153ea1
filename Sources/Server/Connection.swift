import MarketData
import Session
import Values

/// One accepted socket with its session.
final class Connection {
  let descriptor: Int32
  let address: PeerAddress
  /// Address and port, for logs.
  let peer: String
  var core: SessionCore
  /// The key's stream, while this connection holds it.
  var stream: KeyStream?
  var subscriptions: [FeedSubscription] = []
  /// Whether it is on the list of connections to be flushed.
  var isDirty = false
  /// Whether it is on the list of those with work that could not be done in the last turn.
  var isDeferred = false
  /// Whether its venue session and its subscriptions have been taken down.
  var hasEnded = false
  /// Whether our half of the socket is closed.
  var hasShutDown = false
  /// What epoll watches it for.
  var watched: Readiness = .readable

  init(descriptor: Int32, address: PeerAddress, peer: String, core: consuming SessionCore) {
    self.descriptor = descriptor
    self.address = address
    self.peer = peer
    self.core = core
  }

  /// Whether some feed has frames for it.
  var hasNews: Bool { subscriptions.contains { $0.hasNews } }

  /// Moves feed frames behind what is waiting, while less than `limit` bytes wait. False: a subscription is broken.
  func takeNews(upTo limit: Int) -> Bool {
    for subscription in subscriptions where subscription.hasNews {
      if subscription.isBroken { return false }
      let room = limit - core.output.count
      if room <= 0 { return true }
      subscription.read(upTo: room) { core.output.append($0) }
    }
    return true
  }
}

/// The reports of one key: those kept for recovery, and the connection that gets new ones.
final class KeyStream {
  let key: KeyId
  var ring: ReportRing
  /// The connection that holds the key's session; `nil`: the key is not connected.
  var connection: Connection?

  init(key: KeyId, ringBytes: Int) {
    self.key = key
    ring = ReportRing(limit: ringBytes)
  }
}
