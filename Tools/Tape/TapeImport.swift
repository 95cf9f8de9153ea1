import Glibc
import Storage
import Values

/// Turns a tape into a capture: everything that a venue of ``TapeWorld`` takes in and says, beginning with the commands
/// that create it, at the times of the tape (made to rise strictly).
public struct TapeImport: Sendable {
  /// Rows of the tape.
  public let rows: Int
  /// Commands in the capture, those that create the venue and its accounts included.
  public let commands: UInt64
  public let trades: Int
  public let scale: TapeScale
  /// Running digest of all output frames.
  public let digest: OutputDigest
  /// BLAKE2b-256 of the state after the last command.
  public let stateHash: Bytes32
  public let seconds: Double
  public let unexpectedRefusals: Int

  /// Writes the capture at `path` and the tape's ids beside it (``TapeIds``). The capture must not exist yet.
  public static func run(_ rows: [TapeRow], to path: String, isSilent: Bool = false) throws -> TapeImport {
    guard access(path, F_OK) != 0 else { throw TapeError("\(path) exists already; choose another name or remove it") }
    let link = try KernelLink(
      genesis: TapeWorld.genesis(publicKey: Bytes32(), capacity: TapeWorld.capacity(for: rows)), publicKey: Bytes32(),
      time: TapeWorld.startTime(of: rows), capturePath: path)
    let driver = TapeDriver(link: link, scale: TapeScale(of: rows))
    var progress = Progress("import", total: rows.count, isSilent: isSilent)
    let start = SteadyClock.now
    do {
      try driver.run(rows) { progress.show($0) }
      try link.finishCapture()
      try driver.ids(of: rows).write(besides: path)
    } catch {
      // Half a tape is not what was asked for.
      unlink(path)
      throw error
    }
    progress.finish()
    return TapeImport(
      rows: rows.count, commands: link.sequence, trades: driver.tracker.trades.count, scale: TapeScale(of: rows),
      digest: link.digest, stateHash: link.stateHash, seconds: SteadyClock.now - start,
      unexpectedRefusals: driver.tracker.refusalCount)
  }
}

extension TapeDriver {
  /// What the requests that were sent are called in the tape.
  func ids(of rows: [TapeRow]) -> TapeIds {
    var ids = TapeIds(scale: scale)
    for (key, lane) in tracker.lanes.enumerated() {
      for (index, request) in lane.requests.enumerated() where request.row >= 0 {
        let row = rows[Int(request.row)]
        ids.add(
          OrderName(key: KeyId(UInt32(key)), requestId: UInt64(index + 1)), sequence: row.sequence,
          orderId: row.orderId)
      }
    }
    return ids
  }
}
