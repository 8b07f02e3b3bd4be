"""A notebook that says one thing of every kind, hostile values among them, and the texts it speaks."""

import shutil
import sys
from pathlib import Path

import pytest

from playbook.report import text

sys.path.insert(0, str(Path(__file__).parent))

from bare import write_notebook

PACKAGE_TEXTS = text.FOLDER
SENTENCES = {
    "en": """
chapter.01_first.title: "First <chapter>"
chapter.01_first.intro: "What {customers} do."
demo.share: "{share:pct} of {customers} are {t:tier}, says {who:text}."
demo.aside: "An aside about {n:int}."
demo.careful: "Careful with {amount:money}."
table.demo: "A table"
""",
    "zh": """
chapter.01_first.title: "第一<章>"
chapter.01_first.intro: "{customers}的行为。"
demo.share: "{who:text}：{t:tier}层占{customers}的{share:pct}。"
demo.aside: "另有{n:int}位。"
demo.careful: "{amount:money}需要留意。"
table.demo: "一张表"
""",
}
CELLS = (
    'industry = "retail"',
    """from pathlib import Path
import pandas as pd
from playbook import load_profile
from playbook.report import charts, text
from playbook.report.outputs import Outputs
text.FOLDER = Path({folder!r})
say = Outputs(load_profile(industry), currency=lambda: "GBP")""",
    'say.takeaway("demo.share", n=20, quality=.97, agrees=True, share=.598, t="high_value", who="<script>x</script>")',
    """say.table("demo", pd.DataFrame({{
    "source": ["<img src=x onerror=alert(1)>", "=1+1", "＝cmd", None],
    "rows": [1234, 5, 6, 7], "share": [.0001, 0, .9999, 1], "net": [1234.5, -2, 0, None],
}}), {{"share": "pct", "net": "money"}})""",
    """def draw(values, *, words):
    figure, ax = charts.canvas(2)
    ax.plot(values)
    return charts.finish(figure, title=words.tier("lost") + " <script>y</script>", caption="a & b")
say.figure("demo", draw, [1, 3, 2])""",
    'say.flag("demo.careful", amount=1_250_000)',
    'say.takeaway("demo.aside", n=3, detail=True)',
    'say.check("nobody is lost", True)',
)


@pytest.fixture(scope="session")
def demo_texts(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    for language, sentences in SENTENCES.items():
        shutil.copytree(PACKAGE_TEXTS / language, folder / language)
        for room in set((folder / language).glob("*.yml")):
            if room.stem not in ("report", "columns"):
                room.unlink()
        (folder / language / "demo.yml").write_text(sentences, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def executed(tmp_path_factory, demo_texts) -> Path:
    from playbook.report import execute

    folder = tmp_path_factory.mktemp("run")
    notebook = write_notebook(
        folder / "01_first.ipynb", [CELLS[0], *(c.format(folder=str(demo_texts)) for c in CELLS[1:])]
    )
    execute(notebook, folder / "out" / "01_first.ipynb", {"industry": "retail"})
    return folder / "out" / "01_first.ipynb"
