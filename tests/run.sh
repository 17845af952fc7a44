#!/usr/bin/env bash
# Runs the tests: installs the Debian packages that they need, builds with warnings as errors, publishes the agent, runs every test,
# and closes with one line: N passed, N failed. With --fast: the unit tests alone, without the agent's publication and the flights.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(clang zlib1g-dev)
fast=false
[ "${1:-}" = --fast ] && fast=true

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ] && ! $fast; then
  install="apt-get install -y --no-install-recommends ${missing[*]}"
  if [ "$(id -u)" -eq 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install
  else
    echo "the tests need Debian packages that are not installed; run: sudo $install" >&2
    exit 2
  fi
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build SatNode.sln -c Release -v q -nologo -clp:NoSummary

projects=(tests/SatNode.{Protocol,Orbit,Functions,Flight,Network,Agent,Ground,Rig}.Tests)
if ! $fast; then
  dotnet publish firmware/SatNode.Agent -c Release -r "linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')" -v q -nologo -clp:NoSummary
  projects+=(tests/SatNode.EndToEnd)
fi

passed=0 failed=0 broken=0
results=artifacts/test-results
rm -rf "$results" && mkdir -p "$results"
for project in "${projects[@]}"; do
  name=$(basename "$project")
  log="$results/$name.log"
  status=0
  dotnet "artifacts/bin/$name/release/$name.dll" --no-ansi --no-progress >"$log" 2>&1 || status=$?
  p=$(sed -n 's/^ *succeeded: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
  f=$(sed -n 's/^ *failed: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
  echo "$name: ${p:-0} passed, ${f:-0} failed"
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0}))
  if [ $status -ne 0 ]; then
    cat "$log"
    [ "${f:-0}" -gt 0 ] || broken=$((broken + 1)) # it ended before it could count
  fi
done
failed=$((failed + broken))
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
