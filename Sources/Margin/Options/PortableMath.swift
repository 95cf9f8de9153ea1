/// Mathematics in `Double` that gives the same bits on every machine, in every build.
///
/// Only +, −, ×, ÷ and the square root are used, which IEEE 754 rounds correctly, and exact powers of two. The C
/// library's functions are not used: they differ between versions and processors in the last bits. Swift does not
/// contract a × b + c into a fused operation (`-O` with `-march=x86-64-v3` emits separate multiplications and
/// additions), and the tests compare bits with those of another language.
public enum PortableMath {}

extension PortableMath {
  /// 2^exponent, exact; −1022 ≤ exponent ≤ 1023.
  @inline(__always) static func powerOfTwo(_ exponent: Int) -> Double {
    Double(bitPattern: UInt64(exponent + 1023) << 52)
  }

  /// ln 2 in two parts: multiples k · high are exact for |k| < 2^20.
  static let logTwoHigh = 6.931_471_803_691_238_164_90e-01
  static let logTwoLow = 1.908_214_929_270_587_700_02e-10
}
