import Testing
import Values
import Wire

@testable import Storage

/// The worked examples in Protocol/files.md are bytes that this code writes and reads.
@Suite struct FormatExampleTests {
  /// The bytes of the hexdump under the heading `title` in Protocol/files.md.
  private func example(_ title: String) -> [UInt8] {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let text = String(decoding: read("/" + root + "/Protocol/files.md"), as: UTF8.self)
    var bytes: [UInt8] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("#") { isInside = line.hasSuffix(title) }
      guard isInside, line.hasPrefix("0"), line.contains("  ") else { continue }
      let columns = line.split(separator: "|")[0].split(separator: " ").dropFirst()
      bytes += columns.compactMap { UInt8($0, radix: 16) }
    }
    return bytes
  }

  /// The bytes as `hexdump -C` shows them, for pasting into the document.
  private func dump(_ bytes: [UInt8]) -> String {
    func hexadecimal(_ value: Int, digits: Int) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: digits - text.count) + text
    }
    var lines: [String] = []
    for start in stride(from: 0, to: bytes.count, by: 16) {
      let row = bytes[start..<min(start + 16, bytes.count)]
      let text = row.map { $0 >= 0x20 && $0 < 0x7F ? String(UnicodeScalar($0)) : "." }.joined()
      let hex = row.map { hexadecimal(Int($0), digits: 2) }.joined(separator: " ")
      lines.append(hexadecimal(start, digits: 8) + "  " + hex + "  |" + text + "|")
    }
    return lines.joined(separator: "\n")
  }

  @Test func `The journal of the document is written byte for byte`() throws {
    let directory = TestDirectory()
    var journal = try Journal(
      creatingIn: directory.path, identity: FileIdentity(venueId: 77), options: .init(durability: .os))
    TestVenue.encoded(Tick(work: 256)).withUnsafeBytes {
      journal.append($0, key: .venue, sequence: 1, time: Timestamp(1_763_769_600_000_000_000))
      journal.outputDigest.add(key: KeyId(7), frame: $0)
    }
    try journal.close()
    let written = read(directory.segments[0])
    #expect(written == example("A journal"), "\n\(dump(written))")
  }

  @Test func `The snapshot of the document has the header that is written, and its state can be read`() throws {
    let directory = TestDirectory()
    var log = LogState()
    log.sequence = 1
    log.time = Timestamp(1_763_769_600_000_000_000)
    log.batch = 1
    log.segment = 1
    log.offset = 328
    log.chain = 0x0102_0304
    log.output = OutputDigest(value: 5, frames: 1)
    log.logChain = Bytes32(1, 2, 3, 4)
    let state = Array("the canonical state of a venue, repeated, repeated, repeated".utf8)
    let written = try writeSnapshot(
      directory: directory.path, identity: FileIdentity(venueId: 77), log: log, in: SystemFiles.shared
    ) { sink in state.withUnsafeBytes { sink.write($0) } }
    let bytes = read(written.path)
    let shown = example("A snapshot")
    #expect(bytes.prefix(SnapshotHeader.stateOffset) == shown.prefix(SnapshotHeader.stateOffset), "\n\(dump(bytes))")
    write(shown, to: written.path)
    let loaded = try SnapshotState(loading: written.path)
    #expect(Array(loaded.bytes) == state, "other versions of LZ4 may compress otherwise, but all must read this")
  }
}
