#!/usr/bin/env bash
# A short blind run of every fuzz target on the stable toolchain, without cargo-fuzz: enough to see that the
# targets build and hold. For a real run see README.md.
set -euo pipefail
cd "$(dirname "$0")"
smoke() {
    local target=$1
    mkdir -p "corpus/$target"
    cargo run --quiet --release "${@:2}" --bin "$target" -- -runs="${RUNS:-20000}" -max_len=4096 -timeout=10 "corpus/$target" 2>&1 \
        | tail -n 1
}
for target in token claims jwk jwk_set pem jws_json reserved_names pasted; do
    smoke "$target"
done
# Once more in a build where other crates have switched on what gives those names a meaning.
smoke reserved_names --features others
