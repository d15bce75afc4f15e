# What people are told: channels, and how a notice looks on each. Who delivers it is monitor/send.
noinst_LIBRARIES += libnotify_room.a
libnotify_room_a_SOURCES = \
	monitor/notify/body.c \
	monitor/notify/body_json.c \
	monitor/notify/body_mail.c \
	monitor/notify/channel.c monitor/notify/channel.h \
	monitor/notify/notice.c monitor/notify/notice.h \
	monitor/notify/sign.c

check_PROGRAMS += tests/unit/test_notify_channel tests/unit/test_notify_notice
tests_unit_test_notify_channel_SOURCES = tests/unit/test_notify_channel.c
tests_unit_test_notify_channel_LDADD = libnotify_room.a libmodel.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
tests_unit_test_notify_notice_SOURCES = tests/unit/test_notify_notice.c
tests_unit_test_notify_notice_LDADD = libnotify_room.a libmodel.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
