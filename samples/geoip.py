#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a MaxMind DB file of places for the addresses that are set aside for documentation (RFC 5737, RFC 3849).

    geoip.py FILE [all|city|country|asn|flat]

all is samples/geoip.mmdb: places and network operators in one file. The others are laid out as GeoLite2-City, -Country and
-ASN and as the flat files of ip-location-db are, for tests. The places are invented; AS numbers are those of RFC 5398. The
format: https://maxmind.github.io/MaxMind-DB/ (2.0)."""
import ipaddress
import struct
import sys

BUILT = 1772409600  # 2026-03-02, the sample shop's first day

# network, country, city (None: only the country is known), latitude, longitude, radius in km, AS, its name
ROWS = [
    ('192.0.2.0/25', 'NL', 'Utrecht', 52.0907, 5.1214, 10, 64500, 'Example Broadband'),
    ('192.0.2.128/26', 'DE', 'Berlin', 52.52, 13.405, 20, 64500, 'Example Broadband'),
    ('192.0.2.192/26', 'DE', 'Frankfurt am Main', 50.1109, 8.6821, 5, 64501, 'Example Cloud'),
    ('198.51.100.0/25', 'KR', 'Seoul', 37.5665, 126.978, 20, 64502, 'Example Mobile'),
    ('198.51.100.128/25', 'US', 'New York', 40.7128, -74.006, 50, 64503, 'Example Hosting'),
    ('203.0.113.0/25', 'BR', None, -10.0, -55.0, 1000, 64503, 'Example Hosting'),
    ('203.0.113.128/25', 'SG', 'Singapore', 1.3521, 103.8198, 20, 64504, None),
    ('2001:db8::/48', 'NL', 'Utrecht', 52.0907, 5.1214, 10, 64500, 'Example Broadband'),
    ('2001:db8:1::/48', 'KR', 'Seoul', 37.5665, 126.978, 20, 64502, 'Example Mobile'),
    ('2001:db8:8000::/33', 'US', None, 37.751, -97.822, 1000, 64503, 'Example Hosting'),
]


class Float(float):
    """Written in 32 bits."""


class Uint16(int):
    """Integers are of 32 bits, but for these"""


class Uint64(int):
    """and these."""


class Data:
    """The data section; texts that came before are written as pointers, as MaxMind's own writer does."""

    def __init__(self, points=True):
        self.bytes, self.known, self.points = bytearray(), {}, points

    def control(self, kind, size):
        first, extended = (kind, b'') if kind <= 7 else (0, bytes([kind - 7]))
        if size < 29:
            return bytes([first << 5 | size]) + extended
        if size < 285:
            return bytes([first << 5 | 29]) + extended + bytes([size - 29])
        return bytes([first << 5 | 30]) + extended + struct.pack('>H', size - 285)

    def pointer(self, at):
        if at < 2048:
            return bytes([0x20 | at >> 8, at & 255])
        at -= 2048
        return bytes([0x28 | at >> 16, at >> 8 & 255, at & 255])

    def add(self, value):
        at = len(self.bytes)
        if isinstance(value, str):
            if self.points and value in self.known:
                self.bytes += self.pointer(self.known[value])
                return at
            self.known[value] = at
            text = value.encode()
            self.bytes += self.control(2, len(text)) + text
        elif isinstance(value, Float):
            self.bytes += self.control(15, 4) + struct.pack('>f', value)
        elif isinstance(value, float):
            self.bytes += self.control(3, 8) + struct.pack('>d', value)
        elif isinstance(value, bool):
            self.bytes += self.control(14, value)
        elif isinstance(value, int):
            kind = 5 if isinstance(value, Uint16) else 9 if isinstance(value, Uint64) else 6
            raw = value.to_bytes(8, 'big').lstrip(b'\0')
            self.bytes += self.control(kind, len(raw)) + raw
        elif isinstance(value, list):
            self.bytes += self.control(11, len(value))
            for one in value:
                self.add(one)
        else:
            self.bytes += self.control(7, len(value))
            for key, one in value.items():
                self.add(key)
                self.add(one)
        return at


def record(layout, row):
    _, country, city, lat, lon, radius, asn, org = row
    if layout == 'flat':
        flat = {'country_code': country, 'autonomous_system_number': asn}
        if city:
            flat.update({'city': city, 'latitude': Float(lat), 'longitude': Float(lon)})
        return flat
    r = {}
    if layout != 'asn':
        if layout != 'country' and city:
            r['city'] = {'geoname_id': 1, 'names': {'de': city.upper(), 'en': city}}
        r['continent'] = {'code': 'XX', 'names': {'en': 'Somewhere'}}
        r['country'] = {'iso_code': country, 'is_in_european_union': country in ('NL', 'DE'), 'names': {'en': country}}
        if layout != 'country':
            r['location'] = {'accuracy_radius': Uint16(radius), 'latitude': lat, 'longitude': lon, 'time_zone': 'Etc/UTC'}
            r['subdivisions'] = [{'iso_code': 'ZZ', 'names': {'en': 'Somewhere'}}]
    if layout in ('all', 'asn'):
        r['autonomous_system_number'] = asn
        if org:
            r['autonomous_system_organization'] = org
    return r


def write(layout, rows=None, record_of=None):
    data, offsets, nodes = Data(), {}, [[None, None]]
    for row in rows or ROWS:
        network = ipaddress.ip_network(row[0])
        bits, length = int(network.network_address), network.prefixlen
        if network.version == 4:  # lies at ::/96
            length += 96
        value = (record_of or record)(layout, row)
        key = repr(value)
        if key not in offsets:
            offsets[key] = data.add(value)
        node = 0
        for depth in range(length):
            side = bits >> (127 - depth) & 1
            if depth == length - 1:
                nodes[node][side] = ('data', offsets[key])
            else:
                if nodes[node][side] is None:
                    nodes.append([None, None])
                    nodes[node][side] = len(nodes) - 1
                node = nodes[node][side]
    tree = bytearray()
    for pair in nodes:
        for to in pair:
            value = len(nodes) if to is None else to if isinstance(to, int) else len(nodes) + 16 + to[1]
            tree += value.to_bytes(3, 'big')
    meta = Data(points=False)
    kind = {'all': 'shopbell-sample', 'city': 'GeoLite2-City', 'country': 'GeoLite2-Country', 'asn': 'GeoLite2-ASN',
            'flat': 'ip-location-db'}[layout]
    meta.add({'node_count': len(nodes), 'record_size': Uint16(24), 'ip_version': Uint16(6), 'database_type': kind,
              'languages': ['en'], 'build_epoch': Uint64(BUILT),
              'binary_format_major_version': Uint16(2), 'binary_format_minor_version': Uint16(0),
              'description': {'en': 'Addresses for documentation; places are invented'}})
    return bytes(tree) + bytes(16) + bytes(data.bytes) + b'\xab\xcd\xefMaxMind.com' + bytes(meta.bytes)


if __name__ == '__main__':
    with open(sys.argv[1], 'wb') as out:
        out.write(write(sys.argv[2] if len(sys.argv) > 2 else 'all'))
