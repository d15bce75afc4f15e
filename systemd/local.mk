# The service and what belongs to it. A unit more: a name in one of the lists, and for one that is made a line with its .in below.
# Those with @ deliver notices, one for each kind of channel.
UNITS_MADE = systemd/shopbelld.service systemd/shopbell-digest.service \
	systemd/shopbell-mail@.service systemd/shopbell-webhook@.service systemd/shopbell-command@.service
UNITS_PLAIN = systemd/shopbell-digest.timer
UNITS_USER = systemd/shopbell-notify.service
UNIT_FILES = $(UNITS_MADE) $(UNITS_USER) systemd/shopbell.tmpfiles.conf
EXTRA_DIST += systemd/shopbelld.service.in systemd/shopbell-digest.service.in systemd/shopbell-notify.service.in \
	systemd/shopbell-mail@.service.in systemd/shopbell-webhook@.service.in systemd/shopbell-command@.service.in \
	systemd/shopbell.tmpfiles.conf.in systemd/shopbell.sysusers.conf systemd/shopbelld.catalog $(UNITS_PLAIN)
CLEANFILES += $(UNIT_FILES)

# The bus: who may talk to shopbelld, what it says, and what polkit is asked.
dist_dbuspolicy_DATA = systemd/org.shopbell.Monitor.conf
dbusinterfacesdir = $(datadir)/dbus-1/interfaces
dist_dbusinterfaces_DATA = systemd/org.shopbell.Monitor1.xml
polkitactionsdir = $(datadir)/polkit-1/actions
dist_polkitactions_DATA = systemd/org.shopbell.policy
polkitrulesdir = $(datadir)/polkit-1/rules.d
dist_polkitrules_DATA = systemd/shopbell.rules

systemduserunitdir = $(prefix)/lib/systemd/user
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
journalcatalogdir = $(prefix)/lib/systemd/catalog

$(UNIT_FILES): Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && $(SED) -e 's|@bindir[@]|$(bindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@localstatedir[@]|$(localstatedir)|g' $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
systemd/shopbelld.service: $(srcdir)/systemd/shopbelld.service.in
systemd/shopbell-notify.service: $(srcdir)/systemd/shopbell-notify.service.in
systemd/shopbell-digest.service: $(srcdir)/systemd/shopbell-digest.service.in
systemd/shopbell-mail@.service: $(srcdir)/systemd/shopbell-mail@.service.in
systemd/shopbell-webhook@.service: $(srcdir)/systemd/shopbell-webhook@.service.in
systemd/shopbell-command@.service: $(srcdir)/systemd/shopbell-command@.service.in
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
	for unit in $(UNITS_MADE); do $(INSTALL_DATA) $$unit "$(DESTDIR)$(systemdsystemunitdir)/" || exit 1; done
	for unit in $(UNITS_PLAIN); do $(INSTALL_DATA) $(srcdir)/$$unit "$(DESTDIR)$(systemdsystemunitdir)/" || exit 1; done
	$(INSTALL_DATA) $(srcdir)/systemd/shopbell.sysusers.conf "$(DESTDIR)$(sysusersdir)/shopbell.conf"
	$(INSTALL_DATA) systemd/shopbell.tmpfiles.conf "$(DESTDIR)$(tmpfilesdir)/shopbell.conf"
	$(INSTALL_DATA) $(srcdir)/systemd/shopbelld.catalog "$(DESTDIR)$(journalcatalogdir)/shopbelld.catalog"
	if test -x shopbell-notify; then \
		$(MKDIR_P) "$(DESTDIR)$(systemduserunitdir)" && \
		$(INSTALL_DATA) $(UNITS_USER) "$(DESTDIR)$(systemduserunitdir)/"; \
	fi
	if test -z "$(DESTDIR)" && test -d /run/systemd/system && test "$$(id -u)" = 0; then \
		systemd-sysusers "$(sysusersdir)/shopbell.conf" && systemd-tmpfiles --create "$(tmpfilesdir)/shopbell.conf" && \
		journalctl --update-catalog && systemctl daemon-reload && \
		{ busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus ReloadConfig >/dev/null 2>&1 || true; }; \
	fi

uninstall-units:
	for unit in $(UNITS_MADE) $(UNITS_PLAIN); do \
		rm -f "$(DESTDIR)$(systemdsystemunitdir)/$$(basename $$unit)"; \
	done
	for unit in $(UNITS_USER); do rm -f "$(DESTDIR)$(systemduserunitdir)/$$(basename $$unit)"; done
	rm -f "$(DESTDIR)$(sysusersdir)/shopbell.conf" "$(DESTDIR)$(tmpfilesdir)/shopbell.conf" "$(DESTDIR)$(journalcatalogdir)/shopbelld.catalog"

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
