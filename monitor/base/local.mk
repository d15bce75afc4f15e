# Strings, memory, tables, time, text, YAML: what every room stands on.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	monitor/base/arena.c monitor/base/arena.h \
	monitor/base/clock.c monitor/base/clock.h \
	monitor/base/csv.c monitor/base/csv.h \
	monitor/base/digest.c monitor/base/digest.h \
	monitor/base/err.c monitor/base/err.h \
	monitor/base/file.c monitor/base/file.h \
	monitor/base/escape.c monitor/base/escape.h \
	monitor/base/hash.c monitor/base/hash.h \
	monitor/base/json_flat.c monitor/base/json_flat.h \
	monitor/base/json_write.c monitor/base/json_write.h \
	monitor/base/log.c monitor/base/log.h \
	monitor/base/loglog.c monitor/base/loglog.h \
	monitor/base/macros.h \
	monitor/base/mail.c monitor/base/mail.h \
	monitor/base/map.c monitor/base/map.h \
	monitor/base/messages.h \
	monitor/base/number.c monitor/base/number.h \
	monitor/base/passseal.c monitor/base/passseal.h \
	monitor/base/stamp.c monitor/base/stamp.h \
	monitor/base/sealbox.c monitor/base/sealbox.h \
	monitor/base/str.c monitor/base/str.h \
	monitor/base/ustar.c monitor/base/ustar.h \
	monitor/base/utf8.c monitor/base/utf8.h monitor/base/utf8_fold.h \
	monitor/base/yaml.c monitor/base/yaml.h \
	monitor/base/yaml_scalar.c monitor/base/yaml_scalar.h \
	monitor/base/yaml_tree.c \
	monitor/base/zone.c monitor/base/zone.h \
	monitor/base/zone_moment.c \
	monitor/base/zone_rule.c monitor/base/zone_rule.h

EXTRA_DIST += tests/dev/make-fold-table

check_PROGRAMS += tests/unit/test_base_arena
tests_unit_test_base_arena_SOURCES = tests/unit/test_base_arena.c
tests_unit_test_base_arena_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_clock
tests_unit_test_base_clock_SOURCES = tests/unit/test_base_clock.c
tests_unit_test_base_clock_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_csv
tests_unit_test_base_csv_SOURCES = tests/unit/test_base_csv.c
tests_unit_test_base_csv_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_err
tests_unit_test_base_err_SOURCES = tests/unit/test_base_err.c
tests_unit_test_base_err_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_hash
tests_unit_test_base_hash_SOURCES = tests/unit/test_base_hash.c
tests_unit_test_base_hash_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_json_write
tests_unit_test_base_json_write_SOURCES = tests/unit/test_base_json_write.c
tests_unit_test_base_json_write_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_log
tests_unit_test_base_log_SOURCES = tests/unit/test_base_log.c
tests_unit_test_base_log_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_mail
tests_unit_test_base_mail_SOURCES = tests/unit/test_base_mail.c
tests_unit_test_base_mail_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_map
tests_unit_test_base_map_SOURCES = tests/unit/test_base_map.c
tests_unit_test_base_map_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_number
tests_unit_test_base_number_SOURCES = tests/unit/test_base_number.c
tests_unit_test_base_number_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_str
tests_unit_test_base_str_SOURCES = tests/unit/test_base_str.c
tests_unit_test_base_str_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_utf8
tests_unit_test_base_utf8_SOURCES = tests/unit/test_base_utf8.c
tests_unit_test_base_utf8_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_yaml
tests_unit_test_base_yaml_SOURCES = tests/unit/test_base_yaml.c
tests_unit_test_base_yaml_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_sealbox
tests_unit_test_base_sealbox_SOURCES = tests/unit/test_base_sealbox.c
tests_unit_test_base_sealbox_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_passseal
tests_unit_test_base_passseal_SOURCES = tests/unit/test_base_passseal.c
tests_unit_test_base_passseal_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_ustar
tests_unit_test_base_ustar_SOURCES = tests/unit/test_base_ustar.c
tests_unit_test_base_ustar_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_json_flat
tests_unit_test_base_json_flat_SOURCES = tests/unit/test_base_json_flat.c
tests_unit_test_base_json_flat_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_base_zone
tests_unit_test_base_zone_SOURCES = tests/unit/test_base_zone.c
tests_unit_test_base_zone_LDADD = libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
