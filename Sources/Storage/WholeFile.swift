import Glibc

// Small files that are read and written whole.
extension FileSystem {
  /// Everything in the file at `path`.
  public func load(_ path: String) throws(StorageError) -> [UInt8] {
    let file = try File(path, flags: O_RDONLY, in: self)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: try file.size(), alignment: 1)
    defer { buffer.deallocate() }
    let count = try file.read(into: buffer, at: 0)
    return Array(buffer[..<count])
  }

  /// Writes `bytes` under a temporary name, brings them to the disk, and only then gives the file its name: there is
  /// never half of it. The name itself is durable after the next sync of the directory.
  public func store(_ bytes: [UInt8], as path: String) throws(StorageError) {
    let temporary = path + FileName.temporarySuffix
    do throws(StorageError) {
      try write(bytes, to: temporary)
      let result = rename(temporary, to: path)
      guard result == 0 else { throw .system(call: "rename", path: path, code: -result) }
    } catch {
      // On a full disk every attempt would leave its half.
      _ = remove(temporary)
      throw error
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws(StorageError) {
    let file = try File(path, flags: O_WRONLY | O_CREAT | O_TRUNC, in: self)
    // A closure of `withUnsafeBytes` cannot throw a typed error through.
    let outcome = bytes.withUnsafeBytes { raw in Result { () throws(StorageError) in try file.write(raw, at: 0) } }
    try outcome.get()
    try file.synchronise()
  }

  /// Whether there is something at `path` that can be opened.
  public func exists(_ path: String) -> Bool {
    let descriptor = open(path, flags: O_RDONLY)
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
  }
}
