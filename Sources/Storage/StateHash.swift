import Kernel
import Values

/// Size and BLAKE2b-256 of a kernel's canonical state.
public struct StateHash: Equatable, Sendable {
  public var hash: Bytes32
  public var bytes: UInt64
}

/// Hashes the canonical state of `kernel` without storing it. O(state), about 1 ns per byte.
public func stateHash(of kernel: borrowing Kernel) -> StateHash {
  var hasher = StateHasher()
  withUnsafeMutablePointer(to: &hasher) { target in
    var sink = HashSink(target: target)
    kernel.writeState(to: &sink)
  }
  return hasher.finish()
}

private struct StateHasher: ~Copyable {
  private static let pieceBytes = 1 << 14

  private var hash = StreamHash()
  private var gathered = ByteBuffer(capacity: pieceBytes)
  private var count: UInt64 = 0

  mutating func write(_ bytes: UnsafeRawBufferPointer) {
    count += UInt64(bytes.count)
    if gathered.count + bytes.count > Self.pieceBytes { flush() }
    if bytes.count > Self.pieceBytes { hash.update(bytes) } else { gathered.append(bytes) }
  }

  private mutating func flush() {
    hash.update(gathered.bytes)
    gathered.setCount(0)
  }

  mutating func finish() -> StateHash {
    flush()
    return StateHash(hash: hash.finish(), bytes: count)
  }
}

/// Hands what the kernel writes to a ``StateHasher``, which cannot be copied as a sink may be.
private struct HashSink: StateSink {
  let target: UnsafeMutablePointer<StateHasher>
  mutating func write(_ bytes: UnsafeRawBufferPointer) { target.pointee.write(bytes) }
}

/// Hands what the kernel writes to a ``SnapshotSink``, which cannot be copied as a sink may be.
private struct SnapshotForwarder: StateSink {
  let target: UnsafeMutablePointer<SnapshotSink>
  mutating func write(_ bytes: UnsafeRawBufferPointer) { target.pointee.write(bytes) }
}

extension SnapshotSink {
  /// Takes the canonical state of `kernel`.
  mutating func write(_ kernel: borrowing Kernel) {
    withUnsafeMutablePointer(to: &self) { target in
      var forwarder = SnapshotForwarder(target: target)
      kernel.writeState(to: &forwarder)
    }
  }
}
