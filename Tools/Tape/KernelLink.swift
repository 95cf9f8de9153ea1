import Client
import Kernel
import Storage
import Values
import Wire

/// The way straight into a kernel of its own: no network, no clock. Can record everything as a capture.
final class KernelLink: VenueLink {
  /// Commands in one batch of the capture.
  private static let captureBatch: UInt64 = 256

  let isImmediate = true
  let publicKey: Bytes32
  var onReport: ((KeyId, Event) throws -> Void)?
  /// Running digest of everything the kernel has said.
  private(set) var digest = OutputDigest()

  private var kernel: Kernel
  private var output = Output()
  private var capture: CaptureWriter?

  /// Creates the venue with the frames of `genesis`, the first at `time`, each a nanosecond later than the one before.
  ///
  /// `capturePath`: a file that must not exist yet; it gets all commands and reports.
  init(genesis: [[UInt8]], publicKey: Bytes32, time: Int64, capturePath: String? = nil) throws {
    self.publicKey = publicKey
    guard let first = genesis.first else { throw TapeError("a venue begins with a DefineVenue") }
    let venue = first.withUnsafeBytes { Frame($0).decode(DefineVenue.self) }
    kernel = Kernel(venue: venue)
    if let capturePath {
      let identity = FileIdentity(venueId: venue.venueId, schemaId: Schema.id, schemaVersion: Schema.version)
      capture = try CaptureWriter(creating: capturePath, identity: identity)
    }
    for frame in genesis {
      try frame.withUnsafeBytes { try send($0, key: .venue, time: time) }
      try requireAccepted(frame)
    }
  }

  /// Number of the last command.
  var sequence: UInt64 { kernel.sequence }
  /// BLAKE2b-256 of the kernel's state. O(state).
  var stateHash: Bytes32 { Storage.stateHash(of: kernel).hash }

  func send(_ frame: UnsafeRawBufferPointer, key: KeyId, time: Int64) throws {
    let time = Timestamp(max(time, kernel.time.rawValue + 1))
    output.clear()
    kernel.apply(Frame(frame), key: key, time: time, output: &output)
    capture?.appendInput(frame, key: key, sequence: kernel.sequence, time: time)
    var failure: (any Error)?
    output.forEachFrame { destination, bytes in
      digest.add(key: destination, frame: bytes)
      capture?.appendOutput(bytes, key: destination)
      guard failure == nil, let event = Event(Frame(bytes)) else { return }
      do { try onReport?(destination, event) } catch { failure = error }
    }
    if kernel.sequence % KernelLink.captureBatch == 0 { try capture?.commit() }
    if let failure { throw failure }
  }

  func receive(wait: Bool) throws {
    if wait { throw TapeError("the kernel did not answer a command") }
  }

  func open(_ key: KeyId) {}

  func close() {}

  /// Writes what is left of the capture and brings it to the disk.
  func finishCapture() throws { try capture.take()?.close() }

  private func requireAccepted(_ frame: [UInt8]) throws {
    var refusal: RequestRejected?
    output.forEachFrame { _, bytes in
      if Frame(bytes).template == .requestRejected { refusal = Frame(bytes).decode(RequestRejected.self) }
    }
    guard let refusal else { return }
    let text = frame.withUnsafeBytes { FrameText.describe(Frame($0)) }
    throw TapeError("the venue refuses \(text): \(reasonName(refusal.reasonCode)), detail \(refusal.detail)")
  }
}
