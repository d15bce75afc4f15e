# What every room knows: fields, records, classes, alerts, counters.
noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	monitor/model/account.c monitor/model/account.h \
	monitor/model/alert.h \
	monitor/model/class.c monitor/model/class.h \
	monitor/model/counter.c monitor/model/counter.h \
	monitor/model/ecs.c monitor/model/ecs.h \
	monitor/model/list.h \
	monitor/model/logsource.c monitor/model/logsource.h \
	monitor/model/record.c monitor/model/record.h \
	monitor/model/render.c monitor/model/render.h

check_PROGRAMS += tests/unit/test_model_record tests/unit/test_model_render tests/unit/test_model_tables
tests_unit_test_model_record_SOURCES = tests/unit/test_model_record.c
tests_unit_test_model_record_LDADD = libmodel.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
tests_unit_test_model_render_SOURCES = tests/unit/test_model_render.c
tests_unit_test_model_render_LDADD = libmodel.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
tests_unit_test_model_tables_SOURCES = tests/unit/test_model_tables.c
tests_unit_test_model_tables_LDADD = libmodel.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
