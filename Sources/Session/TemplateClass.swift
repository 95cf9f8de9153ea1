import Values
import Wire

/// Who may send a message, and what the session layer does with it.
public enum TemplateClass: Sendable, Equatable {
  /// Negotiate, Proof, Establish: each in its own state only.
  case login
  /// Sequence, RetransmitRequest, Terminate: handled by the session layer.
  case session
  /// Goes through the journal to the kernel.
  case command
  /// A read, answered from the state.
  case query
  /// Subscribe, Unsubscribe.
  case subscription
  /// ReplayHeader: only to a replay target.
  case replay
  /// Made by the venue itself, never accepted from a socket: internal commands and everything a server sends.
  case fromVenue

  /// The class of `template`.
  public init(_ template: Template) {
    switch template.rawValue {
    case 1, 3, 5: self = .login
    case 7, 8, 10: self = .session
    case 12: self = .replay
    case 20...89: self = .command
    case 120...129, 143, 145, 147, 149, 177, 180, 184, 187, 214: self = .query
    case 150, 151: self = .subscription
    default: self = .fromVenue
    }
  }

  /// Whether the first field of `template` is a request or query id, which a SessionReject repeats.
  static func namesRequest(_ template: Template) -> Bool {
    switch template.rawValue {
    case 19...89, 120...129, 143, 145, 147, 149, 150, 151, 177, 180, 184, 187, 214: true
    default: false
    }
  }
}

/// Which roles may ask what. Whose accounts a key may see is checked by the kernel when it answers.
public enum QueryAccess {
  /// The roles of which one is enough for `template`, a query or subscription.
  public static func roles(for template: Template) -> Roles {
    switch template {
    case .preview: .trader
    case .queryStress: [.trader, .observer, .operator, .treasurer, .registrar, .riskAdmin]
    case .queryMargin, .queryRelief, .queryPositions, .queryOpenOrders, .queryBalances, .queryGreeks, .queryBands,
      .queryValueAtRisk, .queryHedge:
      [.trader, .observer]
    case .queryInsurance: [.observer, .operator, .treasurer, .riskAdmin]
    case .queryAccounts: [.observer, .operator, .treasurer, .registrar, .trader, .firmAdmin]
    case .queryKeys: [.observer, .operator, .registrar, .trader, .firmAdmin]
    default: .all
    }
  }

  /// Whether a key with `roles` may send `template`.
  public static func allows(_ template: Template, roles: Roles) -> Bool {
    !roles.isDisjoint(with: QueryAccess.roles(for: template))
  }

  /// Whether a key with `roles` may ask for a hash of the whole state, which holds the venue up while it is computed.
  public static func allowsStateHash(roles: Roles) -> Bool { !roles.isDisjoint(with: [.operator, .observer]) }
}
