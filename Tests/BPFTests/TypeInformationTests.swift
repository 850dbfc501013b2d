import BPF
import TestKit
import Testing

@Suite("What the kernel says of its types")
struct TypeInformationTests {
  /// `struct buff { union { struct { int a; int b: 2; }; }; int c; }` in BTF.
  private static let bytes: [UInt8] = {
    let strings: [UInt8] = [0] + "buff\0a\0b\0c\0int\0call\0".utf8
    let words: [UInt32] = [
      12, 0x0100_0000, 4, 32,  // 1: int
      0, 0x8400_0002, 8, 6, 1, 0, 8, 1, 2 << 24 | 35,  // 2: an unnamed structure, with widths
      0, 0x0500_0001, 8, 0, 2, 0,  // 3: a union of it
      1, 0x0400_0002, 16, 0, 3, 32, 10, 1, 96,  // 4: struct buff
      16, 0x0c00_0000, 0,  // 5: a function, of no prototype
    ]
    let types = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } }
    let header: [UInt32] = [0x0001_eb9f, 24, 0, UInt32(types.count), UInt32(types.count), UInt32(strings.count)]
    return header.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } } + types
      + strings
  }()

  @Test("finds members of unnamed structures within unnamed unions, to the bit")
  func members() throws {
    let members = try #require(TypeInformation(Self.bytes)).members(of: "buff")
    #expect(members.mapValues(\.bitOffset) == ["a": 32, "b": 67, "c": 96])
    #expect(try #require(TypeInformation(Self.bytes)).members(of: "other") == [:])
  }

  @Test("knows functions by their type's id", .needsKernel)
  func functions() throws {
    let types = try TypeInformation.ofKernel()
    #expect(try #require(types.function(named: "netif_receive_skb")) > 0)
    #expect(types.function(named: "sk_buff") == nil)
    // The ids that bpftool(8) and the kernel count: type 0 is void.
    #expect(try #require(TypeInformation(Self.bytes)).function(named: "call") == 5)
  }

  @Test("is nil, or says less, for bytes cut short or turned over; it never traps")
  func totality() {
    for count in Self.bytes.indices { _ = TypeInformation(Array(Self.bytes[..<count]))?.members(of: "buff") }
    for place in Self.bytes.indices {
      for flip in [0x01, 0x80, 0xff] as [UInt8] {
        var bytes = Self.bytes
        bytes[place] ^= flip
        _ = TypeInformation(bytes)?.members(of: "buff")
      }
    }
  }

  @Test("tells where the running kernel's packets have their checksums", .needsKernel)
  func kernel() throws {
    let members = try TypeInformation.ofKernel().members(of: "sk_buff")
    let start = try #require(members["csum_start"])
    // They share the four bytes of `csum`.
    #expect(members["csum_offset"]?.byteOffset == start.byteOffset + 2)
    #expect(members["csum"] == start)
    #expect(members["data"]?.byteOffset == members["head"].map { $0.byteOffset + 8 })
  }
}
