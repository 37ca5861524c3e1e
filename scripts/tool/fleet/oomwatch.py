# SPDX-License-Identifier: GPL-2.0
"""Plugin of sos: what oomwatch has recorded, in each report of sos."""

from sos.report.plugins import (Plugin, RedHatPlugin, DebianPlugin,
                                SuSEPlugin, UbuntuPlugin)


# sos 4.0 takes no plugin for all distributions (IndependentPlugin).
class Oomwatch(Plugin, RedHatPlugin, DebianPlugin, SuSEPlugin, UbuntuPlugin):

    short_desc = 'OOM kills that oomwatch has recorded'

    plugin_name = 'oomwatch'
    profiles = ('system', 'memory', 'kernel')
    kernel_mods = ('oomwatch',)
    files = ('/proc/sys/vm/oomwatch', '/var/lib/oomwatch')

    def setup(self):
        self.add_copy_spec([
            '/proc/sys/vm/oomwatch',
            '/sys/kernel/debug/oomwatch/stats',
            '/sys/module/oomwatch/version',
            '/sys/module/oomwatch/parameters',
        ])
        self.add_cmd_output([
            'oomwatch --version',
            'oomwatch list -v',
            'oomwatch why',
            'oomwatch json --all',
            'oomwatch adj',
            'oomwatch policy',
            'oomwatch status',
        ])
        self.add_cmd_output('oomwatch html --all -o -',
                            suggest_filename='kills.html')
