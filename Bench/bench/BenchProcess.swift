import ArgumentParser
import CBench
import Foundation
import Server
import Values

extension PollMode: ExpressibleByArgument {
  /// The same way of waiting, at an end that is written in C.
  var code: Int32 {
    switch self {
    case .spin: Int32(BENCH_SPIN)
    case .adaptive: Int32(BENCH_ADAPTIVE)
    case .block: Int32(BENCH_BLOCK)
    }
  }
}

/// The server of this package with the venue of the suite: what the wire figures talk to.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Serve the venue of the suite.", shouldDisplay: false)

  @Option var poll: PollMode
  @Option(help: "none, os or batch.") var durability: String
  @Option(help: "An empty directory.") var directory: String

  func run() throws {
    var configuration = ServerConfiguration(
      listen: [ListenEndpoint(address: "127.0.0.1", port: 0)], dataDirectory: directory)
    configuration.pollMode = poll
    configuration.durability = durability == "batch" ? .batch : durability == "os" ? .os : .none
    configuration.session.requestsPerSecond = 0
    configuration.genesis = BenchVenue(instruments: 1, accounts: 1000).genesis().all
    let code = Server.run(configuration, log: Log { _ in }) { endpoints in announce(endpoints[0].port) }
    if code != 0 { throw ExitCode(code) }
  }
}

/// The bare server in C that the wire figures are compared with.
struct Echo: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Answer bytes with bytes.", shouldDisplay: false)

  @Option var poll: PollMode

  func run() throws {
    var port: UInt16 = 0
    let listener = bench_listen(&port)
    guard listener >= 0 else { throw BenchError("cannot listen: \(String(cString: strerror(-listener)))") }
    announce(port)
    let sizes = WireExchange.sizes
    bench_echo(listener, sizes, Int32(sizes.count), poll.code)
  }
}

private func announce(_ port: UInt16) {
  print(port)
  fflush(nil)
}

/// Something that a person can be told in one line.
struct BenchError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// This program started once more as a server. It can be held, so that it takes no processor time while its rival is
/// measured.
final class BenchProcess {
  let port: UInt16
  private let process = Process()

  init(_ arguments: [String]) throws {
    process.executableURL = URL(fileURLWithPath: Bundle.main.executablePath ?? CommandLine.arguments[0])
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    var line = ""
    while !line.hasSuffix("\n") {
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { throw BenchError("\(arguments.joined(separator: " ")) did not start") }
      line += String(decoding: data, as: UTF8.self)
    }
    guard let port = UInt16(line.dropLast()) else { throw BenchError("no port: \(line)") }
    self.port = port
  }

  /// Takes the processor away from it.
  func hold() { kill(process.processIdentifier, SIGSTOP) }
  /// Lets it go on.
  func release() { kill(process.processIdentifier, SIGCONT) }

  /// Ends it and waits for it.
  func stop() {
    release()
    process.terminate()
    process.waitUntilExit()
  }
}
