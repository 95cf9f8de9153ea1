import CLinux
import Testing
import Values

@testable import Storage

@Suite struct ChecksumTests {
  @Test(
    arguments: [
      ("", 0), ("a", 0xC1D0_4330), ("123456789", 0xE306_9283),
      ("The quick brown fox jumps over the lazy dog", 0x2262_0404),
    ] as [(String, UInt32)])
  func `CRC32C gives the published values`(text: String, expected: UInt32) {
    #expect(Array(text.utf8).withUnsafeBytes { checksum($0) } == expected)
  }

  @Test func `CRC32C of 32 zeros and 32 ones are those of RFC 3720`() {
    #expect([UInt8](repeating: 0, count: 32).withUnsafeBytes { checksum($0) } == 0x8A91_36AA)
    #expect([UInt8](repeating: 0xFF, count: 32).withUnsafeBytes { checksum($0) } == 0x62A8_AB43)
  }

  @Test func `CRC32C goes on from where it stopped`() {
    let bytes = (0..<100).map { UInt8($0) }
    bytes.withUnsafeBytes { all in
      for cut in 0...100 {
        #expect(checksum(all.slice(cut..<100), seed: checksum(all.slice(0..<cut))) == checksum(all))
      }
    }
  }

  @Test func `BLAKE2b-256 of abc is the published value and can be fed in pieces`() {
    let expected = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
    var hash = StreamHash()
    Array("abc".utf8).withUnsafeBytes { hash.update($0) }
    #expect(hash.finish().hexadecimal == expected)
    hash.restart()
    for letter in ["a", "b", "", "c"] { Array(letter.utf8).withUnsafeBytes { hash.update($0) } }
    #expect(hash.finish().hexadecimal == expected)
  }

  @Test func `The output digest depends on key, length, bytes and order`() {
    func digest(_ frames: [(UInt32, [UInt8])]) -> OutputDigest {
      var digest = OutputDigest()
      for (key, frame) in frames { frame.withUnsafeBytes { digest.add(key: KeyId(key), frame: $0) } }
      return digest
    }
    let base = digest([(1, [1, 2, 3]), (2, [4, 5, 6, 7, 8, 9, 10, 11, 12])])
    let others = [
      digest([(2, [1, 2, 3]), (2, [4, 5, 6, 7, 8, 9, 10, 11, 12])]),
      digest([(1, [1, 2, 3, 0]), (2, [4, 5, 6, 7, 8, 9, 10, 11, 12])]),
      digest([(1, [1, 2, 3]), (2, [4, 5, 6, 7, 8, 9, 10, 11, 13])]),
      digest([(2, [4, 5, 6, 7, 8, 9, 10, 11, 12]), (1, [1, 2, 3])]),
    ]
    #expect(base.frames == 2)
    for other in others { #expect(other.value != base.value) }
  }
}
