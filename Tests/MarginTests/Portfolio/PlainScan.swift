import Values

@testable import Margin

/// The sixteen scenarios once more, plainly: a table, loops and 128 bits. What the vectors are compared with.
enum PlainScan {
  static let scenarios: [(thirds: Int128, weight: Int128)] = [
    (0, 100), (0, 100), (1, 100), (1, 100), (-1, 100), (-1, 100), (2, 100), (2, 100), (-2, 100), (-2, 100), (3, 100),
    (3, 100), (-3, 100), (-3, 100), (6, 35), (-6, 35),
  ]

  /// Value changes of `lots` linear lots worth `value` each: one lot's change is rounded first.
  static func linear(_ lots: Int128, value: Int128, range: Int128) -> [Int128] {
    scenarios.map { scenario in
      let exact = value * range * scenario.thirds
      return lots * (lots >= 0 ? roundDown(exact, 3_000_000_000) : roundUp(exact, 3_000_000_000))
    }
  }

  static func loss(_ vector: [Int128]) -> Int128 {
    zip(vector, scenarios).map { roundUp(max(0, -$0) * $1.weight, 100) }.max()!
  }

  static func sum(_ vectors: [[Int128]]) -> [Int128] {
    vectors.reduce([Int128](repeating: 0, count: 16)) { zip($0, $1).map { $0 + $1 } }
  }
}

extension SIMD16<Int64> {
  var list: [Int128] { indices.map { Int128(self[$0]) } }
}
