# What each target does is in the script it runs; every one installs what it needs first.
.DEFAULT_GOAL := help
.PHONY: help demo test test-repeatedly test-kernels test-crash fuzz build lint format bench docs clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: ## a guest gets a network and reaches the internet side, in namespaces that vanish afterwards
	@Scripts/demo

test: ## style and all tests, the real guest's included (as root: tests make network namespaces)
	@Scripts/test

test-repeatedly: ## the tests ten times, five of them beside a load; a tally (two hours)
	@Scripts/test-repeatedly

test-kernels: ## the kernel tests on Debian's stock kernels, booted in QEMU (hours where there is no KVM; as root; FILTER=NAME for some)
	@Scripts/test-kernels $(FILTER)

test-crash: ## commands killed at every system call, and every system call made to fail (an hour)
	@Scripts/test-crash

fuzz: ## a million inputs for every parser, 100,000 frames of hostile guests, every command under valgrind (half an hour or more)
	@Scripts/fuzz --table
	@Scripts/fuzz-frames
	@Scripts/fuzz-leaks

build: ## the release binary, .build/release/tapestry
	@Scripts/build

lint: ## swift format (strict), file lengths, shellcheck
	@Scripts/install-packages lint
	@Scripts/lint

format: ## rewrite the sources in the project's style
	@Scripts/format

bench: ## start-up, attach, detach and packets, as ratios to the least that the kernel takes (some minutes; as root)
	@Scripts/bench

docs: ## the manual page, the shells' completions and the ruleset, into docs/; the library's documentation, into .build/docs/
	@Scripts/build-docs

clean: ## remove what was built, the guest included
	rm -rf .build .cache
