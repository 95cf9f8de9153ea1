import Kernel

/// The venue in the newest good snapshot of a data directory. Nothing is locked or changed, so that it can be read beside
/// a running server: snapshots appear whole under their names.
public struct NewestSnapshot: ~Copyable {
  public let header: SnapshotHeader
  public var kernel: Kernel
  /// Why newer snapshots were passed over.
  public let rejected: [StorageError]

  /// Reads it and checks all of it: header, checksum, size, state hash. Throws `missing` when there is no good one.
  public init(in directory: String, of files: any FileSystem = SystemFiles.shared) throws(StorageError) {
    var rejected: [StorageError] = []
    for file in try files.snapshots(in: directory) {
      do throws(StorageError) {
        let snapshot = try RestoredSnapshot(file.path, sequence: file.sequence, in: files)
        header = snapshot.header
        kernel = snapshot.finished()
        self.rejected = rejected
        return
      } catch {
        rejected.append(error)
      }
    }
    let reason = rejected.first.map { "the newest one cannot be used: \($0)" }
    throw .missing(path: directory, reason: reason ?? "there is no snapshot in this directory")
  }
}
