# SPDX-License-Identifier: Apache-2.0
"""A year of log lines of one shop, and what of it is an attack.

Everything is drawn from named streams of random numbers (Year.rng), so the ordinary life of a seed is the same whatever
incident is played inside it."""
import array
import ipaddress
import json
import os
import random
import sys
import time

import shop

DAY, HOUR, QUARTER, MINUTE = 86400, 3600, 900, 60
FILES = {'aws': 'cloudtrail.ndjson', 'google': 'workspace-login.ndjson', 'ads': 'google-ads.ndjson', 'meta': 'meta-ads.ndjson',
         'wordpress': 'activity-log.ndjson', 'ssh': 'auth.log'}
POLLS = 'google-ads-users-%04d.json'    # a list, polled: one file each time it has changed, and one at the beginning


def dumps(row):
    return json.dumps(row, separators=(',', ':'), ensure_ascii=False)


def iso(t, form='%Y-%m-%dT%H:%M:%S'):
    return time.strftime(form, time.gmtime(t))


def address(place, n):
    """The nth address of a place."""
    network = ipaddress.ip_network(shop.PLACES[place][0])
    return str(network[1 + n % (network.num_addresses - 2)])


class Truth:
    """What the incident was. Rows added while `Year.truth` is set are its rows."""
    def __init__(self, name):
        self.name, self.actors, self.reads, self.note, self.needs = name, set(), [], '', ''
        self.rows = []                  # (source, time, number of the row)
        self.main = None                # when the taking began, where something small came before

    def read(self, t, customers):
        self.reads.append((t, customers))


class Year:
    def __init__(self, seed, weeks=52):
        self.seed, self.weeks, self.n_days = seed, weeks, weeks * 7
        self.rows = {source: [] for source in (*FILES, 'users')}    # (time, number, line)
        self.truth = None
        self.addresses = {}

    def rng(self, name):
        return random.Random('%s/%s' % (self.seed, name))

    def day(self, day):
        """A day of the full year, in this one."""
        return day * self.weeks // 52

    def span(self, days):
        """Days an incident lasts: shrunk with the year."""
        return max(1, days * self.weeks // 52)

    def at(self, day, hours=0.0, zone=0):
        return shop.START + day * DAY + (hours - zone) * HOUR

    def inside(self, t):
        return shop.START <= t < shop.START + self.n_days * DAY

    def add(self, source, t, line):
        if not self.inside(t):
            return
        rows = self.rows[source]
        rows.append((t, len(rows), line))
        if self.truth:
            self.truth.rows.append((source, t, len(rows) - 1))

    def id(self, source):
        return len(self.rows[source]) | (1 << 40 if self.truth else 0)

    # ---- One row of each kind
    def identity(self, who, key):
        key = ',"accessKeyId":"AKIAEXAMPLE%s"' % key.upper().replace('-', '') if key else ''
        return ('{"type":"IAMUser","principalId":"AIDAEXAMPLE%s","arn":"arn:aws:iam::%s:user/%s","accountId":"%s"%s,"userName":"%s"}'
                % (who.upper().replace('-', ''), shop.ACCOUNT, who, shop.ACCOUNT, key, who))

    def aws(self, t, who, service, name, ip, ua, request=None, key=None, more=None, data=False):
        row = ('{"eventVersion":"1.11","userIdentity":%s,"eventTime":"%sZ","eventSource":"%s.amazonaws.com","eventName":"%s",'
               '"awsRegion":"ap-southeast-1","sourceIPAddress":"%s","userAgent":"%s","requestParameters":%s%s,'
               '"eventID":"%012x-aws","recipientAccountId":"%s","eventCategory":"%s"}')
        extra = ',' + dumps(more)[1:-1] if more else ''
        self.add('aws', t, row % (self.identity(who, key), iso(t), service, name, ip, ua, dumps(request), extra, self.id('aws'),
                                  shop.ACCOUNT, 'Data' if data else 'Management'))

    def get(self, t, who, ip, ua, key, size, error=None, bucket=shop.BUCKET):
        """An object is fetched with the key of `who`."""
        more = {'errorCode': error} if error else {'additionalEventData': {'bytesTransferredOut': size}}
        self.aws(t, who, 's3', 'GetObject', ip, ua, {'bucketName': bucket, 'key': key}, key=who, more=more, data=True)

    def customer(self, t, who, ip, ua, number, rng):
        self.get(t, who, ip, ua, 'customers/%05d.json' % number, rng.randint(*shop.CUSTOMER_BYTES))
        if self.truth:
            self.truth.read(t, [number])

    def missing(self, t, who, ip, ua, number):
        self.get(t, who, ip, ua, 'customers/%05d.json' % number, 0, error='NoSuchKey')

    def console(self, t, who, ip, ua, mfa=True, ok=True):
        more = {'responseElements': {'ConsoleLogin': 'Success' if ok else 'Failure'},
                'additionalEventData': {'LoginTo': 'https://console.aws.amazon.com/', 'MobileVersion': 'No', 'MFAUsed': 'Yes' if mfa else 'No'}}
        if not ok:
            more['errorMessage'] = 'Failed authentication'
        self.aws(t, who, 'signin', 'ConsoleLogin', ip, ua, more=more)

    def google(self, t, mail, ip, event, kind='login', **parameters):
        values = [{'name': name, 'boolValue' if isinstance(v, bool) else 'multiValue' if isinstance(v, list) else 'value': v}
                  for name, v in parameters.items()]
        self.add('google', t, dumps({
            'kind': 'admin#reports#activity', 'id': {'time': iso(t) + '.%03dZ' % (t % 1 * 1000), 'uniqueQualifier': str(self.id('google')),
                                                     'applicationName': 'login', 'customerId': 'C01ab2cd3'},
            'actor': {'email': mail, 'profileId': '1' + '%06d' % (sum(mail.encode()) * 37)}, 'ipAddress': ip,
            'events': [{'type': kind, 'name': event, 'parameters': values}]}))

    def google_login(self, t, mail, ip, method):
        if method:
            self.google(t, mail, ip, 'login_success', login_type='google_password', login_challenge_method=['password', method],
                        is_second_factor=True)
        else:
            self.google(t, mail, ip, 'login_success', login_type='google_password', login_challenge_method=['password'])

    def wordpress(self, t, who, ip, ua, alert, kind, what, role='shop_manager', **more):
        row = {'id': self.id('wordpress'), 'site_id': 1, 'alert_id': alert, 'created_on': round(t, 3), 'client_ip': ip, 'object': kind,
               'event_type': what, 'user_agent': ua, 'user_roles': role, 'username': who, 'user_id': sum(who.encode())}
        row.update(more)
        self.add('wordpress', t, dumps(row))

    def ads_change(self, t, mail, resource, what, old=None, new=None):
        change = {'resourceName': 'customers/1234567890/changeEvents/%d~%d~0' % (t * 1e6, self.id('ads')),
                  'changeDateTime': iso(t, '%Y-%m-%d %H:%M:%S') + '.000000', 'changeResourceType': resource,
                  'changeResourceName': 'customers/1234567890/%s/5' % resource.lower(), 'clientType': 'GOOGLE_ADS_WEB_CLIENT',
                  'userEmail': mail, 'resourceChangeOperation': what, 'campaign': 'customers/1234567890/campaigns/777'}
        if new:
            change['oldResource'] = {'campaignBudget': {'amountMicros': str(int(old * 1e6))}}
            change['newResource'] = {'campaignBudget': {'amountMicros': str(int(new * 1e6))}}
        self.add('ads', t, dumps({'changeEvent': change}))

    def ads_access(self, t, inviter, mail, role):
        self.add('users', t, dumps({'customerUserAccess': {
            'resourceName': 'customers/1234567890/customerUserAccesses/%d' % self.id('users'), 'userId': str(self.id('users')),
            'emailAddress': mail, 'accessRole': role, 'accessCreationDateTime': iso(t, '%Y-%m-%d %H:%M:%S'),
            'inviterUserEmailAddress': inviter}}))

    def meta(self, t, name, event, kind='CAMPAIGN', **extra):
        self.add('meta', t, dumps({
            'actor_id': '1221%06d' % (sum(name.encode()) * 7), 'actor_name': name, 'application_name': 'Meta ads',
            'event_time': iso(t) + '+0000', 'event_type': event, 'extra_data': dumps(extra), 'object_id': '2384', 'object_name': 'Lantern ads',
            'object_type': kind}))

    def ssh(self, t, text):
        self.add('ssh', t, '%s+00:00 web1 sshd[%d]: %s' % (iso(t), 1000 + self.id('ssh') % 30000, text))

    # ---- To files
    def write(self, folder):
        """Logs below logs/, the time of each line (doubles) below times/. Returns where each row of the truth landed."""
        os.makedirs(os.path.join(folder, 'logs'), exist_ok=True)
        os.makedirs(os.path.join(folder, 'times'), exist_ok=True)
        wanted = {}
        for source, t, number in self.truth.rows if self.truth else ():
            wanted.setdefault(source, {})[number] = t
        landed = []
        for source, name in FILES.items():
            rows = sorted(self.rows[source], key=lambda row: row[:2])
            self.write_file(folder, name, rows)
            mine = wanted.get(source, {})
            landed += [(t, name, index) for index, (t, number, _) in enumerate(rows) if number in mine]
        return sorted(landed + self.write_polls(folder, wanted.get('users', {})))

    def write_file(self, folder, name, rows):
        with open(os.path.join(folder, 'logs', name), 'w', encoding='utf-8') as out:
            out.writelines(line + '\n' for _, _, line in rows)
        times = array.array('d', (t for t, _, _ in rows))
        if sys.byteorder == 'big':
            times.byteswap()
        with open(os.path.join(folder, 'times', name), 'wb') as out:
            times.tofile(out)

    def write_polls(self, folder, mine):
        """Who has access to the ads, as a job finds it that asks every quarter of an hour. Of a poll one entry is new: record 0."""
        owner = {'resourceName': 'customers/1234567890/customerUserAccesses/1', 'userId': '1', 'emailAddress': 'mei@lantern.example', 'accessRole': 'ADMIN'}
        users, landed = [dumps({'customerUserAccess': owner})], []
        polls = [(shop.START, -1)]
        for t, number, line in sorted(self.rows['users'], key=lambda row: row[:2]):
            polls.append((t - t % QUARTER + QUARTER, number, line))
        for i, (t, number, *new) in enumerate(polls):
            users += new
            self.write_file(folder, POLLS % i, [(t, i, '{"polled_at":"%sZ","results":[%s]}' % (iso(t), ','.join(users)))])
            if number in mine:
                landed.append((mine[number], POLLS % i, 0))
        return landed
