#!/usr/bin/env bash
# Builds OpenTofu from its module source, for machines that have neither
# terraform nor tofu: tools/opentofu/build.sh [FILE], ./tofu unless given. It
# needs Go and the module proxy, nothing else, and takes some minutes.
#
# `go install` refuses it because its go.mod replaces a module; in a copy of the
# source, which the module cache keeps read-only, the replacement counts.
set -euo pipefail

version=v1.12.6
target=$(realpath -m "${1:-tofu}")
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT

source=$(cd "$scratch" && go mod download -json "github.com/opentofu/opentofu@$version" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
cp -r "$source" "$scratch/opentofu"
chmod -R u+w "$scratch/opentofu"
cd "$scratch/opentofu"
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X github.com/opentofu/opentofu/version.dev=no" -o "$target" ./cmd/tofu
"$target" version
