#!/bin/bash
# The tests that docs/security.md names against each threat are there.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t names < <(sed -n '/^## Threats/,$p' docs/security.md | grep -o '`[a-z0-9]*_[a-z0-9_]*`' | tr -d '`' | sort -u)
[[ ${#names[@]} -gt 0 ]] || { echo "docs/security.md names no tests below '## Threats'."; exit 1; }
missing=0
for name in "${names[@]}"; do
  grep -rqE --include='*.rs' "fn $name\b" keyset operator service tests token ||
    { echo "docs/security.md names the test $name, which is not there: correct the name."; missing=1; }
done
exit $missing
