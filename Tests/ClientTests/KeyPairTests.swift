import Glibc
import Testing
import Values

@testable import Client

@Suite("Key pairs") struct KeyPairTests {
  private func temporaryPath() -> String { "/tmp/lockstep-key-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))" }

  @Test func theSeedOfRFC8032GivesItsPublicKey() throws {
    let seed = try #require(decodeHexadecimal("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    #expect(
      KeyPair(seed: seed).publicKey.hexadecimal == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    #expect(
      KeyPair(seed: seed).sign([]).low.hexadecimal == "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    )
  }

  @Test func aSavedKeyComesBackAndOnlyItsOwnerCanReadIt() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let pair = KeyPair.generate()
    try pair.save(to: path)
    #expect(try KeyPair(contentsOf: path).publicKey == pair.publicKey)
    var status = stat()
    stat(path, &status)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  @Test func anExistingFileIsNeverOverwritten() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    try KeyPair.generate().save(to: path)
    #expect(throws: ClientError.self) { try KeyPair.generate().save(to: path) }
  }

  @Test func aFileThatOthersCanReadIsRefusedWithTheRemedy() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    try KeyPair.generate().save(to: path)
    chmod(path, 0o644)
    let error = #expect(throws: ClientError.self) { try KeyPair(contentsOf: path) }
    #expect(error?.description.contains("chmod 600 \(path)") == true)
  }

  @Test func aVenueKeyIsNotTakenForALoginKeyNorTheOtherWayRound() throws {
    let (login, venue) = (temporaryPath(), temporaryPath())
    defer {
      unlink(login)
      unlink(venue)
    }
    let pair = KeyPair.generate()
    try pair.save(to: login)
    try pair.save(to: venue, purpose: .venue)
    #expect(try KeyPair(contentsOf: venue, purpose: .venue).publicKey == pair.publicKey)
    #expect(throws: ClientError.self) { try KeyPair(contentsOf: venue) }
    let error = #expect(throws: ClientError.self) { try KeyPair(contentsOf: login, purpose: .venue) }
    #expect(error?.description.contains("keygen --venue") == true)
    var status = stat()
    stat(venue, &status)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  @Test func publicKeysAreReadAsHexadecimal() {
    let text = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
    #expect(Bytes32(hexadecimal: text)?.hexadecimal == text)
    #expect(Bytes32(hexadecimal: text)?.word0 == 0x7766_5544_3322_1100)
    #expect(Bytes32(hexadecimal: text.dropLast()) == nil)
    #expect(Bytes32(hexadecimal: text.dropLast() + "g") == nil)
  }
}
