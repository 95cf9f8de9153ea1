/// A file of the simulated disk: what the operating system shows of it, and what a power cut would leave.
final class SimulatedFile {
  /// What the disk writes whole or not at all, in bytes.
  static let sector = 512

  /// What reads see: the page cache.
  private(set) var bytes: [UInt8] = []
  /// What is on the medium.
  private(set) var durable: [UInt8] = []
  /// Sectors that were written since the last sync.
  private var isDirty: [Bool] = []

  func write(_ source: UnsafeRawBufferPointer, at offset: Int) {
    if source.isEmpty { return }
    let end = offset + source.count
    if bytes.count < end { resize(to: end) }
    bytes.withUnsafeMutableBytes { target in
      UnsafeMutableRawBufferPointer(rebasing: target[offset..<end]).copyMemory(from: source)
    }
    for sector in offset / Self.sector...(end - 1) / Self.sector { isDirty[sector] = true }
  }

  func resize(to size: Int) {
    if size < bytes.count { bytes.removeLast(bytes.count - size) }
    bytes += repeatElement(0, count: size - bytes.count)
    let sectors = (size + Self.sector - 1) / Self.sector
    if sectors < isDirty.count { isDirty.removeLast(isDirty.count - sectors) }
    isDirty += repeatElement(true, count: sectors - isDirty.count)
  }

  /// Everything written is on the medium.
  func synchronise() {
    fit(&durable, to: bytes.count)
    for sector in isDirty.indices where isDirty[sector] { persist(sector) }
    markClean()
  }

  /// The system tried and could not: it forgets that the pages are dirty, and nothing of them will ever be written.
  func failToSynchronise() { markClean() }

  /// What a power cut leaves: of the sectors not synced any, in any order; now and then one is torn in the middle.
  func losePower(_ chance: inout Chance) {
    if durable.count != bytes.count && chance.once(in: 2) { fit(&durable, to: bytes.count) }
    // The whole write made it, or none of it, more often than chance alone would have it.
    let mood = chance.below(4)
    for sector in isDirty.indices where isDirty[sector] && sector * Self.sector < durable.count {
      switch mood {
      case 0: persist(sector)
      case 1: break
      default:
        if chance.once(in: 2) { persist(sector, limit: chance.once(in: 16) ? chance.below(Self.sector) : Self.sector) }
      }
    }
    bytes = durable
    isDirty = Array(repeating: false, count: (bytes.count + Self.sector - 1) / Self.sector)
  }

  /// One bit of the medium changes by itself.
  func rot(_ chance: inout Chance) {
    if durable.isEmpty { return }
    let index = chance.below(durable.count)
    durable[index] ^= 1 << UInt8(chance.below(8))
    bytes = durable
  }

  /// A copy as it is now.
  func copy() -> SimulatedFile {
    let copy = SimulatedFile()
    (copy.bytes, copy.durable, copy.isDirty) = (bytes, durable, isDirty)
    return copy
  }

  private func persist(_ sector: Int, limit: Int = SimulatedFile.sector) {
    let start = sector * Self.sector
    let end = min(start + limit, bytes.count, durable.count)
    if start < end { durable.replaceSubrange(start..<end, with: bytes[start..<end]) }
  }

  private func markClean() { for sector in isDirty.indices where isDirty[sector] { isDirty[sector] = false } }

  private func fit(_ bytes: inout [UInt8], to size: Int) {
    if size < bytes.count { bytes.removeLast(bytes.count - size) }
    bytes += repeatElement(0, count: size - bytes.count)
  }
}
