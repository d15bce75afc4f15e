# SPDX-License-Identifier: Apache-2.0
"""DUCKTAIL and NodeStealer since 2021: a stolen session of the ads person, from their own machine. No login, no new address: only
what is done."""
from year import MINUTE

ABOUT = "a stolen session adds an admin and a card to the ad account, from the victim's own machine"
PLATFORM = 'Meta ads'
NEEDS = 'new person, payment method'
START_DAY = 100
WHO, NEW = 'Tom Ferrer', 'Hana Do'
VARIANTS = {'plain': {}}


def play(year, life, rng, truth, variant):
    truth.actors.update((WHO, NEW))
    t = year.at(year.day(START_DAY) + rng.randrange(200 * year.weeks // 52 + 1), rng.uniform(10, 17), 8)
    year.meta(t, WHO, 'ad_account_add_user_to_role', 'ACCOUNT', user=NEW, role='Admin')
    year.meta(t + 6 * MINUTE, NEW, 'add_funding_source', 'ACCOUNT')
    year.meta(t + 9 * MINUTE, NEW, 'ad_account_update_spend_limit', 'ACCOUNT', old_value='100', new_value='20000')
    for i in range(5):
        year.meta(t + (12 + i) * MINUTE, NEW, 'create_ad')
