/// Where a server listens.
public struct Address: Equatable, Sendable, CustomStringConvertible {
  public let host: String
  public let port: UInt16

  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// From `host:port`, for example `127.0.0.1:7400` or `[::1]:7400`.
  public init(_ text: some StringProtocol) throws(ClientError) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port != 0 else {
      throw .invalidAddress(String(text))
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw .invalidAddress(String(text))
    }
    guard !host.isEmpty else { throw .invalidAddress(String(text)) }
    self.init(host: String(host), port: port)
  }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
