# SPDX-License-Identifier: MIT
"""Builds the native module with the project's own build, and packs it: pip install --no-build-isolation ./bindings/python

IPCZMQ_BUILD_DIR names a build folder of Meson's that is there already; without it one is made, for release.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def version():
    text = (ROOT / "meson.build").read_text(encoding="utf-8") if (ROOT / "meson.build").exists() else ""
    found = re.search(r"version: '([^']+)'", text)
    if found is None:
        raise SystemExit("ipczmq builds inside of its source tree only: pip install ./bindings/python, from the tree's root")
    return found.group(1)


class MesonBuild(build_ext):
    def build_extension(self, ext):
        target = Path(self.get_ext_fullpath(ext.name)).resolve()
        module = f"bindings/python/ipczmq/{target.name}"
        given = os.environ.get("IPCZMQ_BUILD_DIR")
        folder = Path(given).resolve() if given else Path(self.build_temp).resolve() / "meson"
        if not (folder / "build.ninja").exists():
            subprocess.run(["meson", "setup", folder, ROOT, "--buildtype=release", "-Dpython=enabled", "-Dc=disabled",
                            "-Dtests=disabled", "-Dexamples=disabled", "-Ddefault_library=static"], check=True)
        subprocess.run(["ninja", "-C", folder, module], check=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / module, target)


setup(version=version(), ext_modules=[Extension("ipczmq._native", sources=[])], cmdclass={"build_ext": MesonBuild})
