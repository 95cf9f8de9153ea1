import CSodium
import Foundation
import Testing
import Values
import Wire

@testable import Session

/// The login in Protocol/README.md, "A worked example".
struct DocumentedLoginTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The bytes of all lines of hexadecimal digits in the example, line by line.
  let lines: [[UInt8]]

  init() throws {
    let text = try String(contentsOf: Self.root.appendingPathComponent("Protocol/README.md"), encoding: .utf8)
    let example = try #require(text.components(separatedBy: "\n## A worked example\n").last)
      .components(separatedBy: "\n## ")[0]
    lines = example.components(separatedBy: "\n").compactMap { line in
      let digits = line.compactMap(\.hexDigitValue)
      guard line.count >= 8, digits.count == line.count, digits.count % 2 == 0 else { return nil }
      return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
  }

  /// The first golden frame of a message.
  func frame(_ name: String) throws -> [UInt8] {
    let file = Self.root.appendingPathComponent("Protocol/vectors/frames.jsonl")
    let all = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    let line = try #require(all.first { $0.hasPrefix("{\"name\":\"\(name)\"") })
    let digits = try #require(line.components(separatedBy: "\"hex\":\"").last).compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
  }

  @Test func theSignedTextAndTheSignatureAreRight() throws {
    let negotiate = try frame("Negotiate")
    let (challenge, key) = try frame("Challenge").withUnsafeBytes { challenge in
      try frame("Negotiate").withUnsafeBytes { negotiate in
        (Frame(challenge).decode(Challenge.self), Frame(negotiate).decode(Negotiate.self).key)
      }
    }
    let text = LoginProof.text(
      venueId: challenge.venueId, nonce: challenge.nonce, connectionId: challenge.connectionId, key: key,
      negotiate: negotiate)
    let first = try #require(lines.firstIndex { $0.elementsEqual("lockstep-login-1".utf8) })
    #expect(Array(lines[first..<first + 6].joined()) == text)

    var publicKey = [UInt8](repeating: 0, count: 32)
    var secretKey = [UInt8](repeating: 0, count: 64)
    var signature = [UInt8](repeating: 0, count: 64)
    #expect(crypto_sign_seed_keypair(&publicKey, &secretKey, Array(0..<32)) == 0)
    #expect(crypto_sign_detached(&signature, nil, text, UInt64(text.count), secretKey) == 0)
    #expect(lines.contains(publicKey))
    #expect(lines.contains(signature))
  }
}
