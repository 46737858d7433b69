"""The key of this daemon: one file, made at the first start, never replaced silently."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from lanchatd.errors import UserError
from lanchatd.protocol.model import PeerId

from .trust import peer_id_of_key

KEY_FILE: Final = "identity.key"
_KEY_BYTES: Final = 4096


class IdentityError(UserError):
    """The key can't be used; the text is one sentence for the person, with what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this daemon is."""

    key: Ed25519PrivateKey = field(repr=False)
    peer_id: PeerId

    def proof(self, purpose: str) -> str:
        """A secret that stays the same as long as the key does, and that only its owner can know; hexadecimal."""
        # Ed25519 signatures are deterministic (RFC 8032 section 5.1.6), and this one is never shown.
        return hashlib.sha256(self.key.sign(f"lanchat proof 1 {purpose}".encode())).hexdigest()


def identity_of(key: Ed25519PrivateKey) -> Identity:
    """The identity that belongs to a key."""
    return Identity(key, peer_id_of_key(key.public_key()))


def load_or_create(folder: Path) -> Identity:
    """Read ``identity.key`` (PEM, PKCS #8) from the state folder, or make both at the first start.

    Raises:
        IdentityError: unreadable, damaged or open to other users. A file that is there is never overwritten.
    """
    path = folder / KEY_FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_folder(folder)
        return _load(path) if os.path.lexists(path) else _create(path)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        way_out = "make room on the disk" if full else "give your user the right to read and write the folder"
        raise IdentityError(
            f"The identity {path} can't be used ({error.strerror or error}); {way_out}, or choose another folder with "
            f"--state-dir."
        ) from None


def _check_folder(folder: Path) -> None:
    if stat.S_IMODE(folder.stat().st_mode) & 0o022:
        raise IdentityError(
            f"Other users can change the folder {folder}, and with it your identity; run: chmod 700 '{folder}'"
        )


def _load(path: Path) -> Identity:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise IdentityError(f"Other users can read your identity {path}; run: chmod 600 '{path}'")
        pem = file.read(_KEY_BYTES)
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise IdentityError(
            f"The identity {path} is damaged; restore it from a backup, or delete it to start as a new person whom "
            f"your contacts have to accept again."
        )
    return identity_of(key)


def _create(path: Path) -> Identity:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return identity_of(key)
