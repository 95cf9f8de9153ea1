/// Crashes that a run can be asked for by name.
public enum HistoryEvent: String, CaseIterable, Sendable {
  /// 12–13 March 2020.
  case march2020 = "march-2020"
  /// 19 May 2021.
  case may2021 = "may-2021"

  /// First day, and the day after the last.
  public var days: (from: String, to: String) {
    switch self {
    case .march2020: ("2020-03-05", "2020-03-26")
    case .may2021: ("2021-05-15", "2021-06-05")
    }
  }
}
