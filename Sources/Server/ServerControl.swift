import CLinux
import Glibc

/// Stops a running server from another thread, as SIGTERM does.
public final class ServerControl: Sendable {
  let descriptor: Int32

  public init() { descriptor = lockstep_event_open() }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Asks the server to shut down in order. May be called from any thread, more than once.
  public func stop() { lockstep_event_raise(descriptor) }
}
