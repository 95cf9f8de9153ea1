import CLinux
import CSodium
import Glibc
import Session
import Values

/// The machine the server runs on. Owns its epoll instance.
final class SystemHost: Host {
  private static let readyCapacity = 256
  private let epoll: Int32
  private let found = UnsafeMutableBufferPointer<lockstep_ready>.allocate(capacity: readyCapacity)

  init() throws(ServerError) {
    epoll = lockstep_epoll_create()
    if epoll < 0 { throw .system(call: "epoll_create1", code: -epoll) }
  }

  deinit {
    if epoll >= 0 { Glibc.close(epoll) }
    found.deallocate()
  }

  var monotonic: UInt64 { Clock.monotonic }
  var wall: Timestamp { Clock.wall }

  func fillRandom(_ bytes: UnsafeMutableRawBufferPointer) { randombytes_buf(bytes.baseAddress!, bytes.count) }

  // MARK: Sockets

  func listen(on endpoint: ListenEndpoint, backlog: Int32) throws(ServerError) -> Listener {
    var port = endpoint.port
    var loopback: Int32 = 0
    let descriptor = lockstep_listen(endpoint.address, &port, backlog, &loopback)
    if descriptor < 0 { throw .cannotListen(endpoint, code: -descriptor) }
    return Listener(descriptor: descriptor, address: endpoint.address, port: port, isLoopback: loopback != 0)
  }

  func accept(_ listener: Int32) -> Accepted {
    var peer = lockstep_peer()
    let result = lockstep_accept(listener, &peer)
    if result >= 0 {
      let address =
        peer.version == 4 ? PeerAddress(ipv4: peer.low) : PeerAddress(ipv6High: peer.high, peer.low)
      let text = withUnsafeBytes(of: peer.text) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      return .connection(result, address, text: text)
    }
    switch -result {
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(-result)
    default: return .nobody
    }
  }

  func receive(_ connection: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    let count = recv(connection, buffer.baseAddress, buffer.count, 0)
    if count > 0 { return .bytes(count) }
    return count < 0 && isTransient(errno) ? .wouldBlock : .broken
  }

  func send(_ connection: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
    let count = Glibc.send(connection, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    if count >= 0 { return .bytes(count) }
    return isTransient(errno) ? .wouldBlock : .broken
  }

  private func isTransient(_ code: Int32) -> Bool { code == EAGAIN || code == EWOULDBLOCK || code == EINTR }

  func finishSending(_ connection: Int32) { shutdown(connection, Int32(SHUT_WR)) }

  func close(_ descriptor: Int32) { Glibc.close(descriptor) }

  // MARK: Readiness

  func watch(_ descriptor: Int32, for events: Readiness) throws(ServerError) {
    let result = lockstep_epoll_add(epoll, descriptor, events.rawValue)
    if result < 0 { throw .system(call: "epoll_ctl add", code: -result) }
  }

  func change(_ descriptor: Int32, to events: Readiness) {
    let result = lockstep_epoll_change(epoll, descriptor, events.rawValue)
    precondition(result == 0, "a watched descriptor cannot be changed")
  }

  func unwatch(_ descriptor: Int32) {
    let result = lockstep_epoll_remove(epoll, descriptor)
    precondition(result == 0, "a watched descriptor cannot be removed")
  }

  func wait(milliseconds: Int32) throws(ServerError) -> Int {
    let count = lockstep_epoll_wait(epoll, found.baseAddress, Int32(found.count), milliseconds)
    if count < 0 { throw .system(call: "epoll_wait", code: -count) }
    return Int(count)
  }

  func ready(_ index: Int) -> (descriptor: Int32, events: Readiness) {
    (found[index].descriptor, Readiness(rawValue: found[index].events))
  }

  // MARK: Helper

  func startHelper(_ body: () -> [UInt8]) -> HelperStart {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return .failed(String(cString: strerror(errno))) }
    let process = lockstep_fork_helper(ends[1])
    if process == 0 {
      let result = body()
      _ = write(ends[1], result, result.count)
      _exit(0)
    }
    Glibc.close(ends[1])
    guard process > 0 else {
      Glibc.close(ends[0])
      return .failed(String(cString: strerror(-process)))
    }
    do { try watch(ends[0], for: .readable) } catch {
      kill(process, SIGKILL)
      Glibc.close(ends[0])
      waitpid(process, nil, 0)
      return .failed("\(error)")
    }
    return .started(Helper(process: process, descriptor: ends[0]))
  }

  func finishHelper(_ helper: Helper) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(helper.descriptor, &bytes, bytes.count)
    unwatch(helper.descriptor)
    close(helper.descriptor)
    waitpid(helper.process, nil, 0)
    return Array(bytes.prefix(max(0, count)))
  }
}
