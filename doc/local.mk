# Manual pages (mdoc), and the configuration to begin with.
dist_man_MANS = \
	doc/shopbell.1 \
	doc/shopbell-case.1 \
	doc/shopbell-clock.1 \
	doc/shopbell-notify.1 \
	doc/shopbell-readiness.1 \
	doc/shopbelld.8 \
	doc/shopbell-send.8 \
	doc/shopbell.yml.5 \
	doc/shopbell.rule.5 \
	doc/shopbell.source.5 \
	doc/shopbell.people.5 doc/shopbell.template.5 \
	doc/shopbell.regime.5 \
	doc/shopbell-store.7
dist_doc_DATA = doc/shopbell.yml.example doc/sources.md doc/rules.md doc/regimes.md
EXTRA_DIST += doc/case.png doc/report.png

# The page about the log sources, after the source files have changed.
sources-page: shopbell
	./shopbell sources coverage --sources $(srcdir)/parsers/sources >$(srcdir)/doc/sources.md.tmp
	mv $(srcdir)/doc/sources.md.tmp $(srcdir)/doc/sources.md
.PHONY: sources-page

# The page about the rules, after rules or the classes of log sources have changed.
rules-page: shopbell
	./shopbell rules list -o md --rules $(srcdir)/rules.d --sources $(srcdir)/parsers/sources >$(srcdir)/doc/rules.md.tmp
	mv $(srcdir)/doc/rules.md.tmp $(srcdir)/doc/rules.md
.PHONY: rules-page

# The page about the laws, after their files have changed.
regimes-page: shopbell
	./shopbell regimes list -o md --regimes $(srcdir)/regimes.d >$(srcdir)/doc/regimes.md.tmp
	mv $(srcdir)/doc/regimes.md.tmp $(srcdir)/doc/regimes.md
.PHONY: regimes-page

# Mistakes in the pages.
check-man:
	cd $(srcdir) && mandoc -T lint -W warning $(dist_man_MANS)
.PHONY: check-man

EXTRA_DIST += doc/desktop.png
