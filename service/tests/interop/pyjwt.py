"""PyJWT and bcrypt, asked by a test: a request in JSON on standard input, its answer on standard output."""

import json
import sys

import bcrypt
import jwt


def verify(jwks, token, issuer, audience, required):
    key = jwt.PyJWKClient(jwks).get_signing_key_from_jwt(token)
    options = {"require": required}
    return jwt.decode(token, key, algorithms=["EdDSA"], issuer=issuer, audience=audience, options=options)


def sign(key, algorithm, header, claims):
    with open(key, "rb") as file:
        pem = file.read()
    return [jwt.encode(each, pem, algorithm=algorithm, headers=header) for each in claims]


def hash_password(password):
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(12)).decode()


def check_password(password, hash):
    return bcrypt.checkpw(password.encode(), hash.encode())


ACTIONS = {"verify": verify, "sign": sign, "hash_password": hash_password, "check_password": check_password}

request = json.load(sys.stdin)
try:
    answer = {"answer": ACTIONS[request.pop("action")](**request)}
except jwt.PyJWTError as error:
    answer = {"refused": type(error).__name__}
json.dump(answer, sys.stdout)
