import Glibc
import Storage
import Values
import Wire

/// The first records of a journal.
enum JournalStart {
  /// The frames that created the venue in `directory`; `nil` when there is no venue, or when the first part of its
  /// journal has been taken away (then nothing can be compared).
  static func genesis(in directory: String) throws -> [[UInt8]]? {
    guard access(directory, F_OK) == 0 else { return nil }
    var frames: [[UInt8]] = []
    do throws(StorageError) {
      var reader = try JournalReader(directory: directory, from: 1)
      while let record = try reader.next() {
        guard record.kind == .input else { continue }
        let template = Frame(record.frame).template
        guard record.key == .venue, template != .tick, template != .sessionOpened, template != .sessionClosed else {
          break
        }
        frames.append(Array(record.frame))
      }
    } catch {
      if frames.isEmpty { return nil }
    }
    return frames.isEmpty ? nil : frames
  }
}
