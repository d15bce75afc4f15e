# Cases and the clocks of laws.
noinst_LIBRARIES += libcases.a
libcases_a_SOURCES = \
	monitor/cases/case.c monitor/cases/case.h \
	monitor/cases/content.c monitor/cases/content.h \
	monitor/cases/deadline.h \
	monitor/cases/event.c monitor/cases/event.h \
	monitor/cases/facts.h \
	monitor/cases/field.c monitor/cases/field.h \
	monitor/cases/headcount.c monitor/cases/headcount.h \
	monitor/cases/nation.c monitor/cases/nation.h monitor/cases/nation_names.h \
	monitor/cases/reached.c monitor/cases/reached.h \
	monitor/cases/regime.h \
	monitor/cases/roster.c monitor/cases/roster.h

check_PROGRAMS += tests/unit/test_cases_case
tests_unit_test_cases_case_SOURCES = tests/unit/test_cases_case.c
tests_unit_test_cases_case_LDADD = libcases.a libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_cases_field
tests_unit_test_cases_field_SOURCES = tests/unit/test_cases_field.c
tests_unit_test_cases_field_LDADD = libcases.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)

check_PROGRAMS += tests/unit/test_cases_roster
tests_unit_test_cases_roster_SOURCES = tests/unit/test_cases_roster.c
tests_unit_test_cases_roster_LDADD = libcases.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)

check_PROGRAMS += tests/unit/test_cases_reached
tests_unit_test_cases_reached_SOURCES = tests/unit/test_cases_reached.c
tests_unit_test_cases_reached_LDADD = libcases.a libmodel.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
