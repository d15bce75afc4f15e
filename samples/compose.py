#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Composes the sample shop: two weeks of logs of a five-person shop, and the break-in that README.md tells.

    samples/compose.py [FOLDER]        writes the log files below FOLDER (default: beside this script)

Deterministic: no clock, no seed from outside; running it again gives the same bytes. Names and addresses come from the
ranges set aside for documentation (RFC 5737, RFC 2606). Formats follow the vendors' pages named in parsers/sources/*.yml.
"""
import datetime as dt
import gzip
import json
import os
import random
import sys

START = dt.datetime(2026, 3, 2)         # a Monday
DAYS = 14
OFFICE = '192.0.2.10'
HOME = {'mei': '192.0.2.21', 'tom': '192.0.2.34', 'ana': '192.0.2.47', 'jun': '192.0.2.58', 'lea': '192.0.2.66'}
THIEF = '198.51.100.77'
GUESSER = '203.0.113.66'
ACCOUNT = '111122223333'
BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0'
rng = random.Random(20260302)


def at(day, clock):
    hours, minutes, seconds = (list(map(int, clock.split(':'))) + [0])[:3]
    return START + dt.timedelta(days=day, hours=hours, minutes=minutes, seconds=seconds)


def office_time(day, first=9, last=17):
    return START + dt.timedelta(days=day, hours=first, seconds=rng.randrange((last - first) * 3600))


def iso(t):
    return t.strftime('%Y-%m-%dT%H:%M:%SZ')


def workdays():
    return [day for day in range(DAYS) if (START + dt.timedelta(days=day)).weekday() < 5]


class Log:
    """Records of one source with their times."""
    def __init__(self):
        self.rows, self.count = [], 0

    def add(self, t, row):
        self.rows.append((t, len(self.rows), row))

    def of_day(self, day):
        begin, end = START + dt.timedelta(days=day), START + dt.timedelta(days=day + 1)
        return [row for t, _, row in sorted(self.rows, key=lambda r: r[:2]) if begin <= t < end]

    def all(self):
        return [row for _, _, row in sorted(self.rows, key=lambda r: r[:2])]


aws, wordpress, ads, ads_users, meta, workspace, ssh = Log(), Log(), Log(), Log(), Log(), Log(), Log()


# ---------------------------------------------------------------- one record of each kind

def aws_event(t, who, source, name, ip, request=None, key=None, **more):
    aws.count += 1
    identity = {'type': 'IAMUser', 'principalId': 'AIDAEXAMPLE' + who.upper(), 'arn': 'arn:aws:iam::%s:user/%s' % (ACCOUNT, who),
                'accountId': ACCOUNT, 'userName': who}
    if who == 'nightly-job':
        identity = {'type': 'AssumedRole', 'principalId': 'AROAEXAMPLE:nightly', 'accountId': ACCOUNT,
                    'arn': 'arn:aws:sts::%s:assumed-role/nightly-job/nightly' % ACCOUNT,
                    'sessionContext': {'sessionIssuer': {'type': 'Role', 'userName': 'nightly-job'},
                                       'attributes': {'mfaAuthenticated': 'false'}}}
    if key:
        identity['accessKeyId'] = key
    record = {'eventVersion': '1.09', 'userIdentity': identity, 'eventTime': iso(t), 'eventSource': source + '.amazonaws.com',
              'eventName': name, 'awsRegion': 'eu-central-1', 'sourceIPAddress': ip,
              'userAgent': 'aws-cli/2.15.0' if key else BROWSER, 'requestParameters': request, 'responseElements': None}
    record.update(more)
    record.update({'requestID': 'req-%06d' % aws.count, 'eventID': '00000000-0000-4000-8000-%012d' % aws.count,
                   'readOnly': name.startswith(('Get', 'List', 'Describe')), 'eventType': 'AwsApiCall',
                   'managementEvent': name != 'GetObject', 'recipientAccountId': ACCOUNT,
                   'eventCategory': 'Data' if name == 'GetObject' else 'Management'})
    aws.add(t, record)


def aws_login(t, who, ip, mfa):
    aws_event(t, who, 'signin', 'ConsoleLogin', ip, responseElements={'ConsoleLogin': 'Success'},
              additionalEventData={'LoginTo': 'https://console.aws.amazon.com/', 'MobileVersion': 'No',
                                   'MFAUsed': 'Yes' if mfa else 'No'})


def aws_get(t, who, ip, object_key, key=None):
    aws_event(t, who, 's3', 'GetObject', ip, {'bucketName': 'lantern-shop-data', 'key': object_key}, key,
              additionalEventData={'bytesTransferredOut': 20000 + len(object_key) * 317})


WP_IDS = {'mei': 1, 'tom': 2, 'ana': 3, 'jun': 4, 'admin': 0}


def wp_event(t, who, alert, kind, what, ip, role='shop_manager', **more):
    wordpress.count += 1
    row = {'id': 48000 + wordpress.count, 'site_id': 1, 'alert_id': alert, 'created_on': round(t.replace(tzinfo=dt.timezone.utc).timestamp() + 0.25, 4),
           'client_ip': ip, 'severity': '250', 'object': kind, 'event_type': what, 'user_agent': BROWSER, 'user_roles': role,
           'username': who, 'user_id': WP_IDS.get(who, 0), 'session_id': '%06x' % (wordpress.count * 7919), 'post_status': '',
           'post_type': '', 'post_id': 0}
    row.update(more)
    wordpress.add(t, row)


def ads_event(t, email, kind, operation, old=None, new=None):
    ads.count += 1
    change = {'resourceName': 'customers/1234567890/changeEvents/%d~5~0' % (1772400000000000 + ads.count),
              'changeDateTime': t.strftime('%Y-%m-%d %H:%M:%S') + '.%06d' % ads.count, 'changeResourceType': kind,
              'changeResourceName': 'customers/1234567890/campaignBudgets/555', 'clientType': 'GOOGLE_ADS_WEB_CLIENT',
              'userEmail': email, 'resourceChangeOperation': operation, 'campaign': 'customers/1234567890/campaigns/777'}
    if new:
        change.update({'changedFields': 'amountMicros', 'oldResource': {'campaignBudget': {'amountMicros': str(old * 10 ** 6)}},
                       'newResource': {'campaignBudget': {'amountMicros': str(new * 10 ** 6)}}})
    ads.add(t, {'changeEvent': change})


def ads_access(t, email, role, inviter):
    """An entry of the list that a job polls every evening."""
    number = 998000 + len(ads_users.rows)
    ads_users.add(t, {'customerUserAccess': {'resourceName': 'customers/1234567890/customerUserAccesses/%d' % number,
                                             'userId': str(number), 'emailAddress': email, 'accessRole': role,
                                             'accessCreationDateTime': t.strftime('%Y-%m-%d %H:%M:%S'),
                                             'inviterUserEmailAddress': inviter}})


def meta_event(t, who, kind, extra, object_name='Lantern & Loom ads', object_type='ACCOUNT'):
    meta.add(t, {'actor_id': '1221000000000%02d' % (len(who) * 3), 'actor_name': who, 'application_id': '119211728144504',
                 'application_name': 'Meta ads', 'date_time_in_timezone': t.strftime('%m/%d/%Y at %I:%M %p'),
                 'event_time': t.strftime('%Y-%m-%dT%H:%M:%S+0000'), 'event_type': kind,
                 'translated_event_type': kind.replace('_', ' ').capitalize(), 'extra_data': json.dumps(extra),
                 'object_id': '23840000000000000', 'object_name': object_name, 'object_type': object_type})


def parameter(name, value):
    kind = 'boolValue' if isinstance(value, bool) else 'multiValue' if isinstance(value, list) else 'value'
    return {'name': name, kind: value}


def workspace_item(t, who, ip, *events):
    workspace.count += 1
    workspace.add(t, {'kind': 'admin#reports#activity',
                      'id': {'time': t.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (workspace.count % 1000),
                             'uniqueQualifier': str(-7000000000 - workspace.count * 7), 'applicationName': 'login', 'customerId': 'C01ab2cd3'},
                      'etag': '"%d"' % workspace.count, 'actor': {'callerType': 'USER', 'email': who + '@example.com', 'profileId': '11%d' % WP_IDS.get(who, 9)},
                      'ipAddress': ip,
                      'events': [{'type': kind, 'name': name, 'parameters': [parameter(k, v) for k, v in values.items()]}
                                 for kind, name, values in events]})


def workspace_login(t, who, ip, mfa=True, suspicious=False):
    values = {'login_type': 'google_password', 'login_challenge_method': ['password', 'google_prompt'] if mfa else ['password'],
              'is_suspicious': suspicious}
    if mfa:
        values['is_second_factor'] = True
    workspace_item(t, who, ip, ('login', 'login_success', values))


def ssh_line(t, text, pid=None):
    ssh.count += 1
    ssh.add(t, '%s+00:00 web1 sshd[%d]: %s' % (t.strftime('%Y-%m-%dT%H:%M:%S.') + '%06d' % (ssh.count * 137 % 1000000),
                                               pid or 2000 + ssh.count, text))


# ---------------------------------------------------------------- two ordinary weeks

def ordinary_day(day):
    for who in ('mei', 'ana'):
        if rng.random() < 0.6:
            aws_login(office_time(day), who, OFFICE, True)
    for who in ('mei', 'tom', 'jun', 'ana'):
        workspace_login(office_time(day, 8, 10), who, OFFICE if rng.random() < 0.8 else HOME[who])
        if who != 'ana' or rng.random() < 0.3:
            t = office_time(day, 9, 12)
            if rng.random() < 0.15:         # mistyped once
                wp_event(t - dt.timedelta(seconds=20), who, 1002, 'user', 'failed-login', OFFICE, '', Attempts=1)
            wp_event(t, who, 1000, 'user', 'login', OFFICE, 'administrator' if who == 'mei' else 'shop_manager')
    for _ in range(rng.randrange(1, 4)):
        old = rng.choice([30, 40, 50, 60])
        ads_event(office_time(day), 'tom@example.com', 'CAMPAIGN_BUDGET', 'UPDATE', old, old + rng.choice([-10, 10, 20]))
    ads_event(office_time(day), 'tom@example.com', 'AD_GROUP_AD', 'CREATE')
    meta_event(office_time(day), 'Tom Ferrer', 'create_ad', {'new_value': 'Spring lamps %d' % day}, 'Spring lamps', 'AD')
    if rng.random() < 0.5:
        meta_event(office_time(day), 'Tom Ferrer', 'update_campaign_budget', {'old_value': 2500, 'new_value': 3000, 'currency': 'EUR'}, 'Spring', 'CAMPAIGN')
    ssh_line(office_time(day), 'Accepted publickey for ana from %s port %d ssh2: ED25519 SHA256:gq0c8hRlY1Vn3o2mW' % (OFFICE, 40000 + day))


def every_night(day):
    for i in range(6):
        aws_get(at(day, '03:%02d:00' % i), 'nightly-job', '192.0.2.200', 'reports/2026-03-%02d/%d.csv' % (day + 2, i))
    aws_event(at(day, '03:10:00'), 'nightly-job', 'rds', 'CreateDBSnapshot', '192.0.2.200',
              {'dBSnapshotIdentifier': 'nightly-%02d' % day, 'dBInstanceIdentifier': 'shop'})
    for i in range(rng.randrange(3, 9)):    # what every server on the internet hears
        ssh_line(at(day, '%02d:%02d:%02d' % (rng.randrange(24), rng.randrange(60), rng.randrange(60))),
                 'Failed password for %s from 203.0.113.%d port %d ssh2'
                 % (rng.choice(['root', 'invalid user admin', 'invalid user test', 'invalid user oracle']), 100 + (day * 9 + i) % 120, 30000 + i))


def lea_at_work(day):
    """Lea worked here until Friday the 6th; her access key was never taken away."""
    workspace_login(office_time(day, 8, 10), 'lea', OFFICE)
    for i in range(rng.randrange(2, 6)):
        aws_get(office_time(day), 'lea', OFFICE, 'orders/2026-03-%02d.csv' % (day + 1 - i % 2), 'AKIAEXAMPLELEA00001')


def noisy_sunday():
    """A stranger guesses passwords for a quarter of an hour and goes away."""
    t = at(6, '04:12:00')
    for i in range(60):
        ssh_line(t + dt.timedelta(seconds=15 * i), 'Failed password for root from 203.0.113.9 port %d ssh2' % (41000 + i))


# ---------------------------------------------------------------- the break-in

def leavers_key():
    t, key = at(8, '22:14:00'), 'AKIAEXAMPLELEA00001'
    aws_event(t, 'lea', 'sts', 'GetCallerIdentity', THIEF, None, key)
    aws_event(t + dt.timedelta(seconds=40), 'lea', 's3', 'ListBuckets', THIEF, None, key)
    for i in range(64):
        aws_get(t + dt.timedelta(seconds=90 + 21 * i), 'lea', THIEF, 'customers/part-%03d.csv' % i, key)


def mailbox_taken():
    workspace_item(at(9, '01:52:10'), 'jun', THIEF, ('account_warning', 'suspicious_login', {'affected_email_address': 'jun@example.com'}))
    workspace_login(at(9, '02:03:00'), 'jun', THIEF, mfa=False)
    workspace_item(at(9, '02:05:30'), 'jun', THIEF, ('2sv_change', '2sv_disable', {}),
                   ('email_forwarding_change', 'email_forwarding_out_of_domain', {'email_forwarding_destination_address': 'jun.backup@example.net'}))


def cloud_taken():
    key = 'AKIAEXAMPLELEA00001'
    aws_event(at(9, '02:28:00'), 'lea', 'iam', 'CreateLoginProfile', THIEF, {'userName': 'lea', 'passwordResetRequired': False}, key)
    aws_login(at(9, '02:31:00'), 'lea', THIEF, False)
    aws_event(at(9, '02:33:00'), 'lea', 'cloudtrail', 'StopLogging', THIEF, {'name': 'shop-trail'}, errorCode='AccessDenied',
              errorMessage='User: arn:aws:iam::%s:user/lea is not authorized to perform: cloudtrail:StopLogging' % ACCOUNT)
    aws_event(at(9, '02:35:00'), 'lea', 'iam', 'CreateUser', THIEF, {'userName': 'backup-svc'})
    aws_event(at(9, '02:35:20'), 'lea', 'iam', 'AttachUserPolicy', THIEF, {'userName': 'backup-svc', 'policyArn': 'arn:aws:iam::aws:policy/AdministratorAccess'})
    aws_event(at(9, '02:35:40'), 'lea', 'iam', 'CreateAccessKey', THIEF, {'userName': 'backup-svc'})
    for i, name in enumerate(['db-password', 'stripe-key', 'smtp-password', 'shipping-api', 'erp-token', 'backup-key', 'webhook-secret']):
        aws_event(at(9, '02:40:%02d' % (i * 7)), 'backup-svc', 'secretsmanager', 'GetSecretValue', THIEF, {'secretId': name}, 'AKIAEXAMPLEBACKUP01')
    aws_event(at(9, '02:52:00'), 'backup-svc', 'rds', 'ModifyDBSnapshotAttribute', THIEF,
              {'dBSnapshotIdentifier': 'nightly-08', 'attributeName': 'restore', 'valuesToAdd': ['444455556666']}, 'AKIAEXAMPLEBACKUP01')


def shop_taken():
    wp_event(at(9, '03:10:00'), 'jun', 1000, 'user', 'login', THIEF)
    wp_event(at(9, '03:14:00'), 'jun', 4002, 'user', 'modified', THIEF, TargetUsername='jun', OldRole='shop_manager', NewRole='administrator')
    wp_event(at(9, '03:15:00'), 'jun', 4025, 'user', 'added', THIEF, 'administrator')
    wp_event(at(9, '03:21:00'), 'jun', 9076, 'payment-gateways', 'modified', THIEF, 'administrator', GatewayName='Direct bank transfer')
    wp_event(at(9, '03:24:00'), 'jun', 6034, 'wp-activity-log', 'deleted', THIEF, 'administrator')


def ads_taken():
    ads_access(at(9, '03:40:10'), 'growth.partner@example.net', 'ADMIN', 'tom@example.com')
    ads_event(at(9, '03:44:02'), 'growth.partner@example.net', 'CAMPAIGN_BUDGET', 'UPDATE', 50, 5000)
    meta_event(at(9, '03:51:00'), 'Tom Ferrer', 'ad_account_add_user_to_role', {'user': 'Growth Partner', 'role': 'Admin'})
    meta_event(at(9, '03:53:00'), 'Growth Partner', 'add_funding_source', {'new_value': 'Visa ending 4242'})


def server_guessed():
    t = at(10, '05:30:00')
    for i in range(14):
        ssh_line(t + dt.timedelta(seconds=12 * i), 'Failed password for jun from %s port %d ssh2' % (GUESSER, 50000 + i))
    ssh_line(t + dt.timedelta(seconds=12 * 14), 'Accepted password for jun from %s port 50014 ssh2' % GUESSER)


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    data = text.encode('utf-8')
    if name.endswith('.gz'):
        data = gzip.compress(data, 9, mtime=0)
    with open(path, 'wb') as file:
        file.write(data)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(',', ':'))


def main(folder):
    ads_access(START - dt.timedelta(days=300), 'mei@example.com', 'ADMIN', None)
    ads_access(START - dt.timedelta(days=200), 'tom@example.com', 'ADMIN', 'mei@example.com')
    for day in range(DAYS):
        every_night(day)
    for day in workdays():
        ordinary_day(day)
        if day <= 4:
            lea_at_work(day)
    for act in (noisy_sunday, leavers_key, mailbox_taken, cloud_taken, shop_taken, ads_taken, server_guessed):
        act()
    for day in range(DAYS):
        date = (START + dt.timedelta(days=day)).strftime('%Y%m%d')
        for log, name, envelope in ((aws, 'cloudtrail/%s_CloudTrail_eu-central-1_%%sT2359Z_sample.json.gz' % ACCOUNT, 'Records'),
                                    (ads, 'google-ads/change-events-%s.json', 'results'), (meta, 'meta-ads/activities-%s.json', 'data'),
                                    (workspace, 'google-workspace/login-%s.json', 'items')):
            rows = log.of_day(day)
            if rows:
                write(folder, name % date, compact({envelope: rows}) + '\n')
    for day in range(DAYS):
        evening = at(day, '23:30')
        users = [row for t, _, row in ads_users.rows if t < evening]
        write(folder, 'google-ads-users/users-%s.json' % evening.strftime('%Y%m%d'), compact({'polled_at': iso(evening), 'results': users}) + '\n')
    write(folder, 'wordpress/activity-log.ndjson', ''.join(compact(row) + '\n' for row in wordpress.all()))
    write(folder, 'sshd/auth.log', ''.join(line + '\n' for line in ssh.all()))


if __name__ == '__main__':
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), 'logs'))
