/// What goes wrong on a simulated disk, one in so many calls; 0: never.
struct DiskFaults {
  /// A write takes only a part.
  var shortWrite = 0
  /// A call is interrupted by a signal before it does anything.
  var interrupted = 0
  /// A write fails with EIO.
  var failedWrite = 0
  /// A sync fails with EIO, and its pages are lost.
  var failedSync = 0
  /// A read fails with EIO.
  var failedRead = 0
  /// Bytes that all files together may take.
  var capacity = Int.max

  static let none = DiskFaults()

  static func drawn(_ chance: inout Chance) -> DiskFaults {
    var faults = DiskFaults()
    if chance.once(in: 2) { faults.shortWrite = 2 + chance.below(50) }
    if chance.once(in: 2) { faults.interrupted = 2 + chance.below(50) }
    if chance.once(in: 4) { faults.failedWrite = 50 + chance.below(2_000) }
    if chance.once(in: 4) { faults.failedSync = 50 + chance.below(2_000) }
    if chance.once(in: 8) { faults.failedRead = 200 + chance.below(2_000) }
    if chance.once(in: 8) { faults.capacity = 100_000 + chance.below(1_000_000) }
    return faults
  }
}
