# The engine: rules linked and bound, windows, episodes.
noinst_LIBRARIES += libdetect.a
libdetect_a_SOURCES = \
	monitor/detect/engine.c monitor/detect/engine.h \
	monitor/detect/kind.c monitor/detect/kind.h \
	monitor/detect/link.c monitor/detect/rules.h \
	monitor/detect/ruleset.c monitor/detect/ruleset.h \
	monitor/detect/state.c monitor/detect/state.h \
	monitor/detect/window.c monitor/detect/window.h

check_PROGRAMS += tests/unit/test_detect_window
tests_unit_test_detect_window_SOURCES = tests/unit/test_detect_window.c
tests_unit_test_detect_window_LDADD = libdetect.a libsigma.a libmodel.a libbase.a $(PCRE2_LIBS) $(BASE_LIBS) $(CRITERION_LIBS)
