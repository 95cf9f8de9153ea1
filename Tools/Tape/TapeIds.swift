import Glibc
import ToolSupport
import Values

/// What the requests of an imported capture are called in its tape: kept in a text file beside the capture.
public struct TapeIds: Equatable, Sendable {
  /// A command of the tape.
  public struct Entry: Equatable, Sendable {
    public var sequence: UInt64
    public var orderId: UInt64
  }

  public var scale: TapeScale
  /// By key and request id. An order has the name of the request that made it.
  public private(set) var entries: [OrderName: Entry] = [:]

  public init(scale: TapeScale) { self.scale = scale }

  public mutating func add(_ name: OrderName, sequence: UInt64, orderId: UInt64) {
    entries[name] = Entry(sequence: sequence, orderId: orderId)
  }

  /// Where the ids of a capture are.
  public static func path(of capture: String) -> String { capture + ".ids" }

  /// Reads the file beside `capture`.
  public init(besides capture: String) throws {
    let path = TapeIds.path(of: capture)
    guard access(path, R_OK) == 0 else {
      throw TapeError("\(path) is missing: lockstep import writes it, and fills cannot be named without it")
    }
    try self.init(bytes: TextFile.read(path), path: path)
  }

  /// The same from bytes; `path` is for errors only.
  init(bytes: [UInt8], path: String) throws {
    var lines = try TapeLines(
      path: path, bytes: bytes, names: ["key", "request_id", "seq", "order_id", "price_unit", "lot"], required: 6)
    var scale: TapeScale?
    while lines.next() {
      if scale == nil {
        let (priceUnit, lot): (Int64, Int64) = (try lines.number(4), try lines.number(5))
        guard priceUnit > 0, lot > 0 else { throw lines.failure("price_unit and lot must be positive") }
        scale = TapeScale(priceUnit: priceUnit, lot: lot)
        entries.reserveCapacity(bytes.count / 32)
      }
      let name = OrderName(key: KeyId(try lines.number(0)), requestId: try lines.number(1))
      entries[name] = Entry(sequence: try lines.number(2), orderId: try lines.number(3))
    }
    self.scale = scale ?? TapeScale(priceUnit: 1, lot: 1)
  }

  /// The file's text, keys and request ids ascending.
  var text: String {
    var text = "# The tape's names of the requests of the capture beside this file. Units are the tape's.\n"
    text += "key,request_id,seq,order_id,price_unit,lot\n"
    var units = ",\(scale.priceUnit),\(scale.lot)"
    let sorted = entries.sorted { ($0.key.key, $0.key.requestId) < ($1.key.key, $1.key.requestId) }
    for (name, entry) in sorted {
      text += "\(name.key.rawValue),\(name.requestId),\(entry.sequence),\(entry.orderId)\(units)\n"
      units = ""
    }
    return text
  }

  /// Writes the file beside `capture`.
  func write(besides capture: String) throws { try writeText(text, to: TapeIds.path(of: capture)) }
}
