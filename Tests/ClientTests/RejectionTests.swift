import Testing
import Values

@testable import Client

@Suite("Reject reasons as sentences") struct RejectionTests {
  @Test(arguments: [
    (
      RejectReason.insufficientMargin, -250,
      "insufficientMargin. Free margin after the request would be negative. (-250)"
    ),
    (
      .notPermitted, 68,
      "notPermitted. The key lacks the role. (the roles that would be sufficient, as bits: treasurer or oracle)"
    ),
    (.priceBand, 1050, "priceBand. The price is outside the band around the mark. (the band's bound: 1050)"),
    (.tooManyOpenOrders, 100, "tooManyOpenOrders. (the limit: 100)"), (.unknownAccount, 0, "unknownAccount."),
    (.noMark, 0, "noMark. No mark price yet."),
  ])
  func theNumberIsShownWithItsMeaning(reason: RejectReason, detail: Int64, sentence: String) {
    #expect(reason.sentence(detail: detail) == sentence)
  }

  @Test func everyReasonHasASentence() {
    for reason in RejectReason.allCases { #expect(reason.sentence(detail: 1).hasPrefix("\(reason).")) }
  }
}
