"""The ciphers of an EncryptionConfiguration, in upstream's formats: values written by kube-apiserver can be read here.

    k8s:enc:aescbc:v1:KEY:     16 bytes IV, AES-CBC with PKCS#7 padding      (no integrity: prefer another)
    k8s:enc:aesgcm:v1:KEY:     12 bytes nonce, AES-GCM; the store's key is authenticated with it
    k8s:enc:secretbox:v1:KEY:  24 bytes nonce, XSalsa20-Poly1305
    k8s:enc:kms:v2:NAME:       see kms.py
    (nothing)                  identity

Each works on what follows its prefix. Pure but for randomness. May import: cryptography, PyNaCl, lazily.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Any, Protocol

PREFIX = b"k8s:enc:"


class CannotRead(ValueError):
    """The value is not of this key, or was tampered with."""


class Provider(Protocol):
    """One key of one cipher."""

    prefix: bytes

    def encrypt(self, data: bytes, name: bytes) -> bytes:
        """What is stored after the prefix; `name` is the store's key, which some ciphers authenticate."""

    def decrypt(self, data: bytes, name: bytes) -> bytes:
        """Raises CannotRead."""


class Remote(ABC):
    """A provider whose keys are somebody else's (KMS): it is asked how it is, and for what old values need."""

    prefix: bytes
    problem: str
    due: float
    """When it should be asked again, in monotonic seconds."""

    @abstractmethod
    async def check(self) -> None:
        """Ask how it is; `problem` tells."""

    @abstractmethod
    async def fetch(self, data: bytes) -> None:
        """Have at hand what `decrypt` needs for this value. Raises CannotRead."""

    @abstractmethod
    def encrypt(self, data: bytes, name: bytes) -> bytes:
        """See Provider."""

    @abstractmethod
    def decrypt(self, data: bytes, name: bytes) -> bytes:
        """See Provider."""

    @abstractmethod
    def written_with(self, data: bytes) -> bytes:
        """The key behind a stored value."""

    @property
    @abstractmethod
    def writes_with(self) -> bytes:
        """The key behind what is written now."""

    @abstractmethod
    def close(self) -> None:
        """It is asked no more."""


class Identity:
    """No encryption, and no prefix."""

    prefix = b""

    def encrypt(self, data: bytes, name: bytes) -> bytes:
        return data

    def decrypt(self, data: bytes, name: bytes) -> bytes:
        if data.startswith(PREFIX):
            raise CannotRead("identity transformer tried to read encrypted data")
        return data


class AESCBC:
    """Keys of 16, 24 or 32 bytes."""

    def __init__(self, key_name: str, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers import algorithms

        self.prefix = b"k8s:enc:aescbc:v1:%b:" % key_name.encode()
        self._algorithm = algorithms.AES(key)

    def _cipher(self, iv: bytes) -> Any:
        from cryptography.hazmat.primitives.ciphers import Cipher, modes

        return Cipher(self._algorithm, modes.CBC(iv))

    def encrypt(self, data: bytes, name: bytes) -> bytes:
        iv = os.urandom(16)
        padding = 16 - len(data) % 16
        encryptor = self._cipher(iv).encryptor()
        sealed: bytes = encryptor.update(data + bytes([padding]) * padding) + encryptor.finalize()
        return iv + sealed

    def decrypt(self, data: bytes, name: bytes) -> bytes:
        if len(data) < 32 or len(data) % 16:
            raise CannotRead("the stored data was shorter than the required size")
        decryptor = self._cipher(data[:16]).decryptor()
        opened: bytes = decryptor.update(data[16:]) + decryptor.finalize()
        padding = opened[-1]
        if not 1 <= padding <= 16 or opened[-padding:] != bytes([padding]) * padding:
            raise CannotRead("invalid padding on input")
        return opened[:-padding]


class AESGCM:
    """Keys of 16, 24 or 32 bytes. Nonces are random, so a key should be changed long before 2³² writes."""

    def __init__(self, key_name: str, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers import aead

        self.prefix = b"k8s:enc:aesgcm:v1:%b:" % key_name.encode()
        self._cipher = aead.AESGCM(key)

    def encrypt(self, data: bytes, name: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, data, name)

    def decrypt(self, data: bytes, name: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        if len(data) < 28:
            raise CannotRead("the stored data was shorter than the required size")
        try:
            return self._cipher.decrypt(data[:12], data[12:], name)
        except InvalidTag as error:
            raise CannotRead("cipher: message authentication failed") from error


class SecretBox:
    """Keys of 32 bytes; needs PyNaCl."""

    def __init__(self, key_name: str, key: bytes) -> None:
        from nacl.secret import SecretBox as Box

        self.prefix = b"k8s:enc:secretbox:v1:%b:" % key_name.encode()
        self._box = Box(key)

    def encrypt(self, data: bytes, name: bytes) -> bytes:
        return bytes(self._box.encrypt(data))  # its nonce comes first

    def decrypt(self, data: bytes, name: bytes) -> bytes:
        from nacl.exceptions import CryptoError

        try:
            return bytes(self._box.decrypt(data))
        except (CryptoError, ValueError, TypeError) as error:
            raise CannotRead("secretbox: message authentication failed") from error
