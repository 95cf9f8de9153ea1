import Testing
import Values
import Wire

@testable import ToolSupport

@Suite("Frames from text") struct FrameBuilderTests {
  private func described(_ text: String) throws -> String {
    try FrameBuilder.frame(text).withUnsafeBytes { FrameText.describe(Frame($0)) }
  }

  @Test(arguments: [
    "CreateAccount requestId=1 account=5 master=2 parent=0 isolatedInstrument=0 multiplier=1000000000 leverageCap=20 mode=standard flags=[mayBorrow]",
    "DefineSchedule requestId=2 schedule=3 rows=[{lower=0 rate=4000000} {lower=50000 rate=5000000}]",
    "SetImpactCurve requestId=0 instrument=1 side=sell rows=[]",
    "SetKillSwitch requestId=9 target=4 scope=master engaged=yes",
    "IndexPrice requestId=0 price=100 stablePrice=none asset=1 confidence=0",
    "ChangeKeyRoles requestId=0 key=7 roles=[trader observer]",
    "DefineAsset requestId=0 asset=1 symbol=BTC digits=8 priceScale=2 haircutMaintenance=0 haircutInitial=0 debtAddonMaintenance=0 debtAddonInitial=0",
  ])
  func whatDescribePrintsComesBackTheSame(text: String) throws {
    #expect(try described(text) == text)
  }

  @Test func fieldsThatAreNotNamedAreZeroOrNone() throws {
    #expect(
      try described("IndexPrice asset=3") == "IndexPrice requestId=0 price=0 stablePrice=none asset=3 confidence=0")
  }

  @Test func numbersMayBeGroupedAndSetsMayUseCommas() throws {
    #expect(
      try described("Deposit amount=1_000,000 account=2") == "Deposit requestId=0 account=2 asset=0 amount=1000000")
    #expect(try described("ChangeKeyRoles key=1 roles=trader,oracle").hasSuffix("roles=[trader oracle]"))
  }

  @Test(arguments: [
    ("Deposti amount=1", "There is no message “Deposti”. Did you mean Deposit?"),
    ("Deposit amonut=1", "Deposit has no field “amonut”. Did you mean amount?"),
    ("Deposit amount=1.5", "amount: “1.5” is not a number that fits."),
    ("Deposit asset=70000", "asset: “70000” is not a number that fits."),
    ("SetPhase phase=continous", "phase: “continous” is not known. Did you mean continuous?"),
    ("Deposit amount", "“amount” is not of the form name=value."),
    ("ChangeKeyRoles roles=[trader", "A bracket is not closed"),
    (
      "DefineVenue name=abcdefghijklmnopq", "name: “abcdefghijklmnopq” should be at most 16 printable ASCII characters."
    ),
  ])
  func mistakesAreExplained(text: String, message: String) {
    let error = #expect(throws: FrameTextError.self) { try FrameBuilder.frame(text) }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }
}
