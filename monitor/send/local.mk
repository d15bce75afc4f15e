# The program that delivers notices: the only one with libcurl.
bin_PROGRAMS += shopbell-send
shopbell_send_SOURCES = \
	monitor/send/command.c \
	monitor/send/gate.c monitor/send/gate.h \
	monitor/send/job.c \
	monitor/send/mail.c \
	monitor/send/main.c \
	monitor/send/send.h \
	monitor/send/transfer.c monitor/send/transfer.h \
	monitor/send/webhook.c
nodist_EXTRA_shopbell_send_SOURCES = dummy.cxx
shopbell_send_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS)
shopbell_send_LDADD = libhall.a libnotify_room.a libmodel.a libbase.a $(CURL_LIBS) $(SYSTEMD_LIBS) $(BASE_LIBS)
