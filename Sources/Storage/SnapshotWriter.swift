import Glibc

/// What became of a snapshot.
public struct SnapshotWritten: Equatable, Sendable {
  public var header: SnapshotHeader
  public var path: String
  /// Size of the file.
  public var fileBytes: UInt64
}

/// Writes a snapshot into `directory`: temporary file, sync, rename, sync of the directory. `writeState` is called twice
/// and must write the same bytes both times. Precondition: the journal is on the disk up to `log`.
func writeSnapshot(
  directory: String, identity: FileIdentity, log: LogState, in files: any FileSystem,
  writeState: (inout SnapshotSink) -> Void
) throws(StorageError) -> SnapshotWritten {
  let path = directory + "/" + FileName.snapshot(sequence: log.sequence)
  let temporary = path + FileName.temporarySuffix
  let file = try File(temporary, flags: O_RDWR | O_CREAT | O_TRUNC, in: files)
  do throws(StorageError) {
    var sink = try SnapshotSink(file: file)
    writeState(&sink)
    try sink.beginStoring()
    writeState(&sink)
    let header = try sink.finish(identity: identity, log: log)
    try files.publish(temporary, as: path, in: directory)
    return SnapshotWritten(header: header, path: path, fileBytes: UInt64(sink.fileOffset))
  } catch {
    // On a full disk every attempt would leave its half.
    _ = files.remove(temporary)
    throw error
  }
}

/// Removes all but the newest `count` snapshots. At least one is kept.
func pruneSnapshots(directory: String, in files: any FileSystem, keeping count: Int) throws(StorageError) {
  for old in try files.snapshots(in: directory).dropFirst(max(count, 1)) {
    try files.removeFile(old.path)
  }
}
