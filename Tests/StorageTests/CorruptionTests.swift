import Testing
import Values

@testable import Storage

/// Arbitrary damage to a whole data directory: the venue comes back as it once was, or not at all.
@Suite struct CorruptionTests {
  private let options = Journal.Options(durability: .batch, segmentBytes: 4096, preallocationBytes: 512)

  /// A damage to one file, of a kind that disks and people do.
  private func damage(_ bytes: inout [UInt8], using generator: inout some RandomNumberGenerator) {
    guard !bytes.isEmpty else { return }
    let start = Int.random(in: 0..<bytes.count, using: &generator)
    let length = Int.random(in: 1...min(600, bytes.count - start), using: &generator)
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: for index in start..<start + length { bytes[index] = 0 }
    case 2: for index in start..<start + length { bytes[index] = .random(in: 0...255, using: &generator) }
    default: bytes.removeLast(bytes.count - start)
    }
  }

  /// What a start finds in the directory; `nil`: no venue.
  private func start(_ path: String) throws(StorageError) -> Fingerprint? {
    let data = try DataDirectory(path)
    if try data.isBlank() { return nil }
    return Fingerprint(try data.recover(options: options))
  }

  @Test func `However files are damaged, a start gives a state that has existed, or refuses`() throws {
    let directory = TestDirectory()
    var history: [UInt64: Fingerprint] = [:]
    do {
      let data = try DataDirectory(directory.path)
      var venue = try data.create(venue: TestVenue.definition, options: options)
      for sequence in stride(from: 4, through: 120, by: 4) as StrideThrough<UInt64> {
        _ = try venue.run(to: sequence, perBatch: 4)
        history[sequence] = Fingerprint(venue)
        if sequence % 40 == 0 { _ = try data.writeSnapshot(of: venue.kernel, journal: &venue.journal) }
      }
    }
    let files = directory.contents
    let names = files.keys.filter { $0 != "lock" }.sorted()
    var generator = SplitMix(state: 20_261_122)
    var recovered = 0
    var refused = 0
    for _ in 0..<300 {
      var changed = files
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        let name = try #require(names.randomElement(using: &generator))
        damage(&changed[name, default: []], using: &generator)
      }
      directory.restore(changed)
      do {
        guard let found = try start(directory.path) else { continue }
        #expect(found == history[found.sequence])
        recovered += 1
      } catch { refused += 1 }
    }
    #expect(recovered > 100 && refused > 5, "\(recovered) recovered, \(refused) refused")
  }
}

/// The SplitMix64 generator: the same numbers in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
