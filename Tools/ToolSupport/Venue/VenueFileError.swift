/// What is wrong with a venue file: everything that was found, not only the first thing.
public struct VenueFileError: Error, Equatable, CustomStringConvertible {
  /// One thing that is wrong.
  public struct Issue: Equatable, Sendable {
    /// 0: the file as a whole.
    public let line: Int
    /// For example `instruments[1].mark`.
    public let path: String
    /// A sentence.
    public let text: String

    public init(line: Int, path: String, text: String) {
      self.line = line
      self.path = path
      self.text = text
    }
  }

  public let file: String
  public let issues: [Issue]

  public init(file: String, issues: [Issue]) {
    self.file = file
    self.issues = issues
  }

  /// One line per issue: `venue.toml:12: instruments[1].mark: …`.
  public var description: String {
    issues.map { issue in
      let place = issue.line > 0 ? "\(file):\(issue.line)" : file
      return issue.path.isEmpty ? "\(place): \(issue.text)" : "\(place): \(issue.path): \(issue.text)"
    }.joined(separator: "\n")
  }
}
