import Glibc
import ToolSupport
import Wire

/// A conformance script: commands, and the reports that the rules of the protocol demand in answer. The language is
/// described by Protocol/conformance/README.md.
public struct Script: Sendable {
  /// The file's name without directories and ending.
  public let name: String
  /// As it was given.
  public let path: String
  /// The first line of the comment that the script begins with.
  public let title: String
  /// Included steps first.
  let steps: [Step]
  /// Why the script can only be run on a venue of its own; `nil`: any venue will do.
  let needs: Need?

  /// What a venue that others use as well does not give to a script.
  enum Need: String, Sendable {
    case clock = "it moves the clock"
    case venue = "it changes settings of the whole venue"
    case requestIds = "it chooses request ids itself"
  }

  /// Reads the script at `path`, with all files that it includes (their paths are relative to it).
  public init(contentsOf path: String) throws {
    var reader = ScriptReader()
    try reader.read(path, isIncluded: false)
    self.path = path
    let file = path.split(separator: "/").last.map(String.init) ?? path
    name = file.hasSuffix(".conform") ? String(file.dropLast(".conform".count)) : file
    title = reader.title
    steps = reader.steps
    needs = reader.needs
  }
}

/// Something a script does, and what must come of it.
struct Step: Sendable {
  enum Action: Sendable {
    /// A request or query, as text.
    case send(party: String, text: String)
    /// The clock moves to the time that the text names.
    case time(String)
    /// The party's session begins; its orders are cancelled so many milliseconds after it has ended (0: never).
    case connect(party: String, window: UInt32)
    case disconnect(party: String)
  }

  /// The file it stands in, for messages: an included file is another one than the script's.
  let file: String
  let line: Int
  /// As it is written, without comment.
  let text: String
  let action: Action
  /// `nil`: preparation, which must only not be refused.
  var expectations: [ExpectedReport]?
}

/// A report that must come, as it is written.
struct ExpectedReport: Sendable {
  let line: Int
  let party: String
  let text: String
  let message: MessageDescription
  /// Field names, those of records with the member after a point, and what is written for them.
  let fields: [(name: String, value: String)]
}

/// A script that cannot be understood.
public struct ScriptError: Error, CustomStringConvertible, Equatable {
  public let file: String
  /// 0: the file as a whole.
  public let line: Int
  public let text: String
  public var description: String { line == 0 ? "\(file): \(text)" : "\(file):\(line): \(text)" }
}

extension Script {
  /// Why the script needs a venue of its own; `nil`: it does not.
  public var need: String? { needs?.rawValue }

  /// The script at `path`, or, if that is a directory, those in it, in alphabetical order.
  public static func files(at path: String) throws(FileError) -> [String] {
    guard let stream = opendir(path) else {
      if errno == ENOTDIR { return [path] }
      throw FileError(path: path)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".conform") { names.append(path + "/" + name) }
    }
    return names.sorted()
  }
}
