import ArgumentParser
import Glibc

StandardStreams.prepare()
// The commands that are run for every VM take their time from it: those that `QuickCommand` understands never wake the
// argument parser, which looks up several hundred protocol conformances before it reads its first argument.
if let command = QuickCommand(CommandLine.arguments.dropFirst()) {
  exit(command.run())
}
TapestryCommand.start(Array(CommandLine.arguments.dropFirst()))
