import CSodium
import Values
import Wire

/// An Ed25519 key pair made from the number of a login key: the same in every run.
public struct SigningKey: Sendable {
  /// What the venue knows.
  public let publicKey: Bytes32
  private let secret: [UInt8]

  /// The key pair of login key `key`.
  public init(_ key: KeyId) {
    let seed = [UInt8](repeating: UInt8(truncatingIfNeeded: key.rawValue), count: 32)
    var publicBytes = [UInt8](repeating: 0, count: 32)
    var secretBytes = [UInt8](repeating: 0, count: 64)
    crypto_sign_seed_keypair(&publicBytes, &secretBytes, seed)
    publicKey = publicBytes.withUnsafeBytes { Bytes32($0, at: 0) }
    secret = secretBytes
  }

  /// Signs `text`.
  public func sign(_ text: [UInt8]) -> Bytes64 {
    var signature = [UInt8](repeating: 0, count: 64)
    crypto_sign_detached(&signature, nil, text, UInt64(text.count), secret)
    return signature.withUnsafeBytes { Bytes64(low: Bytes32($0, at: 0), high: Bytes32($0, at: 32)) }
  }
}

extension Bytes32 {
  /// The 32 bytes from `offset` on.
  init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    func word(_ index: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8 * index, as: UInt64.self))
    }
    self.init(word(0), word(1), word(2), word(3))
  }
}

/// The bytes of `message` as one frame.
public func frameBytes<M: Message>(_ message: M) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: M.frameLength) { buffer, count in
    message.encode(to: buffer.baseAddress!)
    count = M.frameLength
  }
}

/// The bytes of `message` with `rows` as one frame.
public func frameBytes<M: MessageWithRows>(_ message: M, rows: [M.Row]) -> [UInt8] {
  let length = M.frameLength(rows: rows.count)
  return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
    message.encode(to: buffer.baseAddress!, rows: rows)
    count = length
  }
}
