"""Compares what `@modelcontextprotocol/conformance` says of a server and of the same server behind the guard: `guard_conformance.py DIRECT GUARDED`, each the
directory that `conformance server -o` has written. Prints the checks that differ for another reason than the one that is meant (docs/guard.md), and fails
where there are any.
"""

import json
import pathlib
import re
import sys


def checks(directory):
    found = {}
    for scenario in sorted(pathlib.Path(directory).iterdir()):
        name = re.sub(r"-\d{4}-\d\d-\d\dT.*", "", scenario.name)
        for check in json.loads((scenario / "checks.json").read_text()):
            found.setdefault((name, check["id"]), []).append((check["status"], check.get("errorMessage", "")))
    return found


direct, guarded = checks(sys.argv[1]), checks(sys.argv[2])
differ, unlisted = [], 0
for key in sorted(direct.keys() | guarded.keys()):
    ours, theirs = guarded.get(key, []), direct.get(key, [])
    if sorted(status for status, _ in ours) == sorted(status for status, _ in theirs):
        continue
    # The guard refuses a tool that the server has never listed; this server lacks some that the suite asks for.
    if any("has not listed a tool" in words or "does not list the diagnostic tool" in words for _, words in ours):
        unlisted += 1
    else:
        differ.append(f"{key[0]}: {key[1]}: {theirs} directly, {ours} through the guard")
passed = sum(status == "SUCCESS" for found in direct.values() for status, _ in found)
print(f"{len({scenario for scenario, _ in direct})} scenarios, {sum(map(len, direct.values()))} checks, {passed} of them passed directly; {unlisted} differ for tools that are not listed")
sys.exit("\n".join(differ) or None)
