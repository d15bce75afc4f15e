# What is told besides alerts: who is behind what, and what is left open.
noinst_LIBRARIES += libreport.a
libreport_a_SOURCES = \
	monitor/report/accounts.c monitor/report/accounts.h \
	monitor/report/census.c monitor/report/census.h \
	monitor/report/posture.c monitor/report/posture.h \
	monitor/report/suggest.c monitor/report/suggest.h



check_PROGRAMS += tests/unit/test_report_census tests/unit/test_report_posture
tests_unit_test_report_posture_SOURCES = tests/unit/test_report_posture.c
tests_unit_test_report_posture_LDADD = libreport.a $(ENRICH_LIBS) $(CRITERION_LIBS)
tests_unit_test_report_census_SOURCES = tests/unit/test_report_census.c
tests_unit_test_report_census_LDADD = libreport.a libstore.a $(ENRICH_LIBS) $(SQLITE_LIBS) $(CRITERION_LIBS)
