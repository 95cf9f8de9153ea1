import Glibc

/// Reads a text file whole, unpacking it with `gzip` when it is packed.
public enum TextFile {
  /// The bytes of the file at `path`, which may be gzip-packed under any name.
  ///
  /// Throws a ``TapeError`` when the file cannot be read, or when it is packed and `gzip` is missing or finds it damaged.
  public static func read(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TapeError("\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    let bytes = try readToEnd(descriptor, path: path)
    return bytes.starts(with: [0x1F, 0x8B]) ? try unpack(path) : bytes
  }

  static func readToEnd(_ descriptor: Int32, path: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = Glibc.read(descriptor, &block, block.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw TapeError("\(path): \(String(cString: strerror(errno)))")
      }
      bytes.append(contentsOf: block[..<count])
    }
  }

  /// What `gzip -dc` makes of the file.
  static func unpack(_ path: String) throws -> [UInt8] {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw TapeError("no pipe: \(String(cString: strerror(errno)))") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    // What gzip has to complain about is told by its exit status.
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    let words = ["gzip", "-dc", "--", path]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let failure = posix_spawnp(&process, "gzip", &actions, nil, &arguments, environ)
    close(ends[1])
    guard failure == 0 else {
      throw TapeError(
        "\(path) is packed, and gzip cannot be started (\(String(cString: strerror(failure)))); unpack it first")
    }
    let bytes: [UInt8]
    do { bytes = try readToEnd(ends[0], path: path) } catch {
      _ = waitForExit(process)
      throw error
    }
    guard waitForExit(process) == 0 else { throw TapeError("\(path): gzip could not unpack the file") }
    return bytes
  }

  /// The wait status; 0 only for a clean exit.
  private static func waitForExit(_ process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status
  }
}
