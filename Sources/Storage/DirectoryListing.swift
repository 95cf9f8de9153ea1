import Glibc

/// A file of a data directory with the sequence in its name.
struct NumberedFile: Equatable, Sendable {
  var path: String
  var sequence: UInt64
}

/// The names in `directory`, sorted; without "." and "..".
func listDirectory(_ directory: String) throws(StorageError) -> [String] {
  guard let stream = opendir(directory) else { throw .system(call: "open", path: directory, code: errno) }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// The journal segments in `directory`, first sequence ascending.
func segmentPaths(_ directory: String) throws(StorageError) -> [NumberedFile] {
  numbered(try listDirectory(directory), in: directory, FileName.segmentSequence)
}

/// The snapshots in `directory`, newest first.
func snapshotPaths(_ directory: String) throws(StorageError) -> [NumberedFile] {
  numbered(try listDirectory(directory), in: directory, FileName.snapshotSequence).reversed()
}

private func numbered(
  _ names: [String], in directory: String, _ sequence: (String) -> UInt64?
) -> [NumberedFile] {
  names.compactMap { name in sequence(name).map { NumberedFile(path: directory + "/" + name, sequence: $0) } }
}
