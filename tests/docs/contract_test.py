#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The delivery contract names a test for each cell: contract_test.py ROOT README. Every number in the table has its test
below it, and every test that is named is there."""
import pathlib
import re
import sys

NUMBER = re.compile(r"\[(\d+)\](?!\()")
ROW = re.compile(r"^\| (\d+)(?: – (\d+))? \| (.*) \|$", re.MULTILINE)
NAME = re.compile(r"`(\w+)`")


def tests(root):
    """The names of all cases in the tests' folder."""
    for path in pathlib.Path(root, "tests").rglob("*"):
        if path.suffix == ".cpp":
            yield from re.findall(r"BOOST_AUTO_TEST_CASE\((\w+)", path.read_text(encoding="utf-8"))
        elif path.suffix == ".py":
            yield from re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
    # The random part of the faults is one program with one verdict.
    if pathlib.Path(root, "tests/faults/run").exists():
        yield "random_test"


def main():
    root, readme = sys.argv[1:]
    text = pathlib.Path(readme).read_text(encoding="utf-8")
    begin = text.index("with the test that proves each")
    contract = text[begin:text.index("\n## ", begin)]
    named, wrong = {}, []
    for first, last, row in ROW.findall(contract):
        names, numbers = NAME.findall(row), range(int(first), int(last or first) + 1)
        if len(names) != len(numbers):
            wrong.append(f"{first} to {last}: {len(names)} names")
        named.update(zip(numbers, names))
    used = {int(n) for n in NUMBER.findall(contract)}
    wrong += [f"[{n}] names no test" for n in sorted(used - named.keys())]
    wrong += [f"test {n} proves nothing" for n in sorted(named.keys() - used)]
    known = set(tests(root))
    wrong += [f"there is no test {name}" for name in named.values() if name not in known]
    for line in wrong:
        print(line)
    print(f"{len(named)} tests named, {len(used)} numbers used")
    return 1 if wrong or not named else 0


if __name__ == "__main__":
    sys.exit(main())
