import Values
import Wire

// Section 4 of the rules: an instrument's life beside its phase. Delisting is no part of the model.

extension ReferenceVenue {
  func set(_ message: SetListing) throws(Reject) {
    typealias Field = SetListing.Field
    guard let action = message.action else { throw Reject(.invalidField, Field.action) }
    guard let phase = message.phase else { throw Reject(.invalidField, Field.phase) }
    let allowed: [Phase] = action == .suspend ? [.halted] : [.halted, .closedToMatching, .continuous]
    try requireField(allowed.contains(phase), Field.phase)
    let instrument = try instrument(message.instrument)
    let when = message.time.rawValue
    if when != 0 && (action != .activate || when <= time.rawValue || when > 1 << 62) {
      throw Reject(.parameterOutOfRange, Field.time)
    }
    let fits =
      switch action {
      case .activate: instrument.listing == .pending || (instrument.listing == .active && instrument.phase == .halted)
      case .suspend: instrument.listing == .active
      case .resume: instrument.listing == .suspended
      case .delist: preconditionFailure("not modelled")
      }
    if !fits { throw Reject(.listingState, instrument.listing.rawValue) }
    if action != .suspend && when == 0 && !mayOpen(instrument, phase) { throw Reject(.noMarginParameters) }
    if action == .activate { instruments[instrument.id]!.opening = when == 0 ? nil : (when, phase) }
    instruments[instrument.id]!.listing = when != 0 ? .pending : action == .suspend ? .suspended : .active
    if when == 0 { instruments[instrument.id]!.phase = phase }
    accept()
  }

  func mayOpen(_ instrument: ModelInstrument, _ phase: Phase) -> Bool {
    phase == .halted || !instrument.isPerpetual || instrument.parameters != nil
  }

  /// Why a halted instrument takes no orders, and no other phase by hand.
  func haltReason(_ instrument: ModelInstrument) -> Reject {
    switch instrument.listing {
    case .active: Reject(.instrumentHalted)
    case .pending: Reject(.instrumentPending, instrument.opening!.time)
    case .suspended: Reject(.instrumentSuspended)
    case .delisted: preconditionFailure("not modelled")
    }
  }
}
