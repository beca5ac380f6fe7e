#!/usr/bin/python3
"""Puts dmarceval's history under load, and counts what has become of the messages.

usage: history_load.py write DB PROCESSES MESSAGES [beside]
       history_load.py kill DB TIMES
       history_load.py lock DB SECONDS

write: so many processes at once, each so many messages; with "beside", a reader and somebody who
removes old days work on the same file. kill: each message comes from an address of its own, and
dmarceval is killed (SIGKILL) after a random time. lock: somebody locks the database for so long,
and messages come one after the other meanwhile. One line "name=value ..." is printed.
The program is $DMARCEVAL, by default the one in the tree.
"""
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

ID = "mx.history.test"
TREE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("DMARCEVAL", os.path.join(TREE, "dmarceval", "dmarceval"))
RECORD = '_dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:d@example.org"\n'
MESSAGE = (b"Authentication-Results: " + ID.encode() + b"; spf=pass smtp.mailfrom=example.org\n"
           b"Received: from mail.example.org\nFrom: a@example.org\n\nbody\n")
SOURCES = 500
OLD_DAY = 10000  # of 1997: what is removed beside
READ_PAUSE = 0.05
KILL_AFTER_MAX = 1.5  # times what dmarceval needs: most have ended by then


def address(number):
    """An address for each number."""
    return "2001:db8:1::%x" % (number + 1)


def start(database, number, zone):
    """One dmarceval with its message on the way to it."""
    process = subprocess.Popen(
        [PROGRAM, "-a", ID, "-z", zone, "-i", address(number), "--db", database],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        process.stdin.write(MESSAGE)
        process.stdin.close()
    except BrokenPipeError:
        pass
    return process


def work(arguments):
    """The messages of one process: failures, trouble said, worst time."""
    database, zone, first, count = arguments
    failed = said = 0
    worst = 0.0
    for i in range(count):
        begin = time.monotonic()
        process = start(database, (first + i) % SOURCES, zone)
        said += bool(process.stderr.read())
        failed += process.wait() != 0
        process.stderr.close()
        worst = max(worst, time.monotonic() - begin)
    return failed, said, worst


def read_on(database, stop):
    """A reader: adds everything up, again and again."""
    while not stop.is_set():
        if os.path.exists(database):
            try:
                with sqlite3.connect(database, timeout=30) as connection:
                    connection.execute("SELECT source, sum(count) FROM messages GROUP BY source"
                                       ).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" not in str(error):
                    raise
        time.sleep(READ_PAUSE)


def expire_on(database, stop):
    """Puts rows of an old day in, and removes them."""
    while not stop.is_set():
        try:
            connection = sqlite3.connect("file:%s?mode=rw" % database, timeout=30, uri=True,
                                         isolation_level=None)
            connection.execute(
                "INSERT OR IGNORE INTO messages SELECT %d, policy, source, header_from,"
                " envelope_from, spf_domain, spf_result, dkim, disposition, spf_aligned,"
                " dkim_aligned, reasons, origin, 0 FROM messages WHERE day > %d"
                % (OLD_DAY, OLD_DAY))
            connection.execute("DELETE FROM messages WHERE day = %d" % OLD_DAY)
            connection.close()
        except sqlite3.OperationalError:
            pass
        time.sleep(READ_PAUSE)


def add_up(database):
    """Sum of counts, and what sqlite says of the file."""
    with sqlite3.connect(database) as connection:
        total = connection.execute("SELECT coalesce(sum(count), 0) FROM messages").fetchone()[0]
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
    return total, sound


def zone_file(database):
    """The zone, beside the database."""
    path = database + ".zone"
    with open(path, "w", encoding="ascii") as stream:
        stream.write(RECORD)
    return path


def take_in(database, zone):
    """One more message, which takes in what still waits in the spill file."""
    start(database, 0, zone).wait()


def write(database, processes, messages, beside):
    """Many at once."""
    zone = zone_file(database)
    stop = multiprocessing.Event()
    others = [multiprocessing.Process(target=job, args=(database, stop), daemon=True)
              for job in ((read_on, expire_on) if beside else ())]
    for other in others:
        other.start()
    begin = time.monotonic()
    with multiprocessing.Pool(processes) as pool:
        results = pool.map(work, [(database, zone, i * messages, messages)
                                  for i in range(processes)], chunksize=1)
    seconds = time.monotonic() - begin
    stop.set()
    for other in others:
        other.join()
    side = database + "-side"
    extra = 0
    while os.path.exists(side) and os.path.getsize(side) > 0:
        take_in(database, zone)
        extra += 1
    total, sound = add_up(database)
    print("sum=%d failed=%d waited=%d worst=%.2f seconds=%.1f integrity=%s" % (
        total - extra, sum(r[0] for r in results), sum(r[1] for r in results),
        max(r[2] for r in results), seconds, sound))


def kill(database, times):
    """Killed at random."""
    zone = zone_file(database)
    take_in(database, zone)
    begin = time.monotonic()
    take_in(database, zone)
    usual = time.monotonic() - begin
    acknowledged = set()
    killed = set()
    for i in range(1, times + 1):
        process = start(database, i, zone)
        time.sleep(random.uniform(0, KILL_AFTER_MAX * usual))
        process.send_signal(signal.SIGKILL)
        (acknowledged if process.wait() == 0 else killed).add(address(i))
        process.stderr.close()
    take_in(database, zone)
    with sqlite3.connect(database) as connection:
        counts = dict(connection.execute("SELECT source, sum(count) FROM messages GROUP BY source"))
    sound = add_up(database)[1]
    print("acknowledged=%d killed=%d lost=%d twice=%d stored_unacknowledged=%d integrity=%s" % (
        len(acknowledged), len(killed),
        sum(counts.get(source, 0) < 1 for source in acknowledged),
        sum(counts.get(source, 0) > 1 for source in acknowledged | killed),
        sum(source in counts for source in killed), sound))


def lock(database, seconds):
    """Messages while the database is locked."""
    zone = zone_file(database)
    take_in(database, zone)
    with sqlite3.connect(database, isolation_level=None) as connection:
        connection.execute("BEGIN IMMEDIATE")
        end = time.monotonic() + seconds
        times = []
        failed = said = 0
        while time.monotonic() < end:
            begin = time.monotonic()
            process = start(database, len(times), zone)
            said += b"locked; the row waits" in process.stderr.read()
            failed += process.wait() != 0
            process.stderr.close()
            times.append(time.monotonic() - begin)
        connection.execute("ROLLBACK")
    take_in(database, zone)
    total, sound = add_up(database)
    print("messages=%d failed=%d said=%d missing=%d worst=%.2f mean=%.2f integrity=%s" % (
        len(times), failed, said, len(times) + 2 - total, max(times), sum(times) / len(times),
        sound))


def main(arguments):
    """Chooses the job."""
    if arguments[0] == "write":
        write(arguments[1], int(arguments[2]), int(arguments[3]), arguments[4:] == ["beside"])
    elif arguments[0] == "lock":
        lock(arguments[1], float(arguments[2]))
    else:
        kill(arguments[1], int(arguments[2]))


if __name__ == "__main__":
    main(sys.argv[1:])
