"""What an executed notebook said: the payloads in its outputs, in order."""

import json
import re
from pathlib import Path

from playbook.outputs import MIME

_PICTURE = re.compile(r"data:image/(svg\+xml|png);base64,[A-Za-z0-9+/=]+")


def payloads(notebook: str | Path) -> list[dict]:
    """The takeaways, flags, tables, figures and checks of one executed notebook; figures with their pictures."""
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return [_payload(output) for output in outputs if MIME in output.get("data", {})]


def _payload(output: dict) -> dict:
    payload, pictures = output["data"][MIME], output["metadata"].get(MIME, {}).get("pictures", {})
    for picture in pictures.values():
        if not _PICTURE.fullmatch(picture["src"]):
            raise ValueError(f"the figure '{payload['key']}' carries no picture; run its notebook again.")
    return payload | {"pictures": pictures}
