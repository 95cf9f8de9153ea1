// libFuzzer watches every comparison to guess values. Programs have no values to guess, since a step's bytes choose among
// values that mean something, and the watching takes two fifths of the time: Tools/fuzz/run links with --wrap, so that
// these stand in for it.

@_cdecl("__wrap___sanitizer_cov_trace_cmp1")
public func ignoreComparison1(_ left: UInt8, _ right: UInt8) {}

@_cdecl("__wrap___sanitizer_cov_trace_cmp2")
public func ignoreComparison2(_ left: UInt16, _ right: UInt16) {}

@_cdecl("__wrap___sanitizer_cov_trace_cmp4")
public func ignoreComparison4(_ left: UInt32, _ right: UInt32) {}

@_cdecl("__wrap___sanitizer_cov_trace_cmp8")
public func ignoreComparison8(_ left: UInt64, _ right: UInt64) {}

@_cdecl("__wrap___sanitizer_cov_trace_const_cmp1")
public func ignoreConstComparison1(_ left: UInt8, _ right: UInt8) {}

@_cdecl("__wrap___sanitizer_cov_trace_const_cmp2")
public func ignoreConstComparison2(_ left: UInt16, _ right: UInt16) {}

@_cdecl("__wrap___sanitizer_cov_trace_const_cmp4")
public func ignoreConstComparison4(_ left: UInt32, _ right: UInt32) {}

@_cdecl("__wrap___sanitizer_cov_trace_const_cmp8")
public func ignoreConstComparison8(_ left: UInt64, _ right: UInt64) {}

@_cdecl("__wrap___sanitizer_cov_trace_switch")
public func ignoreSwitch(_ value: UInt64, _ cases: UnsafePointer<UInt64>) {}

@_cdecl("__wrap___sanitizer_cov_trace_pc_indir")
public func ignoreIndirectCall(_ address: UInt) {}
