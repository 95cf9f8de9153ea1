import Glibc
import Values

/// The two clocks of the server: the wall for what is logged, the monotonic one for timers.
enum Clock {
  /// Nanoseconds since the Unix epoch.
  static var wall: Timestamp { Timestamp(read(CLOCK_REALTIME)) }

  /// Nanoseconds since some point before the start; never goes back.
  static var monotonic: UInt64 { UInt64(read(CLOCK_MONOTONIC)) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
