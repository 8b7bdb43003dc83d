"""The two patch forms that meshgen renders, applied as an API server applies them."""

import copy


class Refused(Exception):
    """The API server would answer with an error."""


def merge(target, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    out = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merge(out.get(key), value)
    return out


def apply_merge(target, patch):
    uid = patch.get("metadata", {}).get("uid")
    if uid is not None and uid != target.get("metadata", {}).get("uid"):
        raise Refused("metadata.uid: field is immutable")
    return merge(target, patch)


def apply_json(target, operations):
    """RFC 6902, the operations that meshgen uses."""
    out = copy.deepcopy(target)
    for operation in operations:
        *parents, last = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
        place = out
        for step in parents:
            if step not in place:
                raise Refused(f"{operation['path']}: no such path")
            place = place[step]
        match operation["op"]:
            case "test":
                if last not in place or place[last] != operation["value"]:
                    raise Refused(f"{operation['path']}: test failed")
            case "replace":
                if last not in place:
                    raise Refused(f"{operation['path']}: nothing to replace")
                place[last] = operation["value"]
            case "add":
                place[last] = operation["value"]
            case "remove":
                if last not in place:
                    raise Refused(f"{operation['path']}: nothing to remove")
                del place[last]
            case other:
                raise Refused(f"operation {other} is not expected of meshgen")
    return out


def apply(target, patch_type, patch):
    return apply_json(target, patch) if patch_type == "json" else apply_merge(target, patch)
