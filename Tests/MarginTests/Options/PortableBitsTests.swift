import Margin
import Testing

/// The same computation in Python (CPython 3.11, IEEE 754 doubles, no fused operations) gave these bits. A compiler that
/// contracts a × b + c, a C library in place of the kernel's own functions, or a mistyped digit shows here.
@Suite struct PortableBitsTests {
  static let exponentials: [(x: Double, bits: UInt64)] = [
    (-740.5, 0x0000_0000_0000_0033),
    (-708.0, 0x0017_c8ab_2288_c9ab),
    (-37.25, 0x3c93_278b_cd70_e981),
    (-1.0, 0x3fd7_8b56_362c_ef38),
    (-1e-09, 0x3fef_ffff_ff76_8fa1),
    (0.1, 0x3ff1_aec7_b35a_00d4),
    (0.5, 0x3ffa_6129_8e1e_069c),
    (1.0, 0x4005_bf0a_8b14_576a),
    (10.0, 0x40d5_829d_cf95_0560),
    (709.5, 0x7fe8_1e9b_4b52_d0c9),
    (-10.570034, 0x3efa_ebcb_e0da_b4a5),
    (-20.94905, 0x3e0b_6a51_3907_a1d7),
    (9.056068, 0x40c0_bd31_5a02_1650),
    (-25.653823, 0x3d9f_c3c9_9190_ba18),
    (2.15292, 0x4021_384d_0be8_e0b2),
    (-8.058665, 0x3f34_bb73_f62b_c99c),
    (-26.520065, 0x3d8a_b74d_bfe5_78e6),
    (0.446144, 0x3ff8_ff15_8eb3_a53a),
    (-27.75026, 0x3d6f_3ac0_705a_f449),
    (-3.981259, 0x3f93_1c2a_458d_8b33),
  ]

  static let logarithms: [(x: Double, bits: UInt64)] = [
    (1e-308, 0xc086_2991_d5d6_2a5e),
    (0.001, 0xc01b_a18a_998f_ffa0),
    (0.5, 0xbfe6_2e42_fefa_39ef),
    (0.99, 0xbf84_9545_3e6f_d4bc),
    (1.0, 0x0000_0000_0000_0000),
    (1.01, 0x3f84_60d6_ccca_367c),
    (1.5, 0x3fd9_f323_ecbf_984c),
    (2.0, 0x3fe6_2e42_fefa_39ef),
    (10.0, 0x4002_6bb1_bbb5_5516),
    (1e+300, 0x4085_9634_47f8_7fb5),
    (0.218868, 0xbff8_4eff_5488_8f53),
    (0.281232, 0xbff4_4c15_a482_cbee),
    (1.279312, 0x3fcf_877e_55eb_52a5),
    (2.482288, 0x3fed_1802_27e8_1529),
    (0.380168, 0xbfee_f2d3_d19c_b092),
    (0.677485, 0xbfd8_eb67_3364_4fde),
    (1.886025, 0x3fe4_4d97_0c76_f846),
    (2.84365, 0x3ff0_b8ae_a77c_527e),
    (1.735538, 0x3fe1_a464_7f24_7e8c),
    (1.196075, 0x3fc6_eaf5_5c6a_dcf7),
  ]

  static let cumulatives: [(x: Double, bits: UInt64)] = [
    (-37.5, 0x0020_8eda_9808_6fd1),
    (-20.0, 0x2d8c_0bd0_f188_0783),
    (-8.0, 0x3cc6_69d2_c90d_55cf),
    (-5.7, 0x3e39_ba7b_a68d_e348),
    (-5.6, 0x3e47_040e_bbf2_f8e0),
    (-1.0, 0x3fc4_4ed0_bb7c_b20b),
    (-0.6745, 0x3fcf_ffe4_ad5a_61cc),
    (-0.6744, 0x3fd0_0077_a097_4c0e),
    (-0.25, 0x3fd9_aecb_a9d2_2528),
    (0.0, 0x3fe0_0000_0000_0000),
    (0.5, 0x3fe6_2075_e232_ac76),
    (0.7, 0x3fe8_41d5_715c_32a8),
    (2.0, 0x3fef_45a1_83e9_b13d),
    (5.0, 0x3fef_ffff_661a_e870),
    (9.0, 0x3ff0_0000_0000_0000),
    (5.715061, 0x3fef_ffff_fd0e_63dc),
    (-5.441008, 0x3e5c_7181_bc4c_5d78),
    (4.301622, 0x3fef_ffee_389c_ef1e),
    (-2.524689, 0x3f77_b74a_ed44_4c9a),
    (-4.268939, 0x3ee4_9834_a785_48b4),
    (-4.586493, 0x3ec2_e7ed_cf59_e85d),
    (-2.298218, 0x3f86_110a_ba9d_6acd),
    (3.793516, 0x3fef_ff64_4189_04b2),
    (-3.831283, 0x3f10_b569_2bbb_2954),
    (0.979202, 0x3fea_c2a4_2461_eee6),
  ]

  static let densities: [(x: Double, bits: UInt64)] = [
    (-38.0, 0x0000_0000_845e_b885),
    (-6.5, 0x3df2_5855_6ae4_7e7a),
    (-1.0, 0x3fce_f8e5_8e33_1738),
    (0.0, 0x3fd9_8845_33d4_3651),
    (0.5, 0x3fd6_883d_0220_86ad),
    (3.0, 0x3f72_2721_3fd7_7689),
    (12.0, 0x395b_dc95_5840_3b05),
    (1.666962, 0x3fb9_7420_1479_9c13),
    (-1.531229, 0x3fbf_9fac_c3d4_74c8),
    (0.572934, 0x3fd5_aae7_8fe1_29ad),
    (-5.246532, 0x3e9c_36ef_3c9b_4aec),
    (-5.284786, 0x3e97_112c_5c1f_0519),
  ]

  struct Option {
    let forward, strike, years, volatility: Double
    let isCall: Bool
    let bits: UInt64
  }

  static let options: [Option] = [
    Option(
      forward: 18552.16, strike: 23754.19, years: 0.64196, volatility: 0.6626, isCall: false,
      bits: 0x40bd_3ea7_9ddc_bedc),
    Option(
      forward: 40797.53, strike: 36708.27, years: 1.19177, volatility: 1.413, isCall: true, bits: 0x40d7_35a6_17bf_c76e),
    Option(
      forward: 51706.65, strike: 58180.14, years: 1.31283, volatility: 1.4724, isCall: true, bits: 0x40dd_26c9_a299_f04c
    ),
    Option(
      forward: 88216.13, strike: 63344.98, years: 0.62777, volatility: 1.5264, isCall: true, bits: 0x40e7_711f_47b7_333c
    ),
    Option(
      forward: 44016.9, strike: 28135.92, years: 1.00266, volatility: 1.5409, isCall: false, bits: 0x40c9_3cd9_af2f_caa5
    ),
    Option(
      forward: 78795.49, strike: 71999.18, years: 1.04325, volatility: 1.209, isCall: false, bits: 0x40de_db1e_bddc_d8e5
    ),
    Option(
      forward: 41069.36, strike: 59138.56, years: 1.41708, volatility: 0.9745, isCall: false,
      bits: 0x40df_2f1a_d98b_70d6),
    Option(
      forward: 5479.04, strike: 7130.93, years: 0.97105, volatility: 1.9865, isCall: false, bits: 0x40b3_e436_00bc_c71d),
    Option(
      forward: 25627.91, strike: 25263.77, years: 1.00331, volatility: 0.094, isCall: true, bits: 0x4091_f223_d423_1ac8),
    Option(
      forward: 15140.99, strike: 10857.54, years: 0.08937, volatility: 1.5481, isCall: true, bits: 0x40b3_e48a_4e5a_6c3e
    ),
    Option(
      forward: 22300.38, strike: 22098.55, years: 1.30726, volatility: 0.2071, isCall: true, bits: 0x40a1_2544_d3d2_ca64
    ),
    Option(
      forward: 49458.6, strike: 73366.09, years: 1.2291, volatility: 1.7348, isCall: true, bits: 0x40dc_bb65_1053_3c2e),
    Option(
      forward: 37388.38, strike: 35846.9, years: 1.32641, volatility: 1.9176, isCall: true, bits: 0x40da_e0e9_bccb_6acd),
    Option(
      forward: 15876.07, strike: 13208.21, years: 0.35077, volatility: 0.9957, isCall: false,
      bits: 0x40a1_27cf_108e_1da0),
    Option(
      forward: 23661.94, strike: 14294.03, years: 0.629, volatility: 0.77, isCall: false, bits: 0x4093_9df0_b8f1_8170),
    Option(
      forward: 85779.75, strike: 110698.22, years: 0.77372, volatility: 1.2543, isCall: false,
      bits: 0x40ea_a6fd_5fae_6a64),
    Option(
      forward: 4878.28, strike: 7315.14, years: 1.17017, volatility: 1.7553, isCall: false, bits: 0x40b4_ad1d_4388_2b87),
    Option(
      forward: 35326.25, strike: 35290.18, years: 0.1562, volatility: 1.2869, isCall: true, bits: 0x40bb_c1d4_39bd_5072),
    Option(
      forward: 6079.94, strike: 4917.23, years: 0.24429, volatility: 0.7131, isCall: true, bits: 0x4097_2f9e_eeb6_630e),
    Option(
      forward: 40.99, strike: 30.79, years: 0.1531, volatility: 0.759, isCall: true, bits: 0x4026_454f_b1cf_f638),
    Option(
      forward: 78692.43, strike: 95538.04, years: 0.22368, volatility: 0.5419, isCall: true, bits: 0x40a6_6578_686b_d9b8
    ),
    Option(
      forward: 32787.43, strike: 23700.14, years: 1.27356, volatility: 1.9866, isCall: true, bits: 0x40d8_eb99_b3af_34b8
    ),
    Option(
      forward: 43555.44, strike: 29874.01, years: 0.15418, volatility: 0.7181, isCall: true, bits: 0x40cb_8d0d_fd1b_5e5a
    ),
    Option(
      forward: 74600.41, strike: 56803.63, years: 0.03562, volatility: 1.9044, isCall: false,
      bits: 0x40a7_6a1f_7db9_f944),
  ]

  @Test("e^x", arguments: exponentials) func exponential(x: Double, bits: UInt64) {
    #expect(PortableMath.exp(x).bitPattern == bits)
  }

  @Test("ln x", arguments: logarithms) func logarithm(x: Double, bits: UInt64) {
    #expect(PortableMath.log(x).bitPattern == bits)
  }

  @Test("N(x)", arguments: cumulatives) func cumulative(x: Double, bits: UInt64) {
    #expect(PortableMath.normalCumulative(x).bitPattern == bits)
  }

  @Test("density", arguments: densities) func density(x: Double, bits: UInt64) {
    #expect(PortableMath.normalDensity(x).bitPattern == bits)
  }

  @Test("Black-76") func black() {
    for option in Self.options {
      let value = black76(
        forward: option.forward, strike: option.strike, years: option.years, volatility: option.volatility,
        isCall: option.isCall)
      #expect(value.bitPattern == option.bits, "\(option)")
    }
  }
}
