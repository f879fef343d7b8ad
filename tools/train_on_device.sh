#!/usr/bin/env bash
# Trains for a while on a machine that has a GPU but no network, and goes on where parts of an
# earlier checkpoint are given. To be run in the root of the repository:
#
#   OUT=results tools/train_on_device.sh SECONDS PACK [PARTS] [-- OPTIONS OF train]
#
# PACK is what tools/pack_training.py made; its init.safetensors, if any, is what training starts
# from. PARTS is a folder of part-*.safetensors that an earlier run left. Python packages that the
# machine lacks are installed from wheels/*.whl. PYTHON=... chooses the interpreter (python3).
#
# Leaves in $OUT: part-*.safetensors of at most 16 MiB each, the network and its moving average in
# the first; log.csv, config.json, samples.png.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,14s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

[ $# -ge 2 ] || usage
seconds=$1 pack=$2
shift 2
case $seconds in '' | *[!0-9]*) usage ;; esac
parts=
if [ $# -gt 0 ] && [ "$1" != -- ]; then
    parts=$1
    shift
fi
[ $# -eq 0 ] || shift

python=${PYTHON:-python3}
out=${OUT:?set OUT to the folder for the results}
run=$(mktemp -d)/run
mkdir -p "$out" "$run"

if compgen -G 'wheels/*.whl' >/dev/null; then
    site=$(mktemp -d)
    "$python" -m pip install -q --no-index --no-deps --no-compile --target "$site" wheels/*.whl
    export PYTHONPATH="$site${PYTHONPATH:+:$PYTHONPATH}"
fi
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1

options=("$pack" --out "$run" "$@")
if [ -n "$parts" ]; then
    "$python" -m tools.checkpoint_parts join "$parts" "$run/checkpoint.safetensors"
elif [ -e "$pack/init.safetensors" ]; then
    options+=(--init "$pack/init.safetensors")
fi

# SIGINT ends training after the step at hand, and everything is saved; 130 is that ending
status=0
timeout --foreground --signal=INT --kill-after=60 "$seconds" \
    "$python" -m app train "${options[@]}" || status=$?
case $status in 0 | 124 | 130) ;; *) exit "$status" ;; esac

if [ ! -e "$run/checkpoint.safetensors" ]; then
    echo "Training had not begun after $seconds seconds; give it more." >&2
    exit 1
fi
"$python" -m tools.checkpoint_parts split "$run/checkpoint.safetensors" "$out" --mib 16
for file in log.csv config.json samples.png; do
    [ ! -e "$run/$file" ] || cp "$run/$file" "$out/"
done
