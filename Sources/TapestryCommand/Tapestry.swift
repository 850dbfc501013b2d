@main struct Tapestry { static func main() {} }
