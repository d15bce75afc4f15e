# The programs that deliver notices, a unit for each kind of channel, and what journalctl -x says of those in the journal.
SEND_UNITS = systemd/shopbell-mail@.service systemd/shopbell-webhook@.service systemd/shopbell-command@.service
EXTRA_DIST += systemd/shopbell-mail@.service.in systemd/shopbell-webhook@.service.in systemd/shopbell-command@.service.in \
	systemd/shopbell.catalog
CLEANFILES += $(SEND_UNITS)

$(SEND_UNITS): Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && $(SED) -e 's|@bindir[@]|$(bindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@localstatedir[@]|$(localstatedir)|g' '$(srcdir)/$@.in' >'$@.tmp' && mv '$@.tmp' '$@'
systemd/shopbell-mail@.service: $(srcdir)/systemd/shopbell-mail@.service.in
systemd/shopbell-webhook@.service: $(srcdir)/systemd/shopbell-webhook@.service.in
systemd/shopbell-command@.service: $(srcdir)/systemd/shopbell-command@.service.in

if WITH_SYSTEMD_UNITS
sendunitdir = $(systemdsystemunitdir)
nodist_sendunit_DATA = $(SEND_UNITS)
catalogdir = $(prefix)/lib/systemd/catalog
dist_catalog_DATA = systemd/shopbell.catalog
endif
