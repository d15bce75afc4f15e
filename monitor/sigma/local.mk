# The Sigma language: documents, modifiers, selections, conditions, matching.
noinst_LIBRARIES += libsigma.a
libsigma_a_SOURCES = \
	monitor/sigma/ast.h \
	monitor/sigma/attributes.c \
	monitor/sigma/automaton.c monitor/sigma/automaton.h \
	monitor/sigma/cidr_tree.c monitor/sigma/cidr_tree.h \
	monitor/sigma/condition.c \
	monitor/sigma/correlation.c \
	monitor/sigma/document.c monitor/sigma/document.h \
	monitor/sigma/expand.c monitor/sigma/expand.h \
	monitor/sigma/explain.c monitor/sigma/explain.h \
	monitor/sigma/expression.c monitor/sigma/expression.h \
	monitor/sigma/filter.c \
	monitor/sigma/index.c monitor/sigma/index.h \
	monitor/sigma/item.c \
	monitor/sigma/keys.c \
	monitor/sigma/lint.c monitor/sigma/lint.h \
	monitor/sigma/logic.c monitor/sigma/logic.h \
	monitor/sigma/match.c \
	monitor/sigma/memo.c monitor/sigma/memo.h \
	monitor/sigma/modifier.c monitor/sigma/modifier.h \
	monitor/sigma/pattern.c monitor/sigma/pattern.h \
	monitor/sigma/pipe.c \
	monitor/sigma/program.c monitor/sigma/program.h monitor/sigma/program_inside.h \
	monitor/sigma/program_match.c \
	monitor/sigma/rx.c monitor/sigma/rx.h \
	monitor/sigma/rx_lint.c monitor/sigma/rx_lint.h \
	monitor/sigma/rx_literal.c monitor/sigma/rx_literal.h \
	monitor/sigma/scratch.c monitor/sigma/scratch.h \
	monitor/sigma/selection.c \
	monitor/sigma/sigma.h \
	monitor/sigma/test.c monitor/sigma/test.h \
	monitor/sigma/words.c monitor/sigma/words.h

SIGMA_LIBS = libsigma.a libmodel.a libbase.a $(PCRE2_LIBS) $(BASE_LIBS)

check_PROGRAMS += \
	tests/unit/test_sigma_automaton \
	tests/unit/test_sigma_cidr_tree \
	tests/unit/test_sigma_condition \
	tests/unit/test_sigma_document \
	tests/unit/test_sigma_expand \
	tests/unit/test_sigma_lint \
	tests/unit/test_sigma_match \
	tests/unit/test_sigma_memo \
	tests/unit/test_sigma_modifier \
	tests/unit/test_sigma_pattern \
	tests/unit/test_sigma_program \
	tests/unit/test_sigma_rx \
	tests/unit/test_sigma_rx_lint \
	tests/unit/test_sigma_rx_literal
tests_unit_test_sigma_rx_literal_SOURCES = tests/unit/test_sigma_rx_literal.c
tests_unit_test_sigma_rx_literal_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_automaton_SOURCES = tests/unit/test_sigma_automaton.c
tests_unit_test_sigma_automaton_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_cidr_tree_SOURCES = tests/unit/test_sigma_cidr_tree.c
tests_unit_test_sigma_cidr_tree_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_lint_SOURCES = tests/unit/test_sigma_lint.c
tests_unit_test_sigma_lint_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_program_SOURCES = tests/unit/test_sigma_program.c
tests_unit_test_sigma_program_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_rx_lint_SOURCES = tests/unit/test_sigma_rx_lint.c
tests_unit_test_sigma_rx_lint_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_condition_SOURCES = tests/unit/test_sigma_condition.c tests/unit/sigma_record.h
tests_unit_test_sigma_condition_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_document_SOURCES = tests/unit/test_sigma_document.c
tests_unit_test_sigma_document_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_expand_SOURCES = tests/unit/test_sigma_expand.c tests/unit/sigma_record.h
tests_unit_test_sigma_expand_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_match_SOURCES = tests/unit/test_sigma_match.c tests/unit/sigma_record.h
tests_unit_test_sigma_match_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_memo_SOURCES = tests/unit/test_sigma_memo.c
tests_unit_test_sigma_memo_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_modifier_SOURCES = tests/unit/test_sigma_modifier.c tests/unit/sigma_record.h
tests_unit_test_sigma_modifier_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_rx_SOURCES = tests/unit/test_sigma_rx.c
tests_unit_test_sigma_rx_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
tests_unit_test_sigma_pattern_SOURCES = tests/unit/test_sigma_pattern.c
tests_unit_test_sigma_pattern_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)

# tests/dev/sigma-differential asks it: make tests/dev/sigma_match
EXTRA_PROGRAMS = tests/dev/sigma_match
tests_dev_sigma_match_SOURCES = tests/dev/sigma_match.c tests/unit/sigma_record.h
tests_dev_sigma_match_LDADD = $(SIGMA_LIBS) $(CRITERION_LIBS)
