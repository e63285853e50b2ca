"""Bytes by the name of their content: large raw mails and evidence, in a folder.

A blob is written to a temporary file, fsync'd, renamed to its SHA-256, and its folder is fsync'd; only then may a row
name it. A crash leaves at most an orphan, never a row without its blob.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from mailgateway.core.errors import Temporary

_PART = 1 << 20  # bytes that are copied at a time


class Draft:
    """A blob in the making: bytes are written bit by bit, then kept or given up."""

    def __init__(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(prefix="draft-", dir=folder)
        self._path = Path(name)
        self._file: IO[bytes] = os.fdopen(descriptor, "wb")
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """The digest of what was written so far, in hex."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Append."""
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)

    def sync(self) -> None:
        """Have on disk what was written so far."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def keep(self, target: Path) -> None:
        """Make it durable under this name."""
        self.sync()
        self._file.close()
        self._path.rename(target)
        sync_folder(target.parent)

    def abort(self) -> None:
        """Give it up; what was written goes."""
        with contextlib.suppress(OSError):  # it writes what it still holds, and the disk may be full
            self._file.close()
        self._path.unlink(missing_ok=True)


class Blobs:
    """A folder of blobs, spread over 256 subfolders by the first two letters of their names."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)

    def create(self) -> None:
        """Make the folder where there is none yet. Nothing else does: where a disk is gone, it is to be missed."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def draft(self) -> Draft:
        """Begin a blob whose content comes bit by bit."""
        return Draft(self._folder)

    def keep(self, draft: Draft) -> str:
        """Make a draft durable; returns its name. Two blobs of one content are one."""
        target = self._path(draft.sha256)
        try:
            os.utime(target)  # it is here, and whoever removes what nobody needs sees that it is wanted again
        except FileNotFoundError:
            if not target.parent.exists():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                sync_folder(self._folder)
            draft.keep(target)
        else:
            draft.abort()
        return draft.sha256

    def put(self, data: bytes) -> str:
        """Keep these bytes; returns their name. Raises `Temporary` where they cannot be kept now, as on a full disk."""
        try:
            draft = self.draft()
            try:
                draft.write(data)
                return self.keep(draft)
            except BaseException:
                draft.abort()
                raise
        except OSError as error:
            raise Temporary(f"the blobs in {self._folder} cannot be written now: {error}") from error

    def get(self, name: str, first: int | None = None) -> bytes:
        """The bytes of that name, or the first so many. Raises FileNotFoundError where they are not here."""
        with self._path(name).open("rb") as file:
            return file.read(first)

    def digest(self, name: str) -> str | None:
        """The SHA-256, in hex, of the bytes under that name: the name itself where all is well; None: not here."""
        try:
            with self._path(name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return None

    def touched_at(self, name: str) -> datetime | None:
        """When the blob of that name was last put; None where it is not here."""
        try:
            return datetime.fromtimestamp(self._path(name).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def names(self) -> Iterator[str]:
        """Every blob that is here, whether a row names it or not."""
        return (path.name for path in self._folder.glob("??/*"))

    def copy(self, name: str, other: Blobs) -> bool:
        """Make the blob of that name durable in another place too; whether that could be done: it is here and whole."""
        if other._path(name).exists():
            return True
        if not self._path(name).exists():
            return False
        draft = other.draft()
        try:
            with self._path(name).open("rb") as file:
                while part := file.read(_PART):
                    draft.write(part)
            return other.keep(draft) == name
        except BaseException:
            draft.abort()
            raise

    def remove(self, name: str) -> None:
        """Take it away; nothing happens where it is not here."""
        self._path(name).unlink(missing_ok=True)

    def drafts(self) -> Iterator[Path]:
        """What writers left behind or are still writing."""
        return self._folder.glob("draft-*")

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, not only the bytes behind them."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
