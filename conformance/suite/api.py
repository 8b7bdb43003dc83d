"""JSON over HTTPS to one API server, on a connection that is kept."""

import http.client
import json
import ssl

KINDS = {
    "Pod": "/api/v1", "Secret": "/api/v1", "ConfigMap": "/api/v1", "Service": "/api/v1", "Namespace": "/api/v1", "Node": "/api/v1",
    "Deployment": "/apis/apps/v1", "DaemonSet": "/apis/apps/v1", "StatefulSet": "/apis/apps/v1", "ReplicaSet": "/apis/apps/v1",
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1", "CiliumEndpoint": "/apis/cilium.io/v2",
    "ApplicationInstallation": "/apis/apps.kubermatic.k8c.io/v1", "Cluster": "/apis/kubermatic.k8c.io/v1",
}
OF_CLUSTER = ("Namespace", "Node", "CustomResourceDefinition", "Cluster")


class Refused(Exception):
    """The API server's answer is no success."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


class Api:
    def __init__(self, port, token):
        self.port, self.token = port, token
        self.context = ssl._create_unverified_context()
        self.connection = None

    def call(self, method, path, body=None, content_type="application/json"):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content_type}
        data = None if body is None else json.dumps(body)
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=30)
            try:
                self.connection.request(method, path, data, headers)
                answer = self.connection.getresponse()
                text = answer.read()
                break
            except (OSError, http.client.HTTPException):
                self.connection = None
                if attempt == 2:
                    raise
        if answer.status >= 300:
            raise Refused(answer.status, text.decode(errors="replace")[:500])
        return json.loads(text)

    @staticmethod
    def path(kind, namespace=None, name=None, part=None):
        words = [KINDS[kind]]
        if namespace and kind not in OF_CLUSTER:
            words.append(f"namespaces/{namespace}")
        plural = kind.lower() + ("es" if kind.endswith("s") and kind != "CiliumEndpoints" else "s")
        words += [word for word in (plural, name, part) if word]
        return "/".join(words)

    def get(self, kind, namespace, name):
        """The object, or None."""
        try:
            return self.call("GET", self.path(kind, namespace, name))
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def all(self, kind):
        return self.call("GET", self.path(kind))["items"]

    def create(self, kind, namespace, body):
        return self.call("POST", self.path(kind, namespace), {"kind": kind, "apiVersion": version(kind), **body})

    def replace(self, kind, body, part=None):
        metadata = body["metadata"]
        body = {"kind": kind, "apiVersion": version(kind), **body}
        return self.call("PUT", self.path(kind, metadata.get("namespace"), metadata["name"], part), body)

    def put(self, kind, namespace, name, **content):
        """Creates an object, or gives the one that is there this content."""
        found = self.get(kind, namespace, name)
        if found is None:
            return self.create(kind, namespace, {"metadata": {"name": name, "namespace": namespace}, **content})
        return self.replace(kind, {**found, **content})

    def merge(self, kind, namespace, name, patch, part=None):
        return self.call("PATCH", self.path(kind, namespace, name, part), patch, "application/merge-patch+json")

    def delete(self, kind, namespace, name):
        try:
            self.call("DELETE", self.path(kind, namespace, name) + "?gracePeriodSeconds=0&propagationPolicy=Background")
        except Refused as refused:
            if refused.status != 404:
                raise


def version(kind):
    return KINDS[kind].removeprefix("/apis/").removeprefix("/api/")
