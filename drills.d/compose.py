#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Composes the logs of the drills: two ordinary weeks of the sample shop (samples/compose.py), and one incident in each.

    drills.d/compose.py [FOLDER]       writes SCENARIO/logs below FOLDER (default: beside this script)

The same bytes every time. To add a drill: a row in DRILLS, its acts, and a drill.yml beside its logs (shopbell-case(1) has the keys)."""
import importlib.util
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = os.path.join(HERE, '..', 'samples')

DRILLS = {
    'leaver-key': ('leavers_key',),
    'ads-takeover': ('mailbox_taken', 'ads_taken'),
    'shop-takeover': ('shop_taken',),
}
ACTS = ('noisy_sunday', 'leavers_key', 'mailbox_taken', 'cloud_taken', 'shop_taken', 'ads_taken', 'server_guessed')
NOISE = ('noisy_sunday',)


def compose(folder, acts):
    """A fresh copy of the sample shop's script, so that each drill draws the same ordinary weeks."""
    spec = importlib.util.spec_from_file_location('sample_shop', os.path.join(SAMPLES, 'compose.py'))
    shop = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shop)
    for name in ACTS:
        if name not in acts and name not in NOISE:
            setattr(shop, name, lambda: None)
    shop.main(folder)


def main(folder):
    for name, acts in DRILLS.items():
        compose(os.path.join(folder, name, 'logs'), acts)
        for file in ('people.yml', 'geoip.mmdb'):
            shutil.copyfile(os.path.join(SAMPLES, file), os.path.join(folder, name, file))


if __name__ == '__main__':
    main(sys.argv[1] if len(sys.argv) > 1 else HERE)
