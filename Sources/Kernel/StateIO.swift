import Margin
import Values

/// Where the canonical bytes of the state go: a hash, a file, a buffer.
public protocol StateSink {
  mutating func write(_ bytes: UnsafeRawBufferPointer)
}

/// Gathers the fields of the state into chunks, so that a sink is called once per 64 KiB and not once per field.
struct StateChunk: ~Copyable {
  private let base: UnsafeMutableRawPointer
  private var used = 0
  private let flush: (UnsafeRawBufferPointer) -> Void
  private static let capacity = 1 << 16

  init(flush: @escaping (UnsafeRawBufferPointer) -> Void) {
    base = .allocate(byteCount: Self.capacity, alignment: 64)
    self.flush = flush
  }

  deinit { base.deallocate() }

  /// Adds an integer, little-endian.
  mutating func put<Number: FixedWidthInteger>(_ number: Number) {
    let size = MemoryLayout<Number>.size
    if used + size > Self.capacity { finish() }
    base.storeBytes(of: number.littleEndian, toByteOffset: used, as: Number.self)
    used += size
  }

  mutating func put(_ flag: Bool) { put(flag ? UInt8(1) : UInt8(0)) }
  mutating func put(_ money: Money) { put(money.rawValue) }
  mutating func put(_ symbol: Symbol) {
    put(symbol.low)
    put(symbol.high)
  }

  mutating func put(_ bytes: UnsafeRawBufferPointer) { for byte in bytes { put(byte) } }

  /// Hands on what has been gathered.
  mutating func finish() {
    flush(UnsafeRawBufferPointer(start: base, count: used))
    used = 0
  }
}

/// Why the bytes of a state could not be read.
public enum StateError: Error, Equatable, CustomStringConvertible {
  case truncated
  case invalid(String)

  public var description: String {
    switch self {
    case .truncated: "the state ends too early"
    case .invalid(let what): "the state is not valid: \(what)"
    }
  }
}

/// Reads the canonical bytes of a state, bounds checked.
public struct StateReader {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  /// The bytes must outlive the reader.
  public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func get<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(StateError) -> Number {
    let size = MemoryLayout<Number>.size
    guard bytes.count - offset >= size else { throw .truncated }
    defer { offset += size }
    var number: Number = 0
    withUnsafeMutableBytes(of: &number) {
      $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + size]))
    }
    return Number(littleEndian: number)
  }

  /// The next `count` bytes.
  mutating func take(_ count: Int) throws(StateError) -> UnsafeRawBufferPointer {
    guard bytes.count - offset >= count else { throw .truncated }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  mutating func flag(_ what: String) throws(StateError) -> Bool {
    let code = try get(UInt8.self)
    guard code <= 1 else { throw .invalid(what) }
    return code == 1
  }

  /// An amount far inside 128 bits, so that sums over whole tables are, too.
  mutating func money() throws(StateError) -> Money {
    let amount = try get(Int128.self)
    guard amount.magnitude < 1 << 100 else { throw .invalid("an amount of money") }
    return Money(rawValue: amount)
  }

  /// A number that only ever rises, far from its end.
  mutating func counter(_ what: String) throws(StateError) -> UInt64 {
    let value = try get(UInt64.self)
    guard value < 1 << 63 else { throw .invalid(what) }
    return value
  }

  mutating func fundingIndex() throws(StateError) -> FundingIndex {
    let value = try get(Int128.self)
    guard (-FundingIndex.bound...FundingIndex.bound).contains(value) else { throw .invalid("a funding index") }
    return FundingIndex(rawValue: value)
  }

  mutating func quantity() throws(StateError) -> Quantity { Quantity(try get()) }
  mutating func price() throws(StateError) -> Price { Price(try get()) }
  mutating func rate() throws(StateError) -> Rate { Rate(try get()) }
  mutating func symbol() throws(StateError) -> Symbol { Symbol(low: try get(), high: try get()) }

  mutating func code<Code: RawRepresentable>(_ what: String, _ type: Code.Type = Code.self) throws(StateError) -> Code
  where Code.RawValue: FixedWidthInteger {
    guard let value = Code(rawValue: try get()) else { throw .invalid(what) }
    return value
  }

  /// A count of things of which there may be at most `limit`.
  mutating func count(_ what: String, atMost limit: Int) throws(StateError) -> Int {
    let count = Int(try get(UInt32.self))
    guard count <= limit else { throw .invalid("\(what): \(count) where at most \(limit) fit") }
    return count
  }
}
