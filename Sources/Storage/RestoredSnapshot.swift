import Kernel
import Values

/// A kernel restored from a snapshot, and that snapshot's header.
struct RestoredSnapshot: ~Copyable {
  let header: SnapshotHeader
  let kernel: Kernel

  /// Loads the snapshot at `path`, checks all of it and restores the kernel.
  init(_ path: String, sequence: UInt64, in files: any FileSystem) throws(StorageError) {
    let state = try SnapshotState(loading: path, in: files)
    let log = state.header.log
    guard log.sequence == sequence else {
      throw .unexpected(path: path, reason: "it holds the state at sequence \(log.sequence)")
    }
    var reader = StateReader(state.bytes)
    let restored: Kernel
    do { restored = try Kernel.restored(from: &reader) } catch {
      throw .unsupported(path: path, reason: "the state cannot be read: \(error)")
    }
    guard restored.sequence == log.sequence, restored.time == log.time else {
      throw .unsupported(path: path, reason: "the state in it is of sequence \(restored.sequence)")
    }
    header = state.header
    kernel = restored
  }

  /// Gives the kernel away.
  consuming func finished() -> Kernel { kernel }
}
