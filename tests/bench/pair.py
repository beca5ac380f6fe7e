#!/usr/bin/python3
"""CPU time of processes, measured in turn so that all see the same machine.

usage: pair.py COUNT STDIN NAME 'COMMAND' [NAME 'COMMAND' ...]

Prints a line a command: name, median of user and system time in ms, ratio to the first. With
a file in $FIGURES each is also added there as NAME, a tab and the median in ms.
Commands are split at white space; no shell is involved.
"""
import os
import statistics
import sys


def run(argv, stdin, null):
    """One process; its CPU seconds."""
    actions = [(os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0),
               (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    if not 0 <= os.waitstatus_to_exitcode(status) < 64:  # below are verdicts
        sys.exit('%s: status %d' % (' '.join(argv), os.waitstatus_to_exitcode(status)))
    return usage.ru_utime + usage.ru_stime


def main():
    count, stdin = int(sys.argv[1]), sys.argv[2]
    names = sys.argv[3::2]
    commands = [command.split() for command in sys.argv[4::2]]
    null = os.open(os.devnull, os.O_WRONLY)
    times = [[] for _ in commands]
    for _ in range(count):
        for argv, seen in zip(commands, times):
            seen.append(run(argv, stdin, null))
    medians = [statistics.median(seen) * 1000 for seen in times]
    for name, median in zip(names, medians):
        print('  %-36s %7.3f ms  %5.2f' % (name, median, median / medians[0]))
    if 'FIGURES' in os.environ:
        with open(os.environ['FIGURES'], 'a', encoding='ascii') as figures:
            for name, median in zip(names, medians):
                print('%s\t%.3f' % (name, median), file=figures)


main()
