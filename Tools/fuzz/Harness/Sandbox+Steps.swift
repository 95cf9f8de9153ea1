import Kernel
import MarketData
import Session
import Values
import Wire

// Working off a program.
extension Sandbox {
  /// Steps of one program; what is longer is cut, so that one input cannot take for ever.
  private static let stepLimit = 200

  /// Runs `program`, then checks the state as a whole.
  func run(_ program: UnsafeRawBufferPointer) {
    var cursor = ByteCursor(program)
    restoresLeft = Program.restores(cursor.byte())
    for index in 0..<Sandbox.stepLimit where !cursor.isAtEnd && fault == nil {
      take(Step(from: &cursor))
      flush()
      if variant == .restored && index % 32 == 4 { restore() }
      if variant == .queried && index % 32 == 4 { readEverything() }
    }
    if fault == nil { checkWhole() }
  }

  private func take(_ step: Step) {
    switch step {
    case .command(let actor, let shape, let values):
      let key = Sandbox.sender(actor)
      let bytes = shape.frame(values, nextRequest: nextRequest(of: key))
      bytes.withUnsafeBytes { takeRecord($0, key) }
    case .message(let slot, let shape, let values):
      withPeer(slot) { receive(frame(shape, values, $0), $0) }
    case .damage(let slot, let shape, let values, let place, let bits):
      withPeer(slot) { peer in
        var bytes = frame(shape, values, peer)
        let second = bytes.count
        bytes += bytes
        bytes[second + Int(place) % second] ^= bits
        receive(bytes, peer)
      }
    case .query(let actor, let shape, let values):
      shape.frame(values, nextRequest: 1).withUnsafeBytes { answer(Frame($0), key: Sandbox.sender(actor)) }
    case .bytes(let slot, let bytes):
      withPeer(slot) { receive(Array(bytes), $0) }
    case .record(let actor, let bytes):
      guard case .frame(let length) = Frame.scan(bytes, maximum: Limits.frameBytes) else { return }
      takeRecord(UnsafeRawBufferPointer(rebasing: bytes[..<length]), Sandbox.sender(actor))
    case .logIn(let slot, let key, let window, let lastReport):
      logIn(
        slot: Int(slot) % Sandbox.slots, index: Int(key) % Fixture.keys.count, cancelOnDisconnect: UInt32(window) * 10,
        lastReport: UInt64(lastReport))
    case .connection(let slot, let action): change(Int(slot) % Sandbox.slots, action)
    case .time(let mantissa, let shift): advance(by: UInt64(mantissa) << UInt64(shift % 32))
    case .restore:
      if restoresLeft > 0 {
        restoresLeft -= 1
        restore()
      }
    case .damagedState(let high, let low, let choice):
      if restoresLeft > 0 {
        restoresLeft -= 1
        readDamaged(place: Int(high) << 8 | Int(low), choice)
      }
    }
  }

  private func change(_ slot: Int, _ action: UInt8) {
    switch action % 4 {
    case 0: connect(slot: slot)
    case 1: disconnect(slot: slot)
    case 2: peers[slot]?.isReading = false
    default: peers[slot]?.isReading = true
    }
  }

  /// Applies a frame as the journal could hold it.
  private func takeRecord(_ bytes: UnsafeRawBufferPointer, _ key: KeyId) {
    let frame = Frame(bytes)
    if (19...92).contains(frame.template.rawValue) { command(frame, key: key) }
  }

  /// One of the fixture's keys; beyond them an unknown one, and the venue itself.
  private static func sender(_ actor: UInt8) -> KeyId { KeyId(UInt32(actor % 10)) }

  private func nextRequest(of key: KeyId) -> UInt64 {
    let last = kernel.keyRecord(key)?.lastRequest ?? 0
    return last == .max ? last : last + 1
  }

  private func frame(_ shape: FrameShape, _ values: UnsafeRawBufferPointer, _ peer: Peer) -> [UInt8] {
    shape.frame(values, nextRequest: nextRequest(of: peer.core.key))
  }

  private func withPeer(_ slot: UInt8, _ body: (Peer) -> Void) {
    if let peer = peers[Int(slot) % Sandbox.slots] { body(peer) }
  }

  // MARK: Checks

  /// Replaces the kernel by one made of its state's bytes.
  private func restore() {
    let before = StateBytes(of: kernel)
    do { kernel = try before.restored() } catch { return note("the state cannot be read back: \(error)") }
    if StateBytes(of: kernel) != before { note("the state is another after saving and restoring") }
  }

  /// Reads a state with one byte, or eight, overwritten. Whether it is refused does not matter, only that nothing traps.
  private func readDamaged(place: Int, _ choice: UInt8) {
    var damaged = StateBytes(of: kernel)
    damaged.overwrite(place, choice < ShapedField.edge ? [choice] : ShapedField.bytes(ofEdge: choice))
    do throws(StateError) {
      var read = try damaged.restored()
      _ = read.auditAll()
    } catch {}
  }

  /// Every query of every account, by those who may see all and by a trader.
  private func readEverything() {
    let before = StateBytes(of: kernel)
    for key in [Fixture.staff, Fixture.traders[0]] {
      for account in Fixture.accounts {
        ask(QueryMargin(queryId: 1, account: account), key)
        ask(QueryPositions(queryId: 1, account: account), key)
        ask(QueryOpenOrders(queryId: 1, account: account, instrument: .none), key)
        ask(QueryBalances(queryId: 1, account: account), key)
        ask(QueryGreeks(queryId: 1, account: account), key)
        ask(QueryValueAtRisk(queryId: 1, account: account), key)
        ask(QueryHedge(queryId: 1, account: account), key)
      }
      ask(QueryAccounts(queryId: 1, first: .none, count: 0), key)
      ask(QueryKeys(queryId: 1, first: .venue, count: 0), key)
      ask(QueryInstruments(queryId: 1), key)
      ask(QueryParameters(queryId: 1, instrument: .none), key)
      ask(QueryMarks(queryId: 1, instrument: .none), key)
      ask(QueryInterest(queryId: 1), key)
    }
    if StateBytes(of: kernel) != before { note("a read has changed the state") }
  }

  private func ask(_ query: some Message, _ key: KeyId) {
    frameBytes(query).withUnsafeBytes { answer(Frame($0), key: key) }
  }

  /// Margin against the full recompute, money and contracts conserved, subscribers' books like the kernel's.
  private func checkWhole() {
    if let finding = kernel.auditAll() { return note(finding.description) }
    for case let peer? in peers where peer.core.state != .closing && peer.isReading {
      for subscription in peer.subscriptions where !subscription.hasNews {
        let id = subscription.feed.id
        guard let mirror = peer.mirrors[id] else { return note("a subscriber has no book") }
        if let difference = mirror.difference(from: kernel, id.instrument, id.kind) { return note(difference) }
      }
    }
  }
}
