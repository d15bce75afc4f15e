# The engine: rules linked and bound, windows, episodes.
noinst_LIBRARIES += libdetect.a
libdetect_a_SOURCES = \
	monitor/detect/engine.c monitor/detect/engine.h \
	monitor/detect/kind.c monitor/detect/kind.h \
	monitor/detect/link.c monitor/detect/rules.h \
	monitor/detect/ruleset.c monitor/detect/ruleset.h \
	monitor/detect/state.c monitor/detect/state.h \
	monitor/detect/window.c monitor/detect/window.h
