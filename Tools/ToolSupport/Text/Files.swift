import Glibc

/// A file that cannot be read or written.
public struct FileError: Error, CustomStringConvertible {
  public let path: String
  public let reason: String
  public var description: String { "\(path): \(reason)" }

  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  /// With what the operating system says about the last failed call.
  public init(path: String) { self.init(path: path, reason: String(cString: strerror(errno))) }
}

/// The whole text of a file.
public func readText(_ path: String) throws(FileError) -> String {
  String(decoding: try readBytes(path), as: UTF8.self)
}

/// All bytes of a file.
public func readBytes(_ path: String) throws(FileError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError(path: path) }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count == 0 { return bytes }
    if count < 0 {
      if errno == EINTR { continue }
      throw FileError(path: path)
    }
    bytes.append(contentsOf: buffer[..<count])
  }
}

/// Writes a text to a new file, or over an old one.
public func writeText(_ text: String, to path: String) throws(FileError) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw FileError(path: path) }
  defer { close(descriptor) }
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 {
      if errno == EINTR { continue }
      throw FileError(path: path)
    }
    bytes = bytes.dropFirst(count)
  }
}
