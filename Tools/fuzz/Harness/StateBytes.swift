import Kernel
import Wire

/// The canonical bytes of a state.
public struct StateBytes: StateSink, Equatable, Sendable {
  private var storage: [UInt8]
  private var count = 0

  /// The state of `kernel`.
  public init(of kernel: borrowing Kernel) {
    storage = [UInt8](repeating: 0, count: 1 << 14)
    kernel.writeState(to: &self)
  }

  /// Bytes that may be a state or not.
  public init(_ bytes: [UInt8]) {
    storage = bytes
    count = bytes.count
  }

  public mutating func write(_ more: UnsafeRawBufferPointer) {
    while count + more.count > storage.count { storage += [UInt8](repeating: 0, count: storage.count) }
    storage.withUnsafeMutableBytes { room in
      UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyMemory(from: more)
    }
    count += more.count
  }

  /// Overwrites bytes behind the venue's record, whose table sizes are taken at their word; places wrap around.
  public mutating func overwrite(_ place: Int, _ bytes: [UInt8]) {
    let first = StateBytes.venueBytes
    for (index, byte) in bytes.enumerated() { storage[first + (place + index) % (count - first)] = byte }
  }

  /// Layout version and the DefineVenue frame.
  private static let venueBytes = 4 + DefineVenue.frameLength

  public static func == (left: StateBytes, right: StateBytes) -> Bool {
    left.withBytes { one in right.withBytes { other in isEqual(one, other) } }
  }

  /// Lets `body` see the bytes.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  /// The kernel whose state this is.
  public func restored() throws(StateError) -> Kernel {
    var kernel: Kernel?
    var fault: StateError?
    withBytes { raw in
      var reader = StateReader(raw)
      do throws(StateError) { kernel = try Kernel.restored(from: &reader) } catch { fault = error }
    }
    guard let kernel = kernel.take() else { throw fault ?? .truncated }
    return kernel
  }
}
