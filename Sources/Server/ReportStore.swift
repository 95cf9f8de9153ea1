import CLinux
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

  /// Writes the reports that `sessions` keeps. The snapshot of `sequence` is written after it.
  static func write(
    _ sessions: Sessions, in directory: borrowing DataDirectory, venueId: UInt64, sequence: UInt64
  ) throws(StorageError) {
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
    try directory.files.store(file, as: path(directory.path, sequence))
  }

  /// Gives `sessions` the reports that were kept when the snapshot of `sequence` was taken; `false`: there is no such
  /// file, or it is damaged.
  static func read(into sessions: Sessions, from directory: borrowing DataDirectory, sequence: UInt64) -> Bool {
    guard let file = try? directory.files.load(path(directory.path, sequence)), file.count >= headerBytes else {
      return false
    }
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
  static func prune(_ directory: borrowing DataDirectory, keeping sequences: [UInt64]) {
    let kept = Set(sequences.map { path(directory.path, $0) })
    var names: [String] = []
    _ = directory.files.list(directory.path, into: &names)
    for name in names where name.hasPrefix("reports-") && name.hasSuffix(".lsr") {
      let candidate = directory.path + "/" + name
      if !kept.contains(candidate) { _ = directory.files.remove(candidate) }
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
}
