import Values
import Wire

/// What a client signs to prove who it is.
enum LoginText {
  /// 16 bytes that keep a login signature from meaning anything elsewhere.
  static let context: StaticString = "lockstep-login-1"

  /// Context, venue id, nonce, connection id and key (all little-endian), then the Negotiate frame as it was sent.
  static func bytes(_ challenge: Challenge, key: KeyId, negotiate: [UInt8]) -> [UInt8] {
    var text = context.withUTF8Buffer { Array($0) }
    append(challenge.venueId, to: &text)
    text.append(contentsOf: challenge.nonce.bytes)
    append(challenge.connectionId, to: &text)
    append(key.rawValue, to: &text)
    text.append(contentsOf: negotiate)
    return text
  }

  private static func append<Word: FixedWidthInteger>(_ word: Word, to text: inout [UInt8]) {
    withUnsafeBytes(of: word.littleEndian) { text.append(contentsOf: $0) }
  }
}
