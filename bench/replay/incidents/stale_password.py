# SPDX-License-Identifier: Apache-2.0
"""Snowflake customers (UNC5537) 2024: a password that a thief's program took years ago still opens the console, no second factor;
look around for two days, then copy everything out in an evening."""
import shop
from year import address

ABOUT = 'an old password without a second factor, then everything in one evening'
PLATFORM = 'AWS CloudTrail (for a data warehouse: a user of it is an IAM user, its stages are objects)'
NEEDS = 'console login without a second factor; value_count of objects; new_value'
START_DAY, LOOKS_DAYS = 92, 2
PARTS, PART_BYTES, BUCKET = 40, 260000, 'lantern-warehouse'
WHO, UA = 'reports', 'DBeaver/24.0'
VARIANTS = {'plain': {}}


def play(year, life, rng, truth, variant):
    first, ip = year.day(START_DAY) + rng.randrange(60 * year.weeks // 52 + 1), address('hosting us', 5)
    truth.actors.update((WHO, ip, 'AKIAEXAMPLEREPORTS'))
    for day in range(first, first + LOOKS_DAYS):
        t = year.at(day, rng.uniform(20, 23))
        year.console(t, WHO, ip, UA, mfa=False)
        for i, call in enumerate(('ListBuckets', 'DescribeDBInstances', 'ListBuckets')):
            year.aws(t + 30 + i * 40, WHO, 's3', call, ip, UA, more={'readOnly': True})
    t = year.at(first + LOOKS_DAYS, rng.uniform(19, 22))
    year.console(t, WHO, ip, UA, mfa=False)
    each = shop.CUSTOMERS // PARTS
    for part in range(PARTS):
        when = t + 120 + part * 9
        year.get(when, WHO, ip, UA, 'unload/customers_%02d.csv.gz' % part, PART_BYTES, bucket=BUCKET)
        truth.read(when, list(range(1 + part * each, 1 + (part + 1) * each)))
