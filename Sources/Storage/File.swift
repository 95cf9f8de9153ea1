import Glibc

/// The two calls that decide durability, so that a test or the fault simulator can make them fail.
public struct FileCalls: Sendable {
  /// pwrite(2): descriptor, bytes, count, offset → bytes written or −1 with errno.
  public var write: @Sendable (Int32, UnsafeRawPointer, Int, Int) -> Int
  /// fdatasync(2): descriptor → 0 or −1 with errno.
  public var synchronise: @Sendable (Int32) -> Int32

  public init(
    write: @escaping @Sendable (Int32, UnsafeRawPointer, Int, Int) -> Int,
    synchronise: @escaping @Sendable (Int32) -> Int32
  ) {
    self.write = write
    self.synchronise = synchronise
  }

  /// What the operating system offers.
  public static let system = FileCalls(
    write: { pwrite($0, $1, $2, $3) }, synchronise: { fdatasync($0) })
}

/// An open file. Owns the descriptor and closes it. Offsets are explicit; there is no file position.
@usableFromInline struct File: ~Copyable {
  @usableFromInline let descriptor: Int32
  /// For error texts.
  var path: String
  private let calls: FileCalls

  /// Opens `path` with `flags` (O_CLOEXEC is added); a new file gets mode 0640.
  init(_ path: String, flags: Int32, calls: FileCalls = .system) throws(StorageError) {
    let opened = open(path, flags | O_CLOEXEC, 0o640)
    guard opened >= 0 else { throw .system(call: "open", path: path, code: errno) }
    descriptor = opened
    self.path = path
    self.calls = calls
  }

  // Inlinable because Swift 6.3 crashes in release builds when a serialised setter would inline a deinit that is not.
  @inlinable deinit { close(descriptor) }

  /// Writes all of `bytes` at `offset`. Short writes are continued and interrupted calls repeated; any other failure is
  /// final: what is on the disk is then unknown.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let written = calls.write(descriptor, base + done, bytes.count - done, offset + done)
      if written > 0 {
        done += written
      } else if written == 0 {
        throw .system(call: "write", path: path, code: ENOSPC)
      } else if errno != EINTR {
        throw .system(call: "write", path: path, code: errno)
      }
    }
  }

  /// Fills `buffer` from `offset` on; returns how many bytes there were (fewer only at the end of the file).
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError) -> Int {
    guard let base = buffer.baseAddress else { return 0 }
    var done = 0
    while done < buffer.count {
      let amount = pread(descriptor, base + done, buffer.count - done, offset + done)
      if amount > 0 {
        done += amount
      } else if amount == 0 {
        break
      } else if errno != EINTR {
        throw .system(call: "read", path: path, code: errno)
      }
    }
    return done
  }

  /// Waits until everything written is on the disk. A failure is final and must not be retried: the kernel may have
  /// dropped the pages and would then report success.
  func synchronise() throws(StorageError) {
    while calls.synchronise(descriptor) != 0 {
      if errno != EINTR { throw .system(call: "fdatasync", path: path, code: errno) }
    }
  }

  func truncate(to size: Int) throws(StorageError) {
    guard ftruncate(descriptor, size) == 0 else { throw .system(call: "truncate", path: path, code: errno) }
  }

  func size() throws(StorageError) -> Int {
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw .system(call: "stat", path: path, code: errno) }
    return Int(information.st_size)
  }
}

/// Gives the file at `temporary` its final name and makes the name durable.
func publish(_ temporary: String, as path: String, in directory: String) throws(StorageError) {
  guard rename(temporary, path) == 0 else { throw .system(call: "rename", path: path, code: errno) }
  try synchroniseDirectory(directory)
}

func removeFile(_ path: String) throws(StorageError) {
  guard unlink(path) == 0 else { throw .system(call: "remove", path: path, code: errno) }
}

/// Makes creations, renames and removals in `path` durable.
func synchroniseDirectory(_ path: String) throws(StorageError) {
  let directory = try File(path, flags: O_RDONLY | O_DIRECTORY)
  guard fsync(directory.descriptor) == 0 else { throw .system(call: "fsync", path: path, code: errno) }
}
