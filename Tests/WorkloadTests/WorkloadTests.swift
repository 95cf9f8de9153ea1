import Testing
import Workload

/// What a C++ program written apart from this one made of the same arguments: the digest of the
/// trades and the FNV-1a hash of the whole file.
@Suite struct WorkloadTests {
  struct Known: Sendable {
    let instruments: Int
    let seed: UInt64
    let accounts: Int
    let reducePercent: Int
    let digest: UInt64
    let fileHash: UInt64
  }

  static let known = [
    Known(
      instruments: 1, seed: 7, accounts: 1000, reducePercent: 0, digest: 0xE059_D5B9_6072_F38B,
      fileHash: 0xF9AF_68AA_24BC_2D9F),
    Known(
      instruments: 3, seed: 5, accounts: 50, reducePercent: 30, digest: 0xD440_36D0_E46A_4E39,
      fileHash: 0xC95E_B0C4_82FA_65EE),
  ]

  @Test("The same arguments give the same file, byte for byte", arguments: known)
  func fileBytes(known: Known) {
    let workload = Workload(
      instruments: known.instruments, timed: 20_000, seed: known.seed, accounts: known.accounts,
      reducePercent: known.reducePercent)
    #expect(workload.header.digest == known.digest)
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    workload.withFileBytes { bytes in
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    #expect(hash == known.fileHash)
  }
}
