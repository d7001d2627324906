"""PyJWT by published keys: tokens line by line on standard input, a word on each on standard output."""

import sys

import jwt

client = jwt.PyJWKClient(sys.argv[1], lifespan=int(sys.argv[2]), timeout=5)
for line in sys.stdin:
    token = line.strip()
    try:
        key = client.get_signing_key_from_jwt(token)
        jwt.decode(token, key, algorithms=["EdDSA"], issuer="cc-lite", audience="cc-lite")
        answer = "accepted"
    except jwt.PyJWKClientConnectionError:
        answer = "unanswered"
    except jwt.PyJWTError as error:
        answer = f"refused: {type(error).__name__}: {error}"
    print(answer, flush=True)
