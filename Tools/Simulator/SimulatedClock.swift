import Values

/// The time of a simulation. Passes only when something in it takes time.
final class SimulatedClock {
  /// Nanoseconds since the start of the simulation.
  private(set) var monotonic: UInt64 = 1_000_000_000
  /// What the wall clock is ahead: jumps when somebody sets it.
  private var wallOffset: Int64 = 1_700_000_000_000_000_000

  var wall: Timestamp { Timestamp(Int64(monotonic) + wallOffset) }

  func pass(_ nanoseconds: UInt64) { monotonic += nanoseconds }

  /// Goes on to `time`; never back.
  func reach(_ time: UInt64) { monotonic = max(monotonic, time) }

  /// Sets the wall clock ahead or back.
  func jump(_ nanoseconds: Int64) { wallOffset += nanoseconds }
}
