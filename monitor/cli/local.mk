# The command line.
bin_PROGRAMS += shopbell
shopbell_SOURCES = \
	monitor/cli/alerts.c monitor/cli/alerts.h \
	monitor/cli/backtest.c monitor/cli/backtest.h \
	monitor/cli/backtest_compare.c \
	monitor/cli/backtest_expect.c \
	monitor/cli/backtest_heaps.c \
	monitor/cli/backtest_json.c \
	monitor/cli/backtest_run.c \
	monitor/cli/backtest_tune.c \
	monitor/cli/backtest_words.c \
	monitor/cli/answer.c \
	monitor/cli/case_customers.c monitor/cli/case_customers.h \
	monitor/cli/case_customers_put.c \
	monitor/cli/case_customers_words.c \
	monitor/cli/case_drill.c \
	monitor/cli/case_export.c \
	monitor/cli/case_verify.c \
	monitor/cli/cli.h \
	monitor/cli/case.c monitor/cli/case.h \
	monitor/cli/case_draft.c \
	monitor/cli/case_json.c \
	monitor/cli/case_list.c \
	monitor/cli/case_missing.c \
	monitor/cli/case_shop.c \
	monitor/cli/case_show.c \
	monitor/cli/case_view.c \
	monitor/cli/clock.c \
	monitor/cli/clock_rows.c monitor/cli/clock_rows.h \
	monitor/cli/completion.c monitor/cli/completion.h \
	monitor/cli/completion_scripts.c \
	monitor/cli/config.c \
	monitor/cli/daemon.c \
	monitor/cli/doctor.c monitor/cli/doctor.h \
	monitor/cli/doctor_host.c \
	monitor/cli/doctor_shop.c \
	monitor/cli/export.c monitor/cli/export.h \
	monitor/cli/export_ecs.c \
	monitor/cli/export_ocsf.c \
	monitor/cli/follow.c \
	monitor/cli/main.c \
	monitor/cli/notices.c \
	monitor/cli/options.c \
	monitor/cli/page.c \
	monitor/cli/passphrase.c monitor/cli/passphrase.h \
	monitor/cli/people.c \
	monitor/cli/posture.c \
	monitor/cli/regimes.c \
	monitor/cli/regimes_page.c monitor/cli/regimes_page.h \
	monitor/cli/replay.c monitor/cli/replay.h \
	monitor/cli/readiness.c monitor/cli/readiness.h \
	monitor/cli/readiness_see.c \
	monitor/cli/report.c monitor/cli/report.h \
	monitor/cli/report_rows.c monitor/cli/report_rows.h \
	monitor/cli/reveal.c \
	monitor/cli/risk.c \
	monitor/cli/rules.c \
	monitor/cli/rules_check.c \
	monitor/cli/rules_complete.c monitor/cli/rules_complete.h \
	monitor/cli/rules_explain.c \
	monitor/cli/rules_page.c monitor/cli/rules_page.h \
	monitor/cli/rules_report.c monitor/cli/rules_report.h \
	monitor/cli/rules_test.c \
	monitor/cli/scan.c \
	monitor/cli/screen.c monitor/cli/screen.h \
	monitor/cli/silence.c \
	monitor/cli/sources.c \
	monitor/cli/sources_coverage.c \
	monitor/cli/sources_explain.c \
	monitor/cli/sources_identify.c \
	monitor/cli/sources_new.c \
	monitor/cli/state.c \
	monitor/cli/status.c \
	monitor/cli/tail.c \
	monitor/cli/table.c monitor/cli/table.h \
	monitor/cli/verify.c \
	monitor/cli/wake.c monitor/cli/wake.h

# Completion of its words in shells: written by the program itself.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
nodist_bashcompletion_DATA = completions/bash/shopbell
nodist_zshcompletion_DATA = completions/zsh/_shopbell
nodist_fishcompletion_DATA = completions/fish/shopbell.fish
CLEANFILES += $(nodist_bashcompletion_DATA) $(nodist_zshcompletion_DATA) $(nodist_fishcompletion_DATA)
$(nodist_bashcompletion_DATA) $(nodist_zshcompletion_DATA) $(nodist_fishcompletion_DATA): shopbell$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) "$$(dirname $@)" && ./shopbell completion "$$(basename "$$(dirname $@)")" >$@.tmp && mv $@.tmp $@

nodist_EXTRA_shopbell_SOURCES = dummy.cxx
shopbell_LDADD = $(ALL_ROOMS) $(SMARTCOLS_LIBS) $(ALL_ROOM_LIBS)
