# The desktop agent, where libnotify is there: of the rooms only base and model, and nothing of the daemon.
noinst_LIBRARIES += libagent.a
libagent_a_SOURCES = \
	monitor/agent/desk.c monitor/agent/desk.h \
	monitor/agent/page.c monitor/agent/page.h \
	monitor/agent/told.c monitor/agent/told.h

if WITH_NOTIFY
bin_PROGRAMS += shopbell-notify
shopbell_notify_SOURCES = \
	monitor/agent/agent.c monitor/agent/agent.h \
	monitor/agent/bubbles.c monitor/agent/bubbles.h \
	monitor/agent/main.c
shopbell_notify_CPPFLAGS = $(AM_CPPFLAGS) $(NOTIFY_CFLAGS)
shopbell_notify_LDADD = libagent.a libmodel.a libbase.a $(NOTIFY_LIBS) $(BASE_LIBS)
endif

check_PROGRAMS += tests/unit/test_agent_desk tests/unit/test_agent_told
tests_unit_test_agent_desk_SOURCES = tests/unit/test_agent_desk.c
tests_unit_test_agent_desk_LDADD = libagent.a libmodel.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
tests_unit_test_agent_told_SOURCES = tests/unit/test_agent_told.c
tests_unit_test_agent_told_LDADD = libagent.a libmodel.a libbase.a $(BASE_LIBS) $(CRITERION_LIBS)
