#!/usr/bin/env bash
# Makes .venv with all that the application and its tests need, and sees to the system libraries
# that Qt needs on Debian and Ubuntu. Safe to run again. PYTHON=... chooses the interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

# How to run a command as root without being asked for a password; fails where there is no way.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

# Install packages with apt, or say in one sentence which line does it.
apt_install() {
    local line="sudo apt-get install -y $*"
    if ! command -v apt-get >/dev/null; then
        say "These packages (Debian's names) are missing: $*; install them with your system's package manager."
        return 1
    fi
    if ! as_root true; then
        say "System packages are missing; install them with: $line"
        return 1
    fi
    say "Installing $*"
    if ! { as_root apt-get install -y -qq --no-install-recommends "$@" ||
        { as_root apt-get update -qq &&
            as_root apt-get install -y -qq --no-install-recommends "$@"; }; } >&2; then
        say "The system packages could not be installed; try it yourself with: $line"
        return 1
    fi
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local name
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if command -v "$name" >/dev/null && is_new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
    say "Python 3.11 or newer is needed, but ${PYTHON:-python3} is $("${PYTHON:-python3}" -V 2>/dev/null || echo missing); install one and name it, as in: make PYTHON=python3.12 test"
    return 1
}

make_venv() {
    if [ -x .venv/bin/python ] && is_new_enough .venv/bin/python &&
        .venv/bin/python -m pip --version >/dev/null 2>&1; then
        return
    fi
    local python version
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        apt_install "python$version-venv"
    fi
    "$python" -m venv --clear .venv
}

install_packages() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
    # the same cv2 with KCF, CSRT and MOSSE, laid over the plain one: of the same version, so that
    # each file of it is replaced
    local version
    version=$(.venv/bin/python -c \
        'from importlib.metadata import version; print(version("opencv-python"))')
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
        "opencv-contrib-python==$version"
}

install_libraries() {
    [ "$(uname -s)" = Linux ] || return 0
    local missing
    missing=$(.venv/bin/python -c \
        'from app.doctor import missing_libraries; print(*missing_libraries())')
    # shellcheck disable=SC2086  # one word per package
    if [ -n "$missing" ]; then apt_install $missing; fi
}

# The tests compile cameras that are not there.
install_compiler() {
    if [ "$(uname -s)" != Linux ] ||
        { command -v cc >/dev/null && [ -e /usr/include/linux/videodev2.h ]; }; then
        return 0
    fi
    apt_install gcc libc6-dev linux-libc-dev
}

make_venv
say "Installing Python packages into .venv (the first time takes some minutes)"
install_packages
install_compiler || say "Going on without them: the tests of cameras are left out."
if install_libraries; then
    .venv/bin/python -c 'import cv2, torch, PyQt6.QtWidgets; cv2.TrackerKCF.create()'
    touch .venv/.ready
else
    # not the end: a demo without a window may need none of them; the next run asks again
    say "Going on without them."
fi
