import Foundation

@testable import Wire

/// Root of the package.
let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// A golden frame that was made without any code of the project.
struct Vector {
  var line: String
  var name: String
  var bytes: [UInt8]

  static let all: [Vector] = {
    let file = packageRoot.appendingPathComponent("Protocol/vectors/frames.jsonl")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map { line in
      let parts = line.components(separatedBy: ",\"hex\":\"")
      let name = parts[0].dropFirst("{\"name\":\"".count).prefix { $0 != "\"" }
      return Vector(line: String(line), name: String(name), bytes: decodeHexadecimal(String(parts[1].dropLast(2))))
    }
  }()
}

func decodeHexadecimal(_ text: String) -> [UInt8] {
  stride(from: 0, to: text.count, by: 2).map { index in
    let start = text.index(text.startIndex, offsetBy: index)
    return UInt8(text[start..<text.index(start, offsetBy: 2)], radix: 16) ?? 0
  }
}

func encodeHexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Decodes a frame as `type` and encodes it again, rows included, into memory full of ones.
func reencode<M: Message>(_ type: M.Type, _ frame: Frame) -> [UInt8] {
  if let type = type as? any MessageWithRows.Type { return reencodeRows(type, frame) }
  let message = frame.decode(type)
  return written(M.frameLength) { message.encode(to: $0) }
}

private func reencodeRows<M: MessageWithRows>(_ type: M.Type, _ frame: Frame) -> [UInt8] {
  let message = frame.decode(type)
  let rows = (0..<frame.rowCount(of: type)).map { frame.row($0, of: type) }
  return written(M.frameLength(rows: rows.count)) { message.encode(to: $0, rows: rows) }
}

/// What `body` writes into a buffer of `count` bytes that held ones, checked not to write behind it.
func written(_ count: Int, _ body: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
  let guarded = GuardedBuffer(pages: 1)
  let start = guarded.end - count
  start.initializeMemory(as: UInt8.self, repeating: 0xFF, count: count)
  body(start)
  return Array(UnsafeRawBufferPointer(start: start, count: count))
}

/// Memory whose end lies at an inaccessible page: a read or write behind it kills the process.
final class GuardedBuffer {
  private let base: UnsafeMutableRawPointer
  private let length: Int
  let end: UnsafeMutableRawPointer

  init(pages: Int) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    length = (pages + 1) * page
    guard let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      memory != MAP_FAILED, mprotect(memory + pages * page, page, PROT_NONE) == 0
    else { fatalError("cannot map a guarded buffer") }
    base = memory
    end = memory + pages * page
  }

  deinit { munmap(base, length) }

  /// Copies `bytes` so that they end where the inaccessible page begins.
  func place(_ bytes: some Collection<UInt8>) -> UnsafeRawBufferPointer {
    let start = end - bytes.count
    UnsafeMutableRawBufferPointer(start: start, count: bytes.count).copyBytes(from: bytes)
    return UnsafeRawBufferPointer(start: start, count: bytes.count)
  }
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
