# SPDX-License-Identifier: Apache-2.0
"""Google Ads managers 2024 to 2026: a false sign-in page relays the second factor; at half past midnight a new administrator, and seven
minutes later other budgets and campaigns. (That the owner is locked out, the log cannot say.)"""
from year import address, MINUTE

ABOUT = 'a new ads administrator at 00:30, budgets seven minutes later'
PLATFORM = 'Google Ads, Google Workspace logins'
NEEDS = 'new administrator, budget raised; the login: new_value (country of the person)'
START_DAY = 100
WHO, NEW = 'tom@lantern.example', 'growth.partner@agency-new.example.net'
BUDGETS = (50, 4800)
VARIANTS = {'plain': {}}


def play(year, life, rng, truth, variant):
    day, ip = year.day(START_DAY) + rng.randrange(200 * year.weeks // 52 + 1), address('hosting de', 17)
    truth.actors.update((WHO, NEW, ip))
    t = year.at(day, 0.4 + rng.uniform(0, 0.2), 8)
    year.google_login(t, WHO, ip, 'google_authenticator')
    year.ads_access(t + 4 * MINUTE, WHO, NEW, 'ADMIN')
    for i in range(4):
        year.ads_change(t + 11 * MINUTE + i * 30, NEW, 'CAMPAIGN', 'CREATE')
        year.ads_change(t + 11 * MINUTE + i * 30 + 10, NEW, 'CAMPAIGN_BUDGET', 'UPDATE', *BUDGETS)
