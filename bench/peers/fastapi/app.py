"""The original stack (FastAPI, PyJWT, bcrypt, aio-pika, SQLite) doing the contract's core: what cc-lite is beside."""

import asyncio
import json
import os
import time
import uuid
import warnings
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from pathlib import Path

import aio_pika
import aiosqlite
import bcrypt
import jwt
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from pydantic import BaseModel

KEYS = Path(os.environ.get("CC_LITE_KEYS_DIR", ".keys"))
DB = os.environ.get("DATABASE_PATH", "peer.db")
PEM = ser.Encoding.PEM


def load_key() -> Ed25519PrivateKey:
    path = KEYS / "ed25519_private.pem"
    if not path.exists():
        KEYS.mkdir(parents=True, exist_ok=True)
        key = Ed25519PrivateKey.generate()
        path.write_bytes(key.private_bytes(PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption()))
        path.chmod(0o600)
        public = key.public_key().public_bytes(PEM, ser.PublicFormat.SubjectPublicKeyInfo)
        (KEYS / "ed25519_public.pem").write_bytes(public)
    return ser.load_pem_private_key(path.read_bytes(), None)


KEY = load_key()
PUB = KEY.public_key()
state: dict = {}


@asynccontextmanager
async def lifespan(_):
    db = state["db"] = await aiosqlite.connect(DB, isolation_level=None)
    await db.execute("PRAGMA journal_mode=WAL")
    await db.execute("PRAGMA synchronous=FULL")
    await db.execute("CREATE TABLE IF NOT EXISTS users(id TEXT, email TEXT PRIMARY KEY, hash BLOB, role TEXT)")
    await db.execute(
        "CREATE TABLE IF NOT EXISTS calls(id TEXT PRIMARY KEY, org TEXT, status TEXT, body TEXT, at REAL)"
    )
    email, password = os.environ.get("CC_LITE_ADMIN_EMAIL", "admin@localhost"), os.environ["CC_LITE_ADMIN_PASSWORD"]
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(12))
    await db.execute("INSERT OR IGNORE INTO users VALUES(?,?,?,?)", (str(uuid.uuid4()), email, hashed, "admin"))
    try:
        url = os.environ.get("RABBITMQ_URL", "amqp://127.0.0.1:5672")
        connection = state["mq"] = await aio_pika.connect_robust(url, timeout=3)
        channel = await connection.channel(publisher_confirms=True)
        name = os.environ.get("EVENTS_EXCHANGE", "ocelot.events")
        state["x"] = await channel.declare_exchange(name, "topic", durable=True)
    except Exception as e:
        warnings.warn(f"events off: {e}")
    yield
    if "mq" in state:
        await state["mq"].close()
    await db.close()


app = FastAPI(lifespan=lifespan)


def token(user, kind, ttl):
    now = int(time.time())
    claims = {"sub": user["sub"], "email": user["email"], "role": user["role"], "org": "default"}
    return jwt.encode({**claims, "iat": now, "exp": now + ttl, "type": kind}, KEY, algorithm="EdDSA")


def pair(user):
    return {
        "access_token": token(user, "access", 900),
        "refresh_token": token(user, "refresh", 604800),
        "token_type": "Bearer",
        "expires_in": 900,
    }


def who(authorization: str = Header(default="")):
    try:
        claims = jwt.decode(authorization.removeprefix("Bearer "), PUB, algorithms=["EdDSA"])
    except jwt.PyJWTError:
        raise HTTPException(401)
    if claims.get("type") != "access":
        raise HTTPException(401)
    return claims


class Login(BaseModel):
    email: str
    password: str


class Refresh(BaseModel):
    refresh_token: str


class NewCall(BaseModel):
    direction: str = "inbound"
    model_config = {"extra": "allow"}


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.post("/auth/login")
async def login(b: Login):
    query = await state["db"].execute("SELECT id, hash, role FROM users WHERE email=?", (b.email,))
    row = await query.fetchone()
    if not row or not await asyncio.to_thread(bcrypt.checkpw, b.password.encode(), row[1]):
        raise HTTPException(401)
    return pair({"sub": row[0], "email": b.email, "role": row[2]})


@app.post("/auth/refresh")
async def refresh(b: Refresh):
    try:
        claims = jwt.decode(b.refresh_token, PUB, algorithms=["EdDSA"])
    except jwt.PyJWTError:
        raise HTTPException(401)
    if claims.get("type") != "refresh":
        raise HTTPException(401)
    return pair(claims)


@app.get("/auth/me")
async def me(u=Depends(who)):
    return {"id": u["sub"], "email": u["email"], "role": u["role"]}


async def publish(kind, user, data):
    if "x" not in state:
        return
    event = {
        "id": str(uuid.uuid4()),
        "type": kind,
        "source": "communications",
        "timestamp": datetime.now(timezone.utc).isoformat(),
        "organizationId": user.get("org"),
        "userId": user["sub"],
        "data": data,
        "metadata": {"version": "1.0.0", "module": "cc-lite"},
    }
    message = aio_pika.Message(
        json.dumps(event).encode(),
        content_type="application/json",
        delivery_mode=2,
        message_id=event["id"],
        type=kind,
    )
    try:
        await state["x"].publish(message, f"comms.{kind}")
    except Exception as e:
        warnings.warn(f"event lost: {e}")


@app.post("/calls", status_code=201)
async def create(b: NewCall, r: Response, u=Depends(who)):
    i = str(uuid.uuid4())
    r.headers["Location"] = f"/calls/{i}"
    row = (i, "default", "queued", b.model_dump_json(), time.time())
    await state["db"].execute("INSERT INTO calls VALUES(?,?,?,?,?)", row)
    return {"id": i, "status": "queued", **b.model_dump()}


async def move(i, status, kind, u, data):
    changed = await state["db"].execute("UPDATE calls SET status=? WHERE id=?", (status, i))
    if changed.rowcount == 0:
        raise HTTPException(404)
    await publish(kind, u, {"call_id": i, **data})
    return {"id": i, "status": status}


@app.post("/calls/{i}/start")
async def start(i: str, u=Depends(who)):
    return await move(i, "in_progress", "call.started", u, {})


@app.post("/calls/{i}/end")
async def end(i: str, u=Depends(who)):
    return await move(i, "completed", "call.ended", u, {"duration": 1, "outcome": "completed"})


@app.get("/calls/{i}")
async def get(i: str, u=Depends(who)):
    query = await state["db"].execute("SELECT status, body FROM calls WHERE id=?", (i,))
    row = await query.fetchone()
    if not row:
        raise HTTPException(404)
    return {"id": i, "status": row[0], **json.loads(row[1])}


@app.get("/calls")
async def listing(limit: int = 20, u=Depends(who)):
    query = await state["db"].execute("SELECT id, status FROM calls ORDER BY at DESC LIMIT ?", (limit,))
    return {"items": [{"id": a, "status": b} for a, b in await query.fetchall()]}
