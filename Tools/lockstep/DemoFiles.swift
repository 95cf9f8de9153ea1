import Glibc
import ToolSupport

/// The files of the built-in venue.
enum DemoFiles {
  /// Writes `directory`/venue.toml and the key files it names, where they do not exist yet; returns the venue file.
  static func prepare(in directory: String, margin: ExampleVenue.MarginSet) throws -> String {
    mkdir(directory, 0o750)
    let file = directory + "/venue.toml"
    if access(file, F_OK) != 0 { try writeText(ExampleVenue.text(margin: margin), to: file) }
    for key in try Genesis.keyFiles(namedIn: file) where access(key, F_OK) != 0 { _ = try Keygen.make(key) }
    return file
  }
}
