# What must survive: SQLite, and nobody else sees it.
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	monitor/store/case.c monitor/store/case.h \
	monitor/store/census.c monitor/store/census.h \
	monitor/store/chain.c monitor/store/chain.h \
	monitor/store/copy.c monitor/store/copy.h \
	monitor/store/db.c monitor/store/db.h \
	monitor/store/events.c monitor/store/events.h \
	monitor/store/exports.c monitor/store/exports.h \
	monitor/store/heads.c \
	monitor/store/figures.c monitor/store/figures.h \
	monitor/store/heard.c monitor/store/heard.h \
	monitor/store/kept.c monitor/store/kept.h \
	monitor/store/notice.c monitor/store/notice.h \
	monitor/store/query.c monitor/store/query.h \
	monitor/store/quiet.c monitor/store/quiet.h \
	monitor/store/retire.c monitor/store/retire.h \
	monitor/store/silence.c \
	monitor/store/store.c monitor/store/store.h \
	monitor/store/summary.c monitor/store/summary.h \
	monitor/store/verify.c monitor/store/verify.h \
	monitor/store/verify_impl.h \
	monitor/store/verify_things.c \
	monitor/store/within.c
nodist_libstore_a_SOURCES = monitor/store/schema_sql.h
EXTRA_DIST += monitor/store/schema.sql monitor/store/embed.sh
BUILT_SOURCES = monitor/store/schema_sql.h
CLEANFILES += monitor/store/schema_sql.h

monitor/store/schema_sql.h: $(top_srcdir)/monitor/store/schema.sql $(top_srcdir)/monitor/store/embed.sh
	$(AM_V_GEN)$(MKDIR_P) monitor/store && sh $(top_srcdir)/monitor/store/embed.sh $(top_srcdir)/monitor/store/schema.sql schema_sql >$@.tmp && mv $@.tmp $@

check_PROGRAMS += tests/unit/test_store_notice tests/unit/test_store_store
tests_unit_test_store_notice_SOURCES = tests/unit/test_store_notice.c
tests_unit_test_store_notice_LDADD = libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS)
tests_unit_test_store_store_SOURCES = tests/unit/test_store_store.c
tests_unit_test_store_store_LDADD = libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_store_case
tests_unit_test_store_case_SOURCES = tests/unit/test_store_case.c
tests_unit_test_store_case_LDADD = libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_store_chain
tests_unit_test_store_chain_SOURCES = tests/unit/test_store_chain.c
tests_unit_test_store_chain_LDADD = libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS)
