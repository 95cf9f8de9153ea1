import Glibc

/// Why a file could not be written, read or trusted. `description` is a sentence for the person at the console.
public enum StorageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The operating system refused. `code` is the errno.
  case system(call: String, path: String, code: Int32)
  /// Bytes that were safe once are not what was written.
  case damaged(path: String, offset: UInt64, reason: String)
  /// A file of another venue, another format or a newer version.
  case unsupported(path: String, reason: String)
  /// Another process holds the directory; 0 when it could not be told which.
  case inUse(path: String, process: Int32)
  /// A file that must be there is not.
  case missing(path: String, reason: String)
  /// The kernel answered a recorded command differently than when it was recorded.
  case diverged(sequence: UInt64, reason: String)
  /// The directory holds a venue already, or none, where the opposite was expected.
  case unexpected(path: String, reason: String)

  public var description: String {
    switch self {
    case .system(let call, let path, let code):
      return "\(call) \(path): \(String(cString: strerror(code))) (errno \(code))"
    case .damaged(let path, let offset, let reason):
      return "\(path) is damaged at offset \(offset): \(reason)"
    case .unsupported(let path, let reason):
      return "\(path) cannot be used: \(reason)"
    case .inUse(let path, let process):
      let holder = process > 0 ? "process \(process)" : "another process"
      return "\(path) is in use by \(holder); stop it first or give another data directory"
    case .missing(let path, let reason):
      return "\(path) is missing: \(reason)"
    case .diverged(let sequence, let reason):
      return "the replay differs from the recording at sequence \(sequence): \(reason)"
    case .unexpected(let path, let reason):
      return "\(path): \(reason)"
    }
  }
}
