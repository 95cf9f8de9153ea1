import Values
import Wire

/// A seeded stream of whole command frames of all kinds, valid and invalid, lifelike enough that the rare cases of the
/// rules come up often. It looks at the model's state to be where the action is; it decides nothing by it.
struct CommandStream {
  var random: Random
  let model: ReferenceVenue
  private var time: Int64 = 1_700_000_000_000_000_000
  /// Commands that are already decided.
  var queue: [(key: KeyId, bytes: [UInt8])] = []

  init(seed: UInt64, model: ReferenceVenue) {
    random = Random(seed: seed)
    self.model = model
    queue = StreamCast.setup(model.limits, &random).map { (.venue, $0) }
  }

  mutating func next() -> Command {
    time += random.chance(20) ? random.number(1...60_000_000) : random.number(1...500_000)
    // Now and then hours pass, so that days end.
    if random.chance(1) { time += random.number(1...4) * 3_600_000_000_000 }
    if queue.isEmpty { choose() }
    var (key, bytes) = queue.removeFirst()
    stampRequest(&bytes, key)
    return Command(key: key, time: Timestamp(time), bytes: bytes)
  }

  /// Gives the frame the key's next request id; sometimes one that was used before.
  private mutating func stampRequest(_ bytes: inout [UInt8], _ key: KeyId) {
    let hasRequest = bytes.withUnsafeBytes { Frame($0).hasRequestId }
    if !hasRequest { return }
    let last = model.keys.first { $0.id == key }?.lastRequest ?? 0
    let id = random.chance(8) ? random.pick([0, last, last / 2]) : last + UInt64(random.number(1...3))
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: id.littleEndian, toByteOffset: 12, as: UInt64.self) }
  }

  mutating func send(_ message: some Message, _ key: KeyId) { queue.append((key, frameBytes(message))) }

  /// Decides what comes next: mostly one command, sometimes a little play of several.
  private mutating func choose() {
    switch random.number(1...1000) {
    case ...330: order()
    case ...380: quote()
    case ...412: contingent()
    case ...420: replaceContingent()
    case ...500: closeOrDistress()
    case ...504: squeeze()
    case ...507: edge()
    case ...560: cancel()
    case ...680: replace()
    case ...780: mark()
    case ...800: index()
    case ...870: money()
    case ...905: send(Tick(work: random.pick([0, 1, 2, 5, 50])), .venue)
    case ...920: session()
    case ...930: massCancel()
    case ...932: countdown()
    case ...941: killSwitch()
    case ...953: phase()
    case ...955: listing()
    case ...968: changeAccount()
    case ...976: parameters()
    case ...985: definition()
    case ...992: keys()
    case ...998: strange()
    case ...999: if random.chance(150) { jobFlood() } else { order() }
    default: send(TakeSnapshot(requestId: 0), random.pick([StreamCast.staff, StreamCast.oracle]))
    }
    if queue.isEmpty { order() }
    if random.chance(15), let last = queue.popLast() { corrupt(last.key, last.bytes) }
  }

  // MARK: Picking

  mutating func trader() -> KeyId { random.pick(StreamCast.traders) }

  mutating func account(of key: KeyId) -> UInt32 {
    if random.chance(6) { return random.pick(0...20) }
    return random.pick(StreamCast.accounts(of: StreamCast.master(of: key)))
  }

  mutating func anyAccount() -> UInt32 { random.chance(10) ? random.pick(0...20) : random.pick(1...13) }

  mutating func staff() -> KeyId { random.chance(15) ? trader() : StreamCast.staff }

  mutating func instrument() -> UInt32 {
    if random.chance(5) { return random.pick(0...12) }
    return random.pick([1, 1, 1, 2, 2, 3, 4, 4, 5, 6, 7])
  }

  func definition(_ instrument: UInt32) -> ModelInstrument? { model.instruments[InstrumentId(instrument)] }

  /// What an instrument is worth about now.
  func fair(_ instrument: UInt32) -> Int64 {
    Int64(definition(instrument)?.mark ?? Int128(StreamCast.startingPrice(instrument)))
  }

  /// A price `partsPerThousand` away from fair, at most.
  mutating func price(_ instrument: UInt32, within partsPerThousand: Int64) -> Int64 {
    let fair = fair(instrument)
    let width = max(2, fair * partsPerThousand / 1000)
    return max(0, fair + random.number(-width...width))
  }

  /// A size for an order: small, or what would put the account under strain.
  mutating func lots(_ account: UInt32, _ instrument: UInt32, _ side: Side) -> Int64 {
    if StreamCast.whales.contains(account) && random.chance(200) { return random.number(1...3_000_000_000) }
    guard let definition = definition(instrument), random.chance(350), !StreamCast.whales.contains(account),
      let state = model.accounts.first(where: { $0.id.rawValue == account })
    else { return random.number(1...80) }
    let lotValue = Int128(fair(instrument)) * definition.multiplier
    if definition.kind == .spot && !state.mayBorrow {
      let asset = side == .buy ? definition.quote : definition.base
      let unit = side == .buy ? lotValue : definition.baseLot
      let left = state.balance(asset) - (model.payableAndReceivable(state).payable[asset] ?? 0)
      return max(1, Int64(clamping: left * random.wide(600...1010) / 1000 / max(1, unit)))
    }
    let equity = max(100_000_000, model.margin(of: state).equity)
    return max(1, Int64(clamping: equity * random.wide(1...2_500) / 100 / max(1, lotValue)))
  }

  // MARK: Nonsense

  static let extremes: [Int64] = [
    0, 1, -1, .max, .min, 1 << 44, 1 << 44 + 1, 1 << 53, 1 << 53 + 1, 1 << 32, 1_000_000_000_000_000_000,
    2_000_000_000_000_000_000, 10_000_000_000, 10_000_000_001, 1_000_000_000,
  ]

  /// Portfolio mode and delisting are no part of the model.
  private func isBeyondTheModel(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { raw in
      let frame = Frame(raw)
      switch frame.template {
      case .createAccount: return frame.decode(CreateAccount.self).mode == .portfolio
      case .changeAccount: return frame.decode(ChangeAccount.self).mode == .portfolio
      case .setListing: return frame.decode(SetListing.self).action == .delist
      default: return false
      }
    }
  }

  /// Overwrites one field with an extreme number or one byte with an arbitrary one. Marks stay near the others: how
  /// requirements saturate beyond every bound is no part of the rules.
  private mutating func corrupt(_ key: KeyId, _ original: [UInt8]) {
    var bytes = original
    let template = bytes.withUnsafeBytes { Frame($0).template }
    if ![.markPrice, .deposit].contains(template) && template != .defineVenue && bytes.count >= 28 {
      if random.chance(500) {
        let words = (bytes.count - 20) / 8
        let offset = 20 + 8 * Int(random.number(0...Int64(words - 1)))
        let value = random.pick(Self.extremes)
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Int64.self) }
      } else {
        bytes[Int(random.number(20...Int64(bytes.count - 1)))] = UInt8(random.number(0...255))
      }
    }
    let isFrame = bytes.withUnsafeBytes { Frame.scan($0, maximum: 1024) } == .frame(length: bytes.count)
    queue.append((key, isFrame && !isBeyondTheModel(bytes) ? bytes : original))
  }
}
