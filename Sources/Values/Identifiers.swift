// Identifiers are chosen by whoever defines the thing (registrar, operator), dense or not; 0 means "none" except for
// assets, where 0 is the settlement currency.

/// A trading account: one pool of money and positions with one margin requirement.
@frozen public struct AccountId: RawRepresentable, BitwiseCopyable, Hashable, Comparable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public init(_ value: UInt32) { rawValue = value }
  @inlinable public static var none: AccountId { AccountId(0) }
  @inlinable public static func < (left: AccountId, right: AccountId) -> Bool { left.rawValue < right.rawValue }
}

/// The legal owner of one or more accounts. Self-trade prevention and position limits work at this level.
@frozen public struct MasterId: RawRepresentable, BitwiseCopyable, Hashable, Comparable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public init(_ value: UInt32) { rawValue = value }
  @inlinable public static var none: MasterId { MasterId(0) }
  @inlinable public static func < (left: MasterId, right: MasterId) -> Bool { left.rawValue < right.rawValue }
}

/// A login key: an Ed25519 public key with roles. Key 0 is the venue itself and is never reachable from a socket.
@frozen public struct KeyId: RawRepresentable, BitwiseCopyable, Hashable, Comparable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public init(_ value: UInt32) { rawValue = value }
  /// Key 0: genesis, ticks and session events.
  @inlinable public static var venue: KeyId { KeyId(0) }
  /// Not a key that can log in: the destination of what is published on the risk feed.
  @inlinable public static var feed: KeyId { KeyId(.max) }
  @inlinable public static func < (left: KeyId, right: KeyId) -> Bool { left.rawValue < right.rawValue }
}

/// A tradable instrument. 0 stands for "all instruments" where a message allows it.
@frozen public struct InstrumentId: RawRepresentable, BitwiseCopyable, Hashable, Comparable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public init(_ value: UInt32) { rawValue = value }
  @inlinable public static var none: InstrumentId { InstrumentId(0) }
  @inlinable public static func < (left: InstrumentId, right: InstrumentId) -> Bool { left.rawValue < right.rawValue }
}

/// An asset. Asset 0 is the settlement currency, whose quantum is the money quantum.
@frozen public struct AssetId: RawRepresentable, BitwiseCopyable, Hashable, Comparable, Sendable {
  public var rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  @inlinable public init(_ value: UInt16) { rawValue = value }
  @inlinable public static var settlement: AssetId { AssetId(0) }
  @inlinable public static func < (left: AssetId, right: AssetId) -> Bool { left.rawValue < right.rawValue }
}

/// A bracket table (margin tiers or haircut brackets). 0 means "none".
@frozen public struct ScheduleId: RawRepresentable, BitwiseCopyable, Hashable, Comparable, Sendable {
  public var rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  @inlinable public init(_ value: UInt16) { rawValue = value }
  @inlinable public static var none: ScheduleId { ScheduleId(0) }
  @inlinable public static func < (left: ScheduleId, right: ScheduleId) -> Bool { left.rawValue < right.rawValue }
}

/// An order's name, fixed for its life: the key that entered it and that key's request id of the `NewOrder`.
@frozen public struct OrderName: BitwiseCopyable, Hashable, Sendable {
  public var key: KeyId
  /// Which of the orders that the request made: 1, 2 … for the sides of a mass quote's entries, 0 for a request that makes
  /// one order.
  public var leg: UInt32
  public var requestId: UInt64
  @inlinable public init(key: KeyId, requestId: UInt64, leg: UInt32 = 0) {
    self.key = key
    self.requestId = requestId
    self.leg = leg
  }
}

/// Nanoseconds since the Unix epoch, as logged with a command. Enters the kernel only through record headers.
@frozen public struct Timestamp: RawRepresentable, BitwiseCopyable, Hashable, Comparable, Sendable {
  public var rawValue: Int64
  @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
  @inlinable public init(_ nanoseconds: Int64) { rawValue = nanoseconds }
  /// Later than every real time: "nothing is due".
  @inlinable public static var never: Timestamp { Timestamp(.max) }
  @inlinable public static func < (left: Timestamp, right: Timestamp) -> Bool { left.rawValue < right.rawValue }
}

/// 32 opaque bytes (a nonce, a public key, a hash) as four little-endian words.
@frozen public struct Bytes32: BitwiseCopyable, Hashable, Sendable {
  public var word0: UInt64
  public var word1: UInt64
  public var word2: UInt64
  public var word3: UInt64
  @inlinable public init(_ word0: UInt64 = 0, _ word1: UInt64 = 0, _ word2: UInt64 = 0, _ word3: UInt64 = 0) {
    self.word0 = word0
    self.word1 = word1
    self.word2 = word2
    self.word3 = word3
  }
}

/// 64 opaque bytes (a signature) as two halves.
@frozen public struct Bytes64: BitwiseCopyable, Hashable, Sendable {
  public var low: Bytes32
  public var high: Bytes32
  @inlinable public init(low: Bytes32 = Bytes32(), high: Bytes32 = Bytes32()) {
    self.low = low
    self.high = high
  }
}

/// A short name of at most 16 ASCII characters, zero padded.
@frozen public struct Symbol: BitwiseCopyable, Hashable, Sendable {
  public var low: UInt64
  public var high: UInt64
  @inlinable public init(low: UInt64 = 0, high: UInt64 = 0) {
    self.low = low
    self.high = high
  }
}

extension Symbol: ExpressibleByStringLiteral, CustomStringConvertible {
  /// Takes the first 16 bytes of `text`; `nil` when it is longer or not printable ASCII.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count <= 16, bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
    var words: (UInt64, UInt64) = (0, 0)
    for (index, byte) in bytes.enumerated() {
      if index < 8 { words.0 |= UInt64(byte) << (8 * index) } else { words.1 |= UInt64(byte) << (8 * (index - 8)) }
    }
    self.init(low: words.0, high: words.1)
  }

  public init(stringLiteral value: StaticString) {
    self = Symbol(value.description) ?? Symbol()
  }

  /// The text up to the first zero byte; bytes outside printable ASCII are shown as `?`.
  public var description: String {
    var text = ""
    for index in 0..<16 {
      let word = index < 8 ? low : high
      let byte = UInt8(truncatingIfNeeded: word >> (8 * UInt64(index % 8)))
      if byte == 0 { break }
      text.unicodeScalars.append(byte >= 0x20 && byte < 0x7F ? Unicode.Scalar(byte) : "?")
    }
    return text
  }
}
