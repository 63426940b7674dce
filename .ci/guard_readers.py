"""Whatever the guard lets through, common readers take for the same: `guard_readers.py MISGOAL [MESSAGES]`.

Hostile messages go through a guard to a server that keeps every byte. Python (integers of any length and decimals, lines of `readline` and of `splitlines`) and Node
(doubles, lines of `readline`, copies of objects) then read what has reached it. Needs node.
"""

import decimal
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import threading

KEEP = """
import json, sys
kept = open(sys.argv[1], "ab", buffering=0)
for line in sys.stdin.buffer:
    kept.write(line)
    try: message = json.loads(line)
    except ValueError: continue
    result = {}
    if message.get("method") == "initialize":
        result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "keep", "version": "1"}}
    if message.get("method") == "tools/list":
        schema = {"type": "object", "properties": {"text": {"type": "string"}}}
        result = {"tools": [{"name": name, "inputSchema": schema} for name in ("look", "pay")]}
    if "id" in message: print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""
READ = """
const readline = require('readline'), fs = require('fs');
const check = value => {
  if (Object.is(value, -0) || value === Infinity || value === -Infinity) throw new Error('number');
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) {
    const copy = Object.assign({}, value), seen = [];
    for (const key in copy) seen.push(key);
    if (seen.length !== Object.keys(value).length || Object.getPrototypeOf(copy) !== Object.prototype) throw new Error('prototype');
  }
  Object.values(value).forEach(check);
};
readline.createInterface({ input: fs.createReadStream(process.argv[1]) }).on('line', line => {
  const message = JSON.parse(line);
  check(message);
  console.log(JSON.stringify(message));
});
"""
NUMBERS = """0 1 -5 1.5 7.0 1e2 1E+2 100e-2 0.1e1 9007199254740991 0.30000000000000004 1e23 6.02e23 5e-324 1.7976931348623157e308
-0 -0.0 -0e1 9007199254740992 9007199254740993 9007199254740993.0 18446744073709551616 1e309 1e400 -1e400 1e-400 2e-324
0.1000000000000000055 1.00000000000000000001 12345678901234567.5 NaN Infinity 01 +1 .5 1. 0x10""".split()
LETTERS = list("\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e\r\n\x00\x7f\ufeff\u200bé\U0001f600\uffff") + ["\ud83d", "\udc00"]
KEYS = ["text", "Text", "te\u017ft", "__proto__", "constructor", "prototype", "", "id", "name", "Name", "K", "\u212a", "ı", "i", "İ", "e\u0301", "é", "0"]
OTHER = '{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"pay","arguments":{}}}'


class Hostile:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.bad = 0

    def often(self, share):
        return self.random.random() < share

    def string(self, text):
        def unit(c):
            units = c.encode("utf-16-be", "surrogatepass")
            escaped = "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))
            if c in '"\\':
                return "\\" + c
            return escaped if self.often(0.1) or (c < " " and not self.often(0.02 * self.bad)) else c

        return '"' + "".join(map(unit, text)) + '"'

    def space(self):
        return self.random.choice([" ", "\t", "\n", "\r", "\x0b", "\u2028", "\xa0"]) if self.often(0.006 * self.bad) else ""

    def value(self, depth=0):
        choose = self.random.choice
        kind = self.random.random()
        if kind < 0.3 or depth > 3:
            return choose(NUMBERS if self.often(0.3) else NUMBERS[:15])
        if kind < 0.55:
            return self.string(choose(["a", "/x", choose(LETTERS) + "b" + choose(LETTERS), choose(LETTERS) + OTHER + choose(LETTERS)]))
        if kind < 0.7:
            return choose(["true", "false", "null"])
        if kind < 0.8:
            return "[" + ",".join(self.value(depth + 1) for _ in range(self.random.randrange(3))) + "]"
        return self.object([(choose(KEYS), self.value(depth + 1)) for _ in range(self.random.randrange(3))])

    def object(self, members):
        parts = [f"{self.space()}{self.string(key)}{self.space()}:{self.space()}{value}" for key, value in members]
        return "{" + ",".join(parts) + ("," if self.often(0.004 * self.bad) else "") + self.space() + "}"

    def message(self, number):
        choose = self.random.choice
        self.bad = choose([0, 0, 1, 5])
        arguments = self.object([(choose(KEYS), self.value()) for _ in range(self.random.randrange(4))])
        params = [("name", self.string(choose(["look"] * 6 + ["pay", "Look", "look "]))), ("arguments", arguments)]
        if self.often(0.15):
            params.append((choose(["Name", "name", "uri", "_meta", "Arguments"]), choose([self.string("pay"), self.value()])))
        self.random.shuffle(params)
        method = choose(["tools/call"] * 20 + ["Tools/Call", "ping", "tools/call "])
        id = str(number) if self.often(0.95) else choose(NUMBERS + [f'"{number} a"', "null"])
        members = [("jsonrpc", '"2.0"'), ("id", id), ("method", self.string(method)), ("params", self.object(params))]
        if self.often(0.1):
            members.append((choose(["method", "Method", "id", "ID", "params", "result", "x", "__proto__"]), choose(['"ping"', "1", "{}"])))
        if self.often(0.3):
            self.random.shuffle(members)
        before = choose(["\ufeff", "\x0b", "\u2028", "["]) if self.often(0.03) else ""
        after = choose([OTHER, "\u2028" + OTHER, "//", "\x00", "]"]) if self.often(0.03) else ""
        return (before + self.object(members) + after + "\n").encode("utf-8", "surrogatepass")


def own(pairs):
    """An object none of whose keys another reader could take for another one of them."""
    assert len({key.casefold() for key, _ in pairs}) == len(pairs), pairs
    return dict(pairs)


def exact(plain, precise):
    """Doubles and decimals are the same value."""
    if isinstance(plain, dict):
        return all(exact(plain[key], precise[key]) for key in plain)
    if isinstance(plain, list):
        return all(map(exact, plain, precise))
    if isinstance(plain, (int, float)) and not isinstance(plain, bool):
        return decimal.Decimal(repr(float(plain))) == precise and not (plain == 0 and precise.is_signed())
    return plain == precise


def main(misgoal, messages):
    room = pathlib.Path(tempfile.mkdtemp())
    (room / "keep.py").write_text(KEEP)
    kept = room / "kept"
    server = [sys.executable, str(room / "keep.py"), str(kept)]
    subprocess.run([misgoal, "--quiet", "guard", "init", "--directory", room, "--", *server], check=True, stdout=subprocess.DEVNULL)
    (room / "policy.cedar").write_text('permit (principal, action == Action::"look", resource);')
    settings = (room / "guard.toml").read_text().replace('mode = "log"', 'mode = "enforce"').replace("durable = true", "durable = false")
    (room / "guard.toml").write_text(settings + "\n[limits]\nin-flight = 1000000\n")
    kept.unlink()
    guard = subprocess.Popen([misgoal, "--quiet", "guard", "run", "--config", room / "guard.toml", "--", *server], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    answers = []
    hearing = threading.Thread(target=lambda: answers.extend(guard.stdout))
    hearing.start()
    hostile = Hostile(messages)
    for number in range(messages):
        guard.stdin.write(hostile.message(number))
    guard.stdin.close()
    hearing.join()
    assert guard.wait() == 0
    lines = kept.read_bytes().split(b"\n")[:-1]
    assert lines == [line.encode() for line in kept.read_bytes().decode().splitlines()]
    read = [json.loads(line, object_pairs_hook=own) for line in lines]
    for line, message in zip(lines, read):
        precise = json.loads(line, parse_int=decimal.Decimal, parse_float=decimal.Decimal)
        assert exact(message, precise), line
    node = subprocess.run(["node", "-e", READ, str(kept)], check=True, capture_output=True, text=True, encoding="utf-8").stdout.split("\n")[:-1]
    assert [json.loads(line) for line in node] == read
    names = {message["params"]["name"] for message in read if message["method"] == "tools/call"}
    assert names == {"look"}, names
    assert len(read) > messages / 10, "too few get past to say anything"
    print(f"readers: {len(read)} of {messages} hostile messages pass, each the same to Python, with decimals or without, and to Node")


main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20000)
