"""Frames of a stream (assay(7)): making them, taking them apart, and a tool that handles them."""
import subprocess

ENVELOPE = {'client_address': '192.0.2.10', 'helo_name': 'mail.shop.example',
            'sender': 'orders@shop.example'}


def netstring(octets):
    return b'%d:%s,' % (len(octets), octets)


def frame(message, attributes):
    """attributes: a dictionary, or pairs; values are text."""
    pairs = attributes.items() if isinstance(attributes, dict) else attributes
    lines = ''.join('%s=%s\n' % pair for pair in pairs)
    return netstring(lines.encode()) + netstring(message)


class Broken(Exception):
    """The stream does not go on as a stream does."""


def read_netstring(file):
    """None at the end."""
    digits = b''
    while (octet := file.read(1)) not in (b':', b''):
        digits += octet
    if octet == b'':
        if digits:
            raise Broken('the end in a length')
        return None
    octets = file.read(int(digits))
    if len(octets) != int(digits) or file.read(1) != b',':
        raise Broken('no comma after %s octets' % digits.decode())
    return octets


def read_frame(file):
    """(attributes as pairs, message), or None at the end."""
    attributes = read_netstring(file)
    if attributes is None:
        return None
    message = read_netstring(file)
    if message is None:
        raise Broken('no message')
    lines = attributes.decode('utf-8', 'surrogateescape').split('\n')[:-1]
    return [tuple(line.split('=', 1)) for line in lines], message


def value(attributes, name):
    """The first of that name, or None."""
    return next((text for found, text in attributes if found == name), None)


class Stage:
    """A tool with --stream, or several of them as a pipe of the shell."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        **options)

    def send(self, octets):
        self.process.stdin.write(octets)
        self.process.stdin.flush()

    def receive(self):
        return read_frame(self.process.stdout)

    def ask(self, message, attributes=None):
        """One message through it."""
        self.send(frame(message, ENVELOPE if attributes is None else attributes))
        return self.receive()

    def resident(self):
        """KiB of its memory that are in use."""
        with open('/proc/%d/status' % self.process.pid, encoding='ascii') as status:
            return next(int(line.split()[1]) for line in status if line.startswith('VmRSS'))

    def end(self):
        """The exit status, after the end of its input."""
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait()
