import Values
import Wire

/// A report or answer that somebody got.
struct Received {
  let key: KeyId
  let bytes: [UInt8]

  /// The field of that name in its root block, as a whole number; `nil`: it has none.
  func number(_ name: String) -> UInt64? {
    bytes.withUnsafeBytes { memory in
      for case (let field, .unsigned(let number)) in FieldValue.all(in: Frame(memory)) where field.name == name {
        return number
      }
      return nil
    }
  }

  var template: Template { bytes.withUnsafeBytes { Frame($0).template } }
}

/// A venue that scripts are run on.
protocol ScriptVenue: AnyObject {
  /// The public key that keys of a script are defined with, as hexadecimal digits.
  var publicKey: String { get }
  /// Whether the venue is for one script only, its clock in the runner's hands.
  var isPrivate: Bool { get }
  /// Nanoseconds since the epoch.
  var now: Int64 { get }
  /// Sends a request (its request id is filled in unless `keepsId`) or a query; returns its request or query id.
  func send(_ frame: [UInt8], from key: KeyId, isQuery: Bool, keepsId: Bool) throws -> UInt64
  /// All that keys have got since the last call, in order for each key. Waits until each has at least as much as
  /// `expected` says, or gives up after a while.
  func collect(_ expected: [KeyId: Int]) throws -> [Received]
  /// The key was defined: it can send and is listened to from now on.
  func open(_ key: KeyId) throws
  /// Moves the clock, doing what is due on the way.
  func pass(to time: Int64)
  /// The key's session begins.
  func connect(_ key: KeyId, window: UInt32)
  /// The key's session is lost.
  func disconnect(_ key: KeyId)
}
