/// A set of slots below a bound, one bit each; its first element is the lowest slot.
@frozen public struct SlotSet: ~Copyable {
  @usableFromInline var words: ZeroedArray<UInt64>
  public private(set) var count = 0

  /// Room for slots 0…`highest`.
  public init(highest: Int) { words = ZeroedArray(count: highest / 64 + 1) }

  public func contains(_ slot: UInt32) -> Bool { words[Int(slot) / 64] & (1 << UInt64(slot % 64)) != 0 }

  public mutating func insert(_ slot: UInt32) {
    if contains(slot) { return }
    words[Int(slot) / 64] |= 1 << UInt64(slot % 64)
    count += 1
  }

  public mutating func remove(_ slot: UInt32) {
    if !contains(slot) { return }
    words[Int(slot) / 64] &= ~(1 << UInt64(slot % 64))
    count -= 1
  }

  /// The lowest slot not below `slot`; 0 when there is none (slot 0 is never in a set). O(bound / 64).
  public func first(from slot: UInt32 = 0) -> UInt32 {
    if count == 0 { return 0 }
    var index = Int(slot) / 64
    var word = index < words.count ? words[index] & (~0 << UInt64(slot % 64)) : 0
    while word == 0 {
      index += 1
      if index >= words.count { return 0 }
      word = words[index]
    }
    return UInt32(index * 64 + word.trailingZeroBitCount)
  }
}
