import Values
import Wire

/// What can go wrong between a program and a venue. Each description is a sentence that says what to do.
public enum ClientError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text is not `host:port`.
  case invalidAddress(String)
  /// No connection could be made.
  case cannotConnect(address: String, reason: String)
  /// The connection broke, or the server was silent for too long.
  case connectionLost(String)
  /// The server ended the session.
  case terminated(TerminateReason?, detail: Int64)
  /// An answer did not come in time.
  case timedOut(String)
  /// The call needs an established session.
  case notConnected
  /// The server sent something that does not belong here.
  case unexpected(Template)
  /// The server sent bytes that are not a frame.
  case malformedFrame(FrameError)
  /// A key file could not be read or written.
  case keyFile(path: String, reason: String)
  /// The venue refused the request.
  case rejected(Rejection)

  public var description: String {
    switch self {
    case .invalidAddress(let text):
      "“\(text)” is not an address: write host:port, for example 127.0.0.1:7400."
    case .cannotConnect(let address, let reason):
      "Cannot connect to \(address): \(reason). Is the server running there (lockstep serve)?"
    case .connectionLost(let reason):
      "The connection was lost: \(reason)."
    case .terminated(let reason, let detail):
      "The server ended the session: \(Self.sentence(reason, detail: detail))"
    case .timedOut(let what):
      "Timed out while \(what)."
    case .notConnected:
      "There is no session: connect first."
    case .unexpected(let template):
      "The server sent \(template) where it does not belong: is this a Lockstep server of the same version?"
    case .malformedFrame(let error):
      "The server sent bytes that are not a frame (\(error)): is this a Lockstep server?"
    case .keyFile(let path, let reason):
      "Key file \(path): \(reason)"
    case .rejected(let rejection):
      rejection.description
    }
  }

  private static func sentence(_ reason: TerminateReason?, detail: Int64) -> String {
    guard let reason else { return "for a reason that this client does not know." }
    switch reason {
    case .notAuthenticated:
      return "login refused. Either the key does not exist or is revoked, or the key file is not the right one."
    default:
      let text = TypeDescription.terminateReason.text(ofCode: Int(reason.rawValue))
      return "\(text.name). \(text.description)" + (detail == 0 ? "" : " (detail \(detail))")
    }
  }
}

/// A refused request.
public struct Rejection: Equatable, Sendable, CustomStringConvertible {
  /// `nil`: a reason that this version of the client does not know.
  public let reason: RejectReason?
  /// A number that says what was wrong; ``RejectReason`` says what it means.
  public let detail: Int64
  /// The kind of request.
  public let template: Template?
  /// Its request id; 0 for queries.
  public let requestId: UInt64

  public init(reasonCode: UInt16, detail: Int64, template: UInt16, requestId: UInt64) {
    reason = RejectReason(rawValue: reasonCode)
    self.detail = detail
    self.template = Template(rawValue: template)
    self.requestId = requestId
  }

  /// For example: `newOrder refused: insufficientMargin. Free margin after the request would be negative. (-250)`
  public var description: String {
    let what = template.map { "\($0)" } ?? "The request"
    guard let reason else { return "\(what) refused for a reason that this client does not know." }
    return "\(what) refused: \(reason.sentence(detail: detail))"
  }
}

extension RejectReason {
  /// The reason's name, what the schema says about it, and the reject's number with its meaning, for example
  /// `notPermitted. The key lacks the role. (the roles that would be sufficient, as bits: treasurer)`.
  public func sentence(detail: Int64) -> String {
    let (name, description) = TypeDescription.rejectReason.text(ofCode: Int(rawValue))
    let parts = description.split(separator: "Detail: ", maxSplits: 1, omittingEmptySubsequences: false)
    var text = name + "."
    let explanation = parts.first.map(String.init) ?? ""
    if !explanation.isEmpty { text += " " + explanation.trimmed }
    guard detail != 0 else { return text }
    let meaning = parts.count > 1 ? String(parts[1].prefix { $0 != "." }) : ""
    return text + (meaning.isEmpty || meaning == "it" ? " (\(number(detail)))" : " (\(meaning): \(number(detail)))")
  }

  private func number(_ detail: Int64) -> String {
    guard self == .notPermitted || self == .cannotGrant else { return "\(detail)" }
    let roles = TypeDescription.roles.values.filter { detail >> Int64($0.code) & 1 == 1 }
    return roles.map(\.name).joined(separator: " or ")
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension TypeDescription {
  /// Name and explanation of a code of an enumeration, as the schema gives them.
  public func text(ofCode code: Int) -> (name: String, description: String) {
    values.first { $0.code == code }.map { ($0.name, $0.description) } ?? ("\(code)", "")
  }
}
