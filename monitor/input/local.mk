# Where raws come from: files, growing files, spools, the journal.
noinst_LIBRARIES += libinput.a
libinput_a_SOURCES = \
	monitor/input/bytes.c monitor/input/bytes.h \
	monitor/input/files.c \
	monitor/input/folder.c monitor/input/folder.h \
	monitor/input/follow.c \
	monitor/input/frame.c monitor/input/frame.h \
	monitor/input/input.c monitor/input/input.h \
	monitor/input/journal.c \
	monitor/input/kind.c monitor/input/kind.h \
	monitor/input/position.c monitor/input/position.h \
	monitor/input/reader.c monitor/input/reader.h
