import Kernel
import MarketData
import Session
import Values
import Wire

// Queries and subscriptions.
extension Sandbox {
  func query(_ frame: Frame, _ peer: Peer) {
    let key = peer.core.key
    let queryId = frame.bytes.loadUnaligned(fromByteOffset: FrameHeader.length, as: UInt64.self)
    guard frame.template != .queryStatus,
      QueryAccess.allows(frame.template, roles: kernel.keyRecord(key)?.roles ?? [])
    else {
      return end(peer, queryId, .notPermitted)
    }
    answer(frame, key: key)
    peer.core.output.appendAnswer { queue in output.forEachFrame { _, bytes in queue.append(bytes) } }
  }

  /// Answers a query into the output and checks that it ends as it must.
  func answer(_ frame: Frame, key: KeyId) {
    output.clear()
    kernel.answer(frame, key: key, output: &output)
    var rows: UInt32 = 0
    var end: QueryEnd?
    output.forEachFrame { _, bytes in
      guard Frame.scan(bytes, maximum: Int(UInt16.max)) == .frame(length: bytes.count) else {
        return note("an answer is not a frame")
      }
      if end != nil { note("something follows QueryEnd") }
      if Frame(bytes).template == .queryEnd { end = Frame(bytes).decode(QueryEnd.self) } else { rows += 1 }
    }
    if end?.rows != rows { note("QueryEnd tells of \(end.map { "\($0.rows)" } ?? "no") rows, there are \(rows)") }
  }

  /// As the server: the full book, then the increments behind it.
  func subscribe(_ request: Subscribe, _ peer: Peer) {
    let roles = kernel.keyRecord(peer.core.key)?.roles ?? []
    guard QueryAccess.allows(.subscribe, roles: roles) else { return end(peer, request.queryId, .notPermitted) }
    guard let kind = request.feed else { return end(peer, request.queryId, .invalidField) }
    let id = FeedId(instrument: request.instrument, kind: kind)
    if let refusal = id.refusal(by: kernel) { return end(peer, request.queryId, refusal) }
    if !peer.subscriptions.contains(where: { $0.feed.id == id }) {
      guard peer.subscriptions.count < settings.subscriptions else { return end(peer, request.queryId, .venueFull) }
      peer.subscriptions.append(feeds.subscribe(id, subscriber: Int(peer.core.connectionId)))
    }
    guard let subscription = peer.subscriptions.first(where: { $0.feed.id == id }) else { return }
    var rows: UInt32 = 0
    peer.core.output.appendAnswer { queue in rows = feeds.start(subscription, of: kernel, to: &queue) }
    end(peer, request.queryId, rows: rows, nil)
  }

  func unsubscribe(_ request: Unsubscribe, _ peer: Peer) {
    let id = FeedId(instrument: request.instrument, kind: request.feed ?? .orders)
    if request.feed != nil, let index = peer.subscriptions.firstIndex(where: { $0.feed.id == id }) {
      feeds.unsubscribe(peer.subscriptions.remove(at: index))
    }
    end(peer, request.queryId, nil)
  }

  private func end(_ peer: Peer, _ queryId: UInt64, rows: UInt32 = 0, _ reason: RejectReason?) {
    peer.core.output.append(QueryEnd(queryId: queryId, rows: rows, more: false, reason: reason))
  }
}
