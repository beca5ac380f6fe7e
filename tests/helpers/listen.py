#!/usr/bin/python3
"""Starts a command with a listening socket, as a socket unit of systemd does (sd_listen_fds(3)).

usage: listen.py USER PATH COMMAND [ARGUMENT...]

The socket is made there when its directory is; anybody may connect.
"""
import os
import pwd
import socket
import sys
import time

user = pwd.getpwnam(sys.argv[1])
path = sys.argv[2]
while not os.path.isdir(os.path.dirname(path)):
    time.sleep(0.05)
server = socket.socket(socket.AF_UNIX)
server.bind(path)
os.chmod(path, 0o666)
server.listen(128)
if server.fileno() != 3:
    os.dup2(server.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.initgroups(sys.argv[1], user.pw_gid)
os.setgid(user.pw_gid)
os.setuid(user.pw_uid)
os.execvp(sys.argv[3], sys.argv[3:])
