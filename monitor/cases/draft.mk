# Drafts of notices and their wording.
libcases_a_SOURCES += \
	monitor/cases/draft.c monitor/cases/draft.h \
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
