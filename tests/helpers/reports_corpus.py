# Reads a collection of reports and compares with what its expected.tsv says, one line a test (TAP).
# usage: reports_corpus.py DIRECTORY
#
# expected.tsv has, separated by tabs: path, kind (aggregate, failure, tls, none), reports, rows kept, rows
# rejected, messages of kept rows, of these passed, oddities. Each path is read into an empty store. A
# dash is not compared. In oddities, control-character and so on are for people.
import json
import os
import subprocess
import sys
import tempfile


def read(path):
    with tempfile.TemporaryDirectory() as work:
        run = subprocess.run(['dmarcreport', 'read', '-j', '--store', work + '/store', path],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        return run.returncode, [json.loads(line) for line in run.stdout.splitlines()], run.stderr.decode()


def figures(reports):
    return [str(len(reports)), str(sum(r['rows'] for r in reports)), str(sum(r['rejected_rows'] for r in reports)),
            str(sum(r['messages'] for r in reports)), str(sum(r['passed'] for r in reports))]


def main():
    top = sys.argv[1]
    wanted = {}
    for line in open(os.path.join(top, 'expected.tsv'), encoding='utf-8'):
        if line.strip() and not line.startswith('#'):
            fields = line.rstrip('\n').split('\t')
            wanted.setdefault(fields[0], []).append(fields[1:])
    count = failures = 0
    for path, lines in sorted(wanted.items()):
        status, reports, _ = read(os.path.join(top, path))
        good = True
        for kind, *rest in lines:
            got = figures([r for r in reports if r['kind'] == kind])
            alike = all(g == w or w == '-' for g, w in zip(got, rest))
            if not alike:
                print('# %s %s: got %s, wanted %s' % (path, kind, got, rest))
            good = good and alike
        kinds = {line[0] for line in lines}
        good = good and all(r['kind'] in kinds for r in reports)
        good = good and status == (65 if kinds == {'none'} else 0)
        count += 1
        failures += not good
        print('%sok %d - %s (%s)' % ('' if good else 'not ', count, path, lines[0][-1]))
        if not good:
            print('#   status %d, %s' % (status, reports[:3]))
    print('1..%d' % count)
    sys.exit(failures > 0)


main()
