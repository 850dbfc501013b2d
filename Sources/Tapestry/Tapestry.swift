// The names that users of the library need beside ours: addresses, subnets, MACs, interface names.
@_exported public import NetTypes
