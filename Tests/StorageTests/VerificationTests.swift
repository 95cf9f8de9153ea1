import Testing
import Values

@testable import Storage

@Suite struct VerificationTests {
  private let options = Journal.Options(durability: .os, segmentBytes: 4096, preallocationBytes: 0)

  /// A venue at 160 with snapshots at 60 and 120.
  private func files() throws -> [String: [UInt8]] {
    let directory = TestDirectory()
    let data = try DataDirectory(directory.path)
    var venue = try data.create(venue: TestVenue.definition, options: options)
    for sequence in [60, 120, 160] as [UInt64] {
      _ = try venue.run(to: sequence, perBatch: 4)
      if sequence < 160 { _ = try data.writeSnapshot(of: venue.kernel, journal: &venue.journal) }
    }
    try venue.stop()
    return directory.contents
  }

  private func verifying(_ files: [String: [UInt8]]) -> [Finding] {
    let directory = TestDirectory()
    directory.restore(files)
    return verify(directory: directory.path).map { finding in
      Finding(
        severity: finding.severity, path: String(finding.path.split(separator: "/").last ?? ""), text: finding.text)
    }
  }

  @Test func `All is well with files as they were written, and each is mentioned`() throws {
    let files = try files()
    let findings = verifying(files)
    #expect(findings.allSatisfy { $0.severity == .good }, "\(findings)")
    for name in files.keys where name != "lock" { #expect(findings.contains { $0.path == name }) }
    #expect(findings.filter { $0.text == "equal to the replay at its sequence" }.count == 2)
    #expect(findings.last?.text.hasPrefix("replayed from sequence 1 to 160, all digests equal") == true)
  }

  @Test func `A snapshot after starts and stops without a command is equal to the replay`() throws {
    let directory = TestDirectory()
    do {
      var venue = try DataDirectory(directory.path).create(venue: TestVenue.definition, options: options)
      _ = try venue.run(to: 60, perBatch: 4)
      try venue.stop()
    }
    for _ in 0..<2 {
      let data = try DataDirectory(directory.path)
      var venue = try data.recover(options: options)
      try? venue.journal.commit()
      _ = try data.writeSnapshot(of: venue.kernel, journal: &venue.journal)
      try venue.stop()
    }
    let findings = verifying(directory.contents)
    #expect(findings.allSatisfy { $0.severity == .good }, "\(findings)")
    #expect(findings.contains { $0.text == "equal to the replay at its sequence" })
  }

  @Test func `A flipped bit in any file is found and the file is named`() throws {
    let files = try files()
    for name in files.keys where name != "lock" {
      var changed = files
      changed[name]?[300] ^= 4
      let faults = verifying(changed).filter { $0.severity == .fault }
      #expect(faults.contains { $0.path == name }, "\(name): \(faults)")
    }
  }

  @Test func `Without the first segment the oldest snapshot is where the replay begins`() throws {
    var files = try files()
    files["journal-00000000000000000001.lsj"] = nil
    let findings = verifying(files)
    #expect(findings.allSatisfy { $0.severity == .good }, "\(findings)")
    #expect(findings.last?.text.hasPrefix("replayed from sequence 60 to 160") == true)
  }

  @Test func `A torn tail is a warning and an empty directory a fault`() throws {
    var files = try files()
    let last = try #require(files.keys.filter { $0.hasSuffix(".lsj") }.max())
    files[last]?.removeLast(BatchHeader.bytes + 5)
    let findings = verifying(files)
    #expect(findings.contains { $0.path == last && $0.severity == .warning })
    #expect(!findings.contains { $0.severity == .fault }, "\(findings)")
    #expect(verifying([:]).map(\.severity) == [.fault])
  }

  @Test func `A snapshot of another history with good checksums is found by the replay`() throws {
    var files = try files()
    let directory = TestDirectory()
    let data = try DataDirectory(directory.path)
    var venue = try data.create(venue: TestVenue.definition, options: options)
    _ = try venue.run(to: 120, perBatch: 5)
    _ = try data.writeSnapshot(of: venue.kernel, journal: &venue.journal)
    let name = "snapshot-00000000000000000120.lss"
    files[name] = directory.contents[name]
    let findings = verifying(files)
    #expect(findings.contains { $0.path == name && $0.severity == .fault })
  }
}
