/// The smallest integer whose square is at least `value`, for the whole range of 128 bits. Integers only.
///
/// Newton's iteration from the power of two above the root: it falls monotonically, so it stops at ⌊√value⌋.
public func squareRootRoundedUp(_ value: UInt128) -> UInt64 {
  if value < 2 { return UInt64(value) }
  // 2^⌈bits/2⌉ is at least √value; at 128 bits it is 2^64, so the search runs in 128 bits.
  let bits = 128 - value.leadingZeroBitCount
  var root: UInt128 = 1 << ((bits + 1) / 2)
  while true {
    let next = (root + value / root) / 2
    if next >= root { break }
    root = next
  }
  // Above (2^64 − 1)² the rounded-up root is 2^64, which the result cannot hold.
  precondition(root < UInt128(UInt64.max) || root * root == value, "the root rounded up needs 65 bits")
  return UInt64(root * root == value ? root : root + 1)
}
