#!/usr/bin/python3
"""Starts a command with a listening socket, as a socket unit of systemd does (sd_listen_fds(3)), and
again whenever it ends in any other way than well.

usage: listen.py USER PATH COMMAND [ARGUMENT...]

The socket is made there when its directory is; anybody may connect. SIGTERM ends the command, too.
"""
import os
import pwd
import signal
import socket
import sys
import time


def start(server, user, command):
    """The process of the command."""
    process = os.fork()
    if process:
        return process
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if server.fileno() != 3:
        os.dup2(server.fileno(), 3)
    os.set_inheritable(3, True)
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.execvp(command[0], command)


def main():
    user, path, command = pwd.getpwnam(sys.argv[1]), sys.argv[2], sys.argv[3:]
    while not os.path.isdir(os.path.dirname(path)):
        time.sleep(0.05)
    if os.path.exists(path):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    os.chmod(path, 0o666)
    server.listen(128)
    running = []

    def end(*_):
        for process in running:
            os.kill(process, signal.SIGTERM)
            os.waitpid(process, 0)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    while True:
        running[:] = [start(server, user, command)]
        _, status = os.waitpid(running[0], 0)
        running.clear()
        if status == 0:
            return
        time.sleep(0.1)


main()
