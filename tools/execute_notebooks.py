"""Execute the notebooks in place on the default sample, as they are committed: `python tools/execute_notebooks.py`.

Only what a reader sees is kept: no times, no paths, no pictures of the other language.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from playbook.report.outputs import MIME

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def main(chosen: list[str]) -> None:
    """Execute the chosen notebooks, or all."""
    for path in [Path(name) for name in chosen] or sorted(FOLDER.glob("[0-9][0-9]_*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        place = {"metadata": {"path": str(FOLDER)}}
        NotebookClient(notebook, kernel_name="python3", record_timing=False, resources=place).execute()
        said = {key: value for key, value in notebook.metadata.items() if key == "playbook"}
        notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}} | said
        _strip(notebook)
        nbformat.write(notebook, path)
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


def _strip(notebook) -> None:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop(MIME, None)


if __name__ == "__main__":
    main(sys.argv[1:])
