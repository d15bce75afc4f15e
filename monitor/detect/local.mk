# The engine: rules linked and bound, windows, episodes, alerts.
noinst_LIBRARIES += libdetect.a
libdetect_a_SOURCES = \
	monitor/detect/describe.c monitor/detect/describe.h \
	monitor/detect/crowd.c \
	monitor/detect/days.c monitor/detect/days.h \
	monitor/detect/engine.c monitor/detect/engine.h monitor/detect/engine_impl.h \
	monitor/detect/episodes.c monitor/detect/episodes.h \
	monitor/detect/extract.c monitor/detect/extract.h \
	monitor/detect/filters.c monitor/detect/filters.h \
	monitor/detect/group_key.c \
	monitor/detect/group_hold.c \
	monitor/detect/groups.c monitor/detect/groups.h monitor/detect/groups_impl.h \
	monitor/detect/history.c monitor/detect/history.h \
	monitor/detect/history_kinds.c monitor/detect/history_kinds.h \
	monitor/detect/hits.c monitor/detect/hits.h \
	monitor/detect/inhibit.c monitor/detect/inhibit.h \
	monitor/detect/keep.c \
	monitor/detect/kind.c monitor/detect/kind.h \
	monitor/detect/link.c monitor/detect/link.h \
	monitor/detect/ledger.c monitor/detect/ledger.h \
	monitor/detect/lint.c monitor/detect/lint.h \
	monitor/detect/losses.c \
	monitor/detect/measure.c monitor/detect/measure.h \
	monitor/detect/parameters.c \
	monitor/detect/prints.c monitor/detect/prints.h \
	monitor/detect/program.c monitor/detect/program.h \
	monitor/detect/rhythm.c monitor/detect/rhythm.h \
	monitor/detect/rule_files.c monitor/detect/rule_files.h \
	monitor/detect/rules.h \
	monitor/detect/ruleset.c monitor/detect/ruleset.h \
	monitor/detect/settle.c \
	monitor/detect/sketch.c monitor/detect/sketch.h \
	monitor/detect/state.c monitor/detect/state.h \
	monitor/detect/state_merge.c \
	monitor/detect/state_write.c \
	monitor/detect/state_io.c monitor/detect/state_io.h \
	monitor/detect/tags.c monitor/detect/tags.h \
	monitor/detect/tally.c monitor/detect/tally.h \
	monitor/detect/tell.c monitor/detect/tell.h \
	monitor/detect/window.c monitor/detect/window.h \
	monitor/detect/words.c monitor/detect/words.h

DETECT_LIBS = libdetect.a libsigma.a libmodel.a libbase.a $(PCRE2_LIBS) $(BASE_LIBS) -lm

check_PROGRAMS += \
	tests/unit/test_detect_days \
	tests/unit/test_detect_engine \
	tests/unit/test_detect_filters \
	tests/unit/test_detect_history \
	tests/unit/test_detect_history_state \
	tests/unit/test_detect_keep \
	tests/unit/test_detect_losses \
	tests/unit/test_detect_order \
	tests/unit/test_detect_measure \
	tests/unit/test_detect_ruleset \
	tests/unit/test_detect_rhythm tests/unit/test_detect_sketch \
	tests/unit/test_detect_slow \
	tests/unit/test_detect_state \
	tests/unit/test_detect_tags \
	tests/unit/test_detect_tally \
	tests/unit/test_detect_window
tests_unit_test_detect_days_SOURCES = tests/unit/test_detect_days.c tests/unit/detect_window.h
tests_unit_test_detect_days_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_engine_SOURCES = tests/unit/test_detect_engine.c tests/unit/detect_record.h
tests_unit_test_detect_engine_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_filters_SOURCES = tests/unit/test_detect_filters.c tests/unit/detect_record.h
tests_unit_test_detect_filters_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_history_SOURCES = tests/unit/test_detect_history.c tests/unit/detect_record.h
tests_unit_test_detect_history_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_history_state_SOURCES = tests/unit/test_detect_history_state.c tests/unit/detect_window.h
tests_unit_test_detect_history_state_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_keep_SOURCES = tests/unit/test_detect_keep.c tests/unit/detect_record.h
tests_unit_test_detect_keep_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_losses_SOURCES = tests/unit/test_detect_losses.c tests/unit/detect_record.h
tests_unit_test_detect_losses_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_order_SOURCES = tests/unit/test_detect_order.c tests/unit/detect_oracle.h tests/unit/detect_record.h
tests_unit_test_detect_order_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_measure_SOURCES = tests/unit/test_detect_measure.c
tests_unit_test_detect_measure_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_ruleset_SOURCES = tests/unit/test_detect_ruleset.c tests/unit/detect_record.h
tests_unit_test_detect_ruleset_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_rhythm_SOURCES = tests/unit/test_detect_rhythm.c
tests_unit_test_detect_rhythm_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_sketch_SOURCES = tests/unit/test_detect_sketch.c
tests_unit_test_detect_sketch_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_slow_SOURCES = tests/unit/test_detect_slow.c tests/unit/detect_record.h
tests_unit_test_detect_slow_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_state_SOURCES = tests/unit/test_detect_state.c tests/unit/detect_window.h
tests_unit_test_detect_state_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_tags_SOURCES = tests/unit/test_detect_tags.c
tests_unit_test_detect_tags_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_tally_SOURCES = tests/unit/test_detect_tally.c
tests_unit_test_detect_tally_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
tests_unit_test_detect_window_SOURCES = tests/unit/test_detect_window.c tests/unit/detect_window.h
tests_unit_test_detect_window_LDADD = $(DETECT_LIBS) $(CRITERION_LIBS)
