# SPDX-License-Identifier: MIT
"""Reads what a program has written down of its streams (ledger.hpp), also while it runs and after it was killed."""
import collections
import os
import struct

FIELDS = ('role stream sender session attempted accepted first last disorder wanted got skipped corrupt calls answered'
          ' failed wrong').split()
Slot = collections.namedtuple('Slot', FIELDS)
LAYOUT = struct.Struct(f'={len(FIELDS)}Q')

SENT, RECEIVED = 1, 2
FLOW, REPLY, ALL = 1, 2, 3
NAMES = {FLOW: 'flow', REPLY: 'reply', ALL: 'broadcast'}


def read(path):
    slots = []
    if not os.path.exists(path):
        return slots
    with open(path, 'rb') as f:
        while True:
            block = f.read(LAYOUT.size * 256)
            for at in range(0, len(block) - LAYOUT.size + 1, LAYOUT.size):
                slot = Slot(*LAYOUT.unpack_from(block, at))
                if slot.role == 0:
                    return slots
                slots.append(slot)
            if len(block) < LAYOUT.size * 256:
                return slots
