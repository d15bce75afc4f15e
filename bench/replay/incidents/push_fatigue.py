# SPDX-License-Identifier: Apache-2.0
"""Uber 2022: a bought password, an hour of prompts, a message "from IT", one prompt accepted; a new device, a secret, an export."""
import shop
from year import MINUTE, address

ABOUT = 'prompts for an hour, one accepted; then the console and an export'
PLATFORM = 'Google Workspace logins, AWS CloudTrail'
NEEDS = 'refused prompts, then a login (temporal_ordered); new_value (country of the person)'
START_DAY, PROMPTS = 90, 9
WHO = 'mei'
PARTS = 12
VARIANTS = {'plain': {}}


def play(year, life, rng, truth, variant):
    day, ip = year.day(START_DAY) + rng.randrange(70 * year.weeks // 52 + 1), address('hosting us', 22)
    mail = '%s@%s' % (WHO, shop.DOMAIN)
    truth.actors.update((WHO, mail, ip))
    t = year.at(day, 23.2, 8)
    for _ in range(PROMPTS):
        year.google(t, mail, ip, 'login_challenge', login_challenge_method=['google_prompt'], login_challenge_status='Challenge Failed.')
        t += rng.uniform(4, 9) * MINUTE
    year.google_login(t, mail, ip, 'google_prompt')
    year.google(t + 3 * MINUTE, mail, ip, '2sv_enroll', '2sv_change')
    t += 15 * MINUTE
    year.console(t, WHO, ip, shop.WINDOWS)
    for secret in ('shop/db', 'shop/mail'):
        t += 40
        year.aws(t, WHO, 'secretsmanager', 'GetSecretValue', ip, shop.WINDOWS, {'secretId': secret})
    each = shop.CUSTOMERS // PARTS
    for part in range(PARTS):
        t += 50
        year.get(t, WHO, ip, shop.WINDOWS, 'exports/customers-%02d.csv' % part, each * 140)
        truth.read(t, list(range(1 + part * each, 1 + (part + 1) * each)))
