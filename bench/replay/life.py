# SPDX-License-Identifier: Apache-2.0
"""The ordinary life of the shop: what people and programs do in a year without any attack.

Each person has hours, days, a place, devices and a habit; a day's orders lead the desk, the courier and the rest to the
customers. Once a year come the travels, moves and mistakes named in shop.py: each of them looks a little like an attack."""
import shop
from year import HOUR, MINUTE, address

WEEKDAYS = (0.9, 1.0, 1.0, 1.05, 1.15, 1.3, 1.1)        # orders, Monday first


def summer(day):
    """European summer time of 2025: 30 March to 26 October."""
    return 83 <= day < 293


class Life:
    def __init__(self, year):
        self.y = year
        self.people = {name: dict(p, since=year.day(p.get('since', 0)), to=year.day(p.get('to', 365)) if 'to' in p else 10 ** 6)
                       for name, p in shop.PEOPLE.items()}
        self.n = {name: i * 5 + 3 for i, name in enumerate(shop.PEOPLE)}
        rng = year.rng('customers')
        # Some customers order often, many once or twice.
        self.numbers = [n for n in range(1, shop.CUSTOMERS + 1) if n not in shop.CANARIES]
        self.weights = [rng.paretovariate(1.3) for _ in self.numbers]

    # ---- Who is where, when
    def real_day(self, day):
        return day * 52 // self.y.weeks

    def factor(self, day):
        real, factor = self.real_day(day), WEEKDAYS[day % 7]
        for periods in (shop.HOLIDAYS, shop.SALES):
            for (first, last), by in periods.items():
                if first <= real <= last:
                    factor *= by
        return factor

    def away(self, name, day):
        real = self.real_day(day)
        return name == 'kim' and shop.KIM_HOLIDAY[0] <= real < shop.KIM_HOLIDAY[1]

    def works(self, name, day):
        p = self.people[name]
        return p['since'] <= day <= p['to'] and str(day % 7) in p['days'] and not self.away(name, day)

    def travels(self, name, day):
        return name == 'mei' and shop.OWNER_TRAVELS[0] <= self.real_day(day) < shop.OWNER_TRAVELS[1]

    def place(self, name, day, rng, home=False):
        p = self.people[name]
        if self.travels(name, day):
            return 'tokyo'
        if name == 'raj' and not home and self.real_day(day) >= shop.LINE_CHANGES:
            return 'warehouse, new line'
        if home or (p['place'] == 'office' and rng.random() < 0.12):
            return p['home']
        return p['place']

    def ip(self, name, day, rng, home=False):
        place = self.place(name, day, rng, home)
        if place == 'office':
            return address('office', 10)                # one address for all behind the router
        # Home lines change their address every few weeks.
        return address(place, self.n[name] + (day // 24 if place == 'homes' else 0))

    def zone(self, name, day):
        zone = self.people[name]['zone']
        if self.travels(name, day):
            return 9
        return (2 if summer(self.real_day(day)) else 1) if zone == 'EU' else zone

    def clock(self, name, day, rng):
        """A time inside the person's hours, denser in the middle, now and then after them."""
        first, last = self.people[name]['hours']
        if rng.random() < 0.03:
            first, last = last, min(23, last + 3)
        return self.y.at(day, first + (last - first) * (rng.random() * 0.7 + rng.random() * 0.3), self.zone(name, day))

    def mail(self, name):
        return '%s@%s' % (name, shop.DOMAIN)

    # ---- A day of each thing
    def logins(self, name, day, rng):
        p, y = self.people[name], self.y
        begin = y.at(day, p['hours'][0] + rng.uniform(-0.4, 0.6), self.zone(name, day))
        ip = self.ip(name, day, rng)
        for typo in range(3):
            if rng.random() >= p['typos']:
                break
            y.google(begin - 60 + typo * 15, self.mail(name), ip, 'login_failure', login_type='google_password', login_failure_type='login_failure_invalid_password')
        if rng.random() < 0.6:
            if p['mfa'] == 'google_prompt' and rng.random() < 0.01:     # the phone lay in the kitchen
                y.google(begin - 40, self.mail(name), ip, 'login_challenge', login_challenge_method=['google_prompt'], login_challenge_status='Challenge Failed.')
            y.google_login(begin, self.mail(name), ip, p['mfa'])
        if rng.random() < 0.25:                                         # the phone, in the evening
            phone = address('tokyo', 9) if self.travels(name, day) else address('mobile', rng.randrange(30)) if p['zone'] == 8 else ip
            y.google_login(y.at(day, rng.uniform(18, 22), self.zone(name, day)), self.mail(name), phone, p['mfa'])
        if rng.random() < 0.9:
            t = begin + rng.uniform(5, 40) * MINUTE
            role = 'administrator' if p['role'] in ('owner', 'server') else 'shop_manager'
            if rng.random() < p['typos']:
                y.wordpress(t - 20, name, ip, p['ua'], 1002, 'user', 'failed-login', role)
            y.wordpress(t, name, ip, p['ua'], 1000, 'user', 'login', role)
            for _ in range(rng.randrange(2, 12) if p['role'] in ('owner', 'photos', 'orders') else rng.randrange(3)):
                y.wordpress(self.clock(name, day, rng), name, ip, p['ua'], rng.choice((2002, 2065, 9005, 9016)), 'post', 'modified', role, post_title='Lamp %d' % rng.randrange(400))

    def orders(self, day, rng):
        """Orders of the day, and who reads about whom because of them."""
        y, n = self.y, max(3, int(rng.gauss(60, 7) * self.factor(day)))
        buyers = rng.choices(self.numbers, self.weights, k=n)
        desk = [name for name, p in self.people.items() if p.get('desk') and self.works(name, day)]
        shares = [self.people[name]['desk'] for name in desk]
        where = {name: self.ip(name, day, rng) for name in desk}
        for i, buyer in enumerate(buyers):
            order = 'orders/%03d/%d.json' % (day, i)
            if desk:
                name = rng.choices(desk, shares)[0]
                t = self.clock(name, day, rng)
                y.get(t, name, where[name], shop.DESK, order, rng.randint(700, 1800))
                y.customer(t + rng.uniform(1, 9), name, where[name], shop.DESK, buyer, rng)
            for app, a in self.apps(day):
                if a['per_day'] is None:
                    t = y.at(day, rng.uniform(*a['hours']), 8)
                    y.customer(t, app, self.app_ip(app, day, rng), a['ua'], buyer, rng)
                elif app == 'books-app':
                    y.get(y.at(day + 1, 2 + i / 600, 8), app, self.app_ip(app, day, rng), a['ua'], order, rng.randint(700, 1800))
        return buyers

    def apps(self, day):
        return [(name, a) for name, a in shop.APPS.items()
                if self.y.day(a.get('since', 0)) <= day <= (self.y.day(a['to']) if 'to' in a else day)]

    def app_ip(self, app, day, rng):
        """Programs run in a cloud: a few addresses that change as machines come and go."""
        return address('cloud', sorted(shop.APPS).index(app) * 11 + day // 9 % 3 + rng.randrange(3))

    def programs(self, day, rng):
        y = self.y
        for app, a in self.apps(day):
            ip = self.app_ip(app, day, rng)
            if app == 'loyalty-app':
                for number in rng.choices(self.numbers, self.weights, k=int(a['per_day'] * rng.uniform(0.8, 1.2))):
                    y.customer(y.at(day, rng.uniform(0, 24), 8), app, ip, a['ua'], number, rng)
                for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):         # customers who asked to be forgotten
                    y.missing(y.at(day, rng.uniform(0, 24), 8), app, ip, a['ua'], shop.CUSTOMERS + rng.randrange(40))
            elif app == 'news-app' and day % 7 == 2:
                y.get(y.at(day, 3.2, 8), app, ip, a['ua'], 'exports/audience.csv', 380000 + day * 300)

    def support(self, day, rng):
        """jun answers mail: a few customers each, their orders first."""
        if not self.works('jun', day):
            return
        ip = self.ip('jun', day, rng)
        for number in rng.choices(self.numbers, self.weights, k=rng.randrange(12, 22)):
            t = self.clock('jun', day, rng)
            for _ in range(rng.randrange(1, 4)):
                self.y.customer(t, 'jun', ip, shop.DESK, number, rng)
                t += rng.uniform(5, 200)

    def server(self, day, rng):
        y = self.y
        for name in ('ana', 'mei'):
            if not self.works(name, day) or (name == 'mei' and rng.random() > 0.15):
                continue
            ip, ua = self.ip(name, day, rng), self.people[name]['ua']
            t = self.clock(name, day, rng)
            if rng.random() < 0.02:
                y.console(t - 30, name, ip, ua, ok=False)
            y.console(t, name, ip, ua)
            for i in range(rng.randrange(4, 30)):
                y.aws(t + i * rng.uniform(5, 60), name, rng.choice(('ec2', 'rds', 's3', 'cloudwatch')), rng.choice(('DescribeInstances', 'ListBuckets', 'DescribeDBInstances', 'DescribeAlarms')), ip, ua, more={'readOnly': True})
            if name == 'ana':
                for _ in range(rng.randrange(1, 5)):
                    y.ssh(self.clock(name, day, rng), 'Accepted publickey for ana from %s port %d ssh2: ED25519-SK SHA256:Zm9yIGFuYQ' % (ip, rng.randrange(40000, 60000)))
                if rng.random() < 0.05:
                    y.aws(t, name, 'secretsmanager', 'GetSecretValue', ip, ua, {'secretId': 'shop/db'})
        for hour in (1, 13):                                            # nightly jobs of the cloud itself
            y.ssh(y.at(day, hour, 8), 'Accepted publickey for deploy from %s port %d ssh2: ED25519 SHA256:ZGVwbG95' % (address('cloud', 50), rng.randrange(40000, 60000)))
        y.aws(y.at(day, 1.5, 8), 'backup', 'rds', 'CreateDBSnapshot', address('cloud', 51), 'aws-cli/2.22.0', {'dBSnapshotIdentifier': 'nightly-%03d' % day}, key='backup')

    def noise(self, day, rng):
        """Strangers at the door. The server takes keys only, so they never get to try a password there."""
        y = self.y
        for _ in range(rng.randrange(40, 160)):
            ip = address(rng.choice(('noise 1', 'noise 2', 'noise 3')), rng.randrange(60))
            y.ssh(y.at(day, rng.uniform(0, 24)), 'Invalid user %s from %s port %d' % (rng.choice(('admin', 'test', 'oracle', 'ubuntu', 'git', 'pi')), ip, rng.randrange(1024, 65000)))
        for _ in range(rng.randrange(1, 9)):
            ip = address(rng.choice(('noise 1', 'noise 2', 'noise 3')), rng.randrange(60))
            for i in range(rng.randrange(1, 4)):
                y.wordpress(y.at(day, rng.uniform(0, 23)) + i * 2, rng.choice(('admin', 'administrator', 'lantern', 'test')), ip, 'Mozilla/5.0', 1003, 'user', 'failed-login', '')
        if rng.random() < 0.03:                                         # now and then one who does not give up
            t, ip = y.at(day, rng.uniform(0, 23)), address('noise 3', rng.randrange(60))
            for i in range(rng.randrange(25, 60)):
                y.wordpress(t + i * 7, 'admin', ip, 'Mozilla/5.0', 1002, 'user', 'failed-login', '')

    def ads(self, day, rng):
        y = self.y
        actors = [(m, z) for m, (_, z, since, to) in shop.AGENCIES.items() if y.day(since) <= day <= y.day(to)]
        if day % 7 < 5:
            for mail, zone in actors + ([(self.mail('tom'), 8)] if self.works('tom', day) else []):
                for _ in range(rng.randrange(4)):
                    t = y.at(day, rng.uniform(9, 18), 2 if zone == 'EU' else zone)
                    if rng.random() < 0.2:
                        old = rng.choice((40, 60, 80, 120))
                        y.ads_change(t, mail, 'CAMPAIGN_BUDGET', 'UPDATE', old, old * rng.uniform(0.7, 1.5))
                    else:
                        y.ads_change(t, mail, rng.choice(('AD', 'AD_GROUP', 'CAMPAIGN')), rng.choice(('CREATE', 'UPDATE')))
        if self.works('tom', day) and rng.random() < 0.6:
            y.meta(self.clock('tom', day, rng), 'Tom Ferrer', rng.choice(('update_campaign_budget', 'create_ad', 'update_ad_run_status', 'create_ad_set')))
        if day == y.day(308):                                           # 11.11: once more than usual
            y.ads_change(y.at(day, 10, 8), self.mail('tom'), 'CAMPAIGN_BUDGET', 'UPDATE', 120, 1200)
        if day == y.day(313):
            y.ads_change(y.at(day, 10, 8), self.mail('tom'), 'CAMPAIGN_BUDGET', 'UPDATE', 1200, 120)

    def once(self, day, rng):
        """What comes once a year."""
        y, real = self.y, self.real_day(day)

        def today(when):
            return day == y.day(when)

        mei, ana = self.ip('mei', day, rng), self.ip('ana', day, rng)
        if today(shop.AGENCIES['uma@agency-new.example'][2]):           # the hand-over of the ads
            y.ads_access(y.at(day, 11, 8), self.mail('mei'), 'uma@agency-new.example', 'ADMIN')
            y.meta(y.at(day, 11.2, 8), 'Mei Tan', 'ad_account_add_user_to_role', 'ACCOUNT', user='Uma Lim', role='Advertiser')
        if today(shop.AGENCIES['max@agency-old.example'][3]):
            y.meta(y.at(day, 16, 8), 'Mei Tan', 'ad_account_remove_user_from_role', 'ACCOUNT', user='Max Roth', role='Advertiser')
        if today(shop.PEOPLE['zoe']['since']):                          # somebody joins
            self.new_user(y.at(day, 9, 8), ana, 'zoe')
            y.wordpress(y.at(day, 9.2, 8), 'mei', mei, shop.MAC, 4001, 'user', 'created', 'administrator', NewUserData={'Username': 'zoe', 'Roles': 'shop_manager'})
        if today(shop.APPS['parcel-app']['since']):                     # the new courier
            self.new_user(y.at(day, 10, 8) - 86400, ana, 'parcel-app')
        if today(shop.PEOPLE['lea']['to'] + 3):                         # somebody left; her key was forgotten
            y.wordpress(y.at(day, 9.4, 8), 'mei', mei, shop.MAC, 4007, 'user', 'deleted', 'administrator', TargetUsername='lea')
        if today(shop.RESYNC):
            t = y.at(day, 3, 8)
            for number in range(1, shop.CUSTOMERS + 1):
                y.customer(t + number * 0.7, 'loyalty-app', address('cloud', 24), 'loyalty-sync/3.1', number, rng)
        if today(shop.GDPR_EXPORT):
            ip, t = self.ip('jun', day, rng), y.at(day, 14, 8)
            y.customer(t, 'jun', ip, shop.DESK, 1234, rng)
            for i in range(28):
                y.get(t + 5 + i * 3, 'jun', ip, shop.DESK, 'orders/%03d/%d.json' % (i * 7, i), 1500)
        if day % 30 == 12:
            y.wordpress(y.at(day, 15, 8), 'ana', ana, shop.LINUX, 5004, 'plugin', 'updated', 'administrator', PluginData={'Name': 'Shipping labels'})
        if real in (90, 270) and today(real):
            y.google(y.at(day, 12, 8), self.mail('ida' if real == 90 else 'raj'), address('utrecht', 1) if real == 90 else mei, 'password_edit', 'password_change')

    def new_user(self, t, ip, name):
        for i, (call, request) in enumerate((('CreateUser', {'userName': name}), ('AddUserToGroup', {'userName': name, 'groupName': 'desk'}),
                                             ('CreateAccessKey', {'userName': name}))):
            self.y.aws(t + i * 40, 'ana', 'iam', call, ip, shop.LINUX, request)

    def play(self):
        y = self.y
        parts = {part: y.rng('life/' + part) for part in ('logins', 'orders', 'programs', 'support', 'server', 'noise', 'ads', 'once')}
        for day in range(y.n_days):
            for name in shop.PEOPLE:
                if self.works(name, day):
                    self.logins(name, day, parts['logins'])
            for part, rng in parts.items():
                if part != 'logins':
                    getattr(self, part)(day, rng)
        return self
