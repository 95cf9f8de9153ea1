import Client
import Kernel
import Storage
import ToolSupport
import Values
import Wire

/// The orders of a recording, sent to an ordinary venue by one key of its own; fills and order states compared with what
/// was recorded.
///
/// Only what a trader can do is sent: new orders, cancels, replaces, mass cancels, and changes of phase when the key is
/// an operator too. Margin, fees, times and ids may differ.
public struct LiveReplay: Sendable {
  /// Commands sent.
  public let sent: UInt64
  /// Commands that are not a trader's, or of accounts or instruments without a counterpart, by message.
  public let skipped: [String: Int]
  public let orders: Int
  /// Orders (and refused requests) that went otherwise than recorded.
  public let differingOrders: Int
  public let firstDifference: String?
  public let fills: FillComparison?
  public let seconds: Double

  /// Whether all went as recorded; with published fills, whether these came out.
  public var isExact: Bool { firstDifference == nil && fills?.isExact != false }

  /// Who replays, and which accounts stand for which.
  public struct Options: Sendable {
    public var key: KeyId
    public var keyPair: KeyPair
    public var accounts: IdMap
    public var instruments = IdMap.identity
    public var through = UInt64.max
    public var fills: [TapeFill]?
    public var pace = ReplayPace.flatOut
    public var isSilent = false

    public init(key: KeyId, keyPair: KeyPair, accounts: IdMap) {
      self.key = key
      self.keyPair = keyPair
      self.accounts = accounts
    }
  }

  /// Replays `recording` into the venue at `address`. A difference is a result.
  public static func run(
    _ recording: Recording, to address: String, _ options: Options
  ) throws -> LiveReplay {
    let ids = try options.fills.map { _ in try TapeIds(besides: recording.path) }
    let last = min(options.through, try recording.lastSequence())
    var source = try ReplaySource.open(recording)
    var progress = Progress("replay", total: Int(clamping: last), isSilent: options.isSilent)
    let session = try LiveSession(address, options)
    let start = SteadyClock.now
    var recorded = OrderTraces()
    while source.replayer.kernel.sequence < last, let record = try source.reader.next() {
      if record.kind == .input { try session.send(record) }
      try source.replayer.take(record) { key, bytes in
        guard let event = Event(Frame(bytes)) else { return }
        recorded.take(event, sequence: record.sequence) { requestId in
          let name = OrderName(key: key, requestId: requestId)
          return session.hasSent(name) ? name : nil
        }
      }
      progress.show(Int(clamping: record.sequence))
    }
    try session.finish()
    progress.finish()
    let (differing, first) = session.traces.compare(with: recorded)
    return LiveReplay(
      sent: session.sent, skipped: session.skipped, orders: recorded.count, differingOrders: differing,
      firstDifference: first,
      fills: ids.map { FillComparison(published: options.fills ?? [], actual: session.collector.fills($0)) },
      seconds: SteadyClock.now - start)
  }
}
