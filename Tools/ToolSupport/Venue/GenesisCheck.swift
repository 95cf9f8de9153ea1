import Client
import Kernel
import Values
import Wire

extension Genesis {
  /// Applies the frames to a kernel of its own and says which ones it refuses, and why.
  public func check() -> [VenueFileError.Issue] {
    guard let first = entries.first else { return [] }
    let venue = first.bytes.withUnsafeBytes { Frame($0).decode(DefineVenue.self) }
    if let fault = Limits(venue).fault {
      return [VenueFileError.Issue(line: first.line, path: first.what, text: fault)]
    }
    var kernel = Kernel(venue: venue)
    var output = Output()
    var issues: [VenueFileError.Issue] = []
    for (index, entry) in entries.enumerated() {
      output.clear()
      entry.bytes.withUnsafeBytes {
        kernel.apply(Frame($0), key: .venue, time: Timestamp(Int64(index) + 1), output: &output)
      }
      output.forEachFrame { _, bytes in
        let frame = Frame(bytes)
        guard frame.template == .requestRejected else { return }
        let text = Self.explain(frame.decode(RequestRejected.self), to: entry)
        issues.append(VenueFileError.Issue(line: entry.line, path: entry.what, text: text))
      }
    }
    return issues
  }

  /// The reject in a sentence; where its detail is the id of a field, the field's name is added.
  private static func explain(_ reject: RequestRejected, to entry: Entry) -> String {
    guard let reason = reject.reason else { return "refused for the unknown reason \(reject.reasonCode)." }
    let text = reason.sentence(detail: reject.detail)
    guard reason == .invalidField || reason == .parameterOutOfRange else {
      return text
    }
    let fields = entry.bytes.withUnsafeBytes { Frame($0).template.description.fields }
    guard let field = fields.first(where: { $0.id == Int(reject.detail) }) else {
      return text
    }
    return "\(field.name): \(text)"
  }
}
