# Names the dotnet commands that people use every day. Everything lands in artifacts/ and runs/.
CONFIGURATION ?= Release
ARCHITECTURE := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x64)
AGENT := artifacts/publish/SatNode.Agent/release_linux-$(ARCHITECTURE)/satnode-agent
RIG := dotnet artifacts/bin/SatNode.Rig/release/satnode-rig.dll
SCENARIO ?= hil-rig/scenarios/wildfire.yaml
HELD ?= hil-rig/scenarios/operations.yaml
RUN ?= runs/operations
QUIET := -v q -nologo -clp:NoSummary -p:UseSharedCompilation=true
# A demo is not a check of style.
QUICK := $(QUIET) -p:RunAnalyzers=false

.PHONY: build agent boards demo policies hold cloud console test test-fast bench format functions dictionary forecast-network clean

build:          ## build everything, warnings as errors
	dotnet build SatNode.sln -c $(CONFIGURATION) $(QUIET)

agent:          ## publish the agent with Native AOT, or say what is missing
	@if command -v clang >/dev/null || command -v gcc >/dev/null; then \
	  dotnet publish firmware/SatNode.Agent -c $(CONFIGURATION) -r linux-$(ARCHITECTURE) $(QUICK); \
	else \
	  rm -f $(AGENT); \
	  dotnet build firmware/SatNode.Agent -c $(CONFIGURATION) $(QUICK); \
	  echo "no native linker found: flying the JIT build; for Native AOT install the Debian packages clang and zlib1g-dev"; \
	fi

demo: agent     ## fly the wildfire scenario
	@dotnet build ground-station/SatNode.Ground -c $(CONFIGURATION) $(QUICK)
	@dotnet build hil-rig/SatNode.Rig -c $(CONFIGURATION) $(QUICK)
	@$(RIG) run $(SCENARIO) $(ARGS)

policies: agent ## fly the proof: both loads under every policy of admission, about 25 minutes
	@dotnet build ground-station/SatNode.Ground -c $(CONFIGURATION) $(QUICK)
	@dotnet build hil-rig/SatNode.Rig -c $(CONFIGURATION) $(QUICK)
	@$(RIG) run hil-rig/scenarios/thermal-stress.yaml $(ARGS)
	@$(RIG) run hil-rig/scenarios/eclipse-drain.yaml $(ARGS)

boards:         ## prepare emulated ARM64 boards: QEMU, agent and boot stage for arm64
	@dotnet build ground-station/SatNode.Ground -c $(CONFIGURATION) $(QUICK)
	@dotnet build hil-rig/SatNode.Rig -c $(CONFIGURATION) $(QUICK)
	@$(RIG) setup qemu
	@dotnet publish firmware/SatNode.Agent -c $(CONFIGURATION) -r linux-arm64 $(QUICK)
	@dotnet publish firmware/SatNode.Boot -c $(CONFIGURATION) -r linux-arm64 $(QUICK)

hold:           ## fly a constellation until Ctrl-C, for the console
	@$(MAKE) --no-print-directory demo SCENARIO=$(HELD) ARGS="--hold $(ARGS)"

console:        ## open the console of the flight in RUN
	@artifacts/bin/SatNode.Ground/release/satnode-ground console --config $(RUN)/ground/ground.yaml $(ARGS)

cloud: agent    ## let a real cloud decide: set it up and fly the scenario slo
	@dotnet build ground-station/SatNode.Ground -c $(CONFIGURATION) $(QUICK)
	@dotnet build hil-rig/SatNode.Rig -c $(CONFIGURATION) $(QUICK)
	@$(RIG) setup cloud
	@$(RIG) run hil-rig/scenarios/slo.yaml $(ARGS)

test:           ## install what the tests need, build, run every test
	@tests/run.sh

test-fast:      ## the unit tests alone
	@tests/run.sh --fast

bench:          ## measure, beside the limit and beside what people use today
	dotnet run -c Release --project tests/SatNode.Benchmarks -- $(ARGS)

format:         ## put every file into the house's form
	dotnet format SatNode.sln

functions:      ## rebuild the sample functions from their sources
	$(MAKE) -C firmware/functions

dictionary:     ## write docs/dictionary.md and docs/dictionary.json from the code
	@dotnet build ground-station/SatNode.Ground -c $(CONFIGURATION) $(QUICK)
	@dotnet artifacts/bin/SatNode.Ground/release/satnode-ground.dll dictionary --format markdown > artifacts/dictionary.md
	@dotnet artifacts/bin/SatNode.Ground/release/satnode-ground.dll dictionary --format json > artifacts/dictionary.json
	@mv artifacts/dictionary.md artifacts/dictionary.json docs/

forecast-network: ## train the networks of the learned forecast anew, from seed 1: some minutes
	@dotnet build tests/SatNode.ForecastTrainer -c Release $(QUICK)
	@dotnet artifacts/bin/SatNode.ForecastTrainer/release/SatNode.ForecastTrainer.dll firmware/SatNode.Flight/Model/Learned $(ARGS)

clean:
	rm -rf artifacts runs
