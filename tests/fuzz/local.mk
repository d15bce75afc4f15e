# Fuzz targets. tests/fuzz/replay_X runs files through fuzz_X.c with any compiler; ./check does so with tests/fuzz/corpus/X.
# `make fuzz` builds fuzz_X with clang and libFuzzer in a folder of its own, fuzzing/ of the build folder, and searches with
# each for FUZZ_SECONDS; what it finds stays there. To add one: its name here, fuzz_X.c, three lines below, a corpus.
FUZZERS = json lines mail rules condition match archive zone regime
FUZZ_SECONDS = 60
FUZZ_FLAGS = -max_len=4096 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1

EXTRA_PROGRAMS += \
	tests/fuzz/replay_json tests/fuzz/fuzz_json \
	tests/fuzz/replay_lines tests/fuzz/fuzz_lines \
	tests/fuzz/replay_mail tests/fuzz/fuzz_mail \
	tests/fuzz/replay_rules tests/fuzz/fuzz_rules \
	tests/fuzz/replay_condition tests/fuzz/fuzz_condition \
	tests/fuzz/replay_match tests/fuzz/fuzz_match \
	tests/fuzz/replay_archive tests/fuzz/fuzz_archive \
	tests/fuzz/replay_zone tests/fuzz/fuzz_zone \
	tests/fuzz/replay_regime tests/fuzz/fuzz_regime
CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/sigma.dict

FUZZER_LINKING = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_replay_json_SOURCES = tests/fuzz/fuzz_json.c tests/fuzz/onefile.c
nodist_EXTRA_tests_fuzz_replay_json_SOURCES = dummy.cxx
tests_fuzz_replay_json_LDADD = $(PARSERS_LIBS)
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c
nodist_EXTRA_tests_fuzz_fuzz_json_SOURCES = dummy.cxx
tests_fuzz_fuzz_json_LDADD = $(PARSERS_LIBS)
tests_fuzz_fuzz_json_LDFLAGS = $(FUZZER_LINKING)

tests_fuzz_replay_lines_SOURCES = tests/fuzz/fuzz_lines.c tests/fuzz/onefile.c
nodist_EXTRA_tests_fuzz_replay_lines_SOURCES = dummy.cxx
tests_fuzz_replay_lines_LDADD = libinput.a $(PARSERS_LIBS)
tests_fuzz_fuzz_lines_SOURCES = tests/fuzz/fuzz_lines.c
nodist_EXTRA_tests_fuzz_fuzz_lines_SOURCES = dummy.cxx
tests_fuzz_fuzz_lines_LDADD = libinput.a $(PARSERS_LIBS)
tests_fuzz_fuzz_lines_LDFLAGS = $(FUZZER_LINKING)

tests_fuzz_replay_mail_SOURCES = tests/fuzz/fuzz_mail.c tests/fuzz/onefile.c
nodist_EXTRA_tests_fuzz_replay_mail_SOURCES = dummy.cxx
tests_fuzz_replay_mail_LDADD = libinput.a $(PARSERS_LIBS)
tests_fuzz_fuzz_mail_SOURCES = tests/fuzz/fuzz_mail.c
nodist_EXTRA_tests_fuzz_fuzz_mail_SOURCES = dummy.cxx
tests_fuzz_fuzz_mail_LDADD = libinput.a $(PARSERS_LIBS)
tests_fuzz_fuzz_mail_LDFLAGS = $(FUZZER_LINKING)

tests_fuzz_replay_rules_SOURCES = tests/fuzz/fuzz_rules.c tests/fuzz/onefile.c tests/fuzz/sigma_rig.h
tests_fuzz_replay_rules_LDADD = $(SIGMA_LIBS)
tests_fuzz_fuzz_rules_SOURCES = tests/fuzz/fuzz_rules.c tests/fuzz/sigma_rig.h
tests_fuzz_fuzz_rules_LDADD = $(SIGMA_LIBS)
tests_fuzz_fuzz_rules_LDFLAGS = $(FUZZER_LINKING)

tests_fuzz_replay_archive_SOURCES = tests/fuzz/fuzz_archive.c tests/fuzz/onefile.c
tests_fuzz_replay_archive_LDADD = libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_archive_SOURCES = tests/fuzz/fuzz_archive.c
tests_fuzz_fuzz_archive_LDADD = libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_archive_LDFLAGS = $(FUZZER_LINKING)

tests_fuzz_replay_condition_SOURCES = tests/fuzz/fuzz_condition.c tests/fuzz/onefile.c tests/fuzz/sigma_rig.h
tests_fuzz_replay_condition_LDADD = $(SIGMA_LIBS)
tests_fuzz_fuzz_condition_SOURCES = tests/fuzz/fuzz_condition.c tests/fuzz/sigma_rig.h
tests_fuzz_fuzz_condition_LDADD = $(SIGMA_LIBS)
tests_fuzz_fuzz_condition_LDFLAGS = $(FUZZER_LINKING)

tests_fuzz_replay_match_SOURCES = tests/fuzz/fuzz_match.c tests/fuzz/onefile.c tests/fuzz/sigma_rig.h
tests_fuzz_replay_match_LDADD = $(SIGMA_LIBS)
tests_fuzz_fuzz_match_SOURCES = tests/fuzz/fuzz_match.c tests/fuzz/sigma_rig.h
tests_fuzz_fuzz_match_LDADD = $(SIGMA_LIBS)
tests_fuzz_fuzz_match_LDFLAGS = $(FUZZER_LINKING)

tests_fuzz_replay_zone_SOURCES = tests/fuzz/fuzz_zone.c tests/fuzz/onefile.c
tests_fuzz_replay_zone_LDADD = libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_zone_SOURCES = tests/fuzz/fuzz_zone.c
tests_fuzz_fuzz_zone_LDADD = libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_zone_LDFLAGS = $(FUZZER_LINKING)

tests_fuzz_replay_regime_SOURCES = tests/fuzz/fuzz_regime.c tests/fuzz/onefile.c
tests_fuzz_replay_regime_LDADD = libcases.a libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_regime_SOURCES = tests/fuzz/fuzz_regime.c
tests_fuzz_fuzz_regime_LDADD = libcases.a libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_regime_LDFLAGS = $(FUZZER_LINKING)

list-fuzzers:
	@printf '%s\n' $(FUZZERS)
build-fuzz: $(BUILT_SOURCES)
	$(MAKE) $(AM_MAKEFLAGS) $(FUZZERS:%=tests/fuzz/fuzz_%)
build-replay: $(BUILT_SOURCES)
	$(MAKE) $(AM_MAKEFLAGS) $(FUZZERS:%=tests/fuzz/replay_%)

# What is known to be hard, once through, with the compiler at hand.
replay: build-replay
	@for name in $(FUZZERS); do \
		./tests/fuzz/replay_$$name $(srcdir)/tests/fuzz/corpus/$$name/* || exit 1; \
	done
check-local: replay

fuzzing/Makefile:
	$(MKDIR_P) fuzzing
	cd fuzzing && '$(abs_top_srcdir)/configure' -q --enable-asan --enable-ubsan CC=clang CXX=clang++ \
		CFLAGS='-g -O1 -fsanitize=fuzzer-no-link' CXXFLAGS='-g -O1 -fsanitize=fuzzer-no-link'

fuzz: fuzzing/Makefile
	$(MAKE) -C fuzzing build-fuzz
	cd fuzzing && for name in $(FUZZERS); do \
		$(MKDIR_P) found/$$name && \
		./tests/fuzz/fuzz_$$name -max_total_time=$(FUZZ_SECONDS) $(FUZZ_FLAGS) -artifact_prefix=found/$$name- \
			-dict='$(abs_top_srcdir)/tests/fuzz/sigma.dict' found/$$name '$(abs_top_srcdir)'/tests/fuzz/corpus/$$name || exit 1; \
	done
.PHONY: list-fuzzers build-fuzz build-replay replay fuzz
