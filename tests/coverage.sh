#!/bin/bash
# Line coverage of the crates that ship, by all tests that run in the test's own process. Images on nodes are not
# counted, and neither are the testbed, which is there for the tests, and the measurements. Fails below LEAST per cent.
set -euo pipefail
cd "$(dirname "$0")/.."
LEAST=${LEAST:-80}

command -v cargo-tarpaulin > /dev/null || {
  echo "Installing cargo-tarpaulin (some minutes, once)"
  cargo install --quiet --locked cargo-tarpaulin
}
cargo run --quiet --release --bin testbed -- tools
# Snapshots are looked for where the sources are.
INSTA_WORKSPACE_ROOT=$PWD exec cargo tarpaulin --engine llvm --workspace --exclude testbed --exclude bench --timeout 300 \
  --target-dir target/tarpaulin --skip-clean --exclude-files 'tests/*' '*/tests/*' '*/tests.rs' \
  --fail-under "$LEAST" --out Stdout
