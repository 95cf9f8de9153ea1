import Values

/// One number for each of the eight sizes at which depth is measured.
public typealias DepthValues = InlineArray<8, Int64>

/// Reading and comparing eight numbers (an inline array has no conformances of its own).
extension InlineArray where count == 8, Element == Int64 {
  /// The number at `index` (0 … 7), without copying the others.
  @inlinable public func at(_ index: Int) -> Int64 { span[index] }

  @inlinable public mutating func set(_ index: Int, to value: Int64) {
    var span = mutableSpan
    span[index] = value
  }

  public func isEqual(to other: DepthValues) -> Bool { (0..<8).allSatisfy { at($0) == other.at($0) } }
}
