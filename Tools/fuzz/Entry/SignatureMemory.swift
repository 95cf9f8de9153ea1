// Checking a signature takes as long as hundreds of commands and has nothing to find: libsodium is not built with
// coverage. Tools/fuzz/run links with --wrap, so that each signature is checked once and remembered.

/// A check that was made.
private struct Check: Hashable {
  let signature: [UInt8]
  let text: [UInt8]
  let publicKey: [UInt8]
}

/// Results by check. One thread runs all inputs.
nonisolated(unsafe) private var known: [Check: Int32] = [:]

@_silgen_name("__real_crypto_sign_verify_detached")
private func verify(
  _ signature: UnsafePointer<UInt8>, _ text: UnsafePointer<UInt8>?, _ length: UInt64, _ publicKey: UnsafePointer<UInt8>
) -> Int32

/// Stands in for libsodium's function of that name.
@_cdecl("__wrap_crypto_sign_verify_detached")
public func rememberedVerify(
  _ signature: UnsafePointer<UInt8>, _ text: UnsafePointer<UInt8>?, _ length: UInt64, _ publicKey: UnsafePointer<UInt8>
) -> Int32 {
  let check = Check(
    signature: Array(UnsafeBufferPointer(start: signature, count: 64)),
    text: Array(UnsafeBufferPointer(start: text, count: Int(length))),
    publicKey: Array(UnsafeBufferPointer(start: publicKey, count: 32)))
  if let result = known[check] { return result }
  let result = verify(signature, text, length, publicKey)
  if known.count > 10_000 { known.removeAll() }
  known[check] = result
  return result
}
