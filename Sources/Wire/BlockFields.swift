import Values

// How the values of the kernel lie in a block: little-endian, at any alignment.

extension FixedWidthInteger where Self: BitwiseCopyable {
  @inlinable @inline(__always) init(block: UnsafeRawPointer, at offset: Int) {
    self.init(littleEndian: block.loadUnaligned(fromByteOffset: offset, as: Self.self))
  }

  @inlinable @inline(__always) func store(in block: UnsafeMutableRawPointer, at offset: Int) {
    block.storeBytes(of: littleEndian, toByteOffset: offset, as: Self.self)
  }
}

/// Optional prices and quantities: the smallest integer stands for none.
extension Optional where Wrapped: RawRepresentable<Int64> {
  @inlinable @inline(__always) init(block: UnsafeRawPointer, at offset: Int) {
    let value = Int64(block: block, at: offset)
    self = value == .min ? nil : Wrapped(rawValue: value)
  }

  @inlinable @inline(__always) func store(in block: UnsafeMutableRawPointer, at offset: Int) {
    (self?.rawValue ?? .min).store(in: block, at: offset)
  }
}

extension Symbol {
  @inlinable @inline(__always) init(block: UnsafeRawPointer, at offset: Int) {
    self.init(low: UInt64(block: block, at: offset), high: UInt64(block: block, at: offset + 8))
  }

  @inlinable @inline(__always) func store(in block: UnsafeMutableRawPointer, at offset: Int) {
    low.store(in: block, at: offset)
    high.store(in: block, at: offset + 8)
  }
}

extension Bytes32 {
  @inlinable @inline(__always) init(block: UnsafeRawPointer, at offset: Int) {
    self.init(
      UInt64(block: block, at: offset), UInt64(block: block, at: offset + 8), UInt64(block: block, at: offset + 16),
      UInt64(block: block, at: offset + 24))
  }

  @inlinable @inline(__always) func store(in block: UnsafeMutableRawPointer, at offset: Int) {
    word0.store(in: block, at: offset)
    word1.store(in: block, at: offset + 8)
    word2.store(in: block, at: offset + 16)
    word3.store(in: block, at: offset + 24)
  }
}

extension Bytes64 {
  @inlinable @inline(__always) init(block: UnsafeRawPointer, at offset: Int) {
    self.init(low: Bytes32(block: block, at: offset), high: Bytes32(block: block, at: offset + 32))
  }

  @inlinable @inline(__always) func store(in block: UnsafeMutableRawPointer, at offset: Int) {
    low.store(in: block, at: offset)
    high.store(in: block, at: offset + 32)
  }
}

extension AccountMargin {
  @inlinable @inline(__always) init(block: UnsafeRawPointer, at offset: Int) {
    self.init(
      equity: Money(Int64(block: block, at: offset)), initialEquity: Money(Int64(block: block, at: offset + 8)),
      initialMargin: Money(Int64(block: block, at: offset + 16)),
      maintenanceMargin: Money(Int64(block: block, at: offset + 24)))
  }

  @inlinable @inline(__always) func store(in block: UnsafeMutableRawPointer, at offset: Int) {
    equity.wireValue.store(in: block, at: offset)
    initialEquity.wireValue.store(in: block, at: offset + 8)
    initialMargin.wireValue.store(in: block, at: offset + 16)
    maintenanceMargin.wireValue.store(in: block, at: offset + 24)
  }
}
