import Kernel
import Storage
import ToolSupport
import Values
import Wire

extension Inspection {
  /// The header alone, for a snapshot among the files of a directory.
  func showHeader(ofSnapshot path: String) throws {
    show(try SnapshotState(loading: path).header, path: path)
  }

  /// Header, venue, instruments and accounts; the resting orders too when they are asked for.
  func showSnapshot(_ path: String) throws {
    let state = try SnapshotState(loading: path)
    show(state.header, path: path)
    var reader = StateReader(state.bytes)
    var kernel = try Kernel.restored(from: &reader)
    let venue = kernel.venue
    venue.withFrame { emit(options.isJson ? FrameText.json(Frame($0)) : FrameText.describe(Frame($0))) }
    guard let observer = kernel.addObserver() else {
      emit(options.isJson ? "{\"note\":\"the key table is full\"}" : "-- accounts are not shown: the key table is full")
      return
    }
    answer(QueryInstruments(queryId: 0), &kernel, observer)
    var last = AccountId.none
    while true {
      let accounts = answer(QueryAccounts(queryId: 0, first: last, count: 0), &kernel, observer, unless: last)
      guard let end = accounts.last else { return }
      for account in accounts {
        answer(QueryPositions(queryId: 0, account: account), &kernel, observer)
        answer(QueryBalances(queryId: 0, account: account), &kernel, observer)
        if options.showsOrders {
          answer(QueryOpenOrders(queryId: 0, account: account, instrument: .none), &kernel, observer)
        }
      }
      last = end
    }
  }

  /// Shows the rows of an answer, without that of the account `shown`; which accounts they are of.
  @discardableResult
  private func answer(
    _ query: some Message, _ kernel: inout Kernel, _ observer: KeyId, unless shown: AccountId = .none
  ) -> [AccountId] {
    var output = Output()
    query.withFrame { kernel.answer(Frame($0), key: observer, output: &output) }
    var accounts: [AccountId] = []
    output.forEachFrame { _, bytes in
      let frame = Frame(bytes)
      if frame.template == .accountReport {
        let account = frame.decode(AccountReport.self).account
        if account == shown { return }
        accounts.append(account)
      }
      if frame.template == .queryEnd { return }
      emit(options.isJson ? FrameText.json(frame) : FrameText.describe(frame))
    }
    return accounts
  }

  private func show(_ header: SnapshotHeader, path: String) {
    if options.isJson {
      show([
        ("file", .string(path)), ("kind", "snapshot"), ("venueId", .integer(header.identity.venueId)),
        ("sequence", .integer(header.log.sequence)), ("time", .integer(header.log.time.rawValue)),
        ("stateBytes", .integer(header.stateBytes)), ("stateHash", .string(hashText(header.stateHash))),
        ("outputDigest", .string(digestText(header.log.output.value))),
        ("outputs", .integer(header.log.output.frames)),
        ("journalSegment", .integer(header.log.segment)), ("journalOffset", .integer(header.log.offset)),
      ])
    } else {
      emit(
        "\(path): snapshot of venue \(header.identity.venueId) at sequence \(header.log.sequence), "
          + "\(Amounts.time(header.log.time)); \(Decimal.format(header.stateBytes)) bytes, state hash "
          + "\(hashText(header.stateHash)); output digest \(digestText(header.log.output.value)); the journal goes on "
          + "in segment \(header.log.segment) at offset \(header.log.offset)")
    }
  }
}

extension Kernel {
  /// Gives this copy of the state a key that may look at everything; `nil`: there is no room for one.
  fileprivate mutating func addObserver() -> KeyId? {
    let key = KeyId(.max - 1)
    var output = Output()
    DefineKey(requestId: 0, key: key, master: .none, publicKey: Bytes32(), roles: .observer).withFrame {
      apply(Frame($0), key: .venue, time: Timestamp(time.rawValue + 1), output: &output)
    }
    return keyRecord(key)?.roles.contains(.observer) == true ? key : nil
  }
}
