#!/usr/bin/env bash
# Runs the tests: installs the Debian packages that they need, builds with warnings as errors, publishes the agent, runs every test,
# and closes with one line: N passed, N failed. With --fast: the unit tests alone, without the agent's publication and the flights.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(clang zlib1g-dev)
packages+=(qemu-system-arm squashfs-tools e2fsprogs cpio kmod lld) # emulated boards
packages+=(qemu-user-static) # functions on arm64
[ "$(uname -m)" = aarch64 ] || packages+=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
command -v npm >/dev/null || packages+=(nodejs npm) # Polaris' controllers are Node.js programs
fast=false
[ "${1:-}" = --fast ] && fast=true

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ] && ! $fast; then
  install="apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends ${missing[*]}"
  if [ "$(id -u)" -eq 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $install
  else
    echo "the tests need Debian packages that are not installed; run: sudo apt-get update && sudo $install" >&2
    exit 2
  fi
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# One compiler process for all projects: it stays warm.
build=(-c Release -v q -nologo -clp:NoSummary -p:UseSharedCompilation=true)
dotnet build SatNode.sln "${build[@]}"

# The cloud that the tests need: made once a machine, in about 5 minutes, while the agent is published. Where it cannot be had, they fail with that reason.
cloud_setup=
if ! $fast; then
  dotnet artifacts/bin/SatNode.Rig/release/satnode-rig.dll setup cloud </dev/null &
  cloud_setup=$!
  trap 'kill "$cloud_setup" 2>/dev/null || true' EXIT
fi

projects=(SatNode.{Protocol,Orbit,Functions,Flight,Network,Agent,Boot,Ground,Rig}.Tests SatNode.Fuzz)
# Bytes from outside, changed at random for a minute; the fast tests try the corpus and a little more.
$fast || export SATNODE_FUZZ_SECONDS="${SATNODE_FUZZ_SECONDS:-60}"
if ! $fast; then
  dotnet publish firmware/SatNode.Agent -r "linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')" "${build[@]}"
  # What emulated boards run. Debian's kernel for them is fetched by the tests themselves (setup qemu).
  dotnet publish firmware/SatNode.Agent -r linux-arm64 "${build[@]}"
  dotnet publish firmware/SatNode.Boot -r linux-arm64 "${build[@]}"
  projects+=(SatNode.EndToEnd)
fi
[ -z "$cloud_setup" ] || wait "$cloud_setup" || true
trap - EXIT
dotnet build-server shutdown --vbcscompiler >/dev/null 2>&1 || true

passed=0 failed=0
results=artifacts/test-results
rm -rf "$results" && mkdir -p "$results"
for project in "${projects[@]}"; do
  log="$results/$project.log"
  status=0
  dotnet "artifacts/bin/$project/release/$project.dll" -noColor -noLogo >"$log" 2>&1 </dev/null || status=$?
  # The runner's own summary: "Total: 12, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0, Time: 1.234s".
  summary=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1 || true)
  read -r total errors bad skipped <<<"$(tr -dc '0-9 ' <<<"${summary:-0 0 0 0}")"
  bad=$((bad + errors))
  if [ -z "$summary" ] || { [ $status -ne 0 ] && [ $bad -eq 0 ]; }; then
    bad=$((bad + 1)) # it ended before it could count
  fi
  good=$((total - skipped - bad))
  echo "$project: $((good > 0 ? good : 0)) passed, $bad failed"
  passed=$((passed + (good > 0 ? good : 0))) failed=$((failed + bad))
  [ $bad -eq 0 ] || cat "$log"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
