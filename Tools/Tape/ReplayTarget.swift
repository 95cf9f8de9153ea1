import Client
import Values
import Wire

/// The connection to a server that was started as a replay target: no login, recorded times and keys, no answers but
/// to `QueryStatus`.
final class ReplayTarget {
  /// Bytes that are gathered before they are sent.
  private static let packet = 1 << 16
  private static let patience: Int64 = 60_000_000_000

  private let connection: Connection
  private let address: Address
  private var output: [UInt8] = []
  private var input: [UInt8] = []
  private var lastQuery: UInt64 = 0

  /// Connects and makes sure that the server is a replay target.
  init(_ address: Address) throws {
    self.address = address
    connection = try Connection.open(address, deadline: steadyTime() + 5_000_000_000)
    append(Negotiate(key: .venue, version: Schema.version, clientName: "lockstep-replay"))
    try flush()
    try receive { frame in
      if frame.template == .negotiateAck { return frame.decode(NegotiateAck.self).replayTarget == true }
      throw TapeError("the server at \(address) is not a replay target: start one with lockstep serve --replay-target")
    }
  }

  /// Sends a command with its recorded time and key; it is applied as command `sequence`.
  func send(_ frame: UnsafeRawBufferPointer, key: KeyId, time: Timestamp, sequence: UInt64) throws {
    append(ReplayHeader(time: time, sequence: sequence, key: key))
    output.append(contentsOf: frame)
    if output.count >= ReplayTarget.packet { try flush() }
  }

  /// What the server says of its venue after everything that was sent.
  func status(withStateHash: Bool) throws -> StatusReport {
    lastQuery += 1
    append(QueryStatus(queryId: lastQuery, withStateHash: withStateHash))
    try flush()
    var status: StatusReport?
    try receive { frame in
      if frame.template == .statusReport { status = frame.decode(StatusReport.self) }
      // The status is followed by the end of the answer.
      return status != nil && frame.template == .queryEnd
    }
    guard let status, status.queryId == lastQuery else { throw TapeError("\(address) answered another question") }
    return status
  }

  private func append(_ message: some Message) { message.withFrame { output.append(contentsOf: $0) } }

  private func flush() throws {
    var sent = 0
    let deadline = steadyTime() + ReplayTarget.patience
    while sent < output.count {
      let transfer = output.withUnsafeBytes { connection.send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
      switch transfer {
      case .bytes(let count): sent += count
      case .nothing:
        guard connection.wait(readable: false, writable: true, until: deadline) else {
          throw TapeError("the server at \(address) has stopped reading")
        }
      case .failed(let error):
        // It may have said why.
        try receive { _ in false }
        throw error
      }
    }
    output.removeAll(keepingCapacity: true)
  }

  /// Takes frames until `isLast` says so.
  private func receive(until isLast: (Frame) throws -> Bool) throws {
    let deadline = steadyTime() + ReplayTarget.patience
    while true {
      switch input.withUnsafeBytes({ Frame.scan($0, maximum: Int(UInt16.max)) }) {
      case .malformed(let error): throw ClientError.malformedFrame(error)
      case .frame(let length):
        let bytes = Array(input[..<length])
        input.removeFirst(length)
        if try bytes.withUnsafeBytes({ try take(Frame($0), isLast) }) { return }
      case .incomplete:
        switch connection.receive({ input.append(contentsOf: $0) }) {
        case .bytes: break
        case .failed(let error): throw error
        case .nothing:
          guard connection.wait(readable: true, writable: false, until: deadline) else {
            throw TapeError("the server at \(address) does not answer")
          }
        }
      }
    }
  }

  private func take(_ frame: Frame, _ isLast: (Frame) throws -> Bool) throws -> Bool {
    guard frame.template != .terminate else {
      let message = frame.decode(Terminate.self)
      throw ClientError.terminated(message.reason, detail: message.detail)
    }
    return try frame.template == .sequence ? false : isLast(frame)
  }
}
