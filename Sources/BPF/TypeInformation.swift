public import Linux

/// The kernel's own types, from BTF: /sys/kernel/btf/vmlinux (Documentation/bpf/btf.rst). Only the offsets of structure
/// members and the ids of functions are decoded.
public struct TypeInformation: Sendable {
  /// The position of a member.
  public struct Member: Hashable, Sendable {
    /// The offset from the beginning of the structure, in bits.
    public var bitOffset: Int

    /// The offset from the beginning of the structure, in bytes, rounded down.
    public var byteOffset: Int { bitOffset / 8 }
  }

  private let bytes: [UInt8]
  /// The offset of each type's description in `bytes`, by type id; id 0 is `void`.
  private let typeOffsets: [Int]
  /// The offset of the string section in `bytes`.
  private let strings: Int

  /// Reads the BTF of the running kernel.
  /// - Throws: `KernelError`: ENOENT if the kernel was built without CONFIG_DEBUG_INFO_BTF; EBADMSG if the file is not
  ///   BTF.
  public static func ofKernel() throws(KernelError) -> TypeInformation {
    let path = "/sys/kernel/btf/vmlinux"
    guard let information = TypeInformation(try File.read(path, limit: 64 << 20)) else {
      throw KernelError("read the types of \(path)", .badMessage)
    }
    return information
  }

  /// Decodes BTF. Returns nil if the bytes are not BTF in the host's byte order.
  public init?(_ bytes: [UInt8]) {
    let cursor = Cursor(bytes)
    guard cursor.half(0) == 0xeb9f, let header = cursor.int(4), let types = cursor.int(8), let length = cursor.int(12),
      let strings = cursor.int(16), header <= bytes.count, types <= bytes.count, length <= bytes.count,
      strings <= bytes.count
    else { return nil }
    let end = header + types + length
    var place = header + types
    var typeOffsets = [0]
    while place < end {
      guard let info = cursor.int(place + 4), let size = Self.size(info) else { return nil }
      typeOffsets.append(place)
      place += size
    }
    guard place == end, end <= bytes.count else { return nil }
    self.bytes = bytes
    self.typeOffsets = typeOffsets
    self.strings = header + strings
  }

  /// Returns the members of the first structure of this name, by name, including those of unnamed structures and unions
  /// within it. Returns no members if there is no such structure.
  public func members(of structure: String) -> [String: Member] {
    let name = Array(structure.utf8)
    let cursor = Cursor(bytes)
    for place in typeOffsets.dropFirst() where cursor.int(place + 4).map(Self.kind) == .structure {
      guard let text = cursor.int(place), isString(at: strings + text, name) else { continue }
      var members: [String: Member] = [:]
      collect(place, at: 0, depth: 0, &members)
      return members
    }
    return [:]
  }

  /// Returns the type id of the first function of this name. Returns nil if there is no such function.
  public func function(named function: String) -> Int32? {
    let name = Array(function.utf8)
    let cursor = Cursor(bytes)
    return typeOffsets.indices.dropFirst().first { id in
      guard cursor.int(typeOffsets[id] + 4).map(Self.kind) == .function, let text = cursor.int(typeOffsets[id]) else {
        return false
      }
      return isString(at: strings + text, name)
    }.map { Int32(clamping: $0) }
  }

  private func collect(_ place: Int, at start: Int, depth: Int, _ members: inout [String: Member]) {
    let cursor = Cursor(bytes)
    // No structure nests this deep. Types that contain themselves are not valid BTF, and would recurse without end.
    guard depth < 16, let info = cursor.int(place + 4) else { return }
    let hasWidths = info >> 31 & 1 == 1
    for number in 0..<(info & 0xffff) {
      let member = place + Self.headerSize + number * Self.memberSize
      guard let name = cursor.int(member), let type = cursor.int(member + 4), let word = cursor.int(member + 8)
      else { return }
      let offset = start + (hasWidths ? word & 0xff_ffff : word)
      if let text = string(at: strings + name), !text.isEmpty {
        members[text] = Member(bitOffset: offset)
      } else if typeOffsets.indices.contains(type), type > 0, let info = cursor.int(typeOffsets[type] + 4),
        [.structure, .union].contains(Self.kind(info))
      {
        collect(typeOffsets[type], at: offset, depth: depth + 1, &members)
      }
    }
  }

  private func isString(at place: Int, _ name: [UInt8]) -> Bool {
    place + name.count < bytes.count && bytes[place + name.count] == 0
      && bytes[place..<(place + name.count)].elementsEqual(name)
  }

  private func string(at place: Int) -> String? {
    guard bytes.indices.contains(place) else { return nil }
    return String(decoding: bytes[place...].prefix { $0 != 0 }, as: UTF8.self)
  }
}

// MARK: - The format

extension TypeInformation {
  /// `struct btf_type`.
  private static let headerSize = 12
  /// `struct btf_member`.
  private static let memberSize = 12

  /// The BTF_KIND_ values that are told apart.
  private enum Kind: Int {
    case structure = 4
    case union = 5
    case function = 12
    case other = 0
  }

  private static func kind(_ info: Int) -> Kind { Kind(rawValue: info >> 24 & 0x1f) ?? .other }

  /// Returns the size of a type's description in bytes; nil if the kind is unknown.
  private static func size(_ info: Int) -> Int? {
    let count = info & 0xffff
    switch info >> 24 & 0x1f {
    // Pointers, forward declarations, typedefs, qualifiers, functions, floats, type tags.
    case 2, 7...12, 16, 18: return headerSize
    // Integers, variables, declaration tags.
    case 1, 14, 17: return headerSize + 4
    // Arrays.
    case 3: return headerSize + 12
    // Structures, unions, data sections, 64-bit enumerations.
    case 4, 5, 15, 19: return headerSize + 12 * count
    // Enumerations, function prototypes.
    case 6, 13: return headerSize + 8 * count
    default: return nil
    }
  }
}

/// Reads integers in host byte order. Returns nil past the end.
private struct Cursor {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func int(_ place: Int) -> Int? { load(place, UInt32.self).map(Int.init) }
  func half(_ place: Int) -> Int? { load(place, UInt16.self).map(Int.init) }

  private func load<Value: FixedWidthInteger & BitwiseCopyable>(_ place: Int, _ type: Value.Type) -> Value? {
    guard place >= 0, place <= bytes.count - MemoryLayout<Value>.size else { return nil }
    return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: place, as: type) }
  }
}
