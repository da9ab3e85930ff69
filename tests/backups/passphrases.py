"""Passphrases whose protection costs nothing: the product's takes seconds and a gigabyte, on purpose.

``encrypt`` writes what ``age`` writes, with the smallest work factor instead of one that takes a second.
The factor stands in the file, so everything that reads it is the real thing, and as quick.
"""

import hashlib
import hmac
import os
from base64 import b64encode

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LOG_N = 1  # the logarithm of scrypt's work factor; age takes 18 to 22
NO_NONCE = bytes(12)
LAST_CHUNK = bytes(11) + b"\x01"  # number 0, and the flag that no other follows


def encrypt(plaintext: bytes, passphrase: str) -> bytes:
    """Return the text, at most 64 KiB, as a file of age that the passphrase opens."""
    file_key, salt, nonce = (os.urandom(16) for _ in range(3))
    salted = b"age-encryption.org/v1/scrypt" + salt
    wrapping_key = hashlib.scrypt(passphrase.encode(), salt=salted, n=2**LOG_N, r=8, p=1, dklen=32)
    stanza = f"-> scrypt {_base64(salt)} {LOG_N}\n"
    wrapped = _base64(ChaCha20Poly1305(wrapping_key).encrypt(NO_NONCE, file_key, None))
    header = f"age-encryption.org/v1\n{stanza}{wrapped}\n---".encode()
    mac = _base64(hmac.digest(_derive(file_key, b"", b"header"), header, "sha256")).encode()
    payload = ChaCha20Poly1305(_derive(file_key, nonce, b"payload")).encrypt(LAST_CHUNK, plaintext, None)
    return header + b" " + mac + b"\n" + nonce + payload


def _base64(content: bytes) -> str:
    return b64encode(content).decode().rstrip("=")


def _derive(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(key)
