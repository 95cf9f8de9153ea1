import Values

/// The impacts measured at the last looks at one side of a book.
@frozen public struct ImpactWindow: BitwiseCopyable, Equatable, Sendable {
  @usableFromInline var looks: InlineArray<16, DepthValues>
  @usableFromInline var newest: UInt8 = 0
  /// Looks so far, at most ``depth``.
  public private(set) var count: UInt8 = 0

  public static var depth: Int { 16 }

  public init() { looks = .init(repeating: DepthValues(repeating: 0)) }

  /// The impacts measured `looks` before the newest ones; below ``count``.
  public func impacts(_ back: Int) -> DepthValues {
    precondition(back >= 0 && back < Int(count))
    return looks.span[(Int(newest) - back) & 15]
  }

  public mutating func append(_ impacts: DepthValues) {
    newest = (newest + 1) & 15
    var span = looks.mutableSpan
    span[Int(newest)] = impacts
    if Int(count) < Self.depth { count += 1 }
  }

  /// Forgets everything (the sizes have changed).
  public mutating func clear() { self = ImpactWindow() }

  /// The highest impact of the last `window` looks at one size: the least depth. Zero before the first look.
  public func worst(_ size: Int, of window: UInt8) -> Int64 {
    (0..<Int(min(window, count))).reduce(0) { max($0, impacts($1).at(size)) }
  }

  public static func == (left: ImpactWindow, right: ImpactWindow) -> Bool {
    left.count == right.count
      && (0..<Int(left.count)).allSatisfy { left.impacts($0).isEqual(to: right.impacts($0)) }
  }
}
