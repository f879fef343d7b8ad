# make demo   the tracker at work on the embedded clip: in a window, or headless without a display
# make test   the tests
# make lint   style, types, layers
# Each sets up what it needs first. PYTHON=python3.12 chooses the interpreter of a new .venv.

.PHONY: demo test lint clean
.DELETE_ON_ERROR:

BIN := .venv/bin

demo: .venv/.ready
	$(BIN)/spacetime-tracker demo --out demo-output

# what tests start in processes of their own is to be compiled once, whatever the environment says
test: export PYTHONDONTWRITEBYTECODE :=
test: .venv/.ready
	$(if $(DISPLAY)$(WAYLAND_DISPLAY),,QT_QPA_PLATFORM=offscreen) $(BIN)/python -m pytest -n auto --dist worksteal

lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/.ready: pyproject.toml .ci/setup.sh
	PYTHON="$(PYTHON)" .ci/setup.sh

clean:
	rm -rf .venv demo-output build *.egg-info
