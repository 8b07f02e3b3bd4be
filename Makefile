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

# Execute the notebooks in place on the default sample, as they are committed.
notebooks: .venv
	.venv/bin/jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.record_timing=False \
		--ClearMetadataPreprocessor.enabled=False notebooks/[0-9]*.ipynb

benchmarks: .venv
	.venv/bin/python -m benchmarks

clean:
	rm -rf runs .pytest_cache .hypothesis .ruff_cache
