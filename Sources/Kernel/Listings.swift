import Margin
import Values
import Wire

// An instrument's life beside its phase: pending, active, suspended, delisted. Protocol/rules.md §4.

extension Kernel {
  mutating func setListing(_ message: SetListing, _ command: Command, output: inout Output) throws(Reject) {
    typealias Field = SetListing.Field
    guard let action = message.action else { throw .invalid(Field.action) }
    guard let phase = message.phase else { throw .invalid(Field.phase) }
    let opens = action == .activate || action == .resume
    try require(
      phase == .halted || (opens && (phase == .closedToMatching || phase == .continuous)), .invalid(Field.phase))
    let instrument = ledger.find(message.instrument)
    try require(instrument != 0, Reject(.unknownInstrument))
    let listing = ledger.instruments[instrument].listing
    try require(listing != .delisted, Reject(.instrumentDelisted))
    try require(!ledger.instruments[instrument].isExpired, Reject(.instrumentExpired))
    let waits = message.time != Timestamp(0)
    try require(
      !waits
        || ((action == .activate || action == .delist) && message.time > time && message.time.rawValue <= 1 << 62),
      Reject(.parameterOutOfRange, Field.time))
    let fits =
      switch action {
      case .activate:
        listing == .pending || (listing == .active && ledger.instruments[instrument].phase == .halted)
      case .suspend: listing == .active
      case .resume: listing == .suspended
      case .delist: listing != .pending || !waits
      }
    try require(fits, Reject(.listingState, Int64(listing.rawValue)))
    if action == .delist {
      let kind = ledger.instruments[instrument].kind
      try require(kind == .spot || kind == .perpetual, .invalid(Field.instrument))
    }
    try require(!opens || waits || isReady(instrument, for: phase), Reject(.noMarginParameters))

    switch action {
    case .activate where waits:
      ledger.instruments[instrument].listing = .pending
      ledger.instruments[instrument].listingPhase = phase
      ledger.instruments[instrument].listingTime = message.time
      statusEvent(instrument, output: &output)
    case .activate: activate(instrument, phase, output: &output)
    case .suspend:
      ledger.instruments[instrument].listing = .suspended
      if !change(instrument, to: .halted, output: &output) { statusEvent(instrument, output: &output) }
    case .resume:
      ledger.instruments[instrument].listing = .active
      if !change(instrument, to: phase, output: &output) { statusEvent(instrument, output: &output) }
    case .delist where waits: ledger.instruments[instrument].listingTime = message.time
    case .delist: delist(instrument, output: &output)
    }
    armListing(of: instrument)
    acceptRequest(command, output: &output)
  }

  /// Sets the timer of what is due in an instrument's life.
  mutating func armListing(of instrument: UInt32) {
    timers.set(.listing, instrument, at: ledger.instruments[instrument].listingTime)
  }

  /// The time of an activation or delisting has come.
  mutating func endWait(of instrument: UInt32, output: inout Output) {
    if ledger.instruments[instrument].listing == .pending {
      let phase = ledger.instruments[instrument].listingPhase
      activate(instrument, isReady(instrument, for: phase) ? phase : .halted, output: &output)
    } else {
      delist(instrument, output: &output)
    }
  }

  private mutating func activate(_ instrument: UInt32, _ phase: Phase, output: inout Output) {
    ledger.instruments[instrument].listing = .active
    ledger.instruments[instrument].listingPhase = .halted
    ledger.instruments[instrument].listingTime = .never
    if !change(instrument, to: phase, output: &output) { statusEvent(instrument, output: &output) }
  }

  /// The instrument ends as a future does at its expiry, with its last mark for a settlement price; no funding is
  /// exchanged any more.
  private mutating func delist(_ instrument: UInt32, output: inout Output) {
    ledger.instruments[instrument].listing = .delisted
    ledger.instruments[instrument].listingPhase = .halted
    ledger.instruments[instrument].listingTime = .never
    ledger.instruments[instrument].expiry = .delisting(at: time)
    ledger.instruments[instrument].funding.next = .never
    ledger.instruments[instrument].funding.nextSample = .never
    ledger.instruments[instrument].funding.parameters.interval = 0
    armFunding(of: instrument)
    expire(instrument, output: &output)
  }

  // MARK: What orders and phases are refused for

  /// Why a halted instrument takes no orders.
  func haltReason(of instrument: UInt32) -> Reject {
    switch ledger.instruments[instrument].listing {
    case .active: Reject(.instrumentHalted)
    case .pending: Reject(.instrumentPending, ledger.instruments[instrument].listingTime.rawValue)
    case .suspended: Reject(.instrumentSuspended)
    case .delisted: Reject(.instrumentDelisted)
    }
  }

  /// Why an instrument that has ended takes no orders.
  func endReason(of instrument: UInt32) -> Reject {
    Reject(ledger.instruments[instrument].listing == .delisted ? .instrumentDelisted : .instrumentExpired)
  }
}
