"""A client of RTU for the simulator's tests: CRC, a serial port or a TCP connection to speak on. The
standard library only."""

import os
import select
import socket
import sys
import termios
import time
import tty

sys.dont_write_bytecode = True
from simlib import connect, frame, read_pdu, receive  # noqa: E402

WATTS = 40084  # of the inverter
READ_WATTS = read_pdu(3, WATTS, 1)
READ_20 = read_pdu(3, 40072, 20)  # of the inverter
READ_BATTERY = read_pdu(3, 122, 1)


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return bytes([value & 0xFF, value >> 8])


def rtu(unit, pdu):
    adu = bytes([unit]) + pdu
    return adu + crc(adu)


def whole(adu):
    return len(adu) > 3 and crc(adu[:-2]) == adu[-2:]


class Line:
    """A client's end of a serial port, or of RTU over TCP."""

    def __init__(self, place, speed=termios.B9600):
        if isinstance(place, int):
            self.socket = connect(place)
            self.fd = self.socket.fileno()
            return
        self.socket = None
        self.fd = os.open(place, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd, termios.TCSANOW)
        self.set_speed(speed)

    def set_speed(self, speed):
        state = termios.tcgetattr(self.fd)
        state[4] = state[5] = speed
        termios.tcsetattr(self.fd, termios.TCSANOW, state)

    def send(self, data):
        os.write(self.fd, data)

    def hear(self, count, seconds):
        """Up to `count` bytes, or what has come after `seconds`; None if the other side resets."""
        data, end = b"", time.monotonic() + seconds
        while len(data) < count:
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                break
            try:
                got = os.read(self.fd, count - len(data))
            except ConnectionError:
                return None
            if not got:
                return None
            data += got
        return data

    def ask(self, unit, pdu, seconds=3.0):
        """The answer's PDU; b"" if none comes, None if it is no frame or the line breaks."""
        self.send(rtu(unit, pdu))
        head = self.hear(3, seconds)
        if not head:
            return head
        rest = 2 if head[1] & 0x80 else head[2] + 2 if head[1] in (1, 2, 3, 4) else 5
        adu = head + (self.hear(rest, seconds) or b"")
        return adu[1:-2] if whole(adu) and adu[0] == unit else None

    def close(self):
        if self.socket:
            self.socket.close()
        else:
            os.close(self.fd)


def any_port():
    """A free port, not of those that the simulator's own come from."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def timed(ask):
    began = time.monotonic()
    return ask(), time.monotonic() - began


def ask_tcp(s, seconds=3.0, pdu=READ_WATTS):
    """The answer's PDU, b"" if none comes, None if the connection ends."""
    try:
        s.sendall(frame(pdu))
    except ConnectionError:
        return None
    got = receive(s, seconds)
    return got[2] if got else got


def receive_last(s):
    """The answer to a read, behind whatever is still on its way."""
    while receive(s, 0.1):
        pass
    return ask_tcp(s)
