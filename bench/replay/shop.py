# SPDX-License-Identifier: Apache-2.0
"""The shop of the replay, as data: Lantern & Loom of Singapore, ten people, 5,000 customers. Nothing here is real.

Days are counted from START in a year of 52 weeks; a shorter replay (--weeks) shrinks them all (Year.day)."""
import calendar

START = calendar.timegm((2025, 1, 6, 0, 0, 0))  # a Monday
CUSTOMERS = 5000
ACCOUNT = '111122223333'
DOMAIN = 'lantern.example'
BUCKET = 'lantern-customers'            # customers/00001.json … and orders/2025-01-06/17.json, one object each
CUSTOMER_BYTES = (1400, 3200)           # of one customer's object
CANARIES = tuple(range(119, CUSTOMERS, 250))    # twenty customers whom nobody is: nobody orders, writes or is written to

# ---- Places. Networks of RFC 5737 and RFC 3849, AS numbers of RFC 5398; where they are is invented.
# name: (network, country, city, latitude, longitude, radius in km, AS, its name, class)
PLACES = {
    'office': ('192.0.2.0/26', 'SG', 'Singapore', 1.3521, 103.8198, 20, 64500, 'Example Fibre', 'office'),
    'homes': ('192.0.2.64/26', 'SG', 'Singapore', 1.3521, 103.8198, 20, 64501, 'Example Broadband', None),
    'kuala lumpur': ('192.0.2.128/27', 'MY', 'Kuala Lumpur', 3.139, 101.6869, 20, 64502, 'Example Malaysia', None),
    'mobile': ('192.0.2.160/27', 'SG', 'Singapore', 1.3521, 103.8198, 50, 64503, 'Example Mobile', 'mobile'),
    'warehouse': ('192.0.2.192/28', 'SG', 'Singapore', 1.3521, 103.8198, 20, 64504, 'Example Cable', 'office'),
    'warehouse, new line': ('192.0.2.208/28', 'SG', 'Singapore', 1.3521, 103.8198, 20, 64500, 'Example Fibre', None),
    'utrecht': ('192.0.2.224/28', 'NL', 'Utrecht', 52.0907, 5.1214, 10, 64505, 'Example Netherlands', None),
    'tokyo': ('192.0.2.240/28', 'JP', 'Tokyo', 35.6762, 139.6503, 20, 64506, 'Example Japan', None),
    'cloud': ('198.51.100.0/26', 'SG', 'Singapore', 1.3521, 103.8198, 20, 64507, 'Example Cloud', 'hosting'),
    'old agency': ('203.0.113.224/28', 'DE', 'Berlin', 52.52, 13.405, 20, 64508, 'Example Germany', None),
    'new agency': ('203.0.113.240/28', 'SG', 'Singapore', 1.3521, 103.8198, 20, 64500, 'Example Fibre', None),
    # Where attackers come from.
    'hosting de': ('198.51.100.64/27', 'DE', 'Frankfurt am Main', 50.1109, 8.6821, 20, 64509, 'Cheap Hosting', None),
    'hosting us': ('198.51.100.96/27', 'US', 'Ashburn', 39.0438, -77.4874, 20, 64510, 'Bulk Hosting', None),
    'hosting us 2': ('198.51.100.128/27', 'US', 'Dallas', 32.7767, -96.797, 20, 64511, 'Other Hosting', None),
    'seoul': ('198.51.100.160/27', 'KR', 'Seoul', 37.5665, 126.978, 20, 65536, 'Example Korea', None),
    'sao paulo': ('198.51.100.192/27', 'BR', 'São Paulo', -23.5505, -46.6333, 20, 65537, 'Example Brazil', None),
    'singapore proxies': ('198.51.100.224/27', 'SG', 'Singapore', 1.3521, 103.8198, 20, 65538, 'Other Broadband', None),
    # The noise of the internet.
    'noise 1': ('203.0.113.0/26', 'BR', None, -10.0, -55.0, 1000, 65539, 'Noise One', None),
    'noise 2': ('203.0.113.64/26', 'US', None, 37.751, -97.822, 1000, 65540, 'Noise Two', None),
    'noise 3': ('203.0.113.128/26', 'NL', None, 52.5, 5.75, 200, 65541, 'Noise Three', None),
}

MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Safari/605.1.15'
WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'
LINUX = 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0'
PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Mobile/15E148 Safari/604.1'
DESK = 'order-desk/2.4'                 # the program that shows staff orders and customers, each with their own key

# ---- People. Hours are local; zone 'EU' follows European summer time, a number is hours east of UTC.
# from, to: days of the year; desk: their share of the orders; typos: wrong passwords for each login.
PEOPLE = {
    'mei': dict(role='owner', place='office', home='homes', zone=8, hours=(9, 19), days='012345', ua=MAC, mfa='google_prompt', typos=0.02),
    'tom': dict(role='ads', place='office', home='homes', zone=8, hours=(10, 18), days='01234', ua=WINDOWS, mfa='google_authenticator', typos=0.03),
    'ana': dict(role='server', place='kuala lumpur', home='kuala lumpur', zone=8, hours=(9, 18), days='01234', ua=LINUX, mfa='security_key', typos=0.01),
    'jun': dict(role='customers', place='office', home='homes', zone=8, hours=(9, 18), days='01234', ua=WINDOWS, mfa='google_prompt', typos=0.04),
    'lea': dict(role='orders', place='homes', home='homes', zone=8, hours=(9, 17), days='01234', ua=WINDOWS, mfa='google_prompt', typos=0.03, desk=1, to=39),
    'kim': dict(role='orders', place='office', home='homes', zone=8, hours=(8, 17), days='012345', ua=WINDOWS, mfa='google_authenticator', typos=0.06, desk=1),
    'raj': dict(role='warehouse', place='warehouse', home='homes', zone=8, hours=(7, 16), days='012345', ua=WINDOWS, mfa='google_prompt', typos=0.08, desk=0.3),
    'ida': dict(role='books', place='utrecht', home='utrecht', zone='EU', hours=(9, 15), days='03', ua=MAC, mfa=None, typos=0.05),
    'noa': dict(role='newsletter', place='homes', home='homes', zone=8, hours=(11, 20), days='12345', ua=MAC, mfa='google_prompt', typos=0.02),
    'bo': dict(role='photos', place='office', home='homes', zone=8, hours=(10, 16), days='024', ua=MAC, mfa='google_authenticator', typos=0.03),
    'zoe': dict(role='orders', place='office', home='homes', zone=8, hours=(9, 18), days='01234', ua=WINDOWS, mfa='google_prompt', typos=0.1, desk=1, since=49),
}
AGENCIES = {'max@agency-old.example': ('old agency', 'EU', 0, 201), 'uma@agency-new.example': ('new agency', 8, 196, 364)}

# ---- Programs, with keys of their own. per_day: customers read; None: those of the day's orders.
APPS = {
    'courier-app': dict(ua='courier/1.9', hours=(6, 20), per_day=None, to=258),
    'parcel-app': dict(ua='parcel-sdk/0.8', hours=(6, 21), per_day=None, since=252),
    'loyalty-app': dict(ua='loyalty-sync/3.1', hours=(0, 24), per_day=300),
    'books-app': dict(ua='books/5.0', hours=(2, 3), per_day=0),
    'news-app': dict(ua='newsletter/4.4', hours=(3, 4), per_day=0, to=130),      # retired; its key was forgotten
}

# ---- What comes once
HOLIDAYS = {(23, 25): 0.3, (354, 363): 0.6}                     # Lunar New Year, Christmas: orders × factor
SALES = {(140, 147): 2.2, (308, 312): 3.5, (325, 329): 2.5}     # the June sale, 11.11, the end of November
OWNER_TRAVELS = (178, 192)              # to Tokyo
KIM_HOLIDAY = (222, 236)
LINE_CHANGES = 160                      # the warehouse
RESYNC = 215                            # the loyalty app reads every customer in an hour
GDPR_EXPORT = 240                       # everything about one customer, read by jun
