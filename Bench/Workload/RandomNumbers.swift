/// xorshift128+, seeded by SplitMix64: the same numbers for the same seed in every language.
struct RandomNumbers {
  private var low: UInt64
  private var high: UInt64

  init(seed: UInt64) {
    var state = seed
    func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }
    low = next()
    high = next()
  }

  mutating func next() -> UInt64 {
    var first = low
    let second = high
    low = second
    first ^= first << 23
    high = first ^ second ^ first >> 17 ^ second >> 26
    return high &+ second
  }

  /// Below `bound`.
  mutating func below(_ bound: Int) -> Int { Int(((next() >> 32) &* UInt64(bound)) >> 32) }

  /// In 0 ..< 1.
  mutating func unit() -> Double { Double(next() >> 11) * (1.0 / 9_007_199_254_740_992.0) }
}
