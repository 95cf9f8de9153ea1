import Values
import Wire

/// Every rate that was in force at the end of an hour, against all that had been promised about it.
public struct RampCheck: Sendable {
  /// Rates seen, and how often one of them moved.
  public private(set) var looks = 0
  public private(set) var moves = 0
  /// Promises that came due and were compared: 1, 10 and 60 hours ahead.
  public private(set) var promises = 0
  /// Most that an initial rate rose, and fell, in one hour.
  public private(set) var steepest = (up: Rate.zero, down: Rate.zero)
  public private(set) var faults: [String] = []
  /// What the initial rate may rise and fall by in one hour.
  public static var bound: (up: Rate, down: Rate) { HistoryMarket.ramp }
  private var past: [[RiskRateReport]] = []

  /// Takes in the rates of all instruments at the end of an hour.
  mutating func look(_ reports: [RiskRateReport]) {
    for (column, now) in reports.enumerated() {
      looks += 1
      if let last = past.last?[column] {
        let move = now.initialRate.rawValue - last.initialRate.rawValue
        if move != 0 || now.maintenanceRate != last.maintenanceRate { moves += 1 }
        steepest = (max(steepest.up, Rate(move)), max(steepest.down, Rate(-move)))
        if Rate(move) > Self.bound.up || Rate(-move) > Self.bound.down {
          faults.append("\(HistoryCast.name(now.instrument)): the initial rate moved by \(move) ppb in an hour")
        }
      }
      compare(now, column, hours: 1, \.initialIn1, \.maintenanceIn1)
      compare(now, column, hours: 10, \.initialIn10, \.maintenanceIn10)
      compare(now, column, hours: 60, \.initialIn60, \.maintenanceIn60)
    }
    past.append(reports)
  }

  private mutating func compare(
    _ now: RiskRateReport, _ column: Int, hours: Int, _ initial: KeyPath<RiskRateReport, Rate>,
    _ maintenance: KeyPath<RiskRateReport, Rate>
  ) {
    guard past.count >= hours else { return }
    let then = past[past.count - hours][column]
    for (name, rate, promise) in [
      ("initial", now.initialRate, then[keyPath: initial]),
      ("maintenance", now.maintenanceRate, then[keyPath: maintenance]),
    ] {
      promises += 1
      if rate > promise {
        faults.append(
          "\(HistoryCast.name(now.instrument)): the \(name) rate \(rate.rawValue) is above the \(promise.rawValue) promised \(hours) h before"
        )
      }
    }
  }
}
