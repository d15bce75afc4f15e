# Tests of the finished programs: real files, a real daemon, a real journal. Each script prints a line for each case.
EXTRA_DIST += \
	tests/integration/attack.sh \
	tests/integration/cli.sh \
	tests/integration/differential.sh \
	tests/integration/enrich.sh \
	tests/integration/hostile.sh \
	tests/integration/journal.sh \
	tests/integration/lib.sh \
	tests/integration/language.sh \
	tests/integration/reload.py \
	tests/integration/reload.sh \
	tests/integration/rotate.py \
	tests/integration/rotate.sh \
	tests/integration/rules_check.sh \
	tests/integration/rules_test.sh \
	tests/integration/samples.sh \
	tests/integration/schema.sh \
	tests/integration/trouble.sh

test-integration: all tests/dev/sigma_match
	@failed=0; for test in $(srcdir)/tests/integration/*.sh; do \
		case $$test in */lib.sh) continue;; esac; \
		echo "# $$test"; \
		SHOPBELL_BUILD='$(abs_top_builddir)' SHOPBELL_SRCDIR='$(abs_top_srcdir)' sh "$$test" || failed=1; \
	done; exit $$failed
.PHONY: test-integration
