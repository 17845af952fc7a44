#!/usr/bin/env bash
# Builds kube-apiserver 1.20.2 from Debian 12's source package kubernetes. Debian's binary packages have the client alone.
#
#   build-kube-apiserver.sh FOLDER      leaves FOLDER/kube-apiserver
#
# About 4 minutes on two cores and 2 GB of disk meanwhile. No root rights; the compiler is Debian's too, unpacked and not installed.
set -euo pipefail
folder=$(cd "${1:?usage: build-kube-apiserver.sh FOLDER}" && pwd)
source "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

work=$folder/work
debian_indexes "$work/debian"
# 1.19 is the newest Go with which this release still builds without modules.
debian_unpack "$work/root" golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev
(cd "$work/debian/archives" && apt-get "${apt_here[@]}" source --download-only kubernetes) || fail "expected the Debian source package kubernetes; it cannot be fetched"

go=$work/root/usr/lib/go-1.19
export GOTMPDIR=$work GOROOT=$go GOPATH=$work/gopath GOCACHE=$work/gocache GO111MODULE=off GOFLAGS=-trimpath CGO_ENABLED=0 PATH=$go/bin:$PATH
source_folder=$GOPATH/src/k8s.io/kubernetes
mkdir -p "$source_folder"
tar -xzf "$work"/debian/archives/kubernetes_*.orig.tar.gz -C "$source_folder" --strip-components=1
cd "$source_folder"

# The release's own reflect2 reads the runtime's map iterator as it was before Go 1.18 and crashes: Debian's is newer.
rm -rf vendor/github.com/modern-go/reflect2
cp -rL "$work/root/usr/share/gocode/src/github.com/modern-go/reflect2" vendor/github.com/modern-go/reflect2

# Debian leaves out what is generated: the OpenAPI definitions of all types that are marked for them, by the release's own generator.
definitions=pkg/generated/openapi/zz_generated.openapi.go
if [ ! -f "$definitions" ]; then
  go build -o "$work/openapi-gen" k8s.io/kubernetes/vendor/k8s.io/kube-openapi/cmd/openapi-gen
  marked=$(grep -rl --include='*.go' --exclude='*_test.go' '^// +k8s:openapi-gen=' staging/src/k8s.io pkg | xargs -n 1 dirname | sort -u \
    | grep -vE 'sample|/code-generator/|testdata|/examples' \
    | sed -e 's#^staging/src/#k8s.io/kubernetes/vendor/#' -e 's#^pkg/#k8s.io/kubernetes/pkg/#' | paste -s -d ,)
  "$work/openapi-gen" --output-file-base zz_generated.openapi --input-dirs "$marked" --output-package k8s.io/kubernetes/pkg/generated/openapi \
    --go-header-file hack/boilerplate/boilerplate.generatego.txt --report-filename "$work/violations" --output-base "$GOPATH/src"
fi

stamp=k8s.io/kubernetes/vendor/k8s.io/component-base/version
go build -ldflags "-s -w -X $stamp.gitVersion=v1.20.2 -X $stamp.gitMajor=1 -X $stamp.gitMinor=20" -o "$folder/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
cd "$folder"
rm -rf "$work"
"$folder/kube-apiserver" --version
