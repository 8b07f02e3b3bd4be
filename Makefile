# Each target uses the environment in .venv; `make .venv` makes it from the constraints.
.PHONY: report test lint notebooks benchmarks clean

.venv:
	python3 -m venv .venv
	.venv/bin/pip install -q -c constraints.txt -e ".[test,dev]"

report: .venv
	.venv/bin/playbook run retail

test: .venv
	.venv/bin/pytest

lint: .venv
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

# Execute the notebooks in place on the default sample, as they are committed.
notebooks: .venv
	.venv/bin/python tools/execute_notebooks.py

benchmarks: .venv
	.venv/bin/python benchmarks/rfm.py

clean:
	rm -rf runs .pytest_cache .hypothesis .ruff_cache
