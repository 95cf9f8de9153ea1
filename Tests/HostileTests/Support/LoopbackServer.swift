import FuzzHarness
import Foundation
import Server
import Session
import Synchronization
import Values
import Wire

/// A real server of the fixture's venue on a loopback port, on a thread of this process.
final class LoopbackServer: Sendable {
  private let control = ServerControl()
  private let port = Mutex<UInt16?>(nil)
  private let exitCode = Mutex<Int32?>(nil)
  private let lines = Mutex<[String]>([])

  /// Starts it and waits until it listens.
  init() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var configuration = ServerConfiguration(
      listen: [ListenEndpoint(address: "127.0.0.1", port: 0)], dataDirectory: directory.path)
    configuration.genesis = LoopbackServer.genesis
    configuration.durability = .none
    configuration.pollMode = .block
    configuration.handlesSignals = false
    configuration.session.failuresBeforeLockOut = 1_000
    configuration.session.requestsPerSecond = 0
    configuration.session.queriesPerSecond = 0
    configuration.session.verificationsPerSecond = 0
    Thread.detachNewThread { [self, configuration] in
      let log = Log { [self] line in lines.withLock { $0.append(line) } }
      let code = Server.run(configuration, control: control, log: log) { endpoints in
        port.withLock { $0 = endpoints[0].port }
      }
      exitCode.withLock { $0 = code }
      try? FileManager.default.removeItem(at: directory)
    }
    wait { portNumber != nil || code != nil }
    if portNumber == nil { throw NotStarted(log: lines.withLock { $0.joined(separator: "\n") }) }
  }

  struct NotStarted: Error { let log: String }

  var portNumber: UInt16? { port.withLock { $0 } }
  private var code: Int32? { exitCode.withLock { $0 } }

  /// What the server has logged.
  var log: String { lines.withLock { $0.joined(separator: "\n") } }

  /// Stops it in order; its exit code, or `nil` when it does not stop.
  func stop() -> Int32? {
    control.stop()
    wait { code != nil }
    return code
  }

  private func wait(_ condition: () -> Bool) {
    for _ in 0..<10_000 where !condition() { usleep(2_000) }
  }

  /// The fixture's genesis, with one account audited after every command: a state that is wrong stops the server.
  private static var genesis: [[UInt8]] {
    var definition = Fixture.definition
    definition.auditInterval = 1
    return [frameBytes(definition)] + Fixture.genesis.dropFirst()
  }
}
