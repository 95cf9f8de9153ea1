import Kernel
import MarketData
import Session
import Values
import Wire

// Sending, and what time brings.
extension Sandbox {
  /// Sends what waits, ends clients that do not read, and checks the bytes sent.
  func flush() {
    for case let peer? in peers { flush(peer) }
    feeds.trim()
  }

  /// Feed bytes that may wait in a connection's output.
  private static let newsBytes = 4_000

  /// Moves feed frames behind what is waiting. False: a subscription is broken.
  private func takeNews(_ peer: Peer) -> Bool {
    for subscription in peer.subscriptions where subscription.hasNews {
      if subscription.isBroken { return false }
      let room = Sandbox.newsBytes - peer.core.output.count
      if room <= 0 { return true }
      subscription.read(upTo: room) { peer.core.output.append($0) }
    }
    return true
  }

  func flush(_ peer: Peer) {
    if peer.core.state != .closing, !takeNews(peer) {
      peer.core.terminate(.slowConsumer, now: now)
      end(peer)
    }
    if peer.core.terminateIfSlow(now: now) { end(peer) }
    guard peer.isReading, !peer.core.output.isEmpty else { return }
    check(peer.core.output.bytes, sentTo: peer)
    peer.sent.append(contentsOf: peer.core.output.bytes)
    peer.core.sent(peer.core.output.count, now: now)
  }

  /// What is sent is a sequence of whole frames, and its feeds make books.
  private func check(_ bytes: UnsafeRawBufferPointer, sentTo peer: Peer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard case .frame(let length) = Frame.scan(UnsafeRawBufferPointer(rebasing: rest), maximum: Int(UInt16.max))
      else {
        return note("a session sends something that is not a frame")
      }
      if let fault = peer.mirror(Frame(UnsafeRawBufferPointer(rebasing: rest.prefix(length)))) { note(fault) }
      rest = rest.dropFirst(length)
    }
  }

  /// Time passes: timers of the sessions and the kernel.
  func advance(by nanoseconds: UInt64) {
    now += nanoseconds
    if nextTime >= kernel.nextDue || kernel.hasPendingWork { tick() }
    for slot in peers.indices {
      guard let peer = peers[slot] else { continue }
      switch peer.core.expire(now: now) {
      case .nothing: break
      case .heartbeat:
        peer.core.sendHeartbeat(nextReport: (kernel.keyRecord(peer.core.key)?.lastReport ?? 0) + 1, now: now)
      case .terminated: end(peer)
      case .drop: disconnect(slot: slot)
      }
    }
  }
}
