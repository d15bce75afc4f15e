# The hall: the only place that knows all rooms, and the service.
noinst_LIBRARIES += libhall.a
libhall_a_SOURCES = \
	monitor/batch.c monitor/batch.h \
	monitor/bells.c monitor/bells.h \
	monitor/bus.c monitor/bus.h \
	monitor/census_put.c monitor/census_put.h \
	monitor/changes.c monitor/changes.h \
	monitor/config.c monitor/config.h \
	monitor/config_files.c monitor/config_files.h \
	monitor/control.c monitor/control.h \
	monitor/heard.c monitor/heard.h \
	monitor/inputs.c monitor/inputs.h \
	monitor/loop.c monitor/loop.h \
	monitor/orders.c monitor/orders.h \
	monitor/meter.c monitor/meter.h \
	monitor/notices.c monitor/notices.h \
	monitor/reminders.c monitor/reminders.h \
	monitor/pending.c monitor/pending.h \
	monitor/pipeline.c monitor/pipeline.h monitor/pipeline_impl.h \
	monitor/pipeline_retire.c \
	monitor/pipeline_swap.c \
	monitor/pool.c monitor/pool.h \
	monitor/pressure.c monitor/pressure.h \
	monitor/pseudonym.c monitor/pseudonym.h \
	monitor/reload.c monitor/reload.h \
	monitor/sealing.c monitor/sealing.h \
	monitor/setup.c monitor/setup.h \
	monitor/status.c monitor/status.h \
	monitor/witness.c monitor/witness.h

ALL_ROOMS = libhall.a libnotify_room.a libcases.a libquiet.a libreport.a libdetect.a libparsers.a libsigma.a libstore.a libinput.a libenrich.a libmodel.a libbase.a
ALL_ROOM_LIBS = $(PCRE2_LIBS) $(SIMDJSON_LIBS) $(SQLITE_LIBS) $(SYSTEMD_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS) $(MAXMINDDB_LIBS) $(BASE_LIBS)

bin_PROGRAMS += shopbelld
shopbelld_SOURCES = monitor/main.c
# libparsers.a holds C++ (the simdjson door): an unused C++ source makes automake link with the C++ linker.
nodist_EXTRA_shopbelld_SOURCES = dummy.cxx
shopbelld_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS)

tests_unit_test_hall_meter_SOURCES = tests/unit/test_hall_meter.c
tests_unit_test_hall_meter_LDADD = libhall.a libmodel.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_hall_meter tests/unit/test_hall_changes tests/unit/test_hall_config tests/unit/test_hall_control \
	tests/unit/test_hall_pending tests/unit/test_hall_pipeline tests/unit/test_hall_pool tests/unit/test_hall_pressure tests/unit/test_hall_status \
	tests/unit/test_hall_notices tests/unit/test_hall_reminders tests/unit/test_hall_silence
tests_unit_test_hall_pool_SOURCES = tests/unit/test_hall_pool.c
nodist_EXTRA_tests_unit_test_hall_pool_SOURCES = dummy.cxx
tests_unit_test_hall_pool_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_test_hall_pipeline_SOURCES = tests/unit/test_hall_pipeline.c
nodist_EXTRA_tests_unit_test_hall_pipeline_SOURCES = dummy.cxx
tests_unit_test_hall_pipeline_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_test_hall_reminders_SOURCES = tests/unit/test_hall_reminders.c
nodist_EXTRA_tests_unit_test_hall_reminders_SOURCES = dummy.cxx
tests_unit_test_hall_reminders_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_test_hall_notices_SOURCES = tests/unit/test_hall_notices.c
nodist_EXTRA_tests_unit_test_hall_notices_SOURCES = dummy.cxx
tests_unit_test_hall_notices_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_test_hall_silence_SOURCES = tests/unit/test_hall_silence.c
nodist_EXTRA_tests_unit_test_hall_silence_SOURCES = dummy.cxx
tests_unit_test_hall_silence_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_test_hall_changes_SOURCES = tests/unit/test_hall_changes.c
nodist_EXTRA_tests_unit_test_hall_changes_SOURCES = dummy.cxx
tests_unit_test_hall_changes_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_test_hall_control_SOURCES = tests/unit/test_hall_control.c
nodist_EXTRA_tests_unit_test_hall_control_SOURCES = dummy.cxx
tests_unit_test_hall_control_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_test_hall_config_SOURCES = tests/unit/test_hall_config.c
nodist_EXTRA_tests_unit_test_hall_config_SOURCES = dummy.cxx
tests_unit_test_hall_config_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_test_hall_pending_SOURCES = tests/unit/test_hall_pending.c
nodist_EXTRA_tests_unit_test_hall_pending_SOURCES = dummy.cxx
tests_unit_test_hall_pending_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_test_hall_status_SOURCES = tests/unit/test_hall_status.c
nodist_EXTRA_tests_unit_test_hall_status_SOURCES = dummy.cxx
tests_unit_test_hall_status_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_test_hall_pressure_SOURCES = tests/unit/test_hall_pressure.c
nodist_EXTRA_tests_unit_test_hall_pressure_SOURCES = dummy.cxx
tests_unit_test_hall_pressure_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_hall_witness
tests_unit_test_hall_witness_SOURCES = tests/unit/test_hall_witness.c
nodist_EXTRA_tests_unit_test_hall_witness_SOURCES = dummy.cxx
tests_unit_test_hall_witness_LDADD = $(ALL_ROOMS) $(ALL_ROOM_LIBS) $(CRITERION_LIBS)
