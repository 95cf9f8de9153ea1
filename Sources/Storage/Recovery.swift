import Glibc
import Kernel
import Values
import Wire

/// A venue as it was, ready to go on.
@frozen public struct Recovered: ~Copyable {
  public var kernel: Kernel
  public var journal: Journal
  public var summary: RecoverySummary

  init(kernel: consuming Kernel, journal: consuming Journal, summary: RecoverySummary) {
    self.kernel = kernel
    self.journal = journal
    self.summary = summary
  }
}

extension DataDirectory {
  /// Brings back the venue in this directory: newest good snapshot, then the tail of the journal, checked against its
  /// digests; then cuts a torn tail and opens the journal for writing.
  ///
  /// `report` gets every frame that the kernel sends during the replay, with its destination: what the session layer
  /// keeps for retransmission. So that there is something to keep right after a snapshot, the replay begins at the
  /// oldest point that is at most `reportCommands` commands before the newest snapshot, and is compared with that
  /// snapshot on its way. Throws `damaged`, `missing` or `diverged` when the files do not add up to what was
  /// acknowledged; nothing has been changed then.
  public func recover(
    options: Journal.Options, reportCommands: UInt64 = 0,
    report: (KeyId, UnsafeRawBufferPointer) -> Void = { _, _ in },
    progress: (ReplayProgress) -> Void = { _ in }
  ) throws(StorageError) -> Recovered {
    guard try !isBlank() else { throw .missing(path: path, reason: "there is no venue in this directory") }
    var recovery = Recovery(
      directory: path, options: options, files: files, knownSynced: try lastBatchKnownSynced(path, in: files))
    let start = try recovery.chooseStart(reportCommands: reportCommands)
    if let start { return try recovery.run(from: start, report: report, progress: progress) }
    return try recovery.runFromGenesis(report: report, progress: progress)
  }
}

/// One recovery on its way.
private struct Recovery {
  let directory: String
  let options: Journal.Options
  let files: any FileSystem
  /// The last batch that any snapshot says was on the disk.
  let knownSynced: UInt64
  var summary = RecoverySummary()
  /// A snapshot that the replay will pass and must be equal to.
  var checkpoint: SnapshotHeader?

  init(directory: String, options: Journal.Options, files: any FileSystem, knownSynced: UInt64) {
    self.directory = directory
    self.options = options
    self.files = files
    self.knownSynced = knownSynced
  }

  /// The snapshot to begin with; `nil`: the journal's start.
  mutating func chooseStart(reportCommands: UInt64) throws(StorageError) -> RestoredSnapshot? {
    let snapshots = try files.snapshots(in: directory)
    for (index, file) in snapshots.enumerated() {
      let newest: RestoredSnapshot
      do { newest = try RestoredSnapshot(file.path, sequence: file.sequence, in: files) } catch {
        summary.rejectedSnapshots.append(error)
        continue
      }
      let header = newest.header
      if file.sequence <= reportCommands, try files.segments(in: directory).first?.sequence == 1 {
        checkpoint = header
        return nil
      }
      for older in snapshots[(index + 1)...].reversed() where file.sequence - older.sequence <= reportCommands {
        guard let restored = try? RestoredSnapshot(older.path, sequence: older.sequence, in: files) else { continue }
        checkpoint = header
        return restored
      }
      return newest
    }
    return nil
  }

  mutating func run(
    from snapshot: consuming RestoredSnapshot, report: (KeyId, UnsafeRawBufferPointer) -> Void,
    progress: (ReplayProgress) -> Void
  ) throws(StorageError) -> Recovered {
    let header = snapshot.header
    summary.snapshotSequence = header.log.sequence
    var reader = try JournalReader(directory: directory, after: header.log, knownSynced: knownSynced, in: files)
    var replayer = Replayer(kernel: snapshot.finished(), digest: header.log.output)
    try checkVenue(of: replayer.kernel, header.identity, path: directory)
    try replay(&replayer, &reader, report: report, progress: progress)
    return try finish(replayer, reader)
  }

  mutating func runFromGenesis(
    report: (KeyId, UnsafeRawBufferPointer) -> Void, progress: (ReplayProgress) -> Void
  ) throws(StorageError) -> Recovered {
    var reader = try JournalReader(fromStartOf: directory, knownSynced: knownSynced, in: files)
    guard let first = try reader.next() else {
      throw .missing(path: directory, reason: "the journal holds no command")
    }
    var replayer = try Replayer(genesis: first)
    try replayer.take(first, report: report)
    summary.replay.records = 1
    try replay(&replayer, &reader, report: report, progress: progress)
    return try finish(replayer, reader)
  }

  private mutating func replay(
    _ replayer: inout Replayer, _ reader: inout JournalReader, report: (KeyId, UnsafeRawBufferPointer) -> Void,
    progress: (ReplayProgress) -> Void
  ) throws(StorageError) {
    try checkVenue(of: replayer.kernel, reader.header.identity, path: reader.path)
    if let checkpoint {
      let sequence = checkpoint.log.sequence
      let first = try replayer.replay(&reader, through: sequence, report: report, progress: progress)
      guard stateHash(of: replayer.kernel).hash == checkpoint.stateHash else {
        throw .diverged(sequence: sequence, reason: "the state is not that of the snapshot taken there")
      }
      summary.checkedSequence = sequence
      summary.replay.add(first)
    }
    summary.replay.add(try replayer.replay(&reader, report: report, progress: progress))
    try checkVenue(of: replayer.kernel, reader.header.identity, path: reader.path)
    summary.sequence = replayer.kernel.sequence
    summary.output = replayer.digest
    summary.state = stateHash(of: replayer.kernel)
  }

  private func checkVenue(
    of kernel: borrowing Kernel, _ identity: FileIdentity, path: String
  ) throws(StorageError) {
    try checkIdentity(identity, against: FileIdentity(venueId: kernel.venue.venueId), path: path)
  }

  private func finish(
    _ replayer: consuming Replayer, _ reader: consuming JournalReader
  ) throws(StorageError) -> Recovered {
    let journal = try Journal(resuming: directory, reader: reader, options: options)
    return Recovered(kernel: replayer.finished(), journal: journal, summary: summary)
  }
}

/// The last batch that any readable snapshot header says was on the disk; 0: none.
private func lastBatchKnownSynced(_ directory: String, in files: any FileSystem) throws(StorageError) -> UInt64 {
  var last: UInt64 = 0
  for snapshot in try files.snapshots(in: directory) {
    if let header = try? readSnapshotHeader(snapshot.path, in: files) { last = max(last, header.log.batch) }
  }
  return last
}
