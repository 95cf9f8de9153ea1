import Glibc

/// A new directory under /tmp that only this user can read.
func makeTemporaryDirectory(_ name: String) throws -> String {
  var template = Array("/tmp/\(name)-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else {
    throw TapeError("no directory can be made under /tmp: \(String(cString: strerror(errno)))")
  }
  return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
}

/// Removes a directory with all files in it. What cannot be removed is left.
func removeTree(_ path: String) {
  if let stream = opendir(path) {
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      let inner = path + "/" + name
      if unlink(inner) != 0 { removeTree(inner) }
    }
    closedir(stream)
  }
  rmdir(path)
}
