# SPDX-License-Identifier: Apache-2.0
"""CosmicSting and SessionReaper: a forged administrator, so there is no login; a block of the checkout page is changed, orders are
looked at, a week later code."""
import shop
from year import DAY, address

ABOUT = 'a forged administrator session changes the checkout; nobody logged in'
PLATFORM = 'WP Activity Log (for Magento: no source reads its log)'
NEEDS = 'an act of an administrator that no login of theirs precedes; new_value (operator of the person)'
START_DAY, CODE_DAYS = 150, 7
WHO = 'mei'
VARIANTS = {'plain': {}}


def play(year, life, rng, truth, variant):
    day, ip = year.day(START_DAY) + rng.randrange(120 * year.weeks // 52 + 1), address('hosting us 2', 19)
    truth.actors.update((WHO, ip))
    t = year.at(day, rng.uniform(1, 5), 8)
    for i in range(6):
        year.wordpress(t + i * 25, WHO, ip, 'Mozilla/5.0', 2065, 'post', 'modified', 'administrator', post_title='Checkout')
    year.wordpress(t + year.span(CODE_DAYS) * DAY, WHO, ip, 'Mozilla/5.0', 2051, 'theme-file', 'modified', 'administrator', post_title='functions.php')
