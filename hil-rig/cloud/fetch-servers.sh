#!/usr/bin/env bash
# Fetches etcd and Prometheus from Debian, without installing them.
#
#   fetch-servers.sh FOLDER      leaves FOLDER/etcd and FOLDER/prometheus
set -euo pipefail
folder=$(cd "${1:?usage: fetch-servers.sh FOLDER}" && pwd)
source "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

work=$folder/work
debian_indexes "$work/debian"
debian_unpack "$work/root" etcd-server prometheus
mv "$work/root/usr/bin/etcd" "$work/root/usr/bin/prometheus" "$folder"
rm -rf "$work"
"$folder/etcd" --version | head -n 1
"$folder/prometheus" --version 2>&1 | head -n 1
