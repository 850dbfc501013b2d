import NetTypes
import Testing

@testable import Tapestry

@Suite("What is not on the internet, of IPv6")
struct SpecialUse6Tests {
  @Test("has the metadata of clouds and link-local addresses in it, whose prefixes are written as such")
  func prefixes() {
    for prefix in SpecialUse.metadata6 + SpecialUse.linkLocal6 {
      #expect(!prefix.address.isUnspecified)
      #expect(prefix == (try? IPv6Prefix(containing: prefix.address, prefixLength: prefix.prefixLength)))
      #expect(SpecialUse.contains(.v6(prefix.address)) && SpecialUse.contains(.v6(prefix.lastAddress)))
    }
  }

  @Test(
    "is nobody's there",
    arguments: [
      "::", "::1", "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9a::", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254",
      "64:ff9b::240.0.0.1", "64:ff9b:0:0:0:1::", "64:ff9b:1::1", "100::1", "100:0:0:1::1", "1fff::1", "2001::1",
      "2001:1::", "2001:1::4", "2001:2::1", "2001:2:0:ffff::", "2001:10::1", "2001:1f::1", "2001:40::", "2001:1ff::1",
      "2002::1", "3fff::1", "3fff:fff::1", "4000::", "5f00::1", "fc00::1", "fd00::1", "fe80::1", "fec0::1", "ff02::1",
    ])
  func special(text: String) throws {
    #expect(SpecialUse.contains(.v6(try IPv6Address(parsing: text))))
  }

  @Test(
    "is what is reached by all, but for the documentation's, and NAT64 of the internet's",
    arguments: [
      "64:ff9b::1.1.1.1", "64:ff9b::11.0.0.1", "2000::", "2001:1::1", "2001:1::3", "2001:3::1", "2001:4:112::1",
      "2001:20::1", "2001:3f::1", "2001:200::1", "2001:db8::1", "2003::1", "2606::1", "2620:4f:8000::1", "3fff:1000::1",
      "3fff:ffff::1",
    ])
  func global(text: String) throws {
    #expect(!SpecialUse.contains(.v6(try IPv6Address(parsing: text))))
  }
}
