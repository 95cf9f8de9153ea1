/// Mutations of programs that keep the borders between steps, so that a change early on leaves the rest meaning the same.
public struct Mutator {
  private var state: UInt64

  /// The same seed gives the same mutations.
  public init(seed: UInt32) { state = UInt64(seed) }

  /// `program` mutated, at most `limit` bytes long; `nil`: leave this one to the fuzzer.
  public mutating func mutate(_ program: [UInt8], atMost limit: Int) -> [UInt8]? {
    let starts = program.withUnsafeBytes { Step.starts(in: $0) }
    let choice = below(10)
    if choice < 3 { return nil }
    var mutated: [UInt8]
    if starts.isEmpty || choice < 6 {
      let place = starts.randomElement(using: &self) ?? program.count
      mutated = (program.isEmpty ? [0] : Array(program.prefix(place))) + newStep() + program.dropFirst(place)
    } else {
      let index = below(starts.count)
      let step = starts[index]..<(index + 1 < starts.count ? starts[index + 1] : program.count)
      mutated = program
      switch choice {
      case 6: mutated.removeSubrange(step)
      case 7:
        let place = starts[below(starts.count)]
        mutated.insert(contentsOf: program[step], at: place)
      default: mutated[step.lowerBound + below(step.count)] = UInt8(below(256))
      }
    }
    return mutated.count <= limit ? mutated : nil
  }

  /// A step of random bytes, as long as it takes.
  private mutating func newStep() -> [UInt8] {
    let bytes = (0..<80).map { _ in UInt8(below(256)) }
    let length = bytes.withUnsafeBytes { raw in
      var cursor = ByteCursor(raw)
      _ = Step(from: &cursor)
      return cursor.position
    }
    return Array(bytes.prefix(length))
  }

  private mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
}

extension Mutator: RandomNumberGenerator {
  /// SplitMix64.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
