import NetTypes

/// What a map has for a key, as a Swift type.
public protocol MapValue: Sendable {
  /// The type of the map's data.
  static var mapData: NamedSet.MapData { get }

  /// The data of an element.
  var data: Element.Data { get }
  /// Returns nil if the data is no such value.
  init?(_ data: Element.Data)
}

extension MapValue where Self: SetValue {
  /// One value.
  public static var mapData: NamedSet.MapData { .values([dataType(.v4)]) }
  /// One value.
  public var data: Element.Data { .values([Datum(Self.dataType(.v4), bytes: keyBytes)]) }
  /// Returns nil unless it is one such value.
  public init?(_ data: Element.Data) {
    guard case .values(let values) = data, values.count == 1 else { return nil }
    self.init(keyBytes: values[0].bytes)
  }
}

extension Verdict: MapValue {
  /// A verdict.
  public static var mapData: NamedSet.MapData { .verdict }
  /// The verdict.
  public var data: Element.Data { .verdict(self) }
  /// Returns nil unless it is a verdict.
  public init?(_ data: Element.Data) {
    guard case .verdict(let verdict) = data else { return nil }
    self = verdict
  }
}

/// The name of a limit object of the map's table.
public struct LimitName: MapValue {
  /// The name of the object.
  public var name: String

  /// Objects of this type.
  public static let mapData = NamedSet.MapData.objects(.limit)
  /// The name.
  public var data: Element.Data { .object(name) }

  /// The object of this name.
  public init(_ name: String) { self.name = name }

  /// Returns nil unless it is the name of an object.
  public init?(_ data: Element.Data) {
    guard case .object(let name) = data else { return nil }
    self.name = name
  }
}
