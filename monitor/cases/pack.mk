# Evidence packs.
libcases_a_SOURCES += \
	monitor/cases/pack.c monitor/cases/pack.h monitor/cases/pack_impl.h \
	monitor/cases/pack_check.c \
	monitor/cases/pack_clocks.c \
	monitor/cases/pack_drafts.c \
	monitor/cases/pack_forms.c \
	monitor/cases/pack_page.c \
	monitor/cases/pack_proved.c \
	monitor/cases/pack_time.c

check_PROGRAMS += tests/unit/test_cases_pack
tests_unit_test_cases_pack_SOURCES = tests/unit/test_cases_pack.c
tests_unit_test_cases_pack_LDADD = libcases.a libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(BASE_LIBS) $(CRITERION_LIBS)
