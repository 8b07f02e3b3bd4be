"""What an executed notebook said: the payloads in its outputs, in order."""

import json
from base64 import b64decode, b64encode
from pathlib import Path

from playbook.report.outputs import MIME


def payloads(notebook: str | Path) -> list[dict]:
    """The takeaways, flags, tables, figures and checks of one executed notebook; figures with their pictures."""
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return [_payload(output) for output in outputs if MIME in output.get("data", {})]


def _payload(output: dict) -> dict:
    pictures = output["metadata"].get(MIME, {}).get("pictures", {})
    return output["data"][MIME] | {"pictures": {name: _picture(picture) for name, picture in pictures.items()}}


def _picture(picture: dict) -> dict:
    """A picture as the page embeds it. Encoded anew, so that nothing but a picture can stand in its place."""
    mime, data = ("svg+xml", picture["svg"].encode()) if "svg" in picture else ("png", b64decode(picture["png"]))
    return picture | {"src": f"data:image/{mime};base64,{b64encode(data).decode()}"}
