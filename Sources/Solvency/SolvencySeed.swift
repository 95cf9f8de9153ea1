import CSodium
import Values

/// The secret of one snapshot's tree: salts, splits and places are derived from it, so that the same seed gives the same
/// tree. Whoever knows it can find every account in the tree; it stays with the operator.
public struct SolvencySeed: Sendable, CustomStringConvertible {
  public static let bytes = 32

  private let part: DomainHash
  private let split: DomainHash

  /// A seed of 32 bytes.
  public init(_ bytes: [UInt8]) {
    precondition(bytes.count == Self.bytes, "a seed has 32 bytes")
    part = DomainHash(.part, key: bytes)
    split = DomainHash(.split, key: bytes)
  }

  /// 32 bytes from the system's random numbers.
  public static func random() -> [UInt8] {
    precondition(sodium_init() >= 0, "libsodium cannot be initialised on this machine")
    var seed = [UInt8](repeating: 0, count: bytes)
    randombytes_buf(&seed, seed.count)
    return seed
  }

  /// Says nothing, so that no log can hold it.
  public var description: String { "(secret)" }

  /// What hides part `number` of `account`: the salt of its leaf, and the key by which the leaves are sorted.
  func secrets(of account: AccountId, part number: Int) -> (salt: Bytes32, place: UInt128) {
    var input = ByteWriter()
    input.put(account.rawValue)
    input.put(UInt16(number))
    let output = part.wide(input)
    return (output.low, UInt128(output.high.word0) | UInt128(output.high.word1) << 64)
  }

  /// `figure` cut at `parts` − 1 random places: none of the parts has the other sign, and they add up to it.
  func parts(of figure: Int128, account: AccountId, column: Int, parts: Int) -> [Int128] {
    if figure == 0 { return [Int128](repeating: 0, count: parts) }
    var cuts: [UInt128] = []
    var block = 0
    while cuts.count < parts - 1 {
      var input = ByteWriter()
      input.put(account.rawValue)
      input.put(UInt16(column))
      input.put(UInt16(block))
      let output = split.wide(input)
      for half in [output.low, output.high] {
        for (low, high) in [(half.word0, half.word1), (half.word2, half.word3)] {
          let random = UInt128(low) | UInt128(high) << 64
          cuts.append(random.multipliedFullWidth(by: figure.magnitude + 1).high)
        }
      }
      block += 1
    }
    cuts = cuts.prefix(parts - 1).sorted() + [figure.magnitude]
    var previous: UInt128 = 0
    return cuts.map { cut in
      defer { previous = cut }
      let amount = Int128(truncatingIfNeeded: cut - previous)
      return figure < 0 ? -amount : amount
    }
  }
}
