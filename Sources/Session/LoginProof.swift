import CSodium
import Values

/// What a client signs to log in, and the check of its signature (Protocol/README.md, Login).
public struct LoginProof: Sendable {
  /// First 16 bytes of the signed text; keeps a login signature from meaning anything elsewhere.
  public static let context: StaticString = "lockstep-login-1"

  /// The signed text: context, venue id, nonce, connection id and key (all little-endian), then the Negotiate frame.
  public static func text(
    venueId: UInt64, nonce: Bytes32, connectionId: UInt64, key: KeyId, negotiate: [UInt8]
  ) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(68 + negotiate.count)
    context.withUTF8Buffer { text.append(contentsOf: $0) }
    appendLittleEndian(venueId, to: &text)
    for word in [nonce.word0, nonce.word1, nonce.word2, nonce.word3] { appendLittleEndian(word, to: &text) }
    appendLittleEndian(connectionId, to: &text)
    appendLittleEndian(key.rawValue, to: &text)
    text.append(contentsOf: negotiate)
    return text
  }

  /// Whether `signature` over `text` is by the owner of `publicKey`. About 90 µs, for a good or a bad signature alike.
  public static func verify(signature: Bytes64, text: [UInt8], publicKey: Bytes32) -> Bool {
    var signatureBytes: [UInt8] = []
    append(signature.low, to: &signatureBytes)
    append(signature.high, to: &signatureBytes)
    var keyBytes: [UInt8] = []
    append(publicKey, to: &keyBytes)
    return crypto_sign_verify_detached(signatureBytes, text, UInt64(text.count), keyBytes) == 0
  }

  /// The base point of the curve: a key whose owner nobody is. Signatures of unknown keys are checked against it, so
  /// that an unknown key takes as long as a wrong signature.
  static let nobody = Bytes32(
    0x6666_6666_6666_6658, 0x6666_6666_6666_6666, 0x6666_6666_6666_6666, 0x6666_6666_6666_6666)

  private static func append(_ bytes: Bytes32, to text: inout [UInt8]) {
    for word in [bytes.word0, bytes.word1, bytes.word2, bytes.word3] { appendLittleEndian(word, to: &text) }
  }

  private static func appendLittleEndian<Word: FixedWidthInteger>(_ word: Word, to text: inout [UInt8]) {
    withUnsafeBytes(of: word.littleEndian) { text.append(contentsOf: $0) }
  }
}
