import Glibc

/// What a venue asks of a file system: the whole list, so that the fault simulator can put a disk of its own in its
/// place.
///
/// Calls return what the system calls of the same name do, but for failures: those are negative errno values. A
/// descriptor belongs to whoever opened it and is given back with `close`.
public protocol FileSystem: AnyObject, Sendable {
  /// open(2) with O_CLOEXEC; a new file gets mode 0640. A descriptor, or −errno.
  func open(_ path: String, flags: Int32) -> Int32
  func close(_ descriptor: Int32)
  /// pread(2): the number of bytes read (0: the end of the file), or −errno.
  func read(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int, at offset: Int) -> Int
  /// pwrite(2): the number of bytes written, or −errno.
  func write(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int, at offset: Int) -> Int
  /// fdatasync(2): 0 when everything written is on the disk, or −errno.
  func synchronise(_ descriptor: Int32) -> Int32
  /// ftruncate(2): 0, or −errno.
  func truncate(_ descriptor: Int32, to size: Int) -> Int32
  /// Size of an open file in bytes, or −errno.
  func size(_ descriptor: Int32) -> Int
  /// Takes the exclusive lock of an open file (flock(2), not waiting): 0, or −errno; EWOULDBLOCK when it is taken.
  func lock(_ descriptor: Int32) -> Int32
  /// rename(2): 0, or −errno.
  func rename(_ path: String, to name: String) -> Int32
  /// unlink(2): 0, or −errno.
  func remove(_ path: String) -> Int32
  /// mkdir(2) with mode 0750: 0, or −errno.
  func createDirectory(_ path: String) -> Int32
  /// Makes creations, renames and removals in a directory durable: 0, or −errno.
  func synchroniseDirectory(_ path: String) -> Int32
  /// The names in a directory, in any order, without "." and "..": appended to `names`. 0, or −errno.
  func list(_ directory: String, into names: inout [String]) -> Int32
}

/// The file system of the machine. Open for tests that make single calls fail.
open class SystemFiles: FileSystem, @unchecked Sendable {
  /// The one to use: it has no state.
  public static let shared = SystemFiles()

  public init() {}

  open func open(_ path: String, flags: Int32) -> Int32 { orError(Glibc.open(path, flags | O_CLOEXEC, 0o640)) }

  open func close(_ descriptor: Int32) { Glibc.close(descriptor) }

  open func read(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int, at offset: Int) -> Int {
    let done = pread(descriptor, bytes, count, offset)
    return done < 0 ? -Int(errno) : done
  }

  open func write(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int, at offset: Int) -> Int {
    let done = pwrite(descriptor, bytes, count, offset)
    return done < 0 ? -Int(errno) : done
  }

  open func synchronise(_ descriptor: Int32) -> Int32 { orError(fdatasync(descriptor)) }

  open func truncate(_ descriptor: Int32, to size: Int) -> Int32 { orError(ftruncate(descriptor, size)) }

  open func size(_ descriptor: Int32) -> Int {
    var information = stat()
    return fstat(descriptor, &information) == 0 ? Int(information.st_size) : -Int(errno)
  }

  open func lock(_ descriptor: Int32) -> Int32 { orError(flock(descriptor, LOCK_EX | LOCK_NB)) }

  open func rename(_ path: String, to name: String) -> Int32 { orError(Glibc.rename(path, name)) }

  open func remove(_ path: String) -> Int32 { orError(unlink(path)) }

  open func createDirectory(_ path: String) -> Int32 { orError(mkdir(path, 0o750)) }

  open func synchroniseDirectory(_ path: String) -> Int32 {
    let descriptor = open(path, flags: O_RDONLY | O_DIRECTORY)
    if descriptor < 0 { return descriptor }
    defer { Glibc.close(descriptor) }
    return orError(fsync(descriptor))
  }

  open func list(_ directory: String, into names: inout [String]) -> Int32 {
    guard let stream = opendir(directory) else { return -errno }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { names.append(name) }
    }
    return 0
  }

  private func orError(_ result: Int32) -> Int32 { result < 0 ? -errno : result }
}
