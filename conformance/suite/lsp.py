"""yaml-language-server, asked what an editor would show for a file."""

import json
import subprocess

from suite import cache


def diagnostics(paths):
    """{path: [message]} for YAML files, as the real yaml-language-server reports them."""
    with subprocess.Popen([cache.tool("yaml-language-server"), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        try:
            return _diagnostics(server, paths)
        finally:
            server.terminate()


def _diagnostics(server, paths):
    settings = {"yaml": {"validate": True, "schemaStore": {"enable": False}, "schemas": {}}}
    send(server, "initialize", {"processId": None, "rootUri": None, "capabilities": {"workspace": {"configuration": True}},
                                "initializationOptions": settings}, 1)
    found = {}
    wanted = {path.resolve().as_uri(): path for path in paths}
    while len(found) < len(wanted):
        message = receive(server)
        if message.get("id") == 1 and "result" in message:
            send(server, "initialized", {})
            send(server, "workspace/didChangeConfiguration", {"settings": settings})
            for uri, path in wanted.items():
                send(server, "textDocument/didOpen", {"textDocument": {
                    "uri": uri, "languageId": "yaml", "version": 1, "text": path.read_text()}})
        elif message.get("method") == "workspace/configuration":
            answer = [settings.get(item.get("section"), {}) for item in message["params"]["items"]]
            send(server, None, answer, message["id"])
        elif message.get("method") == "textDocument/publishDiagnostics":
            uri = message["params"]["uri"]
            if uri in wanted:
                found[wanted[uri]] = [f"line {one['range']['start']['line'] + 1}: {one['message']}" for one in
                                      message["params"]["diagnostics"]]
        elif "id" in message and "method" in message:
            send(server, None, None, message["id"])
    return found


def send(server, method, content, identity=None):
    message = {"jsonrpc": "2.0"}
    message |= {"method": method, "params": content} if method else {"result": content}
    if identity is not None:
        message["id"] = identity
    body = json.dumps(message).encode()
    server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    server.stdin.flush()


def receive(server):
    length = 0
    while (line := server.stdout.readline().strip()):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if not length:
        raise cache.Unavailable("yaml-language-server ended")
    return json.loads(server.stdout.read(length))
