#!/bin/bash
# Fuzzes what reads tokens and keys, guided by coverage, on stable Rust: libFuzzer, and LLVM's own counters by flags.
#   tests/fuzz.sh [seconds per target, 10 by default]
# FUZZ_TARGETS names targets to run instead of all, FUZZ_SEED another seed. FUZZ_CORPUS=<folder> keeps what was found
# there, a folder per target, and goes on from it the next time.
set -euo pipefail
kept=${FUZZ_CORPUS:+$(realpath --canonicalize-missing "$FUZZ_CORPUS")}
cd "$(dirname "$0")/../fuzz"
seconds=${1:-10}
seed=${FUZZ_SEED:-20251009}
read -ra targets <<< "${FUZZ_TARGETS:-token_text token_parts key_set jwks}"
[[ $seconds =~ ^[1-9][0-9]*$ && $seed =~ ^[1-9][0-9]*$ ]] ||
  { echo "fuzz: seconds and seed are whole numbers above 0, not '$seconds' and '$seed'." >&2; exit 2; }

# The flags of cargo-fuzz without a sanitizer, which only nightly has; code without `unsafe` has little need of one. In
# the environment they replace the static linking of .cargo/config.toml, which libFuzzer has no use for.
export RUSTFLAGS="--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module
  -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares
  -Cllvm-args=-sanitizer-coverage-stack-depth -Cllvm-args=-simplifycfg-branch-fold-threshold=0"
RUSTFLAGS=$(tr -s ' \n' ' ' <<< "$RUSTFLAGS")
build=../target/fuzz
cargo build --quiet --release --locked --bins --target-dir "$build"
programs=$(echo "$build"/*-*-*/release)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=()
for target in "${targets[@]}"; do
  found=${kept:-$work}/$target
  artifacts=artifacts/$target
  log=$work/$target.log
  mkdir -p "$found" "$artifacts"
  # The first folder takes what is found; the committed one is read alone.
  if RUST_BACKTRACE=0 "$programs/$target" -seed="$seed" -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=1024 \
    -dict=json.dict -artifact_prefix="$artifacts/" -print_final_stats=1 "$found" "corpus/$target" > "$log" 2>&1; then
    runs=$(awk '/^stat::number_of_executed_units/ { print $2 }' "$log")
    covered=$(grep -o 'cov: [0-9]* ft: [0-9]* corp: [0-9]*' "$log" | tail -n 1)
    printf '%-12s %9d runs in %d s with seed %d, %s: no findings\n' "$target" "$runs" "$seconds" "$seed" "$covered"
  else
    failed+=("$target")
    grep -vE '^(#|0x|INFO|NEW_FUNC|NOTE|MS:|DE:|Base64|Dictionary|stat::|artifact_prefix|$)' "$log" | tail -n 20
    reproducer=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    echo "$target failed with seed $seed. The input is fuzz/${reproducer:-$artifacts (see above)}; again, from fuzz/:"
    echo "  $programs/$target ${reproducer:-}"
  fi
done
[[ ${#failed[@]} == 0 ]]
