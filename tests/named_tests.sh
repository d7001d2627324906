#!/bin/bash
# The tests that documents name are there: those against each threat, and those of each field.
set -euo pipefail
cd "$(dirname "$0")/.."
missing=0

# check DOCUMENT TEXT: each test that the text of a document names is there.
check() {
  local document=$1 name names
  mapfile -t names < <(grep -o '`[a-z0-9]*_[a-z0-9_]*`' <<< "$2" | tr -d '`' | sort -u)
  [[ ${#names[@]} -gt 0 ]] || { echo "$document names no tests where it should."; missing=1; }
  for name in "${names[@]}"; do
    grep -rqE --include='*.rs' "fn $name\b" keyset operator service tests token ||
      { echo "$document names the test $name, which is not there: correct the name."; missing=1; }
  done
}

check docs/security.md "$(sed -n '/^## Threats/,$p' docs/security.md)"
check docs/fields.md "$(cat docs/fields.md)"
exit $missing
