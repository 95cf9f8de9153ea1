import Client
import Values
import Wire

/// The way to a venue: straight into a kernel, or over TCP.
///
/// Commands of one key take effect in the order they are sent. Between keys the order is that of the answers: a caller
/// waits before it changes the key.
protocol VenueLink: AnyObject {
  /// Whether all reports of a command have been delivered when ``send(_:key:time:)`` returns.
  var isImmediate: Bool { get }
  /// The public key that all keys of the tape log in with.
  var publicKey: Bytes32 { get }
  /// Where reports go, with the key that they are for.
  var onReport: ((KeyId, Event) throws -> Void)? { get set }
  /// Sends a command. `time` is the tape's; a live venue has its own.
  func send(_ frame: UnsafeRawBufferPointer, key: KeyId, time: Int64) throws
  /// Delivers what has come; with `wait` at least one report, or it throws.
  func receive(wait: Bool) throws
  /// A key can be used from now on: it was defined.
  func open(_ key: KeyId) throws
  /// Ends all sessions.
  func close()
}

extension Message {
  /// The message as a frame, valid during the call only.
  func withFrame<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withUnsafeTemporaryAllocation(byteCount: Self.frameLength, alignment: 8) { buffer in
      encode(to: buffer.baseAddress!)
      return try body(UnsafeRawBufferPointer(buffer))
    }
  }
}

extension MessageWithRows {
  /// The message and its rows as a frame, valid during the call only.
  func withFrame<Result>(rows: [Row], _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withUnsafeTemporaryAllocation(byteCount: Self.frameLength(rows: rows.count), alignment: 8) { buffer in
      encode(to: buffer.baseAddress!, rows: rows)
      return try body(UnsafeRawBufferPointer(buffer))
    }
  }
}
