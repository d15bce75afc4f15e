# SPDX-License-Identifier: Apache-2.0
"""Incidents: one module each. A module has ABOUT (one line), PLATFORM (what stands for the platform of the real case), NEEDS (the
rule that would catch it), VARIANTS (name: parameters, the first is the plain one) and play(year, life, rng, truth, variant).
To add one: a module and its name here."""
import importlib

NAMES = ('coupang_lite', 'support_insider', 'stale_password', 'retired_app', 'new_app_export', 'ads_swap', 'meta_cookie', 'forged_session',
         'push_fatigue', 'list_export')


def load(name):
    return importlib.import_module('incidents.' + name)


def cases():
    """(name of the case, module, variant) of all."""
    for name in NAMES:
        module = load(name)
        for i, variant in enumerate(module.VARIANTS):
            yield name if i == 0 and len(module.VARIANTS) == 1 else '%s.%s' % (name, variant), module, variant
