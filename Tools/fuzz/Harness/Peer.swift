import MarketData
import Session
import Values
import Wire

/// One connection of the sandbox: the session core, and the client at its other end as far as one is played.
final class Peer {
  var core: SessionCore
  /// Whether its venue session has been taken down.
  var hasEnded = false
  /// Whether it holds its key's stream.
  var isLive = false
  /// Whether the client takes what is sent.
  var isReading = true
  /// All bytes sent so far.
  var sent: [UInt8] = []
  var subscriptions: [FeedSubscription] = []
  /// The books as the client sees them.
  var mirrors: [FeedId: BookMirror] = [:]

  init(core: consuming SessionCore) { self.core = core }

  /// Lets the client see a frame; what is wrong with it, if something is.
  func mirror(_ frame: Frame) -> String? {
    switch frame.template {
    case .bookSnapshot:
      let snapshot = frame.decode(BookSnapshot.self)
      guard let kind = snapshot.feed else { return "a full book of no kind" }
      mirrors[FeedId(instrument: snapshot.instrument, kind: kind)] = BookMirror(snapshot)
      return nil
    case .bookOrder, .bookOrderChanged, .bookOrderRemoved, .bookLevel, .trade, .instrumentStatus, .bestPrice,
      .statistics,
      .instrumentDefinition:
      return mirrorIncrement(frame)
    default: return nil
    }
  }

  private func mirrorIncrement(_ frame: Frame) -> String? {
    guard let increment = BookIncrement(frame) else { return "an increment with a wrong code" }
    guard mirrors[increment.feed] != nil else { return "an increment for nobody: \(FrameText.describe(frame))" }
    return mirrors[increment.feed]?.take(increment)
  }

  /// A nonce that follows from the connection, so that runs repeat.
  static func nonce(of connectionId: UInt64) -> Bytes32 { Bytes32(connectionId, 2, 3, 4) }

  /// The Negotiate frame that the played client sends.
  static func negotiate(_ key: KeyId) -> [UInt8] { frameBytes(Negotiate(key: key, version: 1, clientName: "fuzz")) }

  /// The signature that logs `key` in over connection `connectionId`.
  static func signature(of key: KeyId, connectionId: UInt64) -> Bytes64 {
    let text = LoginProof.text(
      venueId: Fixture.definition.venueId, nonce: nonce(of: connectionId), connectionId: connectionId, key: key,
      negotiate: negotiate(key))
    return SigningKey(key).sign(text)
  }

  /// Signatures made once, because each costs as much as hundreds of commands: by connection, then by key.
  private static let signatures: [[Bytes64]] = (0..<Sandbox.connectionLimit).map { index in
    Fixture.keys.map { signature(of: $0, connectionId: Sandbox.firstConnectionId + UInt64(index)) }
  }

  /// The right answer to the challenge of this connection for key number `index` of the fixture.
  func proof(index: Int) -> [UInt8] {
    frameBytes(Proof(signature: Peer.signatures[Int(core.connectionId - Sandbox.firstConnectionId)][index]))
  }
}
