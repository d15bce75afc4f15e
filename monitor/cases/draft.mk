# Drafts of notices and their wording.
libcases_a_SOURCES += \
	monitor/cases/draft.c monitor/cases/draft.h \
	monitor/cases/draft_count.c \
	monitor/cases/draft_fill.c monitor/cases/draft_make.h \
	monitor/cases/draft_format.c \
	monitor/cases/draft_html.c monitor/cases/draft_head.h \
	monitor/cases/draft_sms.c monitor/cases/draft_sms.h \
	monitor/cases/draft_text.c \
	monitor/cases/draft_value.c \
	monitor/cases/template.c monitor/cases/template.h \
	monitor/cases/template_keys.c monitor/cases/template_keys.h

DRAFT_TEST_LIBS = libcases.a libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_cases_template
tests_unit_test_cases_template_SOURCES = tests/unit/test_cases_template.c
tests_unit_test_cases_template_LDADD = $(DRAFT_TEST_LIBS)
check_PROGRAMS += tests/unit/test_cases_golden
tests_unit_test_cases_golden_SOURCES = tests/unit/test_cases_golden.c tests/unit/drafts_util.h
tests_unit_test_cases_golden_LDADD = $(DRAFT_TEST_LIBS)
EXTRA_DIST += tests/drafts

# The drafts that tests compare with, after templates or laws have changed: read the difference before it is committed.
golden-drafts: tests/unit/test_cases_golden$(EXEEXT)
	$(MKDIR_P) $(srcdir)/tests/drafts
	SHOPBELL_GOLDEN_UPDATE=1 SHOPBELL_SRCDIR='$(abs_top_srcdir)' tests/unit/test_cases_golden
.PHONY: golden-drafts
check_PROGRAMS += tests/unit/test_cases_draft
tests_unit_test_cases_draft_SOURCES = tests/unit/test_cases_draft.c tests/unit/drafts_util.h
tests_unit_test_cases_draft_LDADD = $(DRAFT_TEST_LIBS)
