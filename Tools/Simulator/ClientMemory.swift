import Wire

/// What a client knows whatever happens to its connection: what it has sent, and what it was told.
struct ClientMemory {
  /// Fingerprint of each numbered report received, by number.
  private(set) var reports: [UInt64: UInt64] = [:]
  /// The newest report received.
  private(set) var lastReport: UInt64 = 0
  /// Requests sent that no answer is known of, oldest first.
  var pending: [(requestId: UInt64, frame: [UInt8])] = []
  /// Fingerprints of everything sent.
  private(set) var sent: Set<UInt64> = []
  var lastRequest: UInt64 = 0

  mutating func noteSent(_ frame: [UInt8]) { sent.insert(frame.withUnsafeBytes(fingerprint)) }

  /// Takes report `number`; what is wrong with it, if something is: one that was received before has changed.
  mutating func take(_ number: UInt64, _ frame: UnsafeRawBufferPointer) -> String? {
    let print = fingerprint(frame)
    lastReport = max(lastReport, number)
    guard let known = reports.updateValue(print, forKey: number), known != print else { return nil }
    return "report \(number) was something else before: now \(FrameText.describe(Frame(frame)))"
  }
}

/// 64 bits that tell frames apart: FNV-1a.
func fingerprint(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return hash
}
