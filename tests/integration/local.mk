# Tests of the finished programs: real files, a real daemon, a real journal. Each script prints a line for each case.
EXTRA_DIST += \
	tests/integration/alerts.py \
	tests/integration/alerts.sh \
	tests/integration/answers.sh \
	tests/integration/attack.sh \
	tests/integration/backtest.sh \
	tests/fault/fault.c \
	tests/integration/case.sh \
	tests/integration/cli.sh \
	tests/integration/clock.py \
	tests/integration/clock.sh \
	tests/integration/config.sh \
	tests/integration/completion.bash \
	tests/integration/completion.sh \
	tests/integration/crash.py \
	tests/integration/crash.sh \
	tests/integration/damage.sh \
	tests/integration/days.sh \
	tests/integration/desktop.py \
	tests/integration/desktop.sh \
	tests/integration/differential.sh \
	tests/integration/doctor.sh \
	tests/integration/drill.sh \
	tests/integration/enrich.sh \
	tests/integration/follow.py \
	tests/integration/follow.sh \
	tests/integration/hostile.sh \
	tests/integration/history.sh \
	tests/integration/journal.sh \
	tests/integration/lib.sh \
	tests/integration/language.sh \
	tests/integration/lists.sh \
	tests/integration/pack.sh \
	tests/integration/people.py \
	tests/integration/people.sh \
	tests/integration/pressure.sh \
	tests/integration/quiet.sh \
	tests/integration/reach.py \
	tests/integration/reach.sh \
	tests/integration/readiness.sh \
	tests/integration/remind.sh \
	tests/integration/reload.py \
	tests/integration/reload.sh \
	tests/integration/mail.py \
	tests/integration/package.py \
	tests/integration/package.sh \
	tests/integration/mail.sh \
	tests/integration/notices.py \
	tests/integration/notices.sh \
	tests/integration/manual.py \
	tests/integration/manual.sh \
	tests/integration/replay.sh \
	tests/integration/report.sh \
	tests/integration/retailer.sh \
	tests/integration/rotate.py \
	tests/integration/rotate.sh \
	tests/integration/rules_check.sh \
	tests/integration/draft.sh \
	tests/integration/regimes.sh \
	tests/integration/rules_page.sh \
	tests/integration/rules_strict.sh \
	tests/integration/rules_test.sh \
	tests/integration/samples.sh \
	tests/integration/schema.sh \
	tests/integration/sources.sh \
	tests/integration/state.sh \
	tests/integration/status.py \
	tests/integration/status.sh \
	tests/integration/tables.sh \
	tests/integration/stir.py \
	tests/integration/tail.py \
	tests/integration/tail.sh \
	tests/integration/trouble.sh \
	tests/integration/unit.sh \
	tests/integration/until.py \
	tests/integration/vendors.sh \
	tests/integration/windows.sh

# Loaded into the daemon by tests: never with the flags of a sanitizer, never installed.
tests/fault/fault.so: tests/fault/fault.c
	@mkdir -p tests/fault
	$(AM_V_CCLD)$(CC) -O1 -Wall -Wextra -Werror -shared -fPIC -o $@ $(srcdir)/tests/fault/fault.c -ldl
CLEANFILES += tests/fault/fault.so

# The crash test of `check` with 1,000 ends, each time with another seed.
crash-test: all tests/fault/fault.so
	SHOPBELL_BUILD='$(abs_top_builddir)' SHOPBELL_SRCDIR='$(abs_top_srcdir)' CRASH_KILLS=1000 CRASH_SEED=$$(date +%s) \
		sh $(srcdir)/tests/integration/crash.sh
.PHONY: crash-test

test-integration: all tests/dev/sigma_match tests/fault/fault.so
	@failed=0; for test in $(srcdir)/tests/integration/*.sh; do \
		case $$test in */lib.sh) continue;; esac; \
		echo "# $$test"; \
		SHOPBELL_BUILD='$(abs_top_builddir)' SHOPBELL_SRCDIR='$(abs_top_srcdir)' sh "$$test" || failed=1; \
	done; exit $$failed
.PHONY: test-integration
