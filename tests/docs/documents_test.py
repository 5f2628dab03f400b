#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The documents are true: their C++ compiles, their programs print what they say, their links lead somewhere, and the page
of errors has every error.

Usage: documents_test.py ROOT LIBRARY COMPILER... -- DOCUMENT... A block with an `int main` is a program; when a ```text block
follows, it is run and must print that. All others are fragments, compiled together, each as the body of a function in
which FRAGMENT's names are known. The first line of a fragment may say more: "// struct ..." is code before that function,
"// at namespace scope" makes all of it such code (asio's and libuv's are left out where those are missing).
"""
import os
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```cpp\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTS = re.compile(r"\A[^`]*?^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s:]+)(#[^)]*)?\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)

PREAMBLE = """
#if __has_include(<asio.hpp>)
#include <asio.hpp>
#include <ipczmq/asio.hpp>
#endif
#if __has_include(<uv.h>)
#include <ipczmq/libuv.hpp>
#endif
#include <ipczmq/ipczmq.hpp>
#include <poll.h>
#include <iostream>
#include <thread>
using namespace std::chrono_literals;
"""
FRAGMENT = """
namespace {name} {{
{declaration}
[[maybe_unused]] void block(ipczmq::ipc_main& main, ipczmq::ipc_renderer& renderer, bool& running) {{
  (void)main; (void)renderer; (void)running;
#line {line} "{document}"
{code}
}}
}}
"""
OPTIONAL = {"asio": "asio.hpp", "uv_": "uv.h"}


def guarded(code, text):
    for word, header in OPTIONAL.items():
        if re.search(rf"\b{word}", code):
            text = f"#if __has_include(<{header}>)\n{text}\n#endif\n"
    return text


def fragment(document, line, code, at_scope):
    """At namespace scope, what a block declares is known to those that follow in the document."""
    page = re.sub(r"\W", "_", document)
    if code.startswith("// at namespace scope\n"):
        return guarded(code, f'namespace {page} {{\n#line {line} "{document}"\n{code}\n}}\n')
    declaration = re.match(r"// (struct .*)\n", code)
    declared = f"using namespace ::{page};\n" if at_scope else ""
    return guarded(code, FRAGMENT.format(name=f"{page}_{line}", line=line, document=document, code=code,
                                         declaration=declared + (declaration.group(1) if declaration else "")))


def read(document, text):
    """The programs (line, code, what it prints or None) and the fragments' source."""
    programs, fragments = [], []
    at_scope = "// at namespace scope\n" in text
    for found in BLOCK.finditer(text):
        line, code = text.count("\n", 0, found.start(1)) + 1, found.group(1)
        if re.search(r"^int main\(", code, re.MULTILINE):
            prints = PRINTS.match(text[found.end():])
            programs.append((line, f'#line {line} "{document}"\n{code}', prints.group(1) if prints else None))
        else:
            fragments.append(fragment(document, line, code, at_scope))
    return programs, fragments


class Checks:
    def __init__(self, root, library, compiler):
        self.root, self.library, self.compiler, self.failed = root, library, compiler, 0

    def report(self, title, problem):
        print(f"{'FAILED' if problem else 'ok'}: {title}" + (f"\n{problem}" if problem else ""))
        self.failed += bool(problem)

    def compiled(self, source, *arguments):
        command = [*self.compiler, "-std=c++20", "-Wall", "-Wextra", "-Wno-unused-variable",
                   "-Wno-unused-but-set-variable", "-Werror", "-DMSGPACK_NO_BOOST",
                   f"-I{self.root}/core/include", "-x", "c++", "-", *arguments]
        done = subprocess.run(command, input=source, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        return "" if done.returncode == 0 else done.stdout

    def program(self, title, code, prints):
        if prints is None:
            self.report(title, self.compiled(code, "-fsyntax-only"))
            return
        with tempfile.TemporaryDirectory(prefix="ipczmq-") as folder:
            binary = os.path.join(folder, "program")
            problem = self.compiled(code, "-o", binary, "-x", "none", self.library, "-lzmq", "-pthread",
                                    f"-Wl,-rpath,{os.path.dirname(self.library)}")
            if not problem:
                done = subprocess.run([binary], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False,
                                      stderr=subprocess.STDOUT, text=True, timeout=60)
                if done.stdout != prints:
                    problem = f"prints\n{done.stdout}instead of\n{prints}"
            self.report(f"{title}, run", problem)

    def links(self, document, text):
        folder = os.path.dirname(os.path.join(self.root, document))
        for target, _ in LINK.findall(FENCED.sub("", text)):
            if not os.path.exists(os.path.join(folder, target)):
                self.report(f"{document}: link", f"{target} does not exist")

    def errors(self):
        with open(os.path.join(self.root, "core/include/ipczmq/error.hpp"), encoding="utf-8") as file:
            body = re.search(r"enum class errc \{(.*?)\};", file.read(), re.DOTALL).group(1)
        with open(os.path.join(self.root, "docs/errors.md"), encoding="utf-8") as file:
            page = file.read()
        names = re.findall(r"^\s*(\w+)[ ,=]", body, re.MULTILINE)
        missing = [name for name in names if f"| `{name}` |" not in page]
        self.report(f"docs/errors.md: {len(names)} errors", f"not there: {', '.join(missing)}" if missing else "")


def main():
    root, library, *rest = sys.argv[1:]
    split = rest.index("--")
    checks = Checks(root, library, rest[:split])
    fragments = []
    for document in rest[split + 1:]:
        with open(os.path.join(root, document), encoding="utf-8") as file:
            text = file.read()
        programs, found = read(document, text)
        fragments.append(f"namespace {re.sub(r'[^A-Za-z0-9]', '_', document)} {{}}\n")
        fragments += found
        for line, code, prints in programs:
            checks.program(f"{document}:{line}", code, prints)
        checks.links(document, text)
    checks.report("fragments", checks.compiled(PREAMBLE + "".join(fragments), "-fsyntax-only"))
    checks.errors()
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
