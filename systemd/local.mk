# The service, its account and its folders.
EXTRA_DIST += systemd/shopbelld.catalog systemd/shopbelld.service.in systemd/shopbell.sysusers.conf systemd/shopbell.tmpfiles.conf.in

UNIT_FILES = systemd/shopbelld.service systemd/shopbell.tmpfiles.conf
CLEANFILES += $(UNIT_FILES)

sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
journalcatalogdir = $(prefix)/lib/systemd/catalog

$(UNIT_FILES): Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && $(SED) -e 's|@bindir[@]|$(bindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@localstatedir[@]|$(localstatedir)|g' $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
systemd/shopbelld.service: $(srcdir)/systemd/shopbelld.service.in
systemd/shopbell.tmpfiles.conf: $(srcdir)/systemd/shopbell.tmpfiles.conf.in

if WITH_SYSTEMD_UNITS
all-local: $(UNIT_FILES)
install-data-hook: install-units install-config
uninstall-hook: uninstall-units uninstall-config
else
install-data-hook: install-config
uninstall-hook: uninstall-config
endif

# On a running system the account is made at once, so that `systemctl start shopbelld` works.
install-units: $(UNIT_FILES)
	$(MKDIR_P) "$(DESTDIR)$(systemdsystemunitdir)" "$(DESTDIR)$(sysusersdir)" "$(DESTDIR)$(tmpfilesdir)" \
		"$(DESTDIR)$(journalcatalogdir)"
	$(INSTALL_DATA) systemd/shopbelld.service "$(DESTDIR)$(systemdsystemunitdir)/shopbelld.service"
	$(INSTALL_DATA) $(srcdir)/systemd/shopbell.sysusers.conf "$(DESTDIR)$(sysusersdir)/shopbell.conf"
	$(INSTALL_DATA) systemd/shopbell.tmpfiles.conf "$(DESTDIR)$(tmpfilesdir)/shopbell.conf"
	$(INSTALL_DATA) $(srcdir)/systemd/shopbelld.catalog "$(DESTDIR)$(journalcatalogdir)/shopbelld.catalog"
	if test -z "$(DESTDIR)" && test -d /run/systemd/system && test "$$(id -u)" = 0; then \
		systemd-sysusers "$(sysusersdir)/shopbell.conf" && systemd-tmpfiles --create "$(tmpfilesdir)/shopbell.conf" && \
		journalctl --update-catalog && systemctl daemon-reload; \
	fi

uninstall-units:
	rm -f "$(DESTDIR)$(systemdsystemunitdir)/shopbelld.service" "$(DESTDIR)$(sysusersdir)/shopbell.conf" \
		"$(DESTDIR)$(tmpfilesdir)/shopbell.conf" "$(DESTDIR)$(journalcatalogdir)/shopbelld.catalog"

# The owner's configuration is never overwritten, and removed only when it was never changed.
install-config:
	$(MKDIR_P) "$(DESTDIR)$(sysconfdir)/shopbell"
	test -e "$(DESTDIR)$(sysconfdir)/shopbell/shopbell.yml" || \
		$(INSTALL_DATA) $(srcdir)/doc/shopbell.yml.example "$(DESTDIR)$(sysconfdir)/shopbell/shopbell.yml"

uninstall-config:
	if cmp -s $(srcdir)/doc/shopbell.yml.example "$(DESTDIR)$(sysconfdir)/shopbell/shopbell.yml"; then \
		rm -f "$(DESTDIR)$(sysconfdir)/shopbell/shopbell.yml"; \
	fi
	-rmdir "$(DESTDIR)$(sysconfdir)/shopbell" 2>/dev/null

.PHONY: install-units uninstall-units install-config uninstall-config
