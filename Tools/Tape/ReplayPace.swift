import Client
import Glibc
import Values

/// How fast commands are sent.
public enum ReplayPace: Equatable, Sendable {
  /// As fast as they are taken.
  case flatOut
  /// At the recorded distances in time, divided by `speed` (> 0).
  case recorded(speed: Double)

  func pacer() -> Pacer { Pacer(pace: self) }
}

/// Holds each command back until its time has come.
struct Pacer {
  private let pace: ReplayPace
  private var first: (recorded: Int64, now: Int64)?

  init(pace: ReplayPace) { self.pace = pace }

  /// How long to wait, in nanoseconds, before a command of that recorded time is sent at the steady time `now`.
  mutating func delay(for time: Timestamp, now: Int64) -> Int64 {
    guard case .recorded(let speed) = pace else { return 0 }
    guard let first else {
      first = (time.rawValue, now)
      return 0
    }
    let distance = Double(time.rawValue &- first.recorded) / speed
    return max(0, first.now &+ Int64(min(distance, 1e18)) &- now)
  }

  /// Sleeps until a command of that recorded time may be sent.
  mutating func wait(for time: Timestamp) {
    let delay = delay(for: time, now: steadyTime())
    guard delay > 0 else { return }
    var rest = timespec(tv_sec: Int(delay / 1_000_000_000), tv_nsec: Int(delay % 1_000_000_000))
    while true {
      let step = rest
      if withUnsafePointer(to: step, { nanosleep($0, &rest) }) == 0 || errno != EINTR { return }
    }
  }
}
