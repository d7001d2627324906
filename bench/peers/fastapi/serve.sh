#!/bin/bash
# serve.sh PORT [WORKERS]: the peer on loopback, from the virtual environment in PEER_VENV.
set -eu
cd "$(dirname "$0")"
exec "$PEER_VENV/bin/python" -m uvicorn app:app --host 127.0.0.1 --port "$1" --workers "${2:-1}" \
  --log-level warning --no-access-log
