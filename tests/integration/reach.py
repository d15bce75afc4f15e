# SPDX-License-Identifier: Apache-2.0
# A shop's own service, as the Elastic Common Schema: DAYS days of reads of customers' addresses, a file a day, from DAYS before the last
# day on. Two keys are busy and honest. The third one, k-7, was that of somebody who left: it reads customers that it did not read before,
# a few a day, from many addresses. Usage: reach.py DIR DAYS [zstd]; prints how many customers k-7 reached in all, and in the last week.
import datetime, gzip, json, os, random, subprocess, sys

folder, days = sys.argv[1], int(sys.argv[2])
random.seed(20251117)
last = datetime.datetime(2025, 11, 8, tzinfo=datetime.timezone.utc)
customers, per_day, number = 5000, 24, 0
countries = ["KR"] * 17 + ["TW"] * 2 + ["JP"]
order = random.sample(range(customers), customers)
everybody, week = set(), set()


def record(at, key, ip, customer, action="GET /customers/address", outcome="success"):
    global number
    number += 1
    labels = {"key_id": key}
    if customer is not None:
        labels.update(customer_id="c-%d" % customer, customer_country=countries[customer % len(countries)])
    return json.dumps({"@timestamp": at.isoformat().replace("+00:00", "Z"), "ecs": {"version": "8.11.0"},
                       "event": {"id": "e%d" % number, "action": action, "category": ["web"], "type": ["access"], "outcome": outcome},
                       "source": {"ip": ip}, "labels": labels}) + "\n"


for back in range(days - 1, -1, -1):
    day, lines = last - datetime.timedelta(days=back), []
    for i in range(120):
        at = day + datetime.timedelta(seconds=random.randrange(86400))
        lines.append(record(at, random.choice(["k-1", "k-2"]), "192.0.2.%d" % random.randrange(1, 9), random.randrange(customers)))
    mine = order[(days - 1 - back) * per_day:][:per_day]
    for customer in mine:
        for _ in range(random.randrange(3, 6)):
            at = day + datetime.timedelta(seconds=random.randrange(86400))
            lines.append(record(at, "k-7", "203.0.113.%d" % random.randrange(1, 41), customer))
    lines.append(record(day + datetime.timedelta(hours=5), "k-7", "203.0.113.1", customers + back, outcome="failure"))
    everybody.update(mine)
    if back < 7:
        week.update(mine)
    lines.sort(key=lambda line: json.loads(line)["@timestamp"])
    name, text = "%s/api-%s.log" % (folder, day.date()), "".join(lines).encode()
    if back >= 7 and "zstd" in sys.argv and back % 2:
        subprocess.run(["zstd", "-q", "-o", name + ".zst"], input=text, check=True)
    elif back >= 7:
        with gzip.open(name + ".gz", "wb") as to:
            to.write(text)
    else:
        with open(name, "wb") as to:
            to.write(text)
print(len(everybody), len(week))
