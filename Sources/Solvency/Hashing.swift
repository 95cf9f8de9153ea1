import CSodium
import Values

/// What a hash is of. Each has its own personalisation of BLAKE2b (16 bytes: the name, zero padded), so that no input of
/// one kind can ever be taken for one of another.
enum HashDomain: String {
  case leaf = "lockstep.leaf"
  case node = "lockstep.node"
  case padding = "lockstep.padding"
  case root = "lockstep.root"
  case report = "lockstep.report"
  /// Secret: salt and place of a part.
  case part = "lockstep.part"
  /// Secret: how a figure is split.
  case split = "lockstep.split"

  fileprivate var personalisation: [UInt8] {
    let name = Array(rawValue.utf8)
    return name + [UInt8](repeating: 0, count: Int(crypto_generichash_blake2b_PERSONALBYTES) - name.count)
  }
}

/// BLAKE2b in one domain, with or without a key. About 0.3 µs, and 1 ns per byte.
struct DomainHash {
  private let personalisation: [UInt8]
  private let key: [UInt8]
  private static let salt = [UInt8](repeating: 0, count: Int(crypto_generichash_blake2b_SALTBYTES))

  init(_ domain: HashDomain, key: [UInt8] = []) {
    precondition(sodium_init() >= 0, "libsodium cannot be initialised on this machine")
    personalisation = domain.personalisation
    self.key = key
  }

  /// BLAKE2b-256 of `input`.
  func callAsFunction(_ input: ByteWriter) -> Bytes32 {
    var output = Bytes32()
    withUnsafeMutableBytes(of: &output) { hash(input.bytes, into: $0) }
    return output
  }

  /// BLAKE2b-512 of `input`.
  func wide(_ input: ByteWriter) -> Bytes64 {
    var output = Bytes64()
    withUnsafeMutableBytes(of: &output) { hash(input.bytes, into: $0) }
    return output
  }

  private func hash(_ input: [UInt8], into output: UnsafeMutableRawBufferPointer) {
    guard let base = output.baseAddress else { return }
    let result = crypto_generichash_blake2b_salt_personal(
      base, output.count, input, UInt64(input.count), key, key.count, Self.salt, personalisation)
    precondition(result == 0, "libsodium refused to hash")
  }
}
