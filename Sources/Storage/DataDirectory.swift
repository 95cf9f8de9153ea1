import Glibc
import Kernel
import Values
import Wire

/// A venue's data directory, held exclusively: as long as this value lives no other process can open the directory.
///
/// Holds `journal-*.lsj`, `snapshot-*.lss` and `lock`. Protocol/files.md describes the files.
public struct DataDirectory: ~Copyable {
  public let path: String
  public let files: any FileSystem
  private let lock: File

  /// Opens the directory and takes its lock; creates it (one level) when it is not there. Removes temporary files that
  /// a crash has left. Throws `inUse` when another process holds it.
  public init(_ path: String, in files: any FileSystem = SystemFiles.shared) throws(StorageError) {
    let created = files.createDirectory(path)
    if created == 0 {
      try files.makeDurable(path + "/..")
    } else if created != -EEXIST {
      throw .system(call: "create", path: path, code: -created)
    }
    let lockFile = try File(path + "/" + FileName.lock, flags: O_RDWR | O_CREAT, in: files)
    let locked = files.lock(lockFile.descriptor)
    guard locked == 0 else {
      guard locked == -EWOULDBLOCK else { throw .system(call: "lock", path: lockFile.path, code: -locked) }
      throw .inUse(path: path, process: try holder(of: lockFile))
    }
    try lockFile.truncate(to: 0)
    var line = ByteBuffer(capacity: 16)
    Array("\(getpid())\n".utf8).withUnsafeBytes { line.append($0) }
    try lockFile.write(line.bytes, at: 0)
    for name in try files.names(in: path) where name.hasSuffix(FileName.temporarySuffix) {
      try files.removeFile(path + "/" + name)
    }
    self.path = path
    self.files = files
    lock = lockFile
  }

  /// Descriptor of the lock; a forked child must close it.
  public var lockDescriptor: Int32 { lock.descriptor }

  /// Whether the directory holds no command yet: no snapshot, and no journal or one without a whole batch (a crash
  /// before the first commit; nothing was ever acknowledged).
  public func isBlank() throws(StorageError) -> Bool {
    guard try files.snapshots(in: path).isEmpty else { return false }
    let segments = try files.segments(in: path)
    guard segments.count < 2, let first = segments.first else { return segments.isEmpty }
    var reader = try JournalReader(file: first.path, in: files)
    let hasBatch = try reader.nextBatch()
    return reader.header.number == 1 && !hasBatch
  }

  /// Sequences of the snapshots, newest first.
  public func snapshotSequences() throws(StorageError) -> [UInt64] { try files.snapshots(in: path).map(\.sequence) }

  /// Begins a new venue: an empty journal and a kernel with the table sizes of `venue`. The caller then journals and
  /// applies the DefineVenue frame as command 1, with the rest of the genesis in one commit. Throws `unexpected` when
  /// the directory holds a venue already.
  public func create(venue: DefineVenue, options: Journal.Options) throws(StorageError) -> Recovered {
    guard try isBlank() else {
      throw .unexpected(path: path, reason: "there is a venue in this directory already")
    }
    for segment in try files.segments(in: path) { try files.removeFile(segment.path) }
    let journal = try Journal(
      creatingIn: path, identity: FileIdentity(venueId: venue.venueId), options: options)
    return Recovered(kernel: Kernel(venue: venue), journal: journal, summary: RecoverySummary())
  }

  /// Writes a snapshot of `kernel`, which has applied exactly what is committed to `journal`, after bringing the journal
  /// to the disk. Then removes all but the newest `keeping`. The caller waits: O(state).
  public func writeSnapshot(
    of kernel: borrowing Kernel, journal: inout Journal, keeping: Int = 2
  ) throws(StorageError) -> SnapshotWritten {
    precondition(journal.state.sequence == kernel.sequence, "commit before a snapshot")
    try journal.synchronise()
    let written = try Storage.writeSnapshot(
      directory: path, identity: journal.identity, log: journal.state, in: files
    ) { sink in sink.write(kernel) }
    try pruneSnapshots(directory: path, in: files, keeping: keeping)
    return written
  }
}

extension FileIdentity {
  /// Files of `venueId` with frames of this program's schema.
  public init(venueId: UInt64) {
    self.init(venueId: venueId, schemaId: Schema.id, schemaVersion: Schema.version)
  }
}

/// The process that wrote its id into the lock file; 0 when it cannot be read.
private func holder(of lockFile: borrowing File) throws(StorageError) -> Int32 {
  let text = ByteBuffer(capacity: 16)
  let count = try lockFile.read(into: text.storage, at: 0)
  return Int32(String(decoding: text.storage[..<count].prefix { $0 != 10 }, as: UTF8.self)) ?? 0
}
