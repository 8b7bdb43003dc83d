"""Dials etcds over TLS, as a program of its own so that it can run in a network namespace: jobs on stdin, faults on stdout."""

import json
import socket
import ssl
import sys


def dial(job):
    """None when the handshake holds in both directions and etcd answers; else why not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(job["trusted"])
        context.load_cert_chain(job["cert"], job["key"])
        with socket.create_connection((job["ip"], job["port"]), timeout=5) as plain:
            with context.wrap_socket(plain, server_hostname=job["host"]) as stream:
                stream.sendall(b"GET /version HTTP/1.0\r\n\r\n")
                answer = stream.recv(64)
    except (OSError, ssl.SSLError) as error:
        return str(error)
    return None if b" 200 " in answer else f"etcd answers {answer!r}"


if __name__ == "__main__":
    json.dump([dial(job) for job in json.load(sys.stdin)], sys.stdout)
