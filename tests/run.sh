#!/bin/bash
# Runs the tests, tier by tier, and closes with one summary.
#   tests/run.sh all     everything
#   tests/run.sh check   format, lints, unit tests, stale generated files
#   tests/run.sh matrix  the API-server tier on each supported minor of Kubernetes (MINORS='1.34 1.35' chooses older ones)
set -uo pipefail
cd "$(dirname "$0")/.."

profile=--release
logs=target/test-logs
mkdir -p "$logs"
names=() results=() times=()
passed=0 failed=0

# tier NAME COMMAND…: shows the command's output, and notes how it went and for how long.
tier() {
  local name=$1 begun=$SECONDS status counts
  shift
  local log=$logs/${name// /-}.log
  printf '\n── %s\n' "$name"
  "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  # cargo test prints a line for each test program, node's test runner one each for those that passed and failed; a step
  # without any counts as a single test.
  counts=$(awk '/^test result:/ { for (i = 1; i < NF; i++) { if ($(i + 1) == "passed;") p += $i; if ($(i + 1) == "failed;") f += $i } n++ }
                /^ℹ pass [0-9]+$/ { p += $3; n++ } /^ℹ fail [0-9]+$/ { f += $3 }
                END { if (n) print p + 0, f + 0 }' "$log")
  [[ -n $counts ]] || counts="$((status == 0)) $((status != 0))"
  read -r p f <<< "$counts"
  # A program that died without a result line has failed too.
  [[ $status == 0 || $f != 0 ]] || f=1
  passed=$((passed + p)) failed=$((failed + f))
  names+=("$name") results+=("$p passed, $f failed") times+=($((SECONDS - begun)))
}

summary() {
  printf '\n── summary\n'
  for i in "${!names[@]}"; do printf '%-28s %-24s %5d s\n' "${names[$i]}" "${results[$i]}" "${times[$i]}"; done
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [[ $failed == 0 ]]
}

formatted() { cargo fmt --all --check && cargo fmt --check --manifest-path fuzz/Cargo.toml; }

sdk_lints() { make --silent sdk/node_modules && npm --prefix sdk run --silent lint; }

# waiting COMMAND…: with more tests at once than processors, for they wait for servers most of their time.
waiting() { RUST_TEST_THREADS=${RUST_TEST_THREADS:-$((2 * $(nproc)))} "$@"; }

# on_minor MINOR: the API-server tier with the programs of that minor, which are built first if need be.
on_minor() {
  local bin
  bin=$(cargo run --quiet $profile --bin testbed -- tools --kubernetes "$1") || return 1
  export CC_LITE_CLUSTER_BIN=$bin
  "$bin/kube-apiserver" --version
  waiting cargo test --quiet $profile --workspace --test apiserver
}

if [[ $1 == matrix ]]; then
  tier "build" cargo test --quiet $profile --workspace --no-run
  for minor in ${MINORS-1.34 1.35 1.36}; do tier "Kubernetes $minor" on_minor "$minor"; done
  tier "newest Kubernetes" waiting cargo test --quiet $profile --workspace --test apiserver
  summary
  exit
fi

tier "format" formatted
tier "lints" cargo clippy --quiet --workspace --all-targets $profile -- --deny warnings
tier "lints of the npm package" sdk_lints
if [[ $1 == check ]]; then
  tier "unit" cargo test --quiet $profile --workspace --lib --bins
  tier "generated files" make --silent stale
  tier "tests that are named" tests/named_tests.sh
  summary
  exit
fi

# No command names a package: each choice of packages would have dependencies built once more, with other features.
tier "build" cargo test --quiet $profile --workspace --no-run
tier "generated files" make --silent stale
tier "tests that are named" tests/named_tests.sh
tier "tools" cargo run --quiet $profile --bin testbed -- tools
tier "images" cargo run --quiet $profile --bin testbed -- images
tier "unit" cargo test --quiet $profile --workspace --lib --bins
tier "documentation" cargo test --quiet $profile --workspace --doc
tier "fuzzing" tests/fuzz.sh
tier "key sets" cargo test --quiet $profile --workspace --test keyset
tier "programs" cargo test --quiet $profile --workspace --test version
tier "service" waiting cargo test --quiet $profile --workspace --test service
tier "npm package" cargo run --quiet $profile --bin testbed -- with-broker npm --prefix sdk test
tier "testbed" waiting cargo test --quiet $profile --workspace --test testbed
tier "API server" waiting cargo test --quiet $profile --workspace --test apiserver
tier "node" cargo test --quiet $profile --workspace --test node
summary
