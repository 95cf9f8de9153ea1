/// Random numbers that follow from a seed: SplitMix64. Every decision of a simulation is drawn from one of these, so that
/// a seed repeats bit for bit.
struct Chance {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// A number in 0 ..< `bound`; 0 when the bound is.
  mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(next() % UInt64(bound)) }

  /// A number in `range`.
  mutating func within(_ range: ClosedRange<UInt64>) -> UInt64 {
    range.lowerBound + next() % (range.upperBound - range.lowerBound + 1)
  }

  /// True once in `count` times; never when `count` is 0.
  mutating func once(in count: Int) -> Bool { count > 0 && below(count) == 0 }

  /// One of `choices`, which must not be empty.
  mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

  /// A generator of its own, for a part whose draws must not move those of others.
  mutating func branch() -> Chance { Chance(seed: next()) }
}
