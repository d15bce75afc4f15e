# Where raws come from: files, growing files, spools, the journal.
noinst_LIBRARIES += libinput.a
libinput_a_SOURCES = \
	monitor/input/bytes.c monitor/input/bytes.h \
	monitor/input/files.c monitor/input/files.h \
	monitor/input/follow.c monitor/input/follow.h \
	monitor/input/frame.c monitor/input/frame.h \
	monitor/input/input.c monitor/input/input.h \
	monitor/input/journal.c monitor/input/journal.h \
	monitor/input/journal_find.c monitor/input/journal_find.h \
	monitor/input/kind.c monitor/input/kind.h \
	monitor/input/list.c monitor/input/list.h \
	monitor/input/maildir.c monitor/input/maildir.h \
	monitor/input/mbox.c monitor/input/mbox.h \
	monitor/input/position.c monitor/input/position.h \
	monitor/input/reader.c monitor/input/reader.h \
	monitor/input/rotate.c monitor/input/rotate.h \
	monitor/input/scan.c monitor/input/scan.h \
	monitor/input/spool.c monitor/input/spool.h \
	monitor/input/tail.c monitor/input/tail.h \
	monitor/input/walk.c monitor/input/walk.h \
	monitor/input/watch.c monitor/input/watch.h

INPUT_TESTS_LDADD = libinput.a libmodel.a libbase.a $(SYSTEMD_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS) $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += \
	tests/unit/test_input_bytes tests/unit/test_input_files tests/unit/test_input_frame \
	tests/unit/test_input_journal tests/unit/test_input_mail tests/unit/test_input_spool tests/unit/test_input_tail
tests_unit_test_input_bytes_SOURCES = tests/unit/test_input_bytes.c tests/unit/input_util.h
tests_unit_test_input_bytes_LDADD = $(INPUT_TESTS_LDADD)
tests_unit_test_input_files_SOURCES = tests/unit/test_input_files.c tests/unit/input_util.h
tests_unit_test_input_files_LDADD = $(INPUT_TESTS_LDADD)
tests_unit_test_input_frame_SOURCES = tests/unit/test_input_frame.c
tests_unit_test_input_frame_LDADD = $(INPUT_TESTS_LDADD)
tests_unit_test_input_journal_SOURCES = tests/unit/test_input_journal.c tests/unit/input_util.h
tests_unit_test_input_journal_LDADD = $(INPUT_TESTS_LDADD)
tests_unit_test_input_mail_SOURCES = tests/unit/test_input_mail.c tests/unit/input_util.h tests/unit/readdir_util.h
tests_unit_test_input_mail_LDADD = $(INPUT_TESTS_LDADD)
tests_unit_test_input_spool_SOURCES = tests/unit/test_input_spool.c tests/unit/input_util.h tests/unit/readdir_util.h
tests_unit_test_input_spool_LDADD = $(INPUT_TESTS_LDADD)
tests_unit_test_input_tail_SOURCES = tests/unit/test_input_tail.c tests/unit/input_util.h
tests_unit_test_input_tail_LDADD = $(INPUT_TESTS_LDADD)
