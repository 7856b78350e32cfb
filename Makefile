# Kilnwatt: one Makefile for the whole tree; `make help` lists what it can do.
# Sources are found by wildcard, room by room; a new .c or tests/*/test_*.c needs no edit here.
# Three trees: build/ (release), build/san (address and undefined-behaviour sanitizers),
# build/cov (coverage); each holds objects, one archive of all of them but main.o, and tests.

PARK ?= etc/parks/ceramics.yaml
SPEED ?= 1
ONLY ?=
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
PYTHON ?= /usr/bin/python3

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory --no-builtin-rules
Q := $(if $(V),,@)

# ---- what is built from what ---------------------------------------------------------------
MAIN := controller/cli/main.c
SRC := $(wildcard controller/*/*.c adapters/*.c optimizer/*.c sim/*.c)
LIB_SRC := $(filter-out $(MAIN),$(SRC))
TEST_SRC := $(wildcard tests/unit/test_*.c tests/prop/test_*.c tests/golden/test_*.c)
SUPPORT_SRC := $(wildcard tests/support/*.c)
GEN_SRC := $(if $(wildcard controller/web/assets.h),build/gen/assets.c)

UPLOT := node_modules/uplot/dist
ASSETS := $(sort $(shell find controller/web/assets -type f 2>/dev/null)) \
    $(UPLOT)/uPlot.iife.min.js $(UPLOT)/uPlot.min.css

# ---- how -----------------------------------------------------------------------------------
PKGS := libevent_extra libevent_core libmodbus sqlite3 yaml-0.1 jansson libcurl libcrypto
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
TEST_LIBS := $(shell pkg-config --libs cmocka 2>/dev/null || echo -lcmocka)
LIBS := $(PKG_LIBS) -lglpk -lcholmod -lcolamd -lm

CC := gcc
WARN := -Wall -Wextra -Wconversion -Wshadow -Wswitch-enum -Wmissing-prototypes -Wvla -Wformat=2 \
    -Werror
# Without contraction a study gives the same bits on machines with and without fused multiply-add.
CFLAGS := -std=gnu11 $(WARN) -D_GNU_SOURCE -I. -ffp-contract=off -fstack-protector-strong \
    $(PKG_CFLAGS)
release_FLAGS := -O2 -g -D_FORTIFY_SOURCE=2
san_FLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
cov_FLAGS := -O0 -g --coverage

.PHONY: all
all: build/kilnwatt build/compile_commands.json ## build build/kilnwatt (release: -O2 -g)

# $(call tree,DIR,FLAGS): the rules of one tree.
define tree
$(1)_LIB := $$(LIB_SRC:%.c=$(1)/obj/%.o) $$(GEN_SRC:build/%.c=$(1)/obj/%.o)
$(1)_TESTS := $$(TEST_SRC:%.c=$(1)/%)

$(1)/obj/gen/%.o: build/gen/%.c Makefile | libraries
	$$(Q)mkdir -p $$(@D)
	@echo "  CC    $$@"
	$$(Q)$$(CC) $$(CFLAGS) $(2) -MMD -MP -c -o $$@ $$<

$(1)/obj/%.o: %.c Makefile | libraries
	$$(Q)mkdir -p $$(@D)
	@echo "  CC    $$@"
	$$(Q)$$(CC) $$(CFLAGS) $(2) -MMD -MP -c -o $$@ $$<

$(1)/libkilnwatt.a: $$($(1)_LIB) $(1)/members
	@echo "  AR    $$@"
	$$(Q)rm -f $$@ && ar --thin -rcs $$@ $$($(1)_LIB)

$(1)/libsupport.a: $$(SUPPORT_SRC:%.c=$(1)/obj/%.o) $(1)/members
	$$(Q)rm -f $$@ && ar --thin -rcs $$@ $$(SUPPORT_SRC:%.c=$(1)/obj/%.o)

# Changes only when a source file comes or goes, so that archives forget removed objects.
$(1)/members: always
	@mkdir -p $$(@D)
	@echo '$$($(1)_LIB) $$(SUPPORT_SRC)' | cmp -s - $$@ || \
	    echo '$$($(1)_LIB) $$(SUPPORT_SRC)' >$$@

$(1)/kilnwatt: $$(MAIN:%.c=$(1)/obj/%.o) $(1)/libkilnwatt.a
	@echo "  LINK  $$@"
	$$(Q)$$(CC) $(2) -o $$@ $$^ $$(LIBS)

$$($(1)_TESTS): $(1)/tests/%: $(1)/obj/tests/%.o $(1)/libsupport.a $(1)/libkilnwatt.a
	$$(Q)mkdir -p $$(@D)
	@echo "  LINK  $$@"
	$$(Q)$$(CC) $(2) -o $$@ $$^ $$(TEST_LIBS) $$(LIBS)

-include $$(patsubst %.c,$(1)/obj/%.d,$$(SRC) $$(TEST_SRC) $$(SUPPORT_SRC)) $(1)/obj/gen/assets.d
endef

$(eval $(call tree,build,$(release_FLAGS)))
$(eval $(call tree,build/san,$(san_FLAGS)))
$(eval $(call tree,build/cov,$(cov_FLAGS)))
.SECONDARY:

# Programs of benchmarks: of the release tree only.
build/tests/bench/%: build/obj/tests/bench/%.o build/libkilnwatt.a
	$(Q)mkdir -p $(@D)
	@echo "  LINK  $@"
	$(Q)$(CC) $(release_FLAGS) -o $@ $^ $(LIBS)
-include $(patsubst %.c,build/obj/%.d,$(wildcard tests/bench/*.c))

.PHONY: libraries always
libraries:
	@pkg-config --exists $(PKGS) || \
	    { echo "make: libraries are missing; run etc/bootstrap first" >&2; exit 1; }
always:

# ---- generated files -----------------------------------------------------------------------
build/gen/assets.c: $(ASSETS) etc/embed always
	@mkdir -p $(@D)
	@etc/embed controller/web/assets/ $(ASSETS) >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
build/obj/gen/assets.o build/san/obj/gen/assets.o build/cov/obj/gen/assets.o: $(ASSETS)

node_modules/%:
	@etc/bootstrap --runtime-only

# For editors (clangd); build/cflags is what `make lint` compiles headers with.
compile_command = {"directory": "$(CURDIR)", "file": "$(1)", "command": "$(CC) $(CFLAGS) -c $(1)"}
build/compile_commands.json: build/members Makefile
	$(file >$@.new)
	$(foreach s,$(SRC) $(TEST_SRC) $(SUPPORT_SRC),$(file >>$@.new,$(call compile_command,$(s))))
	$(file >build/cflags,$(CFLAGS))
	@sed -e '/^$$/d' $@.new | sed -e '1s/^/[/' -e '$$!s/$$/,/' -e '$$s/$$/]/' >$@
	@rm $@.new

# ---- what people type ----------------------------------------------------------------------
.PHONY: run
run: ## install what is missing, build, start the simulated park and its controller [PARK= SPEED=]
	@etc/bootstrap --runtime-only
	@$(MAKE) -j$(JOBS) build/kilnwatt
	@exec build/kilnwatt demo $(PARK) --speed $(SPEED)

.PHONY: test
test: ## install what is missing, build, run every test and the lint [ONLY=part-of-a-name]
	@etc/bootstrap
	@$(MAKE) -j$(JOBS) all test-programs
	@$(PYTHON) tests/run --jobs $(JOBS) --only '$(ONLY)' --lint --binary build/kilnwatt build/san

.PHONY: test-programs san
test-programs: $(build/san_TESTS)
san: build/san/kilnwatt test-programs ## build build/san/kilnwatt and its tests with the sanitizers

.PHONY: cov
cov: build/cov/kilnwatt $(build/cov_TESTS) ## run unit, prop and golden tests, then lines covered per room
	@find build/cov -name '*.gcda' -delete
	@$(PYTHON) tests/run --jobs $(JOBS) --only '$(ONLY)' --programs-only build/cov
	@$(PYTHON) tests/coverage build/cov/obj

.PHONY: lint
lint: build/libkilnwatt.a build/compile_commands.json ## layout, clang-tidy, rooms, doors, banned calls, sizes, headers, state
	@$(PYTHON) tests/lint/lint.py --jobs $(JOBS)

C_FILES = $(shell find controller adapters optimizer sim tests -name '*.[ch]')

.PHONY: format check-format
format: ## lay out all C files with clang-format
	@clang-format-14 -i $(C_FILES)
check-format: ## say which C files clang-format would change
	@$(PYTHON) tests/lint/lint.py format

.PHONY: verify-plants verify-plans
verify-plants: build/tests/golden/test_published ## plant models beside published numbers: the table
	@$<
verify-plans: build/tests/golden/test_reference_tables ## plans of the reference park beside published bills
	@$<

PROBLEMS ?= 100000
PROP := build/tests/prop/test_optimizer build/tests/prop/test_odd_problems
.PHONY: prop
prop: $(PROP) ## random problems: plain optimum, odd questions, corrupted plans [PROBLEMS=100000 FIRST= ONLY=*name*]
	@for t in $(PROP); do KILNWATT_PROBLEMS=$(PROBLEMS) KILNWATT_FIRST=$(FIRST) \
	    $(if $(ONLY),KILNWATT_ONLY='$(ONLY)') $$t || exit 1; done

.PHONY: day
day: all ## one simulated day, plan against rules, on the referee's figures [SPEED=60]
	@$(PYTHON) tests/bench/day.py --park $(PARK) --speed $(if $(filter 1,$(SPEED)),60,$(SPEED))

SEEDS ?= 5
SECONDS ?= 30
.PHONY: bench-optimizer bench-year bench-rolling bench-sim bench-wires
bench-optimizer: all ## our search beside HiGHS, CBC and plain GLPK; see tests/bench/README.md [SEEDS=5 SECONDS=30]
	@etc/bootstrap --bench
	@$(PYTHON) tests/bench/optimizer.py --seeds $(SEEDS) --seconds $(SECONDS)
bench-year: all ## 365 daily plans of the ceramics park, perfect foresight
	@$(PYTHON) tests/bench/year.py
bench-rolling: all build/tests/bench/rolling ## a day re-planned every five minutes
	@$(PYTHON) tests/bench/rolling.py

bench-sim: all ## speed of a study and of lock-step over real Modbus TCP [PARK=]
	@$(PYTHON) tests/bench/sim.py --park $(PARK)
bench-wires: all build/tests/bench/load ## what the simulator's wires carry: transactions/s, 1 200 connections, serial buses
	@$(PYTHON) tests/bench/wires.py

.PHONY: bench-large bench-same
MINUTES ?= 10
bench-large: all ## the 544-device park in real time: missed polls, processor, memory, lag [MINUTES=10]
	@$(PYTHON) tests/bench/large.py --minutes $(MINUTES)
bench-same: all ## whether lock-step runs of one seed are equal to the bit [PARK= MINUTES=10]
	@$(PYTHON) tests/bench/same.py --park $(PARK) --minutes $(MINUTES)

.PHONY: clean
clean: ## remove build/
	rm -rf build

.PHONY: help
help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' Makefile | \
	    while IFS='	' read -r name text; do printf '  make %-17s%s\n' "$$name" "$$text"; done
