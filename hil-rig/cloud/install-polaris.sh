#!/usr/bin/env bash
# Installs Polaris' packages, unmodified, as the lock file beside this script has them.
#
#   install-polaris.sh FOLDER      leaves FOLDER/node_modules
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "${1:?usage: install-polaris.sh FOLDER}"
for program in node npm; do
  command -v $program >/dev/null || { echo "$program was not found: Node.js 18 or later is needed (Debian: apt-get install nodejs npm)" >&2; exit 1; }
done
cp "$here/polaris/package.json" "$here/polaris/package-lock.json" .
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
