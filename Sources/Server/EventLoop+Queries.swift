import Kernel
import MarketData
import Session
import Storage
import Values
import Wire

// Reads: they change nothing, are not journaled, and their answers wait for the commit like everything else.
extension EventLoop {
  /// State hashes per second, all sessions together: each holds the market up while the whole state is read.
  private static var stateHashInterval: UInt64 { 1_000_000_000 }

  mutating func query(_ frame: Frame, from connection: Connection) {
    let key = connection.core.key
    let roles = venue.kernel.keyRecord(key)?.roles ?? []
    let queryId = frame.queryId
    guard identity.replayTarget || QueryAccess.allows(frame.template, roles: roles) else {
      return answerEnd(connection, queryId, rows: 0, .notPermitted)
    }
    if frame.template == .queryStatus { return status(frame.decode(QueryStatus.self), roles, connection) }
    venue.output.clear()
    venue.kernel.answer(frame, key: key, output: &venue.output)
    connection.core.output.appendAnswer { queue in venue.output.forEachFrame { _, bytes in queue.append(bytes) } }
  }

  private mutating func status(_ request: QueryStatus, _ roles: Roles, _ connection: Connection) {
    var hash = Bytes32()
    if request.withStateHash == true {
      guard identity.replayTarget || QueryAccess.allowsStateHash(roles: roles) else {
        return answerEnd(connection, request.queryId, rows: 0, .notPermitted)
      }
      guard identity.replayTarget || now >= stateHashedAt + EventLoop.stateHashInterval else {
        return answerEnd(connection, request.queryId, rows: 0, .throttled)
      }
      stateHashedAt = now
      hash = stateHash(of: venue.kernel).hash
    }
    let report = StatusReport(
      queryId: request.queryId, venueId: identity.venueId, sequence: venue.kernel.sequence, time: venue.kernel.time,
      outputDigest: venue.journal.outputDigest.value, stateHash: hash, trades: venue.kernel.trades,
      snapshotSequence: snapshots.newest, journalBytes: venue.journal.bytes,
      orders: UInt32(clamping: venue.kernel.orderCount),
      accounts: UInt32(clamping: venue.kernel.accountCount),
      instruments: UInt32(clamping: venue.kernel.instrumentCount),
      positions: UInt32(clamping: venue.kernel.positionCount),
      sessions: UInt32(clamping: sessionCount), durability: identity.durability,
      replayTarget: identity.replayTarget, venueKilled: venue.kernel.isKilled, venueName: identity.name)
    connection.core.output.append(report)
    answerEnd(connection, request.queryId, rows: 1, nil)
  }

  private func answerEnd(_ connection: Connection, _ queryId: UInt64, rows: UInt32, _ reason: RejectReason?) {
    connection.core.output.append(QueryEnd(queryId: queryId, rows: rows, more: false, reason: reason))
  }

  // MARK: Market data

  /// Sends what the feed starts with, and starts, or starts over, the increments behind it.
  mutating func subscribe(_ request: Subscribe, from connection: Connection) {
    let roles = venue.kernel.keyRecord(connection.core.key)?.roles ?? []
    guard QueryAccess.allows(.subscribe, roles: roles) else {
      return answerEnd(connection, request.queryId, rows: 0, .notPermitted)
    }
    guard let kind = request.feed else { return answerEnd(connection, request.queryId, rows: 0, .invalidField) }
    let id = FeedId(instrument: request.instrument, kind: kind)
    if let refusal = id.refusal(by: venue.kernel) {
      return answerEnd(connection, request.queryId, rows: 0, refusal)
    }
    var subscription = connection.subscriptions.first { $0.feed.id == id }
    if subscription == nil {
      guard connection.subscriptions.count < configuration.session.subscriptions else {
        return answerEnd(connection, request.queryId, rows: 0, .venueFull)
      }
      let new = venue.feeds.subscribe(id, subscriber: Int(connection.descriptor))
      connection.subscriptions.append(new)
      subscription = new
    }
    guard let subscription else { return }
    var rows: UInt32 = 0
    connection.core.output.appendAnswer { queue in
      rows = venue.feeds.start(subscription, of: venue.kernel, to: &queue)
    }
    answerEnd(connection, request.queryId, rows: rows, nil)
  }

  mutating func unsubscribe(_ request: Unsubscribe, from connection: Connection) {
    if let index = connection.subscriptions.firstIndex(where: {
      $0.feed.id.instrument == request.instrument && $0.feed.id.kind == request.feed
    }) {
      venue.feeds.unsubscribe(connection.subscriptions.remove(at: index))
    }
    answerEnd(connection, request.queryId, rows: 0, nil)
  }

  // MARK: Replay target

  /// Applies a recorded command with its recorded time and key. Nothing it says is sent to anybody.
  mutating func replay(_ header: ReplayHeader, _ frame: Frame, from connection: Connection) {
    let expected = venue.kernel.sequence + 1
    guard header.sequence == 0 || header.sequence == expected else {
      return connection.core.terminate(.wrongState, detail: Int64(clamping: expected), now: now)
    }
    guard header.time > venue.kernel.time else {
      return connection.core.terminate(.malformedFrame, detail: Int64(clamping: expected), now: now)
    }
    venue.apply(frame, key: header.key, time: header.time)
    figures.commands += 1
  }
}

extension Frame {
  /// First field of every query.
  fileprivate var queryId: UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: FrameHeader.length, as: UInt64.self))
  }
}
