#!/bin/bash
# Checks for what building and testing needs. Missing Debian packages are installed where that is allowed, and named
# first. Their services are not started: tests start their own. Packages named as arguments are needed besides.
set -euo pipefail

packages=(bsdutils buildah chromium conntrack containernetworking-plugins curl docker-registry iproute2 iptables jq nginx openssl postgresql
  procps prometheus rabbitmq-server runc)
packages+=("$@")
# Any Python that can make virtual environments will do.
suitable='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'
python3 -I -c "$suitable" 2> /dev/null || packages+=(python3 python3-venv)
# libFuzzer is C++; any compiler will do.
command -v c++ > /dev/null || packages+=(g++)

fail() { echo "prerequisites: $*" >&2; exit 1; }

command -v cargo > /dev/null || fail "Rust is missing: install it with rustup (https://rustup.rs) and put cargo on PATH."
command -v go > /dev/null || fail "Go is missing: install Go 1.26 or newer (https://go.dev/dl) and put it on PATH."
command -v cc > /dev/null || fail "a C compiler is missing: install the packages gcc and libc6-dev."

goversion=$(go env GOVERSION)
[[ $(printf '%s\n' go1.26 "$goversion" | sort -V | head -n 1) == go1.26 ]] ||
  fail "Go is $goversion, and Kubernetes needs 1.26 or newer: update it (https://go.dev/dl)."

command -v npm > /dev/null || fail "Node.js is missing: install Node.js 20 or newer with npm (https://nodejs.org) and put it on PATH."
nodeversion=$(node --version)
[[ $(printf '%s\n' v20 "$nodeversion" | sort -V | head -n 1) == v20 ]] ||
  fail "Node.js is $nodeversion, and the npm package needs 20 or newer: update it (https://nodejs.org)."

command -v dpkg-query > /dev/null || fail "this is not Debian: install by hand what these Debian packages hold, then start the programs yourself: ${packages[*]}."

missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null) == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

[[ $EUID == 0 ]] || fail "Debian packages are missing, and only root may install them: sudo apt-get install ${missing[*]}"

echo "Installing Debian packages: ${missing[*]}"
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  # Keeps package scripts from starting services (invoke-rc.d(8)).
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get -q update && apt-get -q -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "${missing[@]}"; } > "$log" 2>&1; then
  tail -n 20 "$log" >&2
  fail "apt-get could not install them (its whole output: $log): mend what it names and try again."
fi
rm -f "$log"
