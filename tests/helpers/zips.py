# Writes zip archives that do not say the truth, each with the report FILE in it.
# usage: zips.py FILE DIRECTORY
#
# Each is an honest archive of Python's zipfile in which some octets are changed: a header in front of a
# member begins with PK 3 4, an entry of the directory with PK 1 2, its end with PK 5 6 (APPNOTE.TXT 4.3).
import io
import os
import struct
import sys
import zipfile

LOCAL, ENTRY, END, DESCRIPTOR = b'PK\3\4', b'PK\1\2', b'PK\5\6', b'PK\7\10'


class Unseekable(io.BytesIO):
    """Where zipfile cannot go back, it writes sizes after the data."""

    def seekable(self):
        return False

    def seek(self, *_):
        raise io.UnsupportedOperation

    def tell(self):
        raise io.UnsupportedOperation


def archive(members, method=zipfile.ZIP_DEFLATED, to=io.BytesIO, wide=False):
    """A zip archive of (name, octets)."""
    out = to()
    with zipfile.ZipFile(out, 'w', method) as container:
        for name, octets in members:
            with container.open(zipfile.ZipInfo(name) if method == zipfile.ZIP_STORED else info(name, method), 'w',
                                force_zip64=wide) as member:
                member.write(octets)
    return out.getvalue()


def info(name, method):
    entry = zipfile.ZipInfo(name)
    entry.compress_type = method
    return entry


def patch(octets, signature, offset, value, which=None):
    """Octets with value at offset after each such signature, or after that one alone."""
    out, at, count = bytearray(octets), octets.find(signature), 0
    while at >= 0:
        if which is None or which == count:
            out[at + offset:at + offset + len(value)] = value
        at, count = octets.find(signature, at + 4), count + 1
    return bytes(out)


def number(value):
    return struct.pack('<I', value)


def without_directory(octets):
    return octets[:octets.find(ENTRY)]


def both(octets, local, entry, value):
    """The same change in front of the members and in the directory."""
    return patch(patch(octets, LOCAL, local, value), ENTRY, entry, value)


def archives(report):
    stored = zipfile.ZIP_STORED
    one = [('report.xml', report)]
    plain = archive(one)
    two = archive([('readme.txt', b'Hello ' * 100)] + one)
    streamed = archive([('readme.txt', b'Hello ' * 100)] + one, to=Unseekable)
    streamed_stored = archive(one, stored, Unseekable)
    inner = archive(one)

    # What is still whole.
    yield 'good-plain', plain
    yield 'good-stored', archive(one, stored)
    yield 'good-zip64', archive(one, wide=True)
    yield 'good-zip64-stored', archive(one, stored, wide=True)
    yield 'good-descriptor', streamed
    yield 'good-descriptor-stored', streamed_stored
    yield 'good-no-directory', without_directory(two)
    yield 'good-no-directory-descriptor', without_directory(streamed)
    yield 'good-no-directory-unmarked-descriptor', without_directory(streamed.replace(DESCRIPTOR, b''))
    yield 'good-no-directory-descriptor-stored', without_directory(streamed_stored)
    yield 'good-no-directory-zip64', without_directory(archive(one, wide=True))
    yield 'good-directory-nowhere', patch(two, END, 16, number(0x7fffffff))
    yield 'good-directory-of-another', patch(two, ENTRY, 42, number(7))
    yield 'good-directory-with-endless-name', patch(two, ENTRY, 28, b'\xff\xff')
    yield 'good-directory-without-entries', patch(plain, END, 8, b'\0\0\0\0')
    yield 'good-octets-after', plain + b'\r\n' * 500
    yield 'good-end-in-comment', patch(plain, END, 20, b'\x16\0') + END + b'\0' * 18
    yield 'good-many-ends', plain + END * 5
    yield 'good-after-octets', LOCAL + b'\0' * 26 + plain
    yield 'good-name-with-path', archive([('../../../../etc/cron.d/report.xml', report)])
    yield 'good-name-with-nul', both(archive([('report.xmlX/x.xml', report)]), 30 + 10, 46 + 10, b'\0')
    yield 'good-capitals', archive([('REPORT.XML', report)])
    yield 'good-folder-first', archive([('reports/', b''), ('reports/report.xml', report)])
    yield 'good-inner', archive([('inner.zip', inner)])
    yield 'good-inner-stored-cut', archive([('inner.zip', inner)], stored)[:-30]
    # Sizes that lie: a deflated member ends where its data says.
    yield 'lie-packed-1', both(plain, 18, 20, number(1))
    yield 'lie-packed-4g', both(plain, 18, 20, number(0xfffffffe))
    yield 'lie-unpacked-1', both(plain, 22, 24, number(1))
    yield 'lie-unpacked-4g', both(plain, 22, 24, number(0xfffffffe))
    yield 'good-beside-lie-4g', without_directory(patch(two, LOCAL, 18, number(0xfffffffe), 0))
    yield 'lie-checksum', both(plain, 14, 16, number(1))
    # Of which nothing can be read.
    yield 'none-encrypted', both(plain, 6, 8, b'\1\0')
    yield 'none-encrypted-no-directory', without_directory(patch(plain, LOCAL, 6, b'\1\0'))
    yield 'none-aes', both(plain, 8, 10, b'\x63\0')
    yield 'none-bzip2', archive(one, zipfile.ZIP_BZIP2)
    yield 'none-lzma', archive(one, zipfile.ZIP_LZMA)
    yield 'none-17-members', archive([('%d.txt' % i, b'x') for i in range(16)] + one)
    yield 'none-17-members-no-directory', without_directory(archive([('%d.txt' % i, b'x') for i in range(16)] + one))
    yield 'none-60000-members', archive([('a', b'')] * 60000)
    yield 'none-empty', archive([])
    yield 'none-other-names', archive([('report.exe', report), ('xml', report)])
    yield 'none-overlapping-bomb', overlapping(15)
    yield 'none-headers-only', (LOCAL + b'\0' * 26) * 100000
    yield 'none-ends-only', LOCAL + b'\0' * 26 + END * 100000
    for cut in (4, 10, 29, 35, 40):
        yield 'none-cut-%d' % cut, plain[:cut]
    # One of two can be read.
    yield 'good-beside-encrypted', patch(patch(two, LOCAL, 6, b'\1\0', 0), ENTRY, 8, b'\1\0', 0)


def overlapping(count):
    """Many entries of the directory for one member that unpacks to 20 MB."""
    whole = archive([('bomb.xml', b'<feedback>' + b' ' * 20_000_000)])
    at, end = whole.find(ENTRY), whole.find(END)
    entries = whole[at:end] * count
    tail = struct.pack('<4s4H2IH', END, 0, 0, count, count, len(entries), at, 0)
    return whole[:at] + entries + tail


def main():
    with open(sys.argv[1], 'rb') as file:
        report = file.read()
    for name, octets in archives(report):
        with open(os.path.join(sys.argv[2], name + '.zip'), 'wb') as out:
            out.write(octets)


main()
