/// What a scenario of portfolio mode supposes, in words.
enum ScenarioText {
  private static let moves = ["0", "+1/3", "−1/3", "+2/3", "−2/3", "+1", "−1"]

  /// Scenarios count from 1; 0: nothing loses.
  static func describe(_ scenario: UInt8) -> String {
    switch scenario {
    case 1...14:
      "price \(moves[Int(scenario - 1) / 2]) range, volatility \(scenario.isMultiple(of: 2) ? "down" : "up")"
    case 15, 16: "price \(scenario == 15 ? "+2" : "−2") ranges, at 35 %"
    default: "none"
    }
  }
}
