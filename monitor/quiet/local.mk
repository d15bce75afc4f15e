# Few false alarms: what keeps alerts from ringing, and what many small ones say of one person.
noinst_LIBRARIES += libquiet.a
libquiet_a_SOURCES = \
	monitor/quiet/judge.c monitor/quiet/judge.h \
	monitor/quiet/order.c monitor/quiet/order.h \
	monitor/quiet/risk.c monitor/quiet/risk.h \
	monitor/quiet/watch.c monitor/quiet/watch.h

check_PROGRAMS += tests/unit/test_quiet_answer tests/unit/test_quiet_judge tests/unit/test_quiet_risk
tests_unit_test_quiet_answer_SOURCES = tests/unit/test_quiet_answer.c
tests_unit_test_quiet_answer_LDADD = libquiet.a libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS) -lm
tests_unit_test_quiet_judge_SOURCES = tests/unit/test_quiet_judge.c
tests_unit_test_quiet_judge_LDADD = libquiet.a libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS) -lm
tests_unit_test_quiet_risk_SOURCES = tests/unit/test_quiet_risk.c
tests_unit_test_quiet_risk_LDADD = libquiet.a libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS) -lm
