# SPDX-License-Identifier: MIT
"""Conan 2: `conan create packaging/conan --build=missing` from the root."""
import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, rmdir
from conan.tools.gnu import PkgConfigDeps
from conan.tools.layout import basic_layout
from conan.tools.meson import Meson, MesonToolchain


class Ipczmq(ConanFile):
    name = "ipczmq"
    version = "0.1.0"
    license = "MIT"
    description = "Electron's ipcMain and ipcRenderer for any processes, over ZeroMQ"
    topics = ("ipc", "zeromq", "msgpack", "electron")
    settings = "os", "compiler", "build_type", "arch"
    options = {"shared": [True, False], "fPIC": [True, False]}
    default_options = {"shared": False, "fPIC": True}
    package_type = "library"

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..", "..")
        for name in ("meson.build", "meson_options.txt", "LICENSE", "core/*", "packaging/*", "bindings/*"):
            copy(self, name, root, self.export_sources_folder)

    def configure(self):
        if self.options.shared:
            self.options.rm_safe("fPIC")

    def layout(self):
        basic_layout(self, src_folder=".")

    def requirements(self):
        self.requires("zeromq/[>=4.3.2 <5]")
        self.requires("cppzmq/[>=4.7]")
        self.requires("msgpack-cxx/[>=3.3]", transitive_headers=True)

    def build_requirements(self):
        self.tool_requires("meson/[>=1.0.1]")

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        PkgConfigDeps(self).generate()
        toolchain = MesonToolchain(self)
        for part in ("tests", "examples", "bench"):
            toolchain.project_options[part] = "disabled"
        toolchain.generate()

    def build(self):
        meson = Meson(self)
        meson.configure()
        meson.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        Meson(self).install()
        # Conan writes its own.
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))

    def package_info(self):
        self.cpp_info.libs = ["ipczmq"]
        self.cpp_info.defines = ["MSGPACK_NO_BOOST"]
        self.cpp_info.system_libs = ["pthread"]
        self.cpp_info.set_property("cmake_target_name", "ipczmq::ipczmq")
        self.cpp_info.set_property("pkg_config_name", "ipczmq")
