import Glibc
import Kernel
import Testing
import Values
import Wire

@testable import Storage

@Suite struct RecoveryTests {
  private let options = Journal.Options(durability: .os, segmentBytes: 4096, preallocationBytes: 1024)

  /// Opens a directory with `files` in it, recovers, and gives what `body` makes of it.
  private func recover<Result>(
    _ files: [String: [UInt8]], _ body: (inout Recovered) throws -> Result
  ) throws -> Result {
    let directory = TestDirectory()
    directory.restore(files)
    let data = try DataDirectory(directory.path)
    var venue = try data.recover(options: options)
    return try body(&venue)
  }

  @Test func `A kill at any batch boundary is recovered to the live state, and life goes on as if nothing had been`()
    throws
  {
    let end = try undisturbed(to: 60, perBatch: 4)
    for kill in stride(from: 4, through: 56, by: 4) as StrideThrough<UInt64> {
      let directory = TestDirectory()
      var files: [String: [UInt8]] = [:]
      var live: Fingerprint
      do {
        let data = try DataDirectory(directory.path)
        var venue = try data.create(venue: TestVenue.definition, options: options)
        _ = try venue.run(to: min(kill, 20), perBatch: 4)
        if kill > 20 {
          _ = try data.writeSnapshot(of: venue.kernel, journal: &venue.journal)
          _ = try venue.run(to: kill, perBatch: 4)
        }
        files = directory.contents
        live = Fingerprint(venue)
      }
      let finished = try recover(files) { venue in
        #expect(Fingerprint(venue) == live)
        #expect(venue.summary.snapshotSequence == (kill > 20 ? 20 : 0))
        #expect(venue.summary.state.hash == live.hash)
        _ = try venue.run(to: 60, perBatch: 4)
        return Fingerprint(venue)
      }
      #expect(finished == end)
    }
  }

  @Test func `A kill at any byte of the last batch loses that batch only, and says so`() throws {
    let directory = TestDirectory()
    let before: Fingerprint
    let (start, size): (Int, Int)
    do {
      let data = try DataDirectory(directory.path)
      var venue = try data.create(venue: TestVenue.definition, options: .init(durability: .os))
      _ = try venue.run(to: 12, perBatch: 4)
      before = Fingerprint(venue)
      start = Int(venue.journal.state.offset)
      _ = try venue.run(to: 16, perBatch: 4)
      size = Int(venue.journal.state.offset)
    }
    let end = try undisturbed(to: 20, perBatch: 4)
    let files = directory.contents
    let name = "journal-00000000000000000001.lsj"
    for cut in start..<size {
      var torn = files
      torn[name]?.removeLast(size - cut)
      try recover(torn) { venue in
        #expect(Fingerprint(venue) == before)
        let said = venue.summary.lines.contains { $0.hasPrefix("torn tail: cut ") }
        #expect(said == (cut > start))
        _ = try venue.run(to: 20, perBatch: 4)
        #expect(Fingerprint(venue) == end)
        #expect(try readJournal(venue.journal.directory).inputs.count == 20)
      }
    }
  }

  @Test func `The reports of the tail are handed out again, with their keys, in order`() throws {
    let directory = TestDirectory()
    var live: [Report] = []
    do {
      let data = try DataDirectory(directory.path)
      var venue = try data.create(venue: TestVenue.definition, options: options)
      _ = try venue.run(to: 20, perBatch: 3)
      _ = try data.writeSnapshot(of: venue.kernel, journal: &venue.journal)
      live = try venue.run(to: 50, perBatch: 3)
      try venue.stop()
    }
    var replayed: [Report] = []
    let data = try DataDirectory(directory.path)
    _ = try data.recover(options: options) { key, frame in
      replayed.append(Report(key: key.rawValue, frame: Array(frame)))
    }
    #expect(!live.isEmpty)
    #expect(replayed == live)
  }

  @Test func `Reports from before the newest snapshot are handed out when asked for, and the snapshot is compared`()
    throws
  {
    let directory = TestDirectory()
    var live: [Report] = []
    let state: Fingerprint
    do {
      let data = try DataDirectory(directory.path)
      var venue = try data.create(venue: TestVenue.definition, options: options)
      for sequence in [20, 40, 60] as [UInt64] {
        live += try venue.run(to: sequence, perBatch: 4)
        _ = try data.writeSnapshot(of: venue.kernel, journal: &venue.journal)
      }
      state = Fingerprint(venue)
      try venue.stop()
    }
    let data = try DataDirectory(directory.path)
    for (commands, start) in [(0, 60), (19, 60), (20, 40), (59, 40), (60, 0), (1_000, 0)] as [(UInt64, UInt64)] {
      var replayed: [Report] = []
      let venue = try data.recover(options: options, reportCommands: commands) { key, frame in
        replayed.append(Report(key: key.rawValue, frame: Array(frame)))
      }
      #expect(Fingerprint(venue) == state)
      #expect(venue.summary.snapshotSequence == start)
      #expect(venue.summary.checkedSequence == (start == 60 ? 0 : 60))
      #expect(venue.summary.replay.records == 60 - start)
      #expect(replayed == Array(live.suffix(replayed.count)))
      #expect(replayed.isEmpty == (start == 60))
      if start == 0 { #expect(replayed == live) }
    }
  }

  @Test func `A kernel that answers otherwise than the one that wrote the journal is found out`() throws {
    let directory = TestDirectory()
    do {
      let data = try DataDirectory(directory.path)
      var venue = try data.create(venue: TestVenue.definition, options: options)
      _ = try venue.run(to: 8, perBatch: 4)
      [1, 2, 3].withUnsafeBytes { venue.journal.outputDigest.add(key: KeyId(5), frame: $0) }
      _ = try venue.run(to: 12, perBatch: 4)
    }
    let data = try DataDirectory(directory.path)
    #expect {
      _ = try data.recover(options: options)
    } throws: { error in
      guard case StorageError.diverged(let sequence, let reason) = error else { return false }
      return sequence == 12 && reason.contains("digest")
    }
  }

  /// A venue with snapshots at 60 and 120, now at 180, over several segments.
  private func venueWithSnapshots() throws -> (files: [String: [UInt8]], state: Fingerprint) {
    let directory = TestDirectory()
    let data = try DataDirectory(directory.path)
    var venue = try data.create(venue: TestVenue.definition, options: options)
    for sequence in [60, 120, 180] as [UInt64] {
      _ = try venue.run(to: sequence, perBatch: 4)
      if sequence < 180 { _ = try data.writeSnapshot(of: venue.kernel, journal: &venue.journal) }
    }
    return (directory.contents, Fingerprint(venue))
  }

  @Test func `A bad snapshot is passed over for an older one, and for the whole journal, and that is said`() throws {
    let (whole, state) = try venueWithSnapshots()
    var files = whole
    for (name, expected) in [
      ("none", 120), ("snapshot-00000000000000000120.lss", 60), ("snapshot-00000000000000000060.lss", 0),
    ]
      as [(String, UInt64)]
    {
      files[name]?[270] ^= 0xFF
      let rejected = files.keys.filter { $0.hasSuffix(".lss") && files[$0] != whole[$0] }.count
      try recover(files) { venue in
        #expect(Fingerprint(venue) == state)
        #expect(venue.summary.snapshotSequence == expected)
        #expect(venue.summary.rejectedSnapshots.count == rejected)
        #expect(venue.summary.lines.filter { $0.hasPrefix("snapshot not used") }.count == rejected)
      }
    }
  }

  @Test func `A segment missing behind the snapshot is refused, one before it is not needed`() throws {
    let (whole, state) = try venueWithSnapshots()
    let segments = whole.keys.filter { $0.hasSuffix(".lsj") }.sorted()
    #expect(segments.count >= 3)
    var files = whole
    files[segments[0]] = nil
    try recover(files) { #expect(Fingerprint($0) == state) }
    files = whole
    files[segments[segments.count - 1]] = nil
    #expect(throws: StorageError.self) { try recover(files) { _ in } }
    files = whole.filter { !$0.key.hasSuffix(".lss") }
    files[segments[0]] = nil
    #expect {
      try recover(files) { _ in }
    } throws: { error in
      if case StorageError.missing = error { return true }
      return false
    }
  }

  @Test func `A journal that ends before the snapshot says it was on the disk is refused`() throws {
    let directory = TestDirectory()
    let options = Journal.Options(durability: .os)
    var offset = 0
    do {
      let data = try DataDirectory(directory.path)
      var venue = try data.create(venue: TestVenue.definition, options: options)
      _ = try venue.run(to: 8, perBatch: 4)
      offset = Int(venue.journal.state.offset)
      _ = try venue.run(to: 12, perBatch: 4)
      _ = try data.writeSnapshot(of: venue.kernel, journal: &venue.journal)
    }
    let path = directory.segments[0]
    write(Array(read(path)[..<offset]), to: path)
    let data = try DataDirectory(directory.path)
    #expect(throws: StorageError.self) { _ = try data.recover(options: options) }
    let snapshot = directory.path + "/snapshot-00000000000000000012.lss"
    write(Array(read(snapshot).dropLast()), to: snapshot)
    #expect(throws: StorageError.self, "a bad snapshot's good header is evidence still") {
      _ = try data.recover(options: options)
    }
  }

  @Test func `The newest two snapshots are kept`() throws {
    let directory = TestDirectory()
    let data = try DataDirectory(directory.path)
    var venue = try data.create(venue: TestVenue.definition, options: options)
    for sequence in [4, 8, 12, 16] as [UInt64] {
      _ = try venue.run(to: sequence, perBatch: 4)
      let written = try data.writeSnapshot(of: venue.kernel, journal: &venue.journal)
      #expect(written.header.stateHash == stateHash(of: venue.kernel).hash)
    }
    #expect(try data.snapshotSequences() == [16, 12])
  }

  @Test func `A directory is held by one process at a time, and the other is told which`() throws {
    let directory = TestDirectory()
    do {
      let held = try DataDirectory(directory.path)
      #expect(throws: StorageError.inUse(path: directory.path, process: getpid())) {
        _ = try DataDirectory(directory.path)
      }
      #expect(held.path == directory.path)
    }
    _ = try DataDirectory(directory.path)
  }

  @Test func `A new venue needs a blank directory; a crash before the first commit leaves one`() throws {
    let directory = TestDirectory()
    let data = try DataDirectory(directory.path)
    #expect(try data.isBlank())
    #expect(throws: StorageError.self) { _ = try data.recover(options: options) }
    _ = try data.create(venue: TestVenue.definition, options: options)
    #expect(try data.isBlank())
    var venue = try data.create(venue: TestVenue.definition, options: options)
    _ = try venue.run(to: 4, perBatch: 4)
    #expect(try !data.isBlank())
    #expect(throws: StorageError.self) { _ = try data.create(venue: TestVenue.definition, options: options) }
  }

  @Test func `Temporary files of a crash are removed and other files are left alone`() throws {
    let directory = TestDirectory()
    write([1], to: directory.path + "/snapshot-00000000000000000001.lss.tmp")
    write([2], to: directory.path + "/notes.txt")
    let data = try DataDirectory(directory.path)
    #expect(directory.names == ["lock", "notes.txt"])
    #expect(try data.isBlank())
  }

  @Test(arguments: [Durability.batch, .os, .none]) func `A clean stop keeps everything in every mode`(
    durability: Durability
  ) throws {
    let directory = TestDirectory()
    let options = Journal.Options(durability: durability, preallocationBytes: 4096)
    let state: Fingerprint
    do {
      let data = try DataDirectory(directory.path)
      var venue = try data.create(venue: TestVenue.definition, options: options)
      _ = try venue.run(to: 30, perBatch: 7)
      state = Fingerprint(venue)
      try venue.stop()
    }
    try recover(directory.contents) { venue in
      #expect(Fingerprint(venue) == state)
      #expect(venue.summary.replay.end?.tornBytes == 0)
      _ = try venue.run(to: 33, perBatch: 1)
      #expect(try readJournal(venue.journal.directory).inputs.count == 33)
    }
  }
}
