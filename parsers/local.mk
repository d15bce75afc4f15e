# parsers/local.mk

# libsimdjson is C++, so everything that links libparsers.a must be linked by the C++ compiler. Automake does so for a
# program that has a C++ source; the dummy below is never built, it only tells automake that:
#     nodist_EXTRA_PROGRAM_SOURCES = dummy.cxx
noinst_LIBRARIES += libparsers.a
libparsers_a_SOURCES = \
	parsers/address.c parsers/address.h \
	parsers/charset.c parsers/charset.h \
	parsers/coverage.c \
	parsers/csv_layout.c parsers/csv_layout.h \
	parsers/decode_cef.c \
	parsers/decode_csv.c \
	parsers/decode_json.c \
	parsers/decode_keyvalue.c \
	parsers/decode_leef.c \
	parsers/decode_mail.c \
	parsers/decode_regex.c \
	parsers/decoder.c parsers/decoder.h \
	parsers/derive.c parsers/derive.h \
	parsers/draft.c parsers/draft.h parsers/draft_impl.h \
	parsers/draft_classes.c \
	parsers/draft_fields.c \
	parsers/draft_json.c \
	parsers/draft_lines.c \
	parsers/draft_patterns.c \
	parsers/draft_stats.c \
	parsers/draft_text.c parsers/draft_text.h \
	parsers/draft_write.c \
	parsers/explain.c parsers/explain.h \
	parsers/flat.c parsers/flat.h \
	parsers/json.h \
	parsers/json_mark.c \
	parsers/json_plan.c parsers/json_plan.h \
	parsers/json_read.c \
	parsers/json_simd.cc parsers/json_simd.h \
	parsers/json_text.c parsers/json_text.h \
	parsers/json_tree.c parsers/json_tree.h \
	parsers/json_walk.c parsers/json_walk.h \
	parsers/like.c \
	parsers/lines.c parsers/lines.h \
	parsers/list.c parsers/list.h \
	parsers/list_compare.c \
	parsers/load.c \
	parsers/mail_auth.c parsers/mail_auth.h \
	parsers/mail_draft.c parsers/mail_draft.h \
	parsers/mime.c parsers/mime.h parsers/mime_impl.h \
	parsers/mime_address.c \
	parsers/mime_decode.c parsers/mime_decode.h \
	parsers/mime_header.c \
	parsers/mime_html.c \
	parsers/normalise.c parsers/normalise.h \
	parsers/parse.h \
	parsers/parser.c \
	parsers/pattern.c parsers/pattern.h \
	parsers/recognise.c parsers/recognise.h \
	parsers/sample.c \
	parsers/source.c parsers/source.h parsers/source_impl.h \
	parsers/source_load.c \
	parsers/syslog.c parsers/syslog.h \
	parsers/vocabulary.c \
	parsers/within.c parsers/within.h \
	parsers/why.c
libparsers_a_CXXFLAGS = $(AM_CXXFLAGS) $(SIMDJSON_CFLAGS) -fno-exceptions -fno-rtti -DSIMDJSON_EXCEPTIONS=0

PARSERS_LIBS = libparsers.a libsigma.a libmodel.a libbase.a $(SIMDJSON_LIBS) $(PCRE2_LIBS) $(BASE_LIBS)

EXTRA_DIST += tests/unit/parsers_util.h
check_PROGRAMS += \
	tests/unit/test_parsers_address \
	tests/unit/test_parsers_derive \
	tests/unit/test_parsers_cef \
	tests/unit/test_parsers_classes \
	tests/unit/test_parsers_csv \
	tests/unit/test_parsers_draft \
	tests/unit/test_parsers_flat \
	tests/unit/test_parsers_why \
	tests/unit/test_parsers_traps \
	tests/unit/test_parsers_json \
	tests/unit/test_parsers_keyvalue \
	tests/unit/test_parsers_leef \
	tests/unit/test_parsers_list \
	tests/unit/test_parsers_mail \
	tests/unit/test_parsers_mail_draft \
	tests/unit/test_parsers_mime \
	tests/unit/test_parsers_parser \
	tests/unit/test_parsers_sample \
	tests/unit/test_parsers_source \
	tests/unit/test_parsers_syslog
tests_unit_test_parsers_address_SOURCES = tests/unit/test_parsers_address.c
nodist_EXTRA_tests_unit_test_parsers_address_SOURCES = dummy.cxx
tests_unit_test_parsers_address_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_derive_SOURCES = tests/unit/test_parsers_derive.c
nodist_EXTRA_tests_unit_test_parsers_derive_SOURCES = dummy.cxx
tests_unit_test_parsers_derive_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_cef_SOURCES = tests/unit/test_parsers_cef.c
nodist_EXTRA_tests_unit_test_parsers_cef_SOURCES = dummy.cxx
tests_unit_test_parsers_cef_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_csv_SOURCES = tests/unit/test_parsers_csv.c
nodist_EXTRA_tests_unit_test_parsers_csv_SOURCES = dummy.cxx
tests_unit_test_parsers_csv_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_keyvalue_SOURCES = tests/unit/test_parsers_keyvalue.c
nodist_EXTRA_tests_unit_test_parsers_keyvalue_SOURCES = dummy.cxx
tests_unit_test_parsers_keyvalue_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_leef_SOURCES = tests/unit/test_parsers_leef.c
nodist_EXTRA_tests_unit_test_parsers_leef_SOURCES = dummy.cxx
tests_unit_test_parsers_leef_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_list_SOURCES = tests/unit/test_parsers_list.c
nodist_EXTRA_tests_unit_test_parsers_list_SOURCES = dummy.cxx
tests_unit_test_parsers_list_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_classes_SOURCES = tests/unit/test_parsers_classes.c
nodist_EXTRA_tests_unit_test_parsers_classes_SOURCES = dummy.cxx
tests_unit_test_parsers_classes_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_json_SOURCES = tests/unit/test_parsers_json.c tests/unit/test_parsers_json_shape.c \
	tests/unit/test_parsers_json_bad.c tests/unit/json_util.h
nodist_EXTRA_tests_unit_test_parsers_json_SOURCES = dummy.cxx
tests_unit_test_parsers_json_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_mail_SOURCES = tests/unit/test_parsers_mail.c
nodist_EXTRA_tests_unit_test_parsers_mail_SOURCES = dummy.cxx
tests_unit_test_parsers_mail_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_mail_draft_SOURCES = tests/unit/test_parsers_mail_draft.c
nodist_EXTRA_tests_unit_test_parsers_mail_draft_SOURCES = dummy.cxx
tests_unit_test_parsers_mail_draft_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_mime_SOURCES = tests/unit/test_parsers_mime.c
nodist_EXTRA_tests_unit_test_parsers_mime_SOURCES = dummy.cxx
tests_unit_test_parsers_mime_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_parser_SOURCES = tests/unit/test_parsers_parser.c
nodist_EXTRA_tests_unit_test_parsers_parser_SOURCES = dummy.cxx
tests_unit_test_parsers_parser_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_sample_SOURCES = tests/unit/test_parsers_sample.c
nodist_EXTRA_tests_unit_test_parsers_sample_SOURCES = dummy.cxx
tests_unit_test_parsers_sample_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_source_SOURCES = tests/unit/test_parsers_source.c
nodist_EXTRA_tests_unit_test_parsers_source_SOURCES = dummy.cxx
tests_unit_test_parsers_source_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_syslog_SOURCES = tests/unit/test_parsers_syslog.c
nodist_EXTRA_tests_unit_test_parsers_syslog_SOURCES = dummy.cxx
tests_unit_test_parsers_syslog_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_draft_SOURCES = tests/unit/test_parsers_draft.c
nodist_EXTRA_tests_unit_test_parsers_draft_SOURCES = dummy.cxx
tests_unit_test_parsers_draft_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_flat_SOURCES = tests/unit/test_parsers_flat.c
nodist_EXTRA_tests_unit_test_parsers_flat_SOURCES = dummy.cxx
tests_unit_test_parsers_flat_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_why_SOURCES = tests/unit/test_parsers_why.c
nodist_EXTRA_tests_unit_test_parsers_why_SOURCES = dummy.cxx
tests_unit_test_parsers_why_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
tests_unit_test_parsers_traps_SOURCES = tests/unit/test_parsers_traps.c
nodist_EXTRA_tests_unit_test_parsers_traps_SOURCES = dummy.cxx
tests_unit_test_parsers_traps_LDADD = $(PARSERS_LIBS) $(CRITERION_LIBS)
