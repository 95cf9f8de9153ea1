import CLinux
import Glibc

/// Waits for descriptors to become ready. Owns its epoll instance and closes it.
struct Epoll: ~Copyable {
  private let descriptor: Int32
  private let ready: UnsafeMutableBufferPointer<lockstep_ready>

  init() throws(ServerError) {
    descriptor = lockstep_epoll_create()
    ready = .allocate(capacity: 256)
    if descriptor < 0 { throw .system(call: "epoll_create1", code: -descriptor) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    ready.deallocate()
  }

  /// What a descriptor is watched for, or ready for.
  struct Events: OptionSet {
    var rawValue: UInt32
    static let readable = Events(rawValue: LOCKSTEP_READABLE)
    static let writable = Events(rawValue: LOCKSTEP_WRITABLE)
    /// Error or hang-up; always watched.
    static let broken = Events(rawValue: LOCKSTEP_BROKEN)
  }

  func add(_ target: Int32, _ events: Events) throws(ServerError) {
    let result = lockstep_epoll_add(descriptor, target, events.rawValue)
    if result < 0 { throw .system(call: "epoll_ctl add", code: -result) }
  }

  func change(_ target: Int32, _ events: Events) {
    let result = lockstep_epoll_change(descriptor, target, events.rawValue)
    precondition(result == 0, "a watched descriptor cannot be changed")
  }

  func remove(_ target: Int32) {
    let result = lockstep_epoll_remove(descriptor, target)
    precondition(result == 0, "a watched descriptor cannot be removed")
  }

  /// Waits at most `timeout` ms (-1: for ever) and returns how many descriptors are ready.
  func wait(timeout: Int32) throws(ServerError) -> Int {
    let count = lockstep_epoll_wait(descriptor, ready.baseAddress, Int32(ready.count), timeout)
    if count < 0 { throw .system(call: "epoll_wait", code: -count) }
    return Int(count)
  }

  /// Descriptor `index` of those the last `wait` has found.
  subscript(index: Int) -> (descriptor: Int32, events: Events) {
    (ready[index].descriptor, Events(rawValue: ready[index].events))
  }
}
