# `make bench`: how fast `shopbell scan` is, beside a program that does the least one can do with the same bytes.
EXTRA_PROGRAMS += bench/simd12
bench_simd12_SOURCES = bench/simd12.cc
bench_simd12_CXXFLAGS = $(AM_CXXFLAGS) $(SIMDJSON_CFLAGS)
bench_simd12_LDADD = $(SIMDJSON_LIBS)
CLEANFILES += bench/simd12
EXTRA_DIST += bench/run-bench.sh bench/run-bench-rules.sh

bench: all bench/simd12
	SHOPBELL_BUILD='$(abs_top_builddir)' SHOPBELL_SRCDIR='$(abs_top_srcdir)' bash $(srcdir)/bench/run-bench.sh
# What rules cost, from none to all of SigmaHQ's.
bench-rules: all
	SHOPBELL_BUILD='$(abs_top_builddir)' SHOPBELL_SRCDIR='$(abs_top_srcdir)' bash $(srcdir)/bench/run-bench-rules.sh
.PHONY: bench bench-rules
# How long correlation state takes at start, from the store into the engine.
EXTRA_PROGRAMS += bench/start
bench_start_SOURCES = bench/start.c
bench_start_LDADD = libdetect.a libsigma.a libstore.a libmodel.a libbase.a $(PCRE2_LIBS) $(SQLITE_LIBS) $(BASE_LIBS) -lm
CLEANFILES += bench/start

bench-start: bench/start
	bench/start
.PHONY: bench-start

# Hits a second through each kind of correlation, and memory a key.
EXTRA_PROGRAMS += bench/windows
bench_windows_SOURCES = bench/windows.c
bench_windows_LDADD = $(DETECT_LIBS)
CLEANFILES += bench/windows

bench-windows: bench/windows
	bench/windows
.PHONY: bench-windows

# From a line in a log to its alert in the store.
EXTRA_DIST += bench/latency.py
bench-latency: all
	SHOPBELL_SOURCES='$(abs_top_srcdir)/parsers/sources' python3 $(srcdir)/bench/latency.py '$(abs_top_builddir)/shopbelld'
.PHONY: bench-latency

# A hundred million records through one daemon: its memory must not grow.
EXTRA_DIST += bench/soak.py
soak: all
	SHOPBELL_SOURCES='$(abs_top_srcdir)/parsers/sources' python3 $(srcdir)/bench/soak.py '$(abs_top_builddir)/shopbelld'
.PHONY: soak

# A year of a small shop with a breach inside, for each of fifteen cases: caught or not, when, and what false alarms it costs.
# make bench-replay REPLAY='--seed 2 --every coupang_lite.bulk' plays less, or something else.
EXTRA_DIST += bench/replay
bench-replay: all
	SHOPBELL_SOURCES='$(abs_top_srcdir)/parsers/sources' python3 $(srcdir)/bench/replay/score.py --shopbell '$(abs_top_builddir)/shopbell' $(REPLAY)
.PHONY: bench-replay

# Bytes and records a second through each decoder.
EXTRA_PROGRAMS += bench/parse
bench_parse_SOURCES = bench/parse.c
nodist_EXTRA_bench_parse_SOURCES = dummy.cxx
bench_parse_LDADD = libinput.a $(PARSERS_LIBS) $(SYSTEMD_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS)
CLEANFILES += bench/parse

bench-parse: bench/parse
	SHOPBELL_SOURCES='$(abs_top_srcdir)/parsers/sources' bench/parse
.PHONY: bench-parse

# How the rule pack does on records of other people's tests (their shape: bench/exam/exam.py). Skips without SHOPBELL_SHARED.
# make exam EXAM='-v --theme login_anomaly' says what was missed.
EXTRA_DIST += bench/exam
exam: all
	@if [ -r "$$SHOPBELL_SHARED/data/exam-open.ndjson" ]; then \
	        SHOPBELL_SOURCES='$(abs_top_srcdir)/parsers/sources' SHOPBELL_RULES='$(abs_top_srcdir)/rules.d' python3 $(srcdir)/bench/exam/exam.py \
	                --shopbell '$(abs_top_builddir)/shopbell' $(EXAM) "$$SHOPBELL_SHARED/data/exam-open.ndjson"; \
	else echo 'skip exam: SHOPBELL_SHARED names no folder with it'; fi
.PHONY: exam
