# What can be known from a record: place, operator, network, device.
noinst_LIBRARIES += libenrich.a
libenrich_a_SOURCES = \
	monitor/enrich/address.c monitor/enrich/address.h \
	monitor/enrich/amount.c monitor/enrich/amount.h \
	monitor/enrich/countries.h \
	monitor/enrich/country.c monitor/enrich/country.h \
	monitor/enrich/database.c monitor/enrich/database.h \
	monitor/enrich/device.c monitor/enrich/device.h \
	monitor/enrich/enrich.c monitor/enrich/enrich.h \
	monitor/enrich/mmdb_value.c monitor/enrich/mmdb_value.h \
	monitor/enrich/networks.c monitor/enrich/networks.h \
	monitor/enrich/outside.c monitor/enrich/outside.h \
	monitor/enrich/people.c monitor/enrich/people.h \
	monitor/enrich/place.c monitor/enrich/place.h

ENRICH_LIBS = libenrich.a libmodel.a libbase.a $(MAXMINDDB_LIBS) $(BASE_LIBS)

check_PROGRAMS += \
	tests/unit/test_enrich_amount \
	tests/unit/test_enrich_database \
	tests/unit/test_enrich_device \
	tests/unit/test_enrich_enrich \
	tests/unit/test_enrich_networks \
	tests/unit/test_enrich_outside \
	tests/unit/test_enrich_people
tests_unit_test_enrich_amount_SOURCES = tests/unit/test_enrich_amount.c
tests_unit_test_enrich_amount_LDADD = $(ENRICH_LIBS) $(CRITERION_LIBS)
tests_unit_test_enrich_people_SOURCES = tests/unit/test_enrich_people.c
tests_unit_test_enrich_people_LDADD = $(ENRICH_LIBS) $(CRITERION_LIBS)
tests_unit_test_enrich_database_SOURCES = tests/unit/test_enrich_database.c
tests_unit_test_enrich_database_LDADD = $(ENRICH_LIBS) $(CRITERION_LIBS)
tests_unit_test_enrich_device_SOURCES = tests/unit/test_enrich_device.c
tests_unit_test_enrich_device_LDADD = $(ENRICH_LIBS) $(CRITERION_LIBS)
tests_unit_test_enrich_enrich_SOURCES = tests/unit/test_enrich_enrich.c
tests_unit_test_enrich_enrich_LDADD = $(ENRICH_LIBS) $(CRITERION_LIBS)
tests_unit_test_enrich_networks_SOURCES = tests/unit/test_enrich_networks.c
tests_unit_test_enrich_networks_LDADD = $(ENRICH_LIBS) $(CRITERION_LIBS)
tests_unit_test_enrich_outside_SOURCES = tests/unit/test_enrich_outside.c
tests_unit_test_enrich_outside_LDADD = $(ENRICH_LIBS) $(CRITERION_LIBS)
