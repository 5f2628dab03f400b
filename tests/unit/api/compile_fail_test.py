#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs that must not compile, and what the compiler has to say of them.

Usage: compile_fail_test.py ROOT COMPILER [ARGS...]. Each snippet stands in a function; one without an
expected text must compile, so that a failure of the others is theirs.
"""
import re
import subprocess
import sys

PROGRAM = """
#include <ipczmq/emitter.hpp>
void test(ipczmq::emitter& ipc, ipczmq::event& event, ipczmq::event& other) {{
  (void)ipc; (void)event; (void)other;
  {snippet}
}}
"""
REMEDY = r"Write the parameter types, .*\(ipczmq::event& event, std::string text\)"
DELETED_OR_PRIVATE = r"private|deleted"

# name, snippet, what the compiler must say (None: it must compile)
CASES = [
    ("ordinary_use", """
      ipc.on("x", [](ipczmq::event& e, std::string s) { e.return_value = s; });
      ipc.handle("x", [](ipczmq::event&, int a, int b) { return a + b; });
      event.return_value = 1;
      event = other;
      auto copy = event;
     """, None),
    ("return_value_cannot_be_copied", "auto x = event.return_value;", DELETED_OR_PRIVATE),
    ("return_value_cannot_be_assigned_from_another", "event.return_value = other.return_value;",
     DELETED_OR_PRIVATE),
    ("generic_listener_is_told_the_remedy", 'ipc.on("x", [](auto&&...) {});', REMEDY),
    ("generic_handler_is_told_the_remedy", 'ipc.handle("x", [](ipczmq::event&, auto v) { return v; });', REMEDY),
    ("overloaded_listener_is_told_the_remedy", """
      struct overloaded { void operator()(ipczmq::event&, int); void operator()(ipczmq::event&, bool); };
      ipc.on("x", overloaded());
     """, REMEDY),
    ("listener_without_event_is_told_what_comes_first", 'ipc.on("x", [](std::string) {});',
     r"the first parameter of a listener or handler is ipczmq::event&"),
    ("msgpack_object_would_dangle", '(void)ipczmq::value_view().as<msgpack::object>();', r"take ipczmq::value"),
    ("text_arrives_as_a_string_not_as_a_pointer", 'ipc.on("x", [](ipczmq::event&, const char*) {});', r"take std::string"),
    ("pointer_is_not_sent", 'int n = 0; event.reply("x", &n);', r"send what it points at"),
    ("text_by_pointer_is_sent", 'const char* text = "a"; char own[] = "b"; char* p = own; event.reply("x", text, own, p, "c");', None),
    ("args_stands_alone", 'ipc.on("x", [](ipczmq::event&, ipczmq::args, int) {});', r"it stands alone after event&"),
]


def problem(root, compiler, snippet, wanted):
    """What is wrong with the way the compiler takes the snippet, or None."""
    command = [*compiler, "-std=c++20", "-fsyntax-only", "-DMSGPACK_NO_BOOST", f"-I{root}/core/include", "-x", "c++", "-"]
    done = subprocess.run(command, input=PROGRAM.format(snippet=snippet), capture_output=True, text=True, check=False)
    if wanted is None:
        return f"does not compile:\n{done.stderr}" if done.returncode != 0 else None
    if done.returncode == 0:
        return "compiles"
    if not re.search(wanted, done.stderr):
        return f"the compiler does not say /{wanted}/ but:\n{done.stderr[:3000]}"
    return None


def main():
    root, compiler = sys.argv[1], sys.argv[2:]
    failed = 0
    for name, snippet, wanted in CASES:
        wrong = problem(root, compiler, snippet, wanted)
        print(f"{'FAILED' if wrong else 'ok'}: {name}" + (f": {wrong}" if wrong else ""))
        failed += wrong is not None
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
