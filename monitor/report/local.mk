# What is told besides alerts: who is behind what, and what is left open.
noinst_LIBRARIES += libreport.a
libreport_a_SOURCES = \
	monitor/report/accounts.c monitor/report/accounts.h \
	monitor/report/census.c monitor/report/census.h \
	monitor/report/digest.c \
	monitor/report/gather.c monitor/report/gather.h \
	monitor/report/html.c monitor/report/html.h \
	monitor/report/page.c monitor/report/page.h monitor/report/page_write.h \
	monitor/report/page_alerts.c \
	monitor/report/page_logs.c \
	monitor/report/page_people.c \
	monitor/report/posture.c monitor/report/posture.h \
	monitor/report/reach.c monitor/report/reach.h \
	monitor/report/readiness.c monitor/report/readiness.h \
	monitor/report/suggest.c monitor/report/suggest.h \
	monitor/report/svg.c monitor/report/svg.h \
	monitor/report/when.c monitor/report/when.h
nodist_libreport_a_SOURCES = monitor/report/page_css.h
EXTRA_DIST += monitor/report/page.css
BUILT_SOURCES += monitor/report/page_css.h
CLEANFILES += monitor/report/page_css.h

monitor/report/page_css.h: $(top_srcdir)/monitor/report/page.css $(top_srcdir)/monitor/store/embed.sh
	$(AM_V_GEN)$(MKDIR_P) monitor/report && sh $(top_srcdir)/monitor/store/embed.sh $(top_srcdir)/monitor/report/page.css page_css >$@.tmp && mv $@.tmp $@

check_PROGRAMS += tests/unit/test_report_census tests/unit/test_report_page tests/unit/test_report_posture tests/unit/test_report_readiness
tests_unit_test_report_readiness_SOURCES = tests/unit/test_report_readiness.c
tests_unit_test_report_readiness_LDADD = libreport.a $(ENRICH_LIBS) $(CRITERION_LIBS)
tests_unit_test_report_page_SOURCES = tests/unit/test_report_page.c
tests_unit_test_report_page_LDADD = libreport.a libstore.a $(ENRICH_LIBS) $(SQLITE_LIBS) $(CRITERION_LIBS)
tests_unit_test_report_posture_SOURCES = tests/unit/test_report_posture.c
tests_unit_test_report_posture_LDADD = libreport.a $(ENRICH_LIBS) $(CRITERION_LIBS)
tests_unit_test_report_census_SOURCES = tests/unit/test_report_census.c
tests_unit_test_report_census_LDADD = libreport.a libstore.a $(ENRICH_LIBS) $(SQLITE_LIBS) $(CRITERION_LIBS)
