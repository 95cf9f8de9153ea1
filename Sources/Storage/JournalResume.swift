import Glibc
import Values

extension Journal {
  /// Opens for writing the journal that `reader` has read to its end, right behind the last good batch.
  ///
  /// Cuts a torn tail (nothing of it may ever be read again), writes the last batch once more and syncs: after a failed
  /// sync the page cache may hold what the disk does not, and only rewritten pages are sure to go there.
  init(resuming directory: String, reader: borrowing JournalReader, options: Options) throws(StorageError) {
    guard let end = reader.end else { preconditionFailure("read the journal to its end first") }
    let state = reader.state
    let header = reader.header
    let file = try File(end.path, flags: O_RDWR, in: options.files)
    if end.tornBytes > 0 { try file.truncate(to: Int(end.offset)) }
    if let batch = reader.batch {
      let size = Int(state.offset - batch.offset)
      var bytes = ByteBuffer(capacity: size)
      bytes.reserve(size)
      bytes.setCount(
        try file.read(into: UnsafeMutableRawBufferPointer(start: bytes.base, count: size), at: Int(batch.offset)))
      try file.write(bytes.bytes, at: Int(batch.offset))
    }
    try file.synchronise()
    // The process before may have died after it had named its last segment and before the name was on the disk.
    try options.files.makeDurable(directory)
    var earlierBytes: UInt64 = 0
    for segment in try options.files.segments(in: directory) where segment.path != end.path {
      earlierBytes += UInt64(try File(segment.path, flags: O_RDONLY, in: options.files).size())
    }
    let fileEnd = try file.size()
    self.init(
      directory: directory, identity: header.identity, options: options, file: file, seed: header.checksumValue,
      state: state, fileEnd: fileEnd, earlierBytes: earlierBytes)
  }
}
