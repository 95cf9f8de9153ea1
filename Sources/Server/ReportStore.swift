import CLinux
import Glibc
import Session
import Storage
import Values
import Wire

/// The kept reports of all keys as a file beside a snapshot, so that a restart loses none of them.
///
/// `reports-<sequence>.lsr`, little-endian: magic `LSREPRT1`, venue id, sequence, payload length (8 bytes each), CRC32C of
/// these and the payload (4 bytes), zero (4 bytes); then for each key, ascending: key (4 bytes), length (4 bytes), its
/// report frames. It is an aid, not state: when it is missing or damaged, clients get fewer old reports and are told so.
enum ReportStore {
  private static let magic: UInt64 = 0x3154_5250_4552_534C
  private static let headerBytes = 40

  /// Writes the reports that `sessions` keeps; returns why it could not. The snapshot of `sequence` is written after it.
  static func write(_ sessions: Sessions, in directory: String, venueId: UInt64, sequence: UInt64) -> String? {
    var payload: [UInt8] = []
    sessions.forEachStream { stream in
      let bytes = stream.ring.slice(from: 1).bytes
      append(UInt64(stream.key.rawValue) | UInt64(bytes.count) << 32, to: &payload)
      payload.append(contentsOf: bytes)
    }
    var file: [UInt8] = []
    for word in [magic, venueId, sequence, UInt64(payload.count)] { append(word, to: &file) }
    append(UInt64(checksum(header: file, payload: payload[...])), to: &file)
    file.append(contentsOf: payload)
    return save(file, as: path(directory, sequence))
  }

  /// Gives `sessions` the reports that were kept when the snapshot of `sequence` was taken; `false`: there is no such
  /// file, or it is damaged.
  static func read(into sessions: Sessions, from directory: String, sequence: UInt64) -> Bool {
    guard let file = load(path(directory, sequence)), file.count >= headerBytes else { return false }
    let payload = file[headerBytes...]
    guard word(file, at: 0) == magic, word(file, at: 16) == sequence, word(file, at: 24) == UInt64(payload.count),
      word(file, at: 32) == UInt64(checksum(header: Array(file[..<32]), payload: payload))
    else { return false }
    var offset = headerBytes
    while offset + 8 <= file.count {
      let entry = word(file, at: offset)
      let key = KeyId(UInt32(truncatingIfNeeded: entry))
      offset += 8
      let end = offset + Int(entry >> 32)
      guard end <= file.count else { return false }
      file.withUnsafeBytes { bytes in
        while offset < end {
          let rest = UnsafeRawBufferPointer(rebasing: bytes[offset..<end])
          guard case .frame(let length) = Frame.scan(rest, maximum: Int(UInt16.max)) else { break }
          sessions.remember(UnsafeRawBufferPointer(rebasing: rest[..<length]), for: key)
          offset += length
        }
      }
      offset = end
    }
    return true
  }

  /// Removes the files whose snapshots are gone.
  static func prune(_ directory: String, keeping sequences: [UInt64]) {
    let kept = Set(sequences.map { path(directory, $0) })
    guard let stream = opendir(directory) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      let candidate = directory + "/" + name
      if name.hasPrefix("reports-") && name.hasSuffix(".lsr") && !kept.contains(candidate) { unlink(candidate) }
    }
  }

  private static func path(_ directory: String, _ sequence: UInt64) -> String {
    let digits = String(sequence)
    return directory + "/reports-" + String(repeating: "0", count: 20 - digits.count) + digits + ".lsr"
  }

  private static func checksum(header: [UInt8], payload: ArraySlice<UInt8>) -> UInt32 {
    let seed = header.withUnsafeBytes { lockstep_crc32c(0, $0.baseAddress, UInt64($0.count)) }
    return payload.withUnsafeBytes { lockstep_crc32c(seed, $0.baseAddress, UInt64($0.count)) }
  }

  private static func append(_ word: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private static func word(_ bytes: [UInt8], at offset: Int) -> UInt64 {
    bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
  }

  private static func save(_ bytes: [UInt8], as path: String) -> String? {
    let temporary = path + ".tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
    if descriptor < 0 { return "\(temporary): \(String(cString: strerror(errno)))" }
    defer { close(descriptor) }
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + offset, $0.count - offset) }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return abandon(temporary) }
      offset += count
    }
    guard fdatasync(descriptor) == 0, rename(temporary, path) == 0 else { return abandon(temporary) }
    return nil
  }

  /// Removes a file that could not be written; returns why it could not.
  private static func abandon(_ temporary: String) -> String {
    let reason = String(cString: strerror(errno))
    unlink(temporary)
    return "\(temporary): \(reason)"
  }

  private static func load(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return nil }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { return nil }
    let size = Int(information.st_size)
    var bytes = [UInt8](repeating: 0, count: size)
    var offset = 0
    while offset < size {
      let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + offset, size - offset) }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return nil }
      offset += count
    }
    return bytes
  }
}
