#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts what really ran: summary.py BUILD_DIR/meson-logs/testlog.json

Where a test is a Boost.Test executable, a unittest program or pytest, its cases are counted from its own report; any other
test counts as one. Exits non-zero when something failed or nothing passed.
"""
import json
import re
import sys

BOOST_ALL = re.compile(r"(\d+) test cases? out of (\d+) (passed|failed|skipped|aborted)")
UNITTEST_RAN = re.compile(r"^Ran (\d+) tests? in", re.MULTILINE)
PYTEST_LINE = re.compile(r"^(?:\d+ \w+(?:, )?)+ in [\d.]+s", re.MULTILINE)
PYTEST_PART = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)")
UNITTEST_PART = re.compile(r"(failures|errors|skipped|unexpected successes)=(\d+)")
SKIP_REASON = re.compile(r"\.\.\. skipped ['\"](.*)['\"]$|^SKIPPED \[(\d+)\] .*?: (.*)$", re.MULTILINE)
SKIPPED = "SKIP"
GOOD = ("OK", "EXPECTEDFAIL")


def boost_cases(output):
    """(passed, failed, skipped) from the short report of a Boost.Test executable, or None."""
    counted = {word: int(number) for number, _, word in BOOST_ALL.findall(output)}
    if not counted:
        return None
    # What it calls skipped is what --run_test left to another entry of the log; none of our cases skips itself.
    return counted.get("passed", 0), counted.get("failed", 0), 0


def unittest_cases(output):
    ran = UNITTEST_RAN.search(output)
    if not ran:
        return None
    parts = {word: int(number) for word, number in UNITTEST_PART.findall(output[ran.end():])}
    skipped = parts.pop("skipped", 0)
    failed = sum(parts.values())
    # Of one test several subtests may fail, and the setting up of a class is not among those that ran.
    return max(0, int(ran.group(1)) - failed - skipped), failed, skipped


def node_cases(output):
    # As TAP, or as its "spec" says it.
    counted = {word: int(number) for word, number in re.findall(r"^(?:#|\u2139) (tests|pass|fail|cancelled|skipped) (\d+)$", output, re.MULTILINE)}
    if "tests" not in counted:
        return None
    return counted.get("pass", 0), counted.get("fail", 0) + counted.get("cancelled", 0), counted.get("skipped", 0)


def pytest_cases(output):
    """(passed, failed, skipped) of pytest's closing line, or None."""
    line = PYTEST_LINE.search(output)
    if not line:
        return None
    counted = {word: int(number) for number, word in PYTEST_PART.findall(line.group(0))}
    failed = sum(counted.get(word, 0) for word in ("failed", "error", "errors", "xpassed"))
    return counted.get("passed", 0) + counted.get("xfailed", 0), failed, counted.get("skipped", 0)


def count(test):
    """(passed, failed, skipped) of one entry of the log."""
    output = test.get("stdout", "") + "\n" + test.get("stderr", "")
    good = test["result"] in GOOD
    if test["result"] == SKIPPED:
        return 0, 0, 1
    counted = boost_cases(output) or unittest_cases(output) or node_cases(output) or pytest_cases(output)
    passed, failed, skipped = counted or (int(good), 0, 0)
    # Crashed, ran out of time, or a sanitizer spoke at exit: no case says so, the exit does.
    return passed, failed or int(not good), skipped


def skipped_cases(test):
    """{reason: how many} of the cases that skipped themselves."""
    counted = {}
    for unittest_reason, times, pytest_reason in SKIP_REASON.findall(test.get("stdout", "") + "\n" + test.get("stderr", "")):
        reason = unittest_reason or pytest_reason
        counted[reason] = counted.get(reason, 0) + int(times or 1)
    return counted


def last_line(test):
    lines = (test.get("stdout", "") or test.get("stderr", "")).strip().splitlines()
    return lines[-1] if lines else "it gave no reason"


def main():
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            tests = [json.loads(line) for line in file if line.strip()]
    except FileNotFoundError:
        tests = []
    total = [0, 0, 0]
    for test in tests:
        counted = count(test)
        total = [a + b for a, b in zip(total, counted)]
        if test["result"] == SKIPPED:
            print(f"skipped: {test['name']}: {last_line(test)}")
            continue
        for reason, times in skipped_cases(test).items():
            print(f"skipped: {test['name']}: {times} cases: {reason}")
        if counted[1]:
            print(f"failed: {test['name']} ({test['result']})")
    if not total[0]:
        print("no test passed: that is a failure too")
    print(f"tests: {total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 0 if total[0] and not total[1] else 1


if __name__ == "__main__":
    sys.exit(main())
