"""Frames and messages of the ipczmq protocol, written and read; from core/PROTOCOL.md alone (§ refers to it).

Everything that goes wrong is a ProtocolError, whose `code` is the protocol's."""
import struct
from collections import namedtuple
import msgpack

ACK_NOW, GAP, RESENT = 1, 2, 4
EVENT, SYNC, INVOKE, REPLY, ERROR, CANCEL, SUBSCRIBE, UNSUBSCRIBE = range(1, 9)
HELLO, WELCOME, REFUSE, PING, PONG, BYE = range(32, 38)
# c channel, C channel or nil, a args, v value, d data, i positive, n uint, s str, m map
FORMS = {EVENT: 'ca', SYNC: 'inca', INVOKE: 'inca', REPLY: 'iv', ERROR: 'isssd', CANCEL: 'is', SUBSCRIBE: 'C',
         UNSUBSCRIBE: 'C', HELLO: 'm', WELCOME: 'm', REFUSE: 'ss', PING: 'nnn', PONG: 'nnn', BYE: 'sn'}
ONLY_TO = {SYNC: 'main', SUBSCRIBE: 'main', UNSUBSCRIBE: 'main', HELLO: 'main', WELCOME: 'renderer'}
LIMITS = dict(frame_bytes=67108864, messages=65536, attachments=256, depth=64, window=67108864)
MINIMA = dict(frame_bytes=1048576, messages=1024, attachments=16, depth=64, window=1)
REFUSALS = {'bad_frame', 'unknown_session', 'duplicate_identity', 'incompatible', 'forbidden', 'refused'}
HEADER = struct.Struct('>BBBBQBQBQ')
Frame = namedtuple('Frame', 'flags seq received dispatched messages attachments size routing')


class ProtocolError(Exception):
    def __init__(self, code, message='', name='', data=None):
        super().__init__(f'{code}: {message}')
        self.code, self.message, self.name, self.data = code, message, name, data


def limits_of(fields):
    """What the map of a hello or welcome says that its sender accepts (§7)."""
    limits = fields.get('limits', {})
    need(isinstance(limits, dict), 'limits')
    limits = {**LIMITS, **limits}
    need(all(type(limits[name]) is int for name in LIMITS), 'limits')
    for name, least in MINIMA.items():
        if limits[name] < least:
            raise ProtocolError('incompatible', f'{name} is {limits[name]}, at least {least} required')
    return limits


def begins_with_refuse(parts):
    return bool(parts) and parts[0][30:31] > b'\x90' and parts[0][31:32] == bytes([REFUSE])


def need(condition, why):
    if not condition:
        raise ProtocolError('bad_frame', why)


def pack(value):
    return msgpack.packb(value, unicode_errors='surrogateescape')


def as_map(pairs):
    return pairs if any(isinstance(key, (list, dict)) for key, _ in pairs) else dict(pairs)


def unpack_all(data):
    unpacker = msgpack.Unpacker(strict_map_key=False, unicode_errors='surrogateescape', object_pairs_hook=as_map,
                                max_buffer_size=len(data) or 1)
    unpacker.feed(data)
    try:
        while unpacker.tell() < len(data):
            yield unpacker.unpack()
    except (msgpack.UnpackException, ValueError, TypeError, RecursionError) as error:
        raise ProtocolError('bad_frame', f'msgpack: {error!r}')


def resolve(value, parts, limit, base=0, depth=1):
    """`value` with its references to attachments replaced (§3)."""
    if isinstance(value, msgpack.ExtType) and value.code == 31:
        index = base + int.from_bytes(value.data, 'big')
        need(len(value.data) == 4 and index < len(parts), 'attachment reference')
        return parts[index]
    need(depth <= limit or not isinstance(value, (list, dict)), 'depth')
    if isinstance(value, tuple):  # a pair of as_map()
        return tuple(resolve(v, parts, limit, base, depth) for v in value)
    if isinstance(value, list):
        return [resolve(v, parts, limit, base, depth + 1) for v in value]
    if isinstance(value, dict):
        return {resolve(k, parts, limit, base): resolve(v, parts, limit, base, depth + 1) for k, v in value.items()}
    return value


def resolve_whole(value, parts, limit):
    """The same for args or value, which may be in an attachment as a whole."""
    if not (isinstance(value, msgpack.ExtType) and value.code == 31 and len(value.data) == 8):
        return resolve(value, parts, limit)
    index, base = struct.unpack('>II', value.data)
    need(index < len(parts) and base <= len(parts), 'whole value')
    values = list(unpack_all(parts[index]))
    need(len(values) == 1, 'packed value')
    return resolve(values[0], parts, limit, base)


def check(message, seq, parts, limits):
    need(isinstance(message, list) and message and type(message[0]) is int, 'message')
    kind, form = message[0], FORMS.get(message[0])
    need(form is None or (kind >= 32) == (seq == 0), 'kind in the wrong sort of frame')
    need(form is None or len(message) > len(form), 'elements missing')
    for i, letter in enumerate((form or '').ljust(len(message) - 1), 1):
        change = resolve_whole if letter in 'av' else resolve
        message[i] = change(message[i], parts, limits['depth'])
        value = message[i]
        if letter == 'c' or letter == 'C' and value is not None:
            need(isinstance(value, str) and 1 <= len(value.encode(errors='surrogateescape')) <= 255, 'channel')
            need(not any('\ud800' <= c <= '\udfff' for c in value), 'channel is not UTF-8')
        elif letter in 'in':
            need(type(value) is int and value >= (letter == 'i'), 'integer')
        elif letter in 'asm':
            need(isinstance(value, dict(a=list, s=str, m=dict)[letter]), 'type')
    return message if form is None else message[:len(form) + 1]


def decode(parts, limits=LIMITS, routing=None):
    """The parts of a frame, without routing id, checked (§7) and as a Frame with its attachments resolved."""
    size = sum(map(len, parts))
    need(parts and len(parts) - 1 <= limits['attachments'], 'parts')
    need(max(map(len, parts)) <= limits['frame_bytes'] and size <= 4 * limits['frame_bytes'], 'size')
    need(len(parts[0]) >= HEADER.size, 'short header')
    array, *fields = HEADER.unpack_from(parts[0])
    flags, seq, received, dispatched = fields[1::2]
    need([array, *fields[::2]] == [0x94, 0xcc, 0xcf, 0xcf, 0xcf] and dispatched <= received, 'header')
    messages = []
    for message in unpack_all(parts[0][HEADER.size:]):
        messages.append(check(message, seq, parts[1:], limits))
        need(len(messages) <= limits['messages'], 'too many messages')
    return Frame(flags, seq, received, dispatched, messages, parts[1:], size, routing)


def raw_frame(seq=0, received=0, dispatched=0, flags=0, messages=(), attachments=()):
    """The parts of any frame, right or wrong; a message of type bytes goes in as it is."""
    body = b''.join(m if isinstance(m, bytes) else pack(m) for m in messages)
    return [HEADER.pack(0x94, 0xcc, flags, 0xcf, seq, 0xcf, received, 0xcf, dispatched) + body, *attachments]


def outgoing(message, over, most, packed=False):
    """Body and attachments of a message: bytes longer than `over` attached; `packed`: args or value as a whole."""
    attachments, result, base = [], list(message), 0

    def inner(v):
        if isinstance(v, (bytes, bytearray)) and len(v) > over and len(attachments) < most:
            attachments.append(bytes(v))
            return msgpack.ExtType(31, struct.pack('>I', len(attachments) - 1 - base))
        if type(v) in (list, tuple):
            return [inner(x) for x in v]
        return {k: inner(x) for k, x in v.items()} if isinstance(v, dict) else v

    for i, letter in enumerate(FORMS[message[0]], 1):
        if letter in 'av' and packed:
            attachments.append(b'')
            base = len(attachments)
            attachments[base - 1] = pack(inner(message[i]))
            result[i] = msgpack.ExtType(31, struct.pack('>II', base - 1, base))
        elif letter in 'avd':
            result[i] = inner(message[i])
    return pack(result), attachments
