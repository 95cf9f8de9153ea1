/// A file of a data directory with the sequence in its name.
struct NumberedFile: Equatable, Sendable {
  var path: String
  var sequence: UInt64
}

extension FileSystem {
  /// The names in `directory`, sorted; without "." and "..".
  func names(in directory: String) throws(StorageError) -> [String] {
    var names: [String] = []
    let result = list(directory, into: &names)
    guard result == 0 else { throw .system(call: "open", path: directory, code: -result) }
    return names.sorted()
  }

  /// The journal segments in `directory`, first sequence ascending.
  func segments(in directory: String) throws(StorageError) -> [NumberedFile] {
    numbered(try names(in: directory), in: directory, FileName.segmentSequence)
  }

  /// The snapshots in `directory`, newest first.
  func snapshots(in directory: String) throws(StorageError) -> [NumberedFile] {
    numbered(try names(in: directory), in: directory, FileName.snapshotSequence).reversed()
  }

  private func numbered(
    _ names: [String], in directory: String, _ sequence: (String) -> UInt64?
  ) -> [NumberedFile] {
    names.compactMap { name in sequence(name).map { NumberedFile(path: directory + "/" + name, sequence: $0) } }
  }
}
