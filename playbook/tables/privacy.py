"""The secret key of this installation, and the keyed hashes that stand for personal values in everything published."""

import hashlib
import os
import secrets
from pathlib import Path

KEY_FILE = "PLAYBOOK_KEY_FILE"


class UnusableKey(ValueError):
    """The secret key cannot be read or made."""


def key_path() -> Path:
    """Where the key lies: `PLAYBOOK_KEY_FILE`, or `playbook/key` in the user's configuration folder; never in a run."""
    if asked := os.environ.get(KEY_FILE):
        return Path(asked)
    base = os.environ.get("XDG_CONFIG_HOME") or (os.environ.get("APPDATA") if os.name == "nt" else None)
    return (Path(base) if base else Path.home() / ".config") / "playbook" / "key"


def key() -> str:
    """The secret key, 64 hexadecimal digits; made at first use, readable by its owner only."""
    path = key_path()
    if not path.is_file():
        _create(path)
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < 32:
        raise UnusableKey(
            f"{path} holds no usable key: 64 hexadecimal digits are expected, it has {len(secret)} characters."
        )
    return secret


def hashed(value: str, kind: str, *, secret: str | None = None) -> str:
    """A personal value as 32 hexadecimal digits that nobody without the key can trace back; kinds never collide."""
    secret = secret or key()
    inner = hashlib.sha256(f"{secret}{kind}:{value}".encode()).hexdigest()
    return hashlib.sha256(f"{secret}{inner}".encode()).hexdigest()[:32]


def hashed_sql(value: str, kind: str) -> str:
    """The same in SQL, the key being the parameter `$secret`. Never put it into a view: views keep their values."""
    return f"left(sha256($secret || sha256($secret || '{kind}:' || {value})), 32)"


def masked(value: str) -> str:
    """The shape of a value without the value.

    >>> masked("13912345678"), masked("Li Na"), masked("李娜")
    ('99999999999', 'Aa Aa', '某某')
    """
    return "".join(map(_shape, value))


def _shape(character: str) -> str:
    if character.isdigit():
        return "9"
    if not character.isalpha():
        return character
    return ("A" if character.isupper() else "a") if character.isascii() else "某"


def _create(path: Path) -> None:
    """Make a key; of two processes that make one at once, the first one's is the key of both."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32) + "\n")
    try:
        os.link(part, path)
    except FileExistsError:
        part.unlink()
    except OSError:  # a file system without links
        part.replace(path)
    else:
        part.unlink()
