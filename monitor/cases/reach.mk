# Who was reached.
libcases_a_SOURCES += \
	monitor/cases/headcount.c monitor/cases/headcount.h \
	monitor/cases/nation.c monitor/cases/nation.h monitor/cases/nation_names.h \
	monitor/cases/reached.c monitor/cases/reached.h \
	monitor/cases/roster.c monitor/cases/roster.h

check_PROGRAMS += tests/unit/test_cases_roster tests/unit/test_cases_reached
tests_unit_test_cases_roster_SOURCES = tests/unit/test_cases_roster.c
tests_unit_test_cases_roster_LDADD = libcases.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
tests_unit_test_cases_reached_SOURCES = tests/unit/test_cases_reached.c
tests_unit_test_cases_reached_LDADD = libcases.a libmodel.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
