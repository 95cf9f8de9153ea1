import Glibc

/// An open file. Owns the descriptor and closes it. Offsets are explicit; there is no file position.
@usableFromInline struct File: ~Copyable {
  @usableFromInline let descriptor: Int32
  /// For error texts.
  var path: String
  @usableFromInline let files: any FileSystem

  /// Opens `path` with `flags` (O_CLOEXEC is added); a new file gets mode 0640.
  init(_ path: String, flags: Int32, in files: any FileSystem) throws(StorageError) {
    let opened = files.open(path, flags: flags)
    guard opened >= 0 else { throw .system(call: "open", path: path, code: -opened) }
    descriptor = opened
    self.path = path
    self.files = files
  }

  // Inlinable because Swift 6.3 crashes in release builds when a serialised setter would inline a deinit that is not.
  @inlinable deinit { files.close(descriptor) }

  /// Writes all of `bytes` at `offset`. Short writes are continued and interrupted calls repeated; any other failure is
  /// final: what is on the disk is then unknown.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let written = files.write(descriptor, base + done, bytes.count - done, at: offset + done)
      if written > 0 {
        done += written
      } else if written == 0 {
        throw .system(call: "write", path: path, code: ENOSPC)
      } else if written != -Int(EINTR) {
        throw .system(call: "write", path: path, code: Int32(-written))
      }
    }
  }

  /// Fills `buffer` from `offset` on; returns how many bytes there were (fewer only at the end of the file).
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError) -> Int {
    guard let base = buffer.baseAddress else { return 0 }
    var done = 0
    while done < buffer.count {
      let amount = files.read(descriptor, base + done, buffer.count - done, at: offset + done)
      if amount > 0 {
        done += amount
      } else if amount == 0 {
        break
      } else if amount != -Int(EINTR) {
        throw .system(call: "read", path: path, code: Int32(-amount))
      }
    }
    return done
  }

  /// Waits until everything written is on the disk. A failure is final and must not be retried: the kernel may have
  /// dropped the pages and would then report success.
  func synchronise() throws(StorageError) {
    while true {
      let result = files.synchronise(descriptor)
      if result >= 0 { return }
      if result != -EINTR { throw .system(call: "fdatasync", path: path, code: -result) }
    }
  }

  func truncate(to size: Int) throws(StorageError) {
    let result = files.truncate(descriptor, to: size)
    guard result == 0 else { throw .system(call: "truncate", path: path, code: -result) }
  }

  func size() throws(StorageError) -> Int {
    let size = files.size(descriptor)
    guard size >= 0 else { throw .system(call: "stat", path: path, code: Int32(-size)) }
    return size
  }
}

extension FileSystem {
  /// Gives the file at `temporary` its final name and makes the name durable.
  func publish(_ temporary: String, as path: String, in directory: String) throws(StorageError) {
    let result = rename(temporary, to: path)
    guard result == 0 else { throw .system(call: "rename", path: path, code: -result) }
    try makeDurable(directory)
  }

  func removeFile(_ path: String) throws(StorageError) {
    let result = remove(path)
    guard result == 0 else { throw .system(call: "remove", path: path, code: -result) }
  }

  /// Makes creations, renames and removals in `directory` durable.
  func makeDurable(_ directory: String) throws(StorageError) {
    let result = synchroniseDirectory(directory)
    guard result == 0 else { throw .system(call: "fsync", path: directory, code: -result) }
  }
}
