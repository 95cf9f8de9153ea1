/// SplitMix64: the same numbers everywhere, from a seed.
struct Random {
  private var state: UInt64

  /// Seeds are mixed first: a multiple of the increment would make each seed's numbers the next seed's, one later.
  init(seed: UInt64) {
    state = seed
    state = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
    range.lowerBound + Int64(next() % UInt64(range.upperBound - range.lowerBound + 1))
  }

  mutating func wide(_ range: ClosedRange<Int64>) -> Int128 { Int128(number(range)) }

  /// True `part` times in a thousand.
  mutating func chance(_ part: Int64) -> Bool { number(1...1000) <= part }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int(next() % UInt64(elements.count))]
  }

  mutating func pick<Element>(_ elements: ClosedRange<Element>) -> Element where Element: FixedWidthInteger {
    Element(number(Int64(elements.lowerBound)...Int64(elements.upperBound)))
  }
}
