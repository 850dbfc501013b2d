/// `struct virtio_net_hdr` of linux/virtio_net.h: what a VMM says of a frame besides its bytes, and the host believes.
public struct VirtioNetHeader: Hashable, Sendable {
  /// VIRTIO_NET_HDR_F_NEEDS_CSUM
  public static let needsChecksum: UInt8 = 1
  /// VIRTIO_NET_HDR_F_DATA_VALID
  public static let dataValid: UInt8 = 2

  /// VIRTIO_NET_HDR_GSO_*
  public enum Segmentation {
    public static let none: UInt8 = 0
    public static let tcp4: UInt8 = 1
    public static let udp: UInt8 = 3
    public static let tcp6: UInt8 = 4
    public static let udpSegments: UInt8 = 5
    /// With one of the others: with congestion notification.
    public static let ecn: UInt8 = 0x80
  }

  public var flags: UInt8 = 0
  public var segmentation: UInt8 = 0
  /// Of all headers, in bytes; a hint.
  public var headerLength: UInt16 = 0
  /// Bytes of payload in each segment.
  public var segmentSize: UInt16 = 0
  /// From where to the frame's end the sum is taken.
  public var checksumStart: UInt16 = 0
  /// Where it goes, from there.
  public var checksumOffset: UInt16 = 0

  public init() {}

  /// The sum from byte `start` of the frame to its end is to be written at byte `place`.
  public init(checksumFrom start: Int, at place: Int) {
    flags = Self.needsChecksum
    checksumStart = UInt16(truncatingIfNeeded: start)
    checksumOffset = UInt16(truncatingIfNeeded: place - start)
  }

  static let length = 10

  /// In the host's byte order, which is taken to be little-endian.
  public var bytes: [UInt8] {
    var bytes = [flags, segmentation]
    for word in [headerLength, segmentSize, checksumStart, checksumOffset] {
      bytes += [UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8)]
    }
    return bytes
  }
}
