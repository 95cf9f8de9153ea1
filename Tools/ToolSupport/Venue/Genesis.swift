import Client
import TOMLKit
import Values
import Wire

/// The frames that create a venue, made from its file: the first records of its journal, of key 0.
public struct Genesis: Sendable {
  /// One frame and where it comes from.
  public struct Entry: Sendable {
    public let bytes: [UInt8]
    /// Line of the file.
    public let line: Int
    /// For example `instrument BTC-PERP`.
    public let what: String
  }

  /// Name of the file, for messages.
  public let file: String
  /// `DefineVenue` first.
  public let entries: [Entry]
  public let names: VenueNames
  /// Whether the file gives the venue's id. Otherwise the id is random, made anew at every reading: only that of the
  /// first start counts.
  public let hasVenueId: Bool
  /// The frames, in the order in which they are applied.
  public var frames: [[UInt8]] { entries.map(\.bytes) }

  /// Reads a venue file. Nothing but its text is looked at, and the key files it names through `publicKey`.
  ///
  /// - Parameters:
  ///   - text: The file.
  ///   - file: Its name, for messages.
  ///   - publicKey: The public half of the key in a `key_file`.
  public init(
    text: String, file: String, publicKey: (String) throws(ClientError) -> Bytes32
  ) throws(VenueFileError) {
    let root: TomlValue
    do {
      root = TomlValue(try TOMLTable(string: text))
    } catch let error as TOMLParseError {
      let issue = VenueFileError.Issue(
        line: error.source.begin.line, path: "", text: "not valid TOML: \(error.description)")
      throw VenueFileError(file: file, issues: [issue])
    } catch {
      let issue = VenueFileError.Issue(line: 0, path: "", text: "cannot be read: \(error)")
      throw VenueFileError(file: file, issues: [issue])
    }
    let reader = VenueReader(root, lines: SourceLines(text))
    reader.read(publicKey: publicKey)
    guard reader.toml.issues.isEmpty else {
      throw VenueFileError(file: file, issues: reader.toml.issues.sorted { $0.line < $1.line })
    }
    self.file = file
    entries = reader.entries
    names = reader.names
    hasVenueId = reader.hasVenueId
  }

  /// Reads the venue file at `path`; key files are relative to its directory.
  public init(contentsOf path: String) throws {
    let text = try readText(path)
    try self.init(text: text, file: path) { file throws(ClientError) in
      try KeyPair(contentsOf: Self.relative(file, to: path)).publicKey
    }
  }

  /// Names and units in the venue file at `path`, without looking at key files.
  public static func names(in path: String) throws -> VenueNames {
    try Genesis(text: try readText(path), file: path) { _ throws(ClientError) in Bytes32() }.names
  }

  /// The key files that the venue file at `path` names, whether they exist or not, as paths from here.
  public static func keyFiles(namedIn path: String) throws -> [String] {
    try names(in: path).keyFiles.sorted { $0.key < $1.key }.map { relative($0.value, to: path) }
  }

  /// The key file of a key, as a path from here; `nil` when the venue file names none.
  public static func keyFile(of key: KeyId, namedIn path: String) throws -> String? {
    try names(in: path).keyFiles[key].map { relative($0, to: path) }
  }

  /// A path that stands in a file, seen from here.
  private static func relative(_ file: String, to path: String) -> String {
    guard !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
    return path[...slash] + file
  }
}
