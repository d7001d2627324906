"""Checks tokens with PyJWT: a public key in PEM, then lists of tokens, in JSON, one a line; tells the microseconds of
processor time each."""

import json
import sys
import time

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key

key = load_pem_public_key(json.loads(sys.stdin.readline()).encode())
required = {"require": ["exp", "iat", "nbf", "iss", "aud", "sub"]}
for line in sys.stdin:
    tokens = json.loads(line)
    begun = time.thread_time()
    for token in tokens:
        jwt.decode(token, key, algorithms=["EdDSA"], issuer="cc-lite", audience="cc-lite", options=required)
    print((time.thread_time() - begun) / len(tokens) * 1e6, flush=True)
