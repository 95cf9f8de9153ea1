import Client
import Glibc
import ToolSupport

/// The venue of the demo: `lockstep serve` as a process of its own.
final class DemoServer {
  let port: UInt16
  let directory: String
  let venueFile: String
  private(set) var process: pid_t = 0

  var data: String { directory + "/data" }
  var log: String { directory + "/server.log" }
  var address: String { "127.0.0.1:\(port)" }

  init(directory: String, venueFile: String) throws {
    self.directory = directory
    self.venueFile = venueFile
    port = try Self.freePort()
  }

  /// Starts the process; its log goes to a file.
  func start() throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o640)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    let program = try Self.ownPath()
    let arguments = [
      program, "serve", "--config", venueFile, "--data", data, "--listen", address, "--durability", "batch",
      "--snapshot-every", "20000", "--requests-per-second", "0",
    ]
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    let status = posix_spawn(&process, program, &actions, nil, &pointers, environ)
    guard status == 0 else {
      throw Failure(exit: .failure, message: "cannot start \(program): \(String(cString: strerror(status)))")
    }
  }

  /// Ends the process without a word to it, as a power cut would end it.
  func kill() {
    guard process > 0 else { return }
    _ = Glibc.kill(process, SIGKILL)
    waitpid(process, nil, 0)
    process = 0
  }

  /// Asks the process to stop in order; returns whether it did so with exit code 0.
  func stop() -> Bool {
    guard process > 0 else { return false }
    _ = Glibc.kill(process, SIGTERM)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    process = 0
    return status == 0
  }

  /// The last lines of the log, for an error message.
  func lastLogLines(_ count: Int) -> String {
    let text = (try? readText(log)) ?? ""
    return text.split(separator: "\n").suffix(count).joined(separator: "\n")
  }

  private static func ownPath() throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard count > 0 else { throw Failure(exit: .failure, message: "cannot find the path of this program in /proc.") }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A port that nobody uses just now.
  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
      }
    }
    guard status == 0 else { throw Failure(exit: .failure, message: "no port is free on 127.0.0.1.") }
    return UInt16(bigEndian: address.sin_port)
  }
}
