import ToolSupport

/// What came of a script.
public struct ScriptResult: Sendable {
  public enum Outcome: Sendable, Equatable {
    case passed
    /// The first step that was not answered as the script says.
    case failed(Mismatch)
    /// It was not run, and why.
    case skipped(String)
  }

  public let name: String
  public let path: String
  public let title: String
  public let outcome: Outcome
  /// Commands sent, preparations included.
  public let steps: Int
  /// Reports that were compared and found right.
  public let reports: Int

  public var hasFailed: Bool {
    if case .failed = outcome { return true }
    return false
  }

  /// The first difference between a script and the venue.
  public struct Mismatch: Sendable, Equatable {
    public let file: String
    public let line: Int
    /// The step as it is written.
    public let step: String
    /// What was found equal begins with two spaces, what was expected and did not come with `- `, what came in place of
    /// it or besides with `+ `.
    public let difference: [String]
  }

  /// For people: one line, and the difference of a script that has failed.
  public var text: String {
    switch outcome {
    case .passed: return "ok       \(name): \(title) (\(steps) commands, \(reports) reports)"
    case .skipped(let reason): return "skipped  \(name): \(reason)"
    case .failed(let mismatch):
      let lines = mismatch.difference.map { "           \($0)" }.joined(separator: "\n")
      return "FAILED   \(name): \(title)\n         \(mismatch.file):\(mismatch.line): \(mismatch.step)\n\(lines)"
    }
  }

  public var json: Json {
    var members: [(String, Json)] = [
      ("script", .string(name)), ("path", .string(path)), ("title", .string(title)),
      ("commands", .integer(steps)), ("reports", .integer(reports)),
    ]
    switch outcome {
    case .passed: members.append(("outcome", "passed"))
    case .skipped(let reason): members += [("outcome", "skipped"), ("reason", .string(reason))]
    case .failed(let mismatch):
      members += [
        ("outcome", "failed"), ("file", .string(mismatch.file)), ("line", .integer(mismatch.line)),
        ("step", .string(mismatch.step)), ("difference", .array(mismatch.difference.map { .string($0) })),
      ]
    }
    return .object(members)
  }
}
