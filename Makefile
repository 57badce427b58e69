# Every command a person needs; `make help` lists them. The environments that they use are made on first use.
.DEFAULT_GOAL := help
.PHONY: help demo start test check bench bench-identity bench-models bench-gates prove build format lock clean

# The local AWS is here and never behind a proxy.
export NO_PROXY := 127.0.0.1,localhost,$(NO_PROXY)
export no_proxy := $(NO_PROXY)
SETUP := @sh tests/demo/setup.sh
RUN := PYTHONPATH=layers/core .venv/bin/python
SAM := env -u PYTHONDONTWRITEBYTECODE PATH="$(CURDIR)/.tools/sam/bin:$$PATH" SAM_CLI_TELEMETRY=0 \
	AWS_DEFAULT_REGION="$${AWS_DEFAULT_REGION:-us-east-1}" sam

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile
	@echo "Each finds a Python 3.11, 3.12 or 3.13 by itself; PYTHON=/path/to/python3.13 names one."

demo: ## Play a shop's day through the whole product on a local AWS, and check every number; DATA=file.csv.gz LIMIT=n plays invoices
	$(SETUP) dev sam local
	@$(RUN) -m tests.demo $(if $(DATA),--data "$(DATA)") $(if $(LIMIT),--limit "$(LIMIT)")

start: ## Keep the product up on a local AWS until Ctrl-C; PORT=n
	$(SETUP) dev sam local
	@$(RUN) -m tests.demo.start $(if $(PORT),--port "$(PORT)")

test: ## Run all tests; T="-k word" runs some
	$(SETUP) dev sam local
	@$(RUN) -m pytest $(T)

check: ## Check format, lint, types, the template, and the packages for both architectures
	$(SETUP) dev sam
	.venv/bin/ruff format --check --quiet .
	.venv/bin/ruff check --quiet .
	.venv/bin/mypy
	@echo sam validate --lint && $(SAM) validate --lint
	.venv/bin/cfn-lint template.yaml
	$(RUN) -m tests.contract.package arm64 x86_64

bench: ## Measure what an event costs, beside the textbook way
	$(SETUP) dev sam local
	@$(RUN) -m tests.bench $(B)

bench-identity: ## Measure who the product takes for whom, in hostile worlds; B="--quick --explain"
	$(SETUP) dev
	@$(RUN) -m tests.identity $(B)

bench-models: ## Judge the models on public data beside their bars and the peers; B=--million adds half an hour
	$(SETUP) dev
	@OMP_NUM_THREADS=1 $(RUN) -m tests.bench_models $(B)

bench-gates: ## Count what the models' gates stop of spoilt training data, and of honest; B="--model value --seeds 10-19 --only clock"
	$(SETUP) dev
	@OMP_NUM_THREADS=1 $(RUN) -m tests.models $(B)

prove: ## Prove that nothing is lost, doubled or sent wrongly, whatever fails; SEED=n P=proof SCALE=0.1
	$(SETUP) dev
	@PYTHONHASHSEED=0 $(RUN) -m tests.faults --scale $(or $(SCALE),1) $(if $(SEED),--seed $(SEED)) $(if $(P),--proof $(P))

build: export ARCH ?= arm64
build: export RUNTIME ?= python3.13
build: export REVISION ?= $(shell sh layers/revision.sh)
build: ## Build into .aws-sam/build, for sam deploy; ARCH=x86_64 RUNTIME=python3.12
	$(if $(filter arm64 x86_64,$(ARCH)),,$(error ARCH=$(ARCH) is not arm64 or x86_64))
	$(if $(filter python3.11 python3.12 python3.13,$(RUNTIME)),,$(error RUNTIME=$(RUNTIME) is not python3.11, python3.12 or python3.13))
	$(SETUP) sam
	@$(SAM) build --parameter-overrides Architecture=$(ARCH) PythonRuntime=$(RUNTIME)

format: ## Format the code and mend what ruff can mend
	$(SETUP) dev
	@.venv/bin/ruff check --quiet --fix . ; .venv/bin/ruff format --quiet .

lock: ## Renew uv.lock, and what the layers install from it, after a change of pyproject.toml
	$(SETUP)
	@.tools/uv/bin/uv lock && sh layers/export.sh

clean: ## Remove the environments and what was built
	@rm -rf .aws-sam .tools .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
