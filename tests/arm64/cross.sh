#!/bin/sh
# Prints meson's cross file for arm64 with a folder made by sysroot.sh:
#   cross.sh SYSROOT > FILE
set -eu
sysroot=$(realpath -- "$1")
at=$sysroot/usr/lib/aarch64-linux-gnu # OpenBLAS lies in a folder of its own, as nothing was installed
ccache= # meson takes it by itself for the computer's own compiler only
command -v ccache >/dev/null && ccache="'ccache', "
cat <<END
[binaries]
c = [$ccache'aarch64-linux-gnu-gcc', '--sysroot=$sysroot']
cpp = [$ccache'aarch64-linux-gnu-g++', '--sysroot=$sysroot']
ar = 'aarch64-linux-gnu-ar'
strip = 'aarch64-linux-gnu-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['qemu-aarch64', '-L', '$sysroot', '-E', 'LD_LIBRARY_PATH=$at:$at/openblas-pthread']

[properties]
sys_root = '$sysroot'
pkg_config_libdir = '$at/pkgconfig:$sysroot/usr/share/pkgconfig'

[built-in options]
c_link_args = ['-Wl,-rpath-link=$at:$at/openblas-pthread']
cpp_link_args = ['-Wl,-rpath-link=$at:$at/openblas-pthread']

[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
END
