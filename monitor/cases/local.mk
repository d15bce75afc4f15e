# Cases and the clocks of laws.
noinst_LIBRARIES += libcases.a
libcases_a_SOURCES = \
	monitor/cases/case.c monitor/cases/case.h \
	monitor/cases/case_clock.c \
	monitor/cases/content.c monitor/cases/content.h \
	monitor/cases/deadline.c monitor/cases/deadline.h \
	monitor/cases/deadline_why.c monitor/cases/deadline_why.h \
	monitor/cases/drill.c monitor/cases/drill.h \
	monitor/cases/event.c monitor/cases/event.h \
	monitor/cases/expr.c monitor/cases/expr.h \
	monitor/cases/facts.c monitor/cases/facts.h \
	monitor/cases/field.c monitor/cases/field.h \
	monitor/cases/holidays.c monitor/cases/holidays.h \
	monitor/cases/lacks.c monitor/cases/lacks.h \
	monitor/cases/order.c monitor/cases/order.h monitor/cases/order_impl.h monitor/cases/order_open.c \
	monitor/cases/regime.c monitor/cases/regime.h \
	monitor/cases/regime_duty.c \
	monitor/cases/regime_read.c monitor/cases/regime_read.h \
	monitor/cases/remind.c monitor/cases/remind.h

check_PROGRAMS += tests/unit/test_cases_case
tests_unit_test_cases_case_SOURCES = tests/unit/test_cases_case.c
tests_unit_test_cases_case_LDADD = libcases.a libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_cases_field
tests_unit_test_cases_field_SOURCES = tests/unit/test_cases_field.c
tests_unit_test_cases_field_LDADD = libcases.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_cases_drill
tests_unit_test_cases_drill_SOURCES = tests/unit/test_cases_drill.c
tests_unit_test_cases_drill_LDADD = libcases.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_cases_facts
tests_unit_test_cases_facts_SOURCES = tests/unit/test_cases_facts.c
tests_unit_test_cases_facts_LDADD = libcases.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_cases_regime
tests_unit_test_cases_regime_SOURCES = tests/unit/test_cases_regime.c
tests_unit_test_cases_regime_LDADD = libcases.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_cases_deadline
tests_unit_test_cases_deadline_SOURCES = tests/unit/test_cases_deadline.c
tests_unit_test_cases_deadline_LDADD = libcases.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_cases_lacks
tests_unit_test_cases_lacks_SOURCES = tests/unit/test_cases_lacks.c
tests_unit_test_cases_lacks_LDADD = libcases.a libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_cases_order
tests_unit_test_cases_order_SOURCES = tests/unit/test_cases_order.c
tests_unit_test_cases_order_LDADD = libcases.a libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_cases_remind
tests_unit_test_cases_remind_SOURCES = tests/unit/test_cases_remind.c
tests_unit_test_cases_remind_LDADD = libcases.a libmodel.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)

check_PROGRAMS += tests/unit/test_cases_laws
tests_unit_test_cases_laws_SOURCES = tests/unit/test_cases_laws.c
tests_unit_test_cases_laws_LDADD = libcases.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_cases_clock
tests_unit_test_cases_clock_SOURCES = tests/unit/test_cases_clock.c
tests_unit_test_cases_clock_LDADD = libcases.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
EXTRA_DIST += tests/cases/clock.csv tests/dev/make-clock-table
