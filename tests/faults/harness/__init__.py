# SPDX-License-Identifier: MIT
"""What the tests of faults are made of: a sandbox, processes, hosts and links, proxies, ledgers, the verdict."""
