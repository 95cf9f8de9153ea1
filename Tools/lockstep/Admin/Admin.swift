import ArgumentParser

/// `lockstep admin`
struct Admin: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at a running venue and operate it.",
    discussion: """
      Logs in with a key, does one thing, and leaves. Which key may do what is in
      the venue file (roles). A login ends an earlier session of the same key: give
      people and programs keys of their own.

      The key file is taken from --key-file, from the venue file (--config), or from
      the environment:
        LOCKSTEP_CONNECT=127.0.0.1:7400   LOCKSTEP_KEY=1
        LOCKSTEP_CONFIG=venue.toml        LOCKSTEP_KEY_FILE=keys/admin.key

      Amounts and prices are decimal numbers in the units of the asset or
      instrument. Names and digits of assets are only known with --config.

      Examples:
        lockstep admin status --config venue.toml
        lockstep admin margin 131 --config venue.toml
        lockstep admin greeks 131 --config venue.toml
        lockstep admin rates BTC-PERP --config venue.toml
        lockstep admin mark BTC-PERP 64100.5 --config venue.toml
        lockstep admin send 'SetPhase instrument=1 phase=halted' --config venue.toml
      """,
    subcommands: [
      AdminStatus.self, AdminLimits.self, AdminInstruments.self, AdminMarks.self, AdminRates.self, AdminFunding.self,
      AdminInterest.self, AdminParameters.self,
      AdminAccounts.self, AdminMargin.self, AdminPositions.self, AdminOrders.self, AdminBalances.self, AdminBands.self,
      AdminPreview.self, AdminRelief.self, AdminHedge.self, AdminGreeks.self, AdminStress.self, AdminValueAtRisk.self,
      AdminLiquidations.self, AdminInsurance.self, AdminProof.self,
      AdminDeposit.self, AdminWithdraw.self, AdminTransfer.self,
      AdminIndex.self, AdminMark.self, AdminVolatility.self, AdminPhase.self, AdminHalt.self, AdminListing.self,
      AdminKill.self,
      AdminCancel.self, AdminSnapshot.self,
      AdminCreateAccount.self, AdminKeys.self, AdminDefineKey.self, AdminRevokeKey.self, AdminSend.self,
    ])
}
