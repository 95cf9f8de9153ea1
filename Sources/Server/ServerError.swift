import Glibc

/// Why the server could not start or had to stop. `description` is a sentence for the person at the console.
public enum ServerError: Error, Sendable, CustomStringConvertible {
  /// The operating system refused. `code` is the errno.
  case system(call: String, code: Int32)
  case cannotListen(ListenEndpoint, code: Int32)
  /// The configuration asks for something that is not allowed.
  case configuration(String)
  /// The journal, a snapshot or the data directory failed.
  case storage(String)
  /// The books and the ledger disagree with a full recomputation: the state cannot be trusted.
  case audit(String)

  public var description: String {
    switch self {
    case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
    case .cannotListen(let endpoint, let code):
      "cannot listen on \(endpoint.address) port \(endpoint.port): \(String(cString: strerror(code)))"
    case .configuration(let text): text
    case .storage(let text): text
    case .audit(let text): "audit failed: \(text)"
    }
  }
}
