import Glibc

/// A TCP connection that never blocks except in ``wait(readable:writable:until:)``. Closes itself when it goes away.
public final class Connection {
  /// For a poll or epoll of your own.
  public let descriptor: Int32
  private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)

  private init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
    scratch.deallocate()
  }

  /// Connects to the first address of `address` that answers; gives up at the steady time `deadline`.
  public static func open(_ address: Address, deadline: Int64) throws(ClientError) -> Connection {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(address.host, "\(address.port)", &hints, &list)
    guard status == 0 else {
      throw .cannotConnect(address: "\(address)", reason: String(cString: gai_strerror(status)))
    }
    defer { freeaddrinfo(list) }
    var reason = "the name has no address"
    var candidate = list
    while let info = candidate {
      switch attempt(info.pointee, deadline: deadline) {
      case .connected(let connection): return connection
      case .failed(let text): reason = text
      }
      candidate = info.pointee.ai_next
    }
    throw .cannotConnect(address: "\(address)", reason: reason)
  }

  private enum Attempt {
    case connected(Connection)
    case failed(String)
  }

  private static func attempt(_ info: addrinfo, deadline: Int64) -> Attempt {
    let kind = info.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(info.ai_family, kind, info.ai_protocol)
    guard descriptor >= 0 else { return .failed(systemReason()) }
    let connection = Connection(descriptor: descriptor)
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    if connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 { return .connected(connection) }
    guard errno == EINPROGRESS else { return .failed(systemReason()) }
    guard connection.wait(readable: false, writable: true, until: deadline) else { return .failed("no answer in time") }
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
    return code == 0 ? .connected(connection) : .failed(systemReason(code))
  }

  /// Sleeps until the connection can be read or written as wanted, or until the steady time `deadline`. False: nothing
  /// happened in time. A broken connection counts as readable and writable.
  public func wait(readable: Bool, writable: Bool, until deadline: Int64) -> Bool {
    let events = (readable ? Int32(POLLIN) : 0) | (writable ? Int32(POLLOUT) : 0)
    while true {
      var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      let left = max(0, deadline &- steadyTime())
      let milliseconds = Int32(clamping: left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1))
      let count = poll(&entry, 1, milliseconds)
      if count > 0 { return true }
      if count == 0 { return false }
      precondition(errno == EINTR, "poll refused its arguments")
    }
  }

  /// What a call on a connection came to.
  public enum Transfer: Equatable, Sendable {
    /// So many bytes.
    case bytes(Int)
    /// Nothing just now.
    case nothing
    case failed(ClientError)
  }

  /// Reads once, up to 64 KiB, and shows what came.
  public func receive(_ body: (UnsafeRawBufferPointer) -> Void) -> Transfer {
    let count = recv(descriptor, scratch.baseAddress, scratch.count, 0)
    if count > 0 {
      body(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
      return .bytes(count)
    }
    if count == 0 { return .failed(.connectionLost("the server closed it")) }
    return errno == EAGAIN || errno == EINTR ? .nothing : .failed(.connectionLost(systemReason()))
  }

  /// Sends as much of `bytes` as the system takes now.
  public func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    if count >= 0 { return .bytes(count) }
    return errno == EAGAIN || errno == EINTR ? .nothing : .failed(.connectionLost(systemReason()))
  }
}

/// Nanoseconds of a clock that only goes forward.
public func steadyTime() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Sleeps for a while.
func sleep(nanoseconds: Int64) {
  var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  nanosleep(&time, nil)
}
