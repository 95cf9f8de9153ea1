import Wire

/// A frame from the server, sorted by what it means for the session.
enum Incoming {
  case challenge(Challenge)
  case negotiateAck(NegotiateAck)
  case establishAck(EstablishAck)
  case sequence
  case retransmission
  case event(Event, Template)
  case other(Template)

  init(_ frame: Frame) {
    switch frame.template {
    case .challenge: self = .challenge(frame.decode(Challenge.self))
    case .negotiateAck: self = .negotiateAck(frame.decode(NegotiateAck.self))
    case .establishAck: self = .establishAck(frame.decode(EstablishAck.self))
    case .sequence: self = .sequence
    case .retransmission: self = .retransmission
    default: self = Event(frame).map { .event($0, frame.template) } ?? .other(frame.template)
    }
  }

  var template: Template {
    switch self {
    case .challenge: .challenge
    case .negotiateAck: .negotiateAck
    case .establishAck: .establishAck
    case .sequence: .sequence
    case .retransmission: .retransmission
    case .event(_, let template), .other(let template): template
    }
  }
}
