# Manual pages (mdoc), and the configuration to begin with.
dist_man_MANS = doc/shopbell.1 doc/shopbelld.8 doc/shopbell.yml.5 doc/shopbell.rule.5 doc/shopbell.source.5 doc/shopbell.people.5
dist_doc_DATA = doc/shopbell.yml.example

# Mistakes in the pages.
check-man:
	cd $(srcdir) && mandoc -T lint -W warning $(dist_man_MANS)
.PHONY: check-man
