"""Sends single packets and says which arrived, as a program of its own so that it can run in a network namespace.

`listen`: reads {"udp": [...], "tcp": [...]} from stdin, says "ready", then prints a line for everything that arrives until stdin ends.
`send`: reads a list of {"id", "to", "protocol", "port"} and sends each once; prints the ids of the TCP connections that were made and the
pings that were answered. What a datagram carries is its id.
"""

import json
import os
import selectors
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

ESP = 50


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def listen():
    ports = json.loads(sys.stdin.readline())
    selector = selectors.DefaultSelector()
    for kind, type_ in (("udp", socket.SOCK_DGRAM), ("tcp", socket.SOCK_STREAM)):
        for port in ports[kind]:
            open_socket = socket.socket(socket.AF_INET6, type_)
            open_socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            open_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            open_socket.bind(("::", port))
            if kind == "tcp":
                open_socket.listen(64)
            selector.register(open_socket, selectors.EVENT_READ, kind)
    for version in (socket.AF_INET, socket.AF_INET6):
        selector.register(socket.socket(version, socket.SOCK_RAW, ESP), selectors.EVENT_READ, "esp4" if version == socket.AF_INET else "esp6")
    selector.register(sys.stdin, selectors.EVENT_READ, "stop")
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            if key.data == "stop":
                return
            if key.data == "tcp":
                key.fileobj.accept()[0].close()
                continue
            packet = key.fileobj.recv(2048)
            print(packet[20:].decode() if key.data == "esp4" else packet.decode(), flush=True)


def ping(to):
    """One ICMP echo: is it answered?"""
    version_6 = family(to) == socket.AF_INET6
    request, reply, protocol = (128, 129, socket.IPPROTO_ICMPV6) if version_6 else (8, 0, socket.IPPROTO_ICMP)
    mark = os.urandom(4)
    with socket.socket(family(to), socket.SOCK_RAW, protocol) as stream:
        message = bytes([request, 0, 0, 0]) + mark
        if not version_6:  # of ICMPv6 the kernel writes the checksum
            message = message[:2] + checksum(message).to_bytes(2, "big") + message[4:]
        stream.sendto(message, (to, 0))
        end = time.monotonic() + 0.6
        while (left := end - time.monotonic()) > 0:
            stream.settimeout(left)
            try:
                packet = stream.recv(2048)
            except TimeoutError:
                return False
            packet = packet if version_6 else packet[20:]
            if packet[0] == reply and packet[4:8] == mark:
                return True
    return False


def checksum(message):
    total = sum(int.from_bytes(message[at:at + 2], "big") for at in range(0, len(message), 2))
    return ~(total + (total >> 16)) & 0xFFFF


def send():
    with ThreadPoolExecutor(32) as pool:
        jobs = json.loads(sys.stdin.readline())
        print(json.dumps([job["id"] for job, answered in zip(jobs, pool.map(send_one, jobs)) if answered]))


def send_one(job):
    """Does the other side answer? Datagrams are never answered: the listener tells."""
    to, port = job["to"], job["port"]
    match job["protocol"]:
        case "udp":
            socket.socket(family(to), socket.SOCK_DGRAM).sendto(job["id"].encode(), (to, port))
            return False
        case "esp":
            socket.socket(family(to), socket.SOCK_RAW, ESP).sendto(job["id"].encode(), (to, 0))
            return False
        case "tcp":
            try:
                socket.create_connection((to, port), timeout=1.3).close()
            except OSError:
                return False
            return True
        case _:
            return ping(to)


if __name__ == "__main__":
    {"listen": listen, "send": send}[sys.argv[1]]()
