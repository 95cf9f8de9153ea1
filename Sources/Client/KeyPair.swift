import CSodium
import Glibc
import Values

/// What a key file is for. A key of one purpose is not taken for another.
public enum KeyPurpose: Sendable {
  /// Logging in to a venue.
  case login
  /// Signing a venue's solvency reports.
  case venue

  /// What stands before the digits in the file.
  fileprivate var marker: String {
    switch self {
    case .login: ""
    case .venue: "venue "
    }
  }

  fileprivate var comment: String {
    switch self {
    case .login: "# Lockstep login key (Ed25519). Whoever has this file can log in with it: keep it to yourself."
    case .venue:
      "# Lockstep venue key (Ed25519). Whoever has this file can sign solvency reports: keep it to yourself, off the server."
    }
  }
}

/// An Ed25519 key pair with which a login, or a solvency report, is signed. The server knows only public halves.
public struct KeyPair: Sendable {
  private let seed: [UInt8]
  private let secret: [UInt8]
  /// What the venue is told (`public_key` in the venue file, `DefineKey`).
  public let publicKey: Bytes32

  /// A new pair from the system's random numbers.
  public static func generate() -> KeyPair {
    prepareSodium()
    var seed = [UInt8](repeating: 0, count: seedLength)
    randombytes_buf(&seed, seed.count)
    return KeyPair(seed: seed)
  }

  /// The pair of a 32-byte seed.
  public init(seed: [UInt8]) {
    precondition(seed.count == Self.seedLength, "an Ed25519 seed has 32 bytes")
    prepareSodium()
    var publicBytes = [UInt8](repeating: 0, count: 32)
    var secret = [UInt8](repeating: 0, count: 64)
    crypto_sign_seed_keypair(&publicBytes, &secret, seed)
    self.seed = seed
    self.secret = secret
    publicKey = Bytes32(bytes: publicBytes)
  }

  /// The pair saved in the file at `path`, which nobody but its owner may be able to read.
  public init(contentsOf path: String, purpose: KeyPurpose = .login) throws(ClientError) {
    let text = try readKeyFile(path)
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    guard lines.count == 1, lines[0].hasPrefix(purpose.marker),
      let seed = decodeHexadecimal(lines[0].dropFirst(purpose.marker.count)), seed.count == Self.seedLength
    else {
      let form = purpose.marker + "and 64 hexadecimal digits"
      throw .keyFile(
        path: path,
        reason: purpose == .login
          ? "not a key file: it should hold one line of 64 hexadecimal digits."
          : "not a venue key (lockstep keygen --venue makes one): it should hold one line, \(form).")
    }
    self.init(seed: seed)
  }

  /// Writes the pair to a new file that only its owner can read (mode 0600). An existing file is never overwritten.
  public func save(to path: String, purpose: KeyPurpose = .login) throws(ClientError) {
    let text = """
      \(purpose.comment)
      # Public key: \(publicKey.hexadecimal)
      \(purpose.marker)\(encodeHexadecimal(seed))

      """
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason = errno == EEXIST ? "it exists already; choose another name or remove it first." : systemReason()
      throw .keyFile(path: path, reason: reason)
    }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      throw .keyFile(path: path, reason: systemReason())
    }
  }

  /// The signature of `text`.
  public func sign(_ text: [UInt8]) -> Bytes64 {
    var signature = [UInt8](repeating: 0, count: 64)
    crypto_sign_detached(&signature, nil, text, UInt64(text.count), secret)
    return Bytes64(low: Bytes32(bytes: signature[..<32]), high: Bytes32(bytes: signature[32...]))
  }

  private static let seedLength = 32
}

extension Bytes32 {
  /// From 32 bytes.
  public init(bytes: some Collection<UInt8>) {
    precondition(bytes.count == 32)
    var words: [UInt64] = []
    var rest = bytes[...]
    for _ in 0..<4 {
      words.append(rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) })
      rest = rest.dropFirst(8)
    }
    self.init(words[0], words[1], words[2], words[3])
  }

  /// From 64 hexadecimal digits; `nil` when they are not that.
  public init?(hexadecimal text: some StringProtocol) {
    guard let bytes = decodeHexadecimal(text), bytes.count == 32 else { return nil }
    self.init(bytes: bytes)
  }

  /// The 32 bytes in the order in which they lie on the wire.
  public var bytes: [UInt8] {
    [word0, word1, word2, word3].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }

  /// 64 hexadecimal digits.
  public var hexadecimal: String { encodeHexadecimal(bytes) }
}

/// libsodium wants to be initialised once; later calls are free.
func prepareSodium() {
  precondition(sodium_init() >= 0, "libsodium cannot be initialised on this machine")
}

func encodeHexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func decodeHexadecimal(_ text: some StringProtocol) -> [UInt8]? {
  let digits = text.compactMap(\.hexDigitValue)
  guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// What the operating system says about the last failed call.
func systemReason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

private func readKeyFile(_ path: String) throws(ClientError) -> String {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else {
    let hint = errno == ENOENT ? "it does not exist (lockstep keygen makes one)." : systemReason()
    throw .keyFile(path: path, reason: hint)
  }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw .keyFile(path: path, reason: systemReason()) }
  guard status.st_mode & 0o077 == 0 else {
    throw .keyFile(path: path, reason: "others can read it. Make it yours alone: chmod 600 \(path)")
  }
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = read(descriptor, &buffer, buffer.count)
  guard count >= 0 else { throw .keyFile(path: path, reason: systemReason()) }
  return String(decoding: buffer[..<count], as: UTF8.self)
}
